/* net/connect.c - create_connection: an address is found and dialled, or a socket given. */
#include "net/connect.h"
#include "base/check.h"
#include "base/options.h"
#include "net/resolver.h"
#include "net/search.h"
#include "net/socket.h"
#include <math.h>

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
