/* net/unix_server.c - create_unix_server: a name becomes a listening socket. */
#include "base/check.h"
#include "base/options.h"
#include "net/server.h"
#include "net/socket.h"
#include "net/unix_socket.h"
#include <gyre/unix.h>

static int check(const gyre_loop *loop, const gyre_unix_server_options *options)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (options->path && options->sock)
        return gyre_error_set(GYRE_EVALUE, "path and sock can not be specified at the same time");
    if (!options->path && !options->sock)
        return gyre_error_set(GYRE_EVALUE, "path was not specified, and no sock specified");
    return options->sock ? gyre__socket_check_unix(loop, options->sock) : 0;
}

static int check_tls(const gyre_unix_server_options *options)
{
    return gyre__tls_check(&(struct gyre__tls_order){.context = options->ssl,
                                                     .server_side = true,
                                                     .handshake = options->ssl_handshake_timeout,
                                                     .shutdown = options->ssl_shutdown_timeout});
}

/* As struct gyre__claim's bind: the first one has the name for all. */
static int open_bound(gyre_loop *loop, const struct sockaddr *address, socklen_t size, const void *options,
                      bool reuse_port, int *fd)
{
    return gyre__unix_bind(loop, address, size, fd);
}

/* Alone, or with the other shards that give this name. */
static int bind_name(gyre_server *server, const struct gyre__unix_name *name,
                     const gyre_unix_server_options *options, int *fd, uint64_t *group)
{
    struct gyre__claim claim = {.address = (const struct sockaddr *)(const void *)&name->address,
                                .size = name->size,
                                .type = SOCK_STREAM,
                                .backlog = options->start_serving == GYRE_NO ? 0 : server->backlog,
                                .bind = open_bound};
    struct gyre__net *net = server->net;

    if (net->hooks->bind)
        return net->hooks->bind(net->hooks_arg, &claim, fd, group);
    return gyre__unix_bind(net->loop, claim.address, claim.size, fd);
}

static int add_name(gyre_server *server, const gyre_unix_server_options *options)
{
    struct gyre__unix_name name;
    uint64_t group = 0;
    int fd, err = gyre__unix_name_set(&name, options->path, options->abstract);

    if (!err)
        err = bind_name(server, &name, options, &fd, &group);
    if (!err)
        gyre__server_add(server, fd, group, (struct sockaddr *)(void *)&name.address, name.size);
    return err;
}

static int open_server(gyre_server *server, const gyre_unix_server_options *options)
{
    struct gyre__listener *listener;
    int err;

    if (options->sock)
        gyre__socket_unblock(options->sock);
    err = options->sock ? gyre__server_add_given(server, options->sock) : add_name(server, options);
    if (err)
        return err;
    listener = &server->listeners[0];
    if (listener->fd >= 0 && options->cleanup_socket != GYRE_NO)
        listener->file = gyre__unix_file_note(server->net->loop, listener->fd);
    return options->start_serving != GYRE_NO ? gyre_server_start_serving(server) : 0;
}

/* A socket of the program's, and its file, stay the program's when we fail. */
static void give_up(gyre_server *server, const gyre_unix_server_options *options)
{
    if (options->sock)
        gyre__server_give_back(server);
    gyre_server_close(server);
}

static int create(gyre_loop *loop, gyre_server **server, const gyre_protocol *protocol,
                  const gyre_unix_server_options *options)
{
    gyre_server_options common = {.size = sizeof common,
                                  .arg = options->arg,
                                  .max_connections = options->max_connections,
                                  .backlog = options->backlog,
                                  .drain = options->drain,
                                  .linger = options->linger,
                                  .balance = options->balance,
                                  .ssl = options->ssl,
                                  .ssl_handshake_timeout = options->ssl_handshake_timeout,
                                  .ssl_shutdown_timeout = options->ssl_shutdown_timeout};
    gyre_server *made = gyre__server_new(loop, protocol, &common);
    int err = open_server(made, options);

    if (err)
        give_up(made, options);
    else if (server)
        *server = gyre_server_ref(made);
    gyre_server_unref(made);
    return err;
}

int(gyre_loop_create_unix_server)(gyre_loop *loop, gyre_server **server, const gyre_protocol *protocol,
                                  const gyre_unix_server_options *options)
{
    gyre_unix_server_options filled = {0};
    int err;

    GYRE__CHECK(protocol, "create_unix_server wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    err = check_tls(&filled);
    if (!err)
        err = check(loop, &filled);
    return err ? err : create(loop, server, protocol, &filled);
}
