/* net/connect.c - create_connection and connect_accepted_socket: a connected socket, then a transport, then
 * made.
 *
 * The caller goes on only when connection_made has run and reading is armed. Cut short before, nothing is
 * left.
 */
#include "net/connect.h"
#include "base/check.h"
#include "base/options.h"
#include "net/kind.h"
#include "net/resolver.h"
#include "net/search.h"
#include "net/socket.h"
#include "net/tls_transport.h"
#include <math.h>

static void wake(void *arg)
{
    if (!gyre_future_done(arg))
        gyre_future_set_result(arg, NULL);
}

static void release(void *future)
{
    gyre_future_unref(future);
}

/* Made, start reading, and this, are three calls queued in a row. */
static int wait_made(gyre_transport *transport)
{
    gyre_loop *loop = transport->net->loop;
    gyre_future *future = gyre_loop_create_future(loop);
    int err;

    gyre__transport_begin(transport);
    gyre_loop_call_soon(loop, wake, gyre_future_ref(future), .release = release);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}

int gyre__connect_begin(gyre_transport **transport, gyre_transport *made)
{
    int err;

    gyre__transport_hold(made);
    err = made->kind == &gyre__tls_kind ? gyre__tls_wait(made) : wait_made(made);
    if (err)
        gyre_transport_close(made);
    else if (transport)
        *transport = gyre_transport_ref(made);
    gyre_transport_unref(made);
    return err;
}

static gyre_transport *make_transport(gyre_loop *loop, int fd, const gyre_protocol *protocol, void *arg,
                                      const struct gyre__tls_order *order)
{
    if (order->context)
        return gyre__tls_new(gyre__net(loop), fd, protocol, arg, NULL, order);
    return gyre__transport_new(gyre__net(loop), &gyre__stream_kind, fd, protocol, arg, NULL);
}

int gyre__connect_open(gyre_transport **transport, gyre_loop *loop, int fd, const gyre_protocol *protocol,
                       void *arg, const struct gyre__tls_order *order, bool *taken)
{
    gyre_transport *made = make_transport(loop, fd, protocol, arg, order);
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    *taken = made != NULL;
    if (!made)
        return gyre_error_set(GYRE_ERUNTIME, "the protocol's create refused the connection");
    if (!loop->driver_class->getpeername(fd, &peer, &size))
        gyre__address_set(&made->peer, (struct sockaddr *)&peer, size);
    return gyre__connect_begin(transport, made);
}

int gyre__connect_check(gyre_loop *loop)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (gyre_loop_is_running(loop) && !gyre_current_task())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    return 0;
}

int(gyre_loop_connect_accepted_socket)(gyre_loop *loop, gyre_transport **transport,
                                       const gyre_protocol *protocol, int sock,
                                       const gyre_accepted_options *options)
{
    gyre_accepted_options filled = {0};
    struct gyre__tls_order order;
    bool taken;
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    order = (struct gyre__tls_order){.context = filled.ssl,
                                     .server_side = true,
                                     .handshake = filled.ssl_handshake_timeout,
                                     .shutdown = filled.ssl_shutdown_timeout};
    GYRE__CHECK(protocol, "connect_accepted_socket wants a protocol");
    err = gyre__connect_check(loop);
    if (!err)
        err = gyre__tls_check(&order);
    if (!err)
        err = gyre__socket_check(loop, sock);
    if (err)
        return err;
    gyre__socket_adopt(loop, sock);
    return gyre__connect_open(transport, loop, sock, protocol, filled.arg, &order, &taken);
}

static int resolve_local(gyre_loop *loop, struct addrinfo **local, const gyre_connection_options *options)
{
    struct gyre__question question = {.host = options->local_host,
                                      .port = options->local_port,
                                      .family = options->family,
                                      .proto = options->proto,
                                      .flags = options->flags};

    *local = NULL;
    if (!options->local_host && !options->local_port)
        return 0;
    if (!options->local_host)
        question.flags |= AI_PASSIVE;
    return gyre__resolve(loop, local, &question);
}

/* asyncio's default: with a delay the families take turns. */
static int interleave(const gyre_connection_options *options)
{
    if (options->interleave || options->happy_eyeballs_delay == 0)
        return options->interleave;
    return 1;
}

static int dial_from(gyre_loop *loop, const struct addrinfo *remote, const gyre_connection_options *options,
                     int *fd)
{
    struct gyre__search search = {.loop = loop,
                                  .remote = remote,
                                  .delay = options->happy_eyeballs_delay,
                                  .interleave = interleave(options),
                                  .all_errors = options->all_errors == GYRE_YES};
    struct addrinfo *local;
    int err = resolve_local(loop, &local, options);

    if (err)
        return err;
    search.local = local;
    err = gyre__search(&search, fd);
    if (local)
        freeaddrinfo(local);
    return err;
}

static int dial_host(gyre_loop *loop, const gyre_connection_options *options, int *fd)
{
    struct gyre__question question = {.host = options->host,
                                      .port = options->port,
                                      .service = options->service,
                                      .family = options->family,
                                      .proto = options->proto,
                                      .flags = options->flags};
    struct addrinfo *remote;
    int err = gyre__resolve(loop, &remote, &question);

    if (err)
        return err;
    err = dial_from(loop, remote, options, fd);
    freeaddrinfo(remote);
    return err;
}

/* asyncio: the host's name is whom to expect there. */
static struct gyre__tls_order order_of(const gyre_connection_options *options)
{
    const char *name = options->server_hostname;

    if (options->ssl && !name)
        name = options->host;
    return (struct gyre__tls_order){.context = options->ssl,
                                    .server_hostname = name,
                                    .handshake = options->ssl_handshake_timeout,
                                    .shutdown = options->ssl_shutdown_timeout};
}

static int check_tls(const gyre_connection_options *options)
{
    struct gyre__tls_order order = order_of(options);

    if (options->ssl && !order.server_hostname)
        return gyre_error_set(GYRE_EVALUE, "You must set server_hostname when using ssl without a host");
    return gyre__tls_check(&order);
}

static int check_options(gyre_loop *loop, const gyre_connection_options *options)
{
    bool named = options->host || options->port || options->service;
    int err;

    if (named && options->sock)
        return gyre_error_set(GYRE_EVALUE, "host/port and sock can not be specified at the same time");
    if (!named && !options->sock)
        return gyre_error_set(GYRE_EVALUE, "host and port was not specified and no sock specified");
    if (!options->sock && !options->port == !options->service)
        return gyre_error_set(GYRE_EVALUE, "a connection wants one of port and service");
    if (isnan(options->happy_eyeballs_delay))
        return gyre_error_set(GYRE_EVALUE, "Invalid delay: NaN (not a number)");
    err = check_tls(options);
    return !err && options->sock ? gyre__socket_check(loop, options->sock) : err;
}

static int open_socket(gyre_loop *loop, const gyre_connection_options *options, int *fd)
{
    if (!options->sock)
        return dial_host(loop, options, fd);
    *fd = options->sock;
    gyre__socket_adopt(loop, *fd);
    return 0;
}

static int connect_with(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                        const gyre_connection_options *options)
{
    struct gyre__tls_order order = order_of(options);
    bool taken;
    int fd, err = open_socket(loop, options, &fd);

    if (err)
        return err;
    if (options->keep_alive == GYRE_YES)
        loop->driver_class->setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    err = gyre__connect_open(transport, loop, fd, protocol, options->arg, &order, &taken);
    if (!taken && !options->sock)
        loop->driver_class->close_socket(fd);
    return err;
}

int(gyre_loop_create_connection)(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                                 const gyre_connection_options *options)
{
    gyre_connection_options filled = {0};
    int err;

    GYRE__CHECK(protocol, "create_connection wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    err = gyre__connect_check(loop);
    if (!err)
        err = check_options(loop, &filled);
    return err ? err : connect_with(loop, transport, protocol, &filled);
}
