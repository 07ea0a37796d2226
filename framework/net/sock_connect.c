/* net/sock_connect.c - connecting a socket of the program's, by address or by name. */
#include "base/error.h"
#include "base/options.h"
#include "net/dial.h"
#include "net/sock.h"
#include <gyre/resolver.h>
#include <gyre/sock.h>
#include <stdio.h>

/* On a duplicate from the start: a connect seldom ends at once. */
static int connect_to(struct gyre__sock *sock, const struct sockaddr *address, socklen_t size)
{
    int err = gyre__sock_own(sock);

    if (err)
        return gyre__error_plain(err);
    return gyre__dial_on(sock->loop, sock->fd, address, size);
}

/* What the socket is, is what the resolver is asked for. */
static int ask_socket(const struct gyre__sock *sock, struct addrinfo *hints)
{
    const struct gyre__driver_class *driver = sock->loop->driver_class;
    int err = driver->getsockopt(sock->fd, SOL_SOCKET, SO_DOMAIN, &hints->ai_family);

    if (!err)
        err = driver->getsockopt(sock->fd, SOL_SOCKET, SO_TYPE, &hints->ai_socktype);
    if (!err)
        err = driver->getsockopt(sock->fd, SOL_SOCKET, SO_PROTOCOL, &hints->ai_protocol);
    return gyre__error_plain(err);
}

static int resolve(const struct gyre__sock *sock, const gyre_sock_connect_options *options,
                   struct addrinfo **list)
{
    struct addrinfo hints = {0};
    char port[16];
    int err = ask_socket(sock, &hints);

    snprintf(port, sizeof port, "%d", options->port);
    return err ? err : gyre_loop_getaddrinfo(sock->loop, list, options->host, port, &hints);
}

static int connect_by_name(struct gyre__sock *sock, const gyre_sock_connect_options *options)
{
    struct addrinfo *list;
    int err = resolve(sock, options, &list);

    if (err)
        return err;
    err = connect_to(sock, list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    return err;
}

static int check_options(const gyre_sock_connect_options *options)
{
    if (!options->address == !options->host)
        return gyre_error_set(GYRE_EVALUE, "sock_connect wants one of address and host");
    if (options->port < 0 || options->port > 65535)
        return gyre_error_set(GYRE_EVALUE, "port must be 0-65535");
    return 0;
}

int(gyre_loop_sock_connect)(gyre_loop *loop, int fd, const gyre_sock_connect_options *options)
{
    gyre_sock_connect_options filled = {0};
    struct gyre__sock sock;
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    err = gyre__sock_begin(&sock, loop, fd);
    if (!err)
        err = check_options(&filled);
    if (err)
        return err;
    err = filled.address ? connect_to(&sock, filled.address, filled.address_size)
                         : connect_by_name(&sock, &filled);
    gyre__sock_close(&sock);
    return err;
}
