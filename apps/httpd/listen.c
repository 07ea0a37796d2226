/* httpd/listen.c - servers of one site: opened, served side by side, closed. */
#include "httpd/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <http/http.h>
#include <string.h>
#include <unistd.h>

/* Seconds. What a client may take to shake hands is what it may take for the head of a request; one that is
 * closed and does not say goodbye is not waited for any longer than one that does not read its answer. */
static const double handshake = 10, parting = 2;

static double if_secure(const struct listen_order *order, double seconds)
{
    return order->tls ? seconds : 0;
}

static int open_port(struct place *place, const struct listen_order *order)
{
    const struct options *options = order->options;
    int err = gyre_loop_create_server(gyre_get_event_loop(), &place->server, &http_protocol,
                                      .host = options->host, .port = (int)options->port,
                                      .backlog = (int)options->backlog, .arg = order->site, .ssl = order->tls,
                                      .ssl_handshake_timeout = if_secure(order, handshake),
                                      .ssl_shutdown_timeout = if_secure(order, parting));

    if (!err)
        where_internet(place->where, order->tls, options->host, gyre_server_get_port(place->server));
    return err;
}

static int open_local(struct place *place, const struct listen_order *order)
{
    const struct options *options = order->options;
    bool abstract = options->local[0] == '@';

    where_local(place->where, order->tls, options->local);
    return gyre_loop_create_unix_server(
        gyre_get_event_loop(), &place->server, &http_protocol, .path = options->local + abstract,
        .abstract = abstract ? GYRE_YES : GYRE_NO, .backlog = (int)options->backlog, .arg = order->site,
        .ssl = order->tls, .ssl_handshake_timeout = if_secure(order, handshake),
        .ssl_shutdown_timeout = if_secure(order, parting));
}

static int serve_copy_local(gyre_server **server, int fd, const struct listen_order *order)
{
    return gyre_loop_create_unix_server(gyre_get_event_loop(), server, &http_protocol, .sock = fd,
                                        .cleanup_socket = GYRE_NO, .backlog = (int)order->options->backlog,
                                        .arg = order->site, .ssl = order->tls,
                                        .ssl_handshake_timeout = if_secure(order, handshake),
                                        .ssl_shutdown_timeout = if_secure(order, parting));
}

static int serve_copy(gyre_server **server, int fd, const struct listen_order *order)
{
    return gyre_loop_create_server(gyre_get_event_loop(), server, &http_protocol, .sock = fd,
                                   .backlog = (int)order->options->backlog, .arg = order->site,
                                   .ssl = order->tls, .ssl_handshake_timeout = if_secure(order, handshake),
                                   .ssl_shutdown_timeout = if_secure(order, parting));
}

/* A copy of its own for the shard that accepts for all; the others need none. */
static int open_inherited(struct place *place, const struct inherited_socket *given,
                          const struct listen_order *order)
{
    int fd = fcntl(given->fd, F_DUPFD_CLOEXEC, 0);
    int err = -errno;

    if (fd >= 0)
        err = (given->local ? serve_copy_local : serve_copy)(&place->server, fd, order);
    if (fd >= 0 && (err || gyre_server_sockets(place->server, NULL, 0) == 0))
        close(fd);
    if (!err)
        where_inherited(place->where, order->tls, given);
    return err;
}

static struct place *next(struct listening *listening)
{
    return &listening->places[listening->count];
}

static int count(struct listening *listening, int err)
{
    listening->count += !err;
    return err;
}

static int open_all(struct listening *listening, const struct listen_order *order)
{
    const struct options *options = order->options;
    int err = 0;

    if (options->port >= 0)
        err = count(listening, open_port(next(listening), order));
    if (!err && options->local)
        err = count(listening, open_local(next(listening), order));
    for (int i = 0; i < options->inherited.count && !err; i++)
        err = count(listening, open_inherited(next(listening), &options->inherited.sockets[i], order));
    return err;
}

int listening_open(struct listening *listening, const struct listen_order *order)
{
    int err;

    memset(listening, 0, sizeof *listening);
    err = open_all(listening, order);
    if (err)
        listening_close(listening);
    return err;
}

static int serve(void *server)
{
    return gyre_server_serve_forever(server);
}

int listening_serve(struct listening *listening, gyre_coroutine beside)
{
    gyre_task_group group;
    int err = gyre_task_group_begin(&group);

    if (err)
        return err;
    for (int i = 0; i < listening->count && !err; i++)
        err = gyre_task_group_create_task(&group, NULL, serve, listening->places[i].server);
    if (!err && beside)
        err = gyre_task_group_create_task(&group, NULL, beside, NULL);
    return (int)gyre_task_group_end(&group, err);
}

void listening_close(struct listening *listening)
{
    for (int i = 0; i < listening->count; i++) {
        gyre_server_close(listening->places[i].server);
        gyre_server_unref(listening->places[i].server);
    }
    listening->count = 0;
}
