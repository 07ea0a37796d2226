/* paper_net.h - a network that is only written down, for a loop in virtual time: how long a connect to each
 * port takes, and what comes of it.
 *
 * The loop's driver class is replaced by a copy. Sockets are numbers from PAPER_FIRST on.
 */
#ifndef GYRE_TESTS_PAPER_NET_H
#define GYRE_TESTS_PAPER_NET_H

#include "loop/loop.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { PAPER_FIRST = 1000, PAPER_SOCKETS = 32, PAPER_PORTS = 16 };

/* What happens at a port: after 0 s the connect itself tells, after less than 0 nobody ever does. */
static struct {
    double delay;
    int outcome; /* 0 or -errno, of a bind or connect */
} paper_ports[PAPER_PORTS];

static struct paper_socket {
    bool open;
    int family, port;
    gyre__ready fn;
    void *arg;
    gyre_handle decision;
} paper_sockets[PAPER_SOCKETS];

static gyre_loop *paper_loop;
static int paper_made;      /* sockets so far */
static char paper_log[400]; /* "6:1@0.25 ": family, port and time of each connect */
static const struct gyre__driver_class *paper_under;

static inline struct paper_socket *paper_socket(int fd)
{
    return &paper_sockets[(fd - PAPER_FIRST) % PAPER_SOCKETS];
}

static inline int paper_open(void)
{
    int open = 0;

    for (int i = 0; i < PAPER_SOCKETS; i++)
        open += paper_sockets[i].open;
    return open;
}

static inline int paper_port(const struct sockaddr *address)
{
    return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
}

static int paper_new_socket(struct gyre__driver *driver, int domain, int type, int protocol)
{
    int fd = PAPER_FIRST + paper_made++;

    *paper_socket(fd) = (struct paper_socket){.open = true, .family = domain == AF_INET ? 4 : 6};
    return fd;
}

static int paper_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    return paper_ports[paper_port(address)].outcome;
}

static int paper_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    struct paper_socket *here = paper_socket(fd);
    size_t used = strlen(paper_log);

    here->port = paper_port(address);
    snprintf(paper_log + used, sizeof paper_log - used, "%d:%d@%g ", here->family, here->port,
             gyre_loop_time(paper_loop));
    return paper_ports[here->port].delay ? -EINPROGRESS : paper_ports[here->port].outcome;
}

static void paper_decide(void *arg)
{
    struct paper_socket *here = arg;

    here->fn(here->arg, GYRE__WRITABLE);
}

static struct gyre__watch *paper_watch(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                       void *arg)
{
    struct paper_socket *here = paper_socket(fd);

    here->fn = fn;
    here->arg = arg;
    if (paper_ports[here->port].delay > 0)
        here->decision = gyre_loop_call_later(paper_loop, paper_ports[here->port].delay, paper_decide, here);
    return (struct gyre__watch *)(void *)here;
}

static bool paper_is_mine(const struct gyre__watch *watch)
{
    const void *at = watch;

    return (const char *)at >= (const char *)paper_sockets &&
           (const char *)at < (const char *)(paper_sockets + PAPER_SOCKETS);
}

static void paper_change(struct gyre__watch *watch, int events)
{
    if (!paper_is_mine(watch))
        paper_under->change(watch, events);
}

static void paper_unwatch(struct gyre__watch *watch)
{
    if (paper_is_mine(watch))
        gyre_handle_cancel(&((struct paper_socket *)(void *)watch)->decision);
    else
        paper_under->unwatch(watch);
}

static int paper_getsockopt(int fd, int level, int name, int *value)
{
    *value = -paper_ports[paper_socket(fd)->port].outcome;
    return 0;
}

static int paper_setsockopt(int fd, int level, int name, int value)
{
    return 0;
}

static int paper_close(int fd)
{
    if (!paper_socket(fd)->open)
        return -EBADF;
    paper_socket(fd)->open = false;
    return 0;
}

static inline void paper_begin(gyre_loop *loop)
{
    static struct gyre__driver_class copy;

    paper_under = &gyre__sim_driver;
    copy = *paper_under;
    copy.socket = paper_new_socket;
    copy.bind = paper_bind;
    copy.connect = paper_connect;
    copy.watch = paper_watch;
    copy.change = paper_change;
    copy.unwatch = paper_unwatch;
    copy.getsockopt = paper_getsockopt;
    copy.setsockopt = paper_setsockopt;
    copy.close_socket = paper_close;
    loop->driver_class = &copy;
    paper_loop = loop;
    paper_made = 0;
    paper_log[0] = '\0';
    memset(paper_ports, 0, sizeof paper_ports);
    memset(paper_sockets, 0, sizeof paper_sockets);
}

/* The addresses of a host: 4 or 6 and a port, "4:1 6:2". Good until the next but one. */
static inline struct addrinfo *paper_addresses(const char *text)
{
    static struct addrinfo lists[2][PAPER_PORTS];
    static struct sockaddr_in6 names[2][PAPER_PORTS];
    static int turn;
    struct addrinfo *list = lists[turn ^= 1];
    int family, port, used, count = 0;

    for (; sscanf(text, "%d:%d%n", &family, &port, &used) == 2; text += used, count++) {
        struct sockaddr_in6 *name = &names[turn][count];

        *name = (struct sockaddr_in6){.sin6_family = family == 4 ? AF_INET : AF_INET6,
                                      .sin6_port = htons((in_port_t)port)};
        list[count] =
            (struct addrinfo){.ai_family = name->sin6_family,
                              .ai_addr = (struct sockaddr *)name,
                              .ai_addrlen = family == 4 ? sizeof(struct sockaddr_in) : sizeof *name};
        if (count)
            list[count - 1].ai_next = &list[count];
    }
    return list;
}

#endif
