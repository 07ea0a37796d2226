/* net/listen.c - create_server: from options to bound sockets.
 *
 * Every address of every host is bound once. One that this machine does not have is skipped; any other
 * failure closes what was bound so far.
 */
#include "base/check.h"
#include "base/options.h"
#include "net/resolver.h"
#include "net/server.h"
#include "net/socket.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* asyncio's words for a failed bind. */
static int bind_error(int err, const struct sockaddr *address, socklen_t size)
{
    char name[GYRE__ADDRESS_TEXT];
    char why[100];

    snprintf(why, sizeof why, "%s", gyre_strerror(err));
    for (char *c = why; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return gyre_error_set(err, "error while attempting to bind on address %s: %s",
                          gyre__address_tuple(address, size, name), why);
}

/* Accepted sockets inherit keep-alive and no-delay. */
static void set_options(gyre_loop *loop, int fd, int family, const gyre_server_options *options)
{
    const struct gyre__driver_class *driver = loop->driver_class;

    if (options->reuse_address != GYRE_NO)
        driver->setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (options->keep_alive == GYRE_YES)
        driver->setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (family == AF_INET6)
        driver->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    gyre__socket_nodelay(loop, fd);
}

/* The one option that a server cannot do without, when it is asked for. */
static int share_port(const struct gyre__driver_class *driver, int fd)
{
    if (!driver->setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1))
        return 0;
    return gyre_error_set(GYRE_EVALUE, "reuse_port is not supported by this system");
}

static int bind_to(const struct gyre__driver_class *driver, int fd, const struct sockaddr *address,
                   socklen_t size)
{
    int err = driver->bind(fd, address, size);

    return err ? bind_error(err, address, size) : 0;
}

/* As struct gyre__claim's bind; `asked` is the server's options. */
static int open_bound(gyre_loop *loop, const struct sockaddr *address, socklen_t size, const void *asked,
                      bool reuse_port, int *fd)
{
    const gyre_server_options *options = asked;
    const struct gyre__driver_class *driver = loop->driver_class;
    int opened = driver->socket(loop->driver, address->sa_family, SOCK_STREAM, 0);
    int err;

    if (opened < 0)
        return bind_error(opened, address, size);
    set_options(loop, opened, address->sa_family, options);
    err = reuse_port ? share_port(driver, opened) : 0;
    if (!err)
        err = bind_to(driver, opened, address, size);
    if (err) {
        driver->close_socket(opened);
        return err;
    }
    *fd = opened;
    return 0;
}

static int bind_address(gyre_server *server, const struct addrinfo *info, const gyre_server_options *options)
{
    struct gyre__net *net = server->net;
    struct gyre__claim claim = {.address = info->ai_addr,
                                .size = info->ai_addrlen,
                                .type = SOCK_STREAM,
                                .options = options,
                                .bind = open_bound};
    bool reuse_port = options->reuse_port == GYRE_YES;
    uint64_t group = 0;
    int fd, err;

    if (net->hooks->bind && !reuse_port)
        err = net->hooks->bind(net->hooks_arg, &claim, &fd, &group);
    else
        err = open_bound(net->loop, claim.address, claim.size, options, reuse_port, &fd);
    if (!err)
        gyre__server_add(server, fd, group, info->ai_addr, info->ai_addrlen);
    return err;
}

/* Not this machine's address, or not its family. */
static bool is_skipped(int err)
{
    return err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT || err == -EPROTONOSUPPORT;
}

static bool is_bound(const gyre_server *server, const struct addrinfo *info)
{
    union gyre__address address;

    gyre__address_set(&address, info->ai_addr, info->ai_addrlen);
    for (size_t i = 0; i < server->listening; i++)
        if (!memcmp(&server->listeners[i].asked, &address, sizeof address))
            return true;
    return false;
}

static int bind_list(gyre_server *server, const struct addrinfo *list, const gyre_server_options *options)
{
    int err = 0;

    for (const struct addrinfo *info = list; info && !err; info = info->ai_next) {
        if (is_bound(server, info))
            continue;
        err = bind_address(server, info, options);
        if (is_skipped(err))
            err = 0;
    }
    return err;
}

static int bind_host(gyre_server *server, const char *host, const gyre_server_options *options)
{
    struct gyre__question question = {.host = host,
                                      .port = options->port,
                                      .service = options->service,
                                      .family = options->family,
                                      .flags = options->flags ? options->flags : AI_PASSIVE};
    struct addrinfo *list;
    int err = gyre__resolve(server->net->loop, &list, &question);

    if (err)
        return err;
    err = bind_list(server, list, options);
    freeaddrinfo(list);
    return err;
}

static int bind_hosts(gyre_server *server, const gyre_server_options *options)
{
    const char *const one[] = {options->host ? options->host : "", NULL};
    int err = 0;

    for (const char *const *host = options->hosts ? options->hosts : one; *host && !err; host++)
        err = bind_host(server, *host, options);
    if (!err && !server->listening)
        return gyre_error_set(-EADDRNOTAVAIL, "could not bind on any address of '%s'",
                              options->hosts ? "hosts" : one[0]);
    return err;
}

static int check(const gyre_loop *loop, const gyre_server_options *options)
{
    bool named = options->host || options->hosts || options->port || options->service;
    int err;

    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (named && options->sock)
        return gyre_error_set(GYRE_EVALUE, "host/port and sock can not be specified at the same time");
    if (!named && !options->sock)
        return gyre_error_set(GYRE_EVALUE, "Neither host/port nor sock were specified");
    if ((options->host && options->hosts) || (options->port && options->service))
        return gyre_error_set(GYRE_EVALUE, "host and hosts, or port and service, contradict each other");
    err = gyre__tls_check(&(struct gyre__tls_order){.context = options->ssl,
                                                    .server_side = true,
                                                    .handshake = options->ssl_handshake_timeout,
                                                    .shutdown = options->ssl_shutdown_timeout});
    return !err && options->sock ? gyre__socket_check(loop, options->sock) : err;
}

static int open_server(gyre_server *server, const gyre_server_options *options)
{
    int err;

    if (options->sock)
        gyre__socket_adopt(server->net->loop, options->sock);
    err = options->sock ? gyre__server_add_given(server, options->sock) : bind_hosts(server, options);
    if (!err && options->start_serving != GYRE_NO)
        err = gyre_server_start_serving(server);
    return err;
}

/* A socket of the program's stays the program's when we fail. */
static void give_up(gyre_server *server, const gyre_server_options *options)
{
    if (options->sock)
        gyre__server_give_back(server);
    gyre_server_close(server);
}

int(gyre_loop_create_server)(gyre_loop *loop, gyre_server **server, const gyre_protocol *protocol,
                             const gyre_server_options *options)
{
    gyre_server_options filled = {0};
    gyre_server *made;
    int err;

    GYRE__CHECK(protocol, "create_server wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    err = check(loop, &filled);
    if (err)
        return err;
    made = gyre__server_new(loop, protocol, &filled);
    err = open_server(made, &filled);
    if (err)
        give_up(made, &filled);
    else if (server)
        *server = gyre_server_ref(made);
    gyre_server_unref(made);
    return err;
}
