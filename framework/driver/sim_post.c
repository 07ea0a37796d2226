/* driver/sim_post.c - datagrams on their way in virtual time: they get lost, come twice, and in any order. */
#include "base/memory.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <string.h>

static const int64_t MILLISECOND = 1000000;

static void keep(struct gyre__sim_socket *socket, const struct gyre__sim_event *event)
{
    struct gyre__sim_letter *letter;

    if (socket->held + event->len + GYRE__SIM_OVERHEAD > socket->receive_room) {
        gyre__sim_trace(socket->driver, socket, "drops a datagram: full");
        return;
    }
    letter = gyre__malloc(sizeof *letter + event->len);
    *letter = (struct gyre__sim_letter){.source = event->source, .len = event->len};
    memcpy(letter->data, event->data, event->len);
    gyre__list_append(&socket->letters, &letter->link);
    socket->held += event->len + GYRE__SIM_OVERHEAD;
    gyre__sim_notify(socket);
}

static void arrive_refusal(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *to = event->to;

    if (!to->far.family || !gyre__sim_address_equal(&to->far, &event->target))
        return;
    to->error = ECONNREFUSED;
    gyre__sim_trace(to->driver, to, "hears that nobody is there");
    gyre__sim_notify(to);
}

static void refuse(const struct gyre__sim_event *event)
{
    struct gyre__driver *driver = event->from->driver;
    struct gyre__sim_event *answer = gyre__sim_event_new(arrive_refusal, NULL, event->from, 0);

    answer->target = event->target;
    gyre__sim_schedule(driver, answer, gyre__sim_now(driver) + gyre__sim_latency(driver));
}

static void hand_to_all(const struct gyre__sim_event *event)
{
    struct gyre__list *all = &event->from->driver->sockets;

    for (struct gyre__list *link = all->next; link != all; link = link->next) {
        struct gyre__sim_socket *socket = GYRE__OF(link, struct gyre__sim_socket, link);

        if (socket->type == SOCK_DGRAM && socket->descriptors && socket->own.port == event->target.port &&
            gyre__sim_is_any(&socket->own))
            keep(socket, event);
    }
}

static void hand_to_one(const struct gyre__sim_event *event)
{
    struct gyre__sim_socket *to =
        gyre__sim_find_receiver(event->from->driver, &event->target, &event->source);

    if (to)
        keep(to, event);
    else if (gyre__sim_is_here(&event->target))
        refuse(event);
}

static void arrive(struct gyre__sim_event *event)
{
    event->from->outstanding -= event->len;
    gyre__sim_notify(event->from);
    if (gyre__sim_is_broadcast(&event->target))
        hand_to_all(event);
    else
        hand_to_one(event);
}

static int64_t way(struct gyre__sim_socket *socket)
{
    struct gyre__driver *driver = socket->driver;
    int64_t latency = gyre__sim_latency(driver), detour;

    if (!gyre__sim_happens(driver, driver->network.reorder))
        return latency;
    detour = 4 * (driver->network.latency + driver->network.jitter);
    gyre__sim_trace(driver, socket, "a datagram goes astray");
    return latency + 1 + (int64_t)gyre__sim_draw(driver, (uint64_t)(detour ? detour : MILLISECOND));
}

static void carry(struct gyre__sim_socket *socket, const struct iovec *pieces, size_t len,
                  const struct gyre__sim_address *target)
{
    struct gyre__sim_event *event = gyre__sim_event_new(arrive, socket, NULL, len);
    char *data = event->data;
    int64_t when = gyre__sim_now(socket->driver) + way(socket);

    for (size_t rest = len; rest; rest -= pieces->iov_len, data += pieces->iov_len, pieces++)
        memcpy(data, pieces->iov_base, pieces->iov_len);
    event->target = *target;
    event->source = socket->own;
    if (gyre__sim_is_any(&socket->own)) {
        event->source = gyre__sim_source_for(target);
        event->source.port = socket->own.port;
    }
    socket->outstanding += len;
    gyre__sim_schedule(socket->driver, event, when);
    gyre__sim_arrive(socket->driver);
}

void gyre__sim_post(struct gyre__sim_socket *socket, const struct iovec *pieces, size_t len,
                    const struct gyre__sim_address *target)
{
    struct gyre__driver *driver = socket->driver;

    if (gyre__sim_happens(driver, driver->network.loss)) {
        gyre__sim_trace(driver, socket, "a datagram is lost");
        return;
    }
    if (gyre__sim_happens(driver, driver->network.duplicate)) {
        gyre__sim_trace(driver, socket, "a datagram comes twice");
        carry(socket, pieces, len, target);
    }
    carry(socket, pieces, len, target);
}
