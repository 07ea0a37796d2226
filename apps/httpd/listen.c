/* httpd/listen.c - servers of one site: opened, served side by side, closed. */
#include "httpd/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <http/http.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* An address with a colon stands between brackets. */
static void name_internet(struct place *place, const char *host, int port)
{
    bool ipv6 = strchr(host, ':');

    snprintf(place->where, sizeof place->where, "http://%s%.120s%s:%d", ipv6 ? "[" : "", host,
             ipv6 ? "]" : "", port);
}

static int open_port(struct place *place, const struct options *options, void *site)
{
    int err =
        gyre_loop_create_server(gyre_get_event_loop(), &place->server, &http_protocol, .host = options->host,
                                .port = (int)options->port, .backlog = (int)options->backlog, .arg = site);

    if (!err)
        name_internet(place, options->host, gyre_server_get_port(place->server));
    return err;
}

static int open_local(struct place *place, const struct options *options, void *site)
{
    bool abstract = options->local[0] == '@';

    snprintf(place->where, sizeof place->where, "unix:%.120s", options->local);
    return gyre_loop_create_unix_server(
        gyre_get_event_loop(), &place->server, &http_protocol, .path = options->local + abstract,
        .abstract = abstract ? GYRE_YES : GYRE_NO, .backlog = (int)options->backlog, .arg = site);
}

/* The NUL before an abstract name is shown as '@'. */
static void name_local(struct place *place, const struct sockaddr_un *address)
{
    const char *path = address->sun_path;

    snprintf(place->where, sizeof place->where, "unix:%s%.107s", path[0] ? "" : "@",
             path[0] ? path : path + 1);
}

static void name_address(struct place *place, const struct sockaddr_storage *address, socklen_t size)
{
    char host[100] = "?", port[10] = "0";

    getnameinfo((const struct sockaddr *)address, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    name_internet(place, host, atoi(port));
}

static void name_inherited(struct place *place, const struct inherited_socket *given)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    size_t used;

    getsockname(given->fd, (struct sockaddr *)&address, &size);
    if (given->local)
        name_local(place, (struct sockaddr_un *)(void *)&address);
    else
        name_address(place, &address, size);
    used = strlen(place->where);
    snprintf(place->where + used, sizeof place->where - used, " (inherited%s%s)",
             given->name[0] ? " as " : "", given->name);
}

static int serve_copy(gyre_server **server, const struct inherited_socket *given, int fd,
                      const struct options *options, void *site)
{
    gyre_loop *loop = gyre_get_event_loop();

    if (given->local)
        return gyre_loop_create_unix_server(loop, server, &http_protocol, .sock = fd,
                                            .cleanup_socket = GYRE_NO, .backlog = (int)options->backlog,
                                            .arg = site);
    return gyre_loop_create_server(loop, server, &http_protocol, .sock = fd, .backlog = (int)options->backlog,
                                   .arg = site);
}

/* A copy of its own for the shard that accepts for all; the others need none. */
static int open_inherited(struct place *place, const struct inherited_socket *given,
                          const struct options *options, void *site)
{
    int fd = fcntl(given->fd, F_DUPFD_CLOEXEC, 0);
    int err = fd < 0 ? -errno : serve_copy(&place->server, given, fd, options, site);

    if (fd >= 0 && (err || gyre_server_sockets(place->server, NULL, 0) == 0))
        close(fd);
    if (!err)
        name_inherited(place, given);
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

static int open_all(struct listening *listening, const struct options *options, void *site)
{
    int err = 0;

    if (options->port >= 0)
        err = count(listening, open_port(next(listening), options, site));
    if (!err && options->local)
        err = count(listening, open_local(next(listening), options, site));
    for (int i = 0; i < options->inherited.count && !err; i++)
        err =
            count(listening, open_inherited(next(listening), &options->inherited.sockets[i], options, site));
    return err;
}

int listening_open(struct listening *listening, const struct options *options, void *site)
{
    int err;

    memset(listening, 0, sizeof *listening);
    err = open_all(listening, options, site);
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
