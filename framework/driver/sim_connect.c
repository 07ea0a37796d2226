/* driver/sim_connect.c - how two streams of the network in virtual time come together: three packets, as TCP.
 *
 * The first may be ignored: by a full queue, by a server that takes no more, or by an address that nobody
 * has. Then it is sent again after one, two, four... seconds, as Linux does it.
 */
#include "driver/sim_socket.h"
#include <errno.h>

enum { TRIES = 6, CONNECTED = 1 };

static const int64_t SECOND = 1000000000;

static void arrive_first(struct gyre__sim_event *event);

static void send_first(struct gyre__sim_socket *client, const struct gyre__sim_address *target, int number)
{
    struct gyre__sim_event *event = gyre__sim_event_new(arrive_first, client, NULL, 0);

    event->target = *target;
    event->number = number;
    event->sent = gyre__sim_now(client->driver);
    gyre__sim_carry(event);
}

static void try_again(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *client = event->from;

    if (client->state != GYRE__SIM_CONNECTING)
        return;
    if (event->number <= TRIES)
        send_first(client, &event->target, event->number);
    else
        gyre__sim_fail(client, ETIMEDOUT);
}

static void ignore(const struct gyre__sim_event *event)
{
    struct gyre__sim_socket *client = event->from;
    struct gyre__sim_event *later = gyre__sim_event_new(try_again, client, NULL, 0);

    gyre__sim_trace(client->driver, client, "connect is ignored");
    later->target = event->target;
    later->number = event->number + 1;
    gyre__sim_schedule(client->driver, later, event->sent + (SECOND << event->number));
}

static void arrive_last(struct gyre__sim_event *event)
{
    gyre__sim_landed(event);
    gyre__sim_enqueue(event->to);
}

/* Small numbers of bytes are as likely as large ones. */
static void cast_doom(struct gyre__sim_socket *client, struct gyre__sim_socket *child)
{
    enum { EXPONENTS = 18 };
    struct gyre__driver *driver = client->driver;

    if (client->domain == AF_UNIX || !gyre__sim_happens(driver, driver->network.reset))
        return;
    client->doomed = child->doomed = true;
    client->doom = gyre__sim_draw(driver, UINT64_C(1) << gyre__sim_draw(driver, EXPONENTS));
    child->doom = client->doom;
}

static void be_connected(struct gyre__sim_socket *client, struct gyre__sim_socket *child)
{
    client->state = GYRE__SIM_CONNECTED;
    client->was_connected = child->was_connected = true;
    client->peer = gyre__sim_socket_ref(child);
    cast_doom(client, child);
    gyre__sim_trace(client->driver, client, "connected to %u", child->number);
    gyre__sim_notify(client);
}

static void arrive_answer(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *child = event->from, *client = event->to;

    gyre__sim_landed(event);
    if (client->state == GYRE__SIM_CONNECTING) {
        be_connected(client, child);
        gyre__sim_carry(gyre__sim_event_new(arrive_last, client, child, 0));
        return;
    }
    gyre__sim_send_reset(client, child);
    gyre__sim_carry(gyre__sim_event_new(arrive_last, client, child, 0));
}

static void arrive_refusal(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *client = event->to;

    if (client->state != GYRE__SIM_CONNECTING)
        return;
    gyre__sim_trace(client->driver, client, "is refused");
    gyre__sim_fail(client, ECONNREFUSED);
}

static void refuse(struct gyre__sim_socket *client)
{
    struct gyre__driver *driver = client->driver;

    gyre__sim_schedule(driver, gyre__sim_event_new(arrive_refusal, NULL, client, 0),
                       gyre__sim_now(driver) + gyre__sim_latency(driver));
}

static void arrive_first(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *client = event->from;
    struct gyre__sim_socket *listener = gyre__sim_find_listener(client->driver, &event->target, &client->own);
    struct gyre__sim_socket *child;

    gyre__sim_landed(event);
    if (client->state != GYRE__SIM_CONNECTING)
        return;
    if (!gyre__sim_is_here(&event->target) || (listener && (listener->deaf || gyre__sim_is_full(listener)))) {
        ignore(event);
    } else if (!listener) {
        refuse(client);
    } else {
        child = gyre__sim_make_child(listener, client, &event->target);
        gyre__sim_carry(gyre__sim_event_new(arrive_answer, child, client, 0));
        gyre__sim_socket_unref(child);
    }
}

/* A socket of this machine is there at once, or not at all. */
static int connect_local(struct gyre__sim_socket *socket, const struct gyre__sim_address *target)
{
    struct gyre__driver *driver = socket->driver;
    struct gyre__sim_socket *listener = gyre__sim_find_listener(driver, target, target), *child;
    struct gyre__sim_socket bound = {.driver = driver, .type = SOCK_STREAM};

    if (!listener)
        return target->name[0] && !gyre__sim_conflicts(&bound, target) ? -ENOENT : -ECONNREFUSED;
    if (listener->deaf)
        return -ECONNREFUSED;
    if (gyre__sim_is_full(listener))
        return -EAGAIN;
    child = gyre__sim_make_child(listener, socket, target);
    socket->far = *target;
    be_connected(socket, child);
    gyre__sim_enqueue(child);
    gyre__sim_socket_unref(child);
    return 0;
}

static int connect_far(struct gyre__sim_socket *socket, const struct gyre__sim_address *target)
{
    struct gyre__sim_address source = gyre__sim_source_for(target);
    char text[GYRE__SIM_TEXT];
    int err = 0;

    if (!socket->own.family)
        err = gyre__sim_bind_any(socket, &source);
    if (err)
        return -EADDRNOTAVAIL;
    if (gyre__sim_is_any(&socket->own)) {
        source.port = socket->own.port;
        socket->own = source;
    }
    socket->far = *target;
    socket->state = GYRE__SIM_CONNECTING;
    socket->untold = true;
    gyre__sim_trace(socket->driver, socket, "connect to %s", gyre__sim_address_text(target, text));
    send_first(socket, target, 0);
    return -EINPROGRESS;
}

/* Linux says once that a connect has been successful. */
static int check(struct gyre__sim_socket *socket)
{
    if (socket->error)
        return -gyre__sim_take_error(socket);
    switch (socket->state) {
    case GYRE__SIM_CONNECTING:
        return -EALREADY;
    case GYRE__SIM_LISTENING:
        return socket->domain == AF_UNIX ? -EINVAL : -EISCONN;
    case GYRE__SIM_CONNECTED:
        return socket->untold ? CONNECTED : -EISCONN;
    default:
        return socket->was_connected ? -EISCONN : 0;
    }
}

int gyre__sim_connect_stream(struct gyre__sim_socket *socket, const struct sockaddr *address, socklen_t size)
{
    struct gyre__sim_address target;
    int err = check(socket);

    socket->untold = false;
    if (!err)
        err = gyre__sim_address_read(&target, socket->domain, address, size);
    if (err)
        return err == CONNECTED ? 0 : err;
    target = gyre__sim_meant(&target);
    return socket->domain == AF_UNIX ? connect_local(socket, &target) : connect_far(socket, &target);
}
