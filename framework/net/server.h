/* net/server.h - the inside of a server: its listening sockets, its connections, who waits for its end.
 *
 * server.c keeps the object, listen.c opens the sockets, accept.c takes connections, serve.c and drain.c are
 * what tasks wait in. The loop holds a reference until the server is closed and its last connection is gone.
 */
#ifndef GYRE__SERVER_H
#define GYRE__SERVER_H

#include "net/address.h"
#include "net/net.h"
#include "net/tls_order.h"

/* One listening socket. */
struct gyre__listener {
    gyre_server *server;          /* whose */
    int fd;                       /* the socket, -1 when it is not ours */
    bool lent;                    /* other programs may listen on it too: it outlives the server */
    struct gyre__watch *watch;    /* tells of connections; NULL before it listens */
    uint64_t group;               /* who else listens here, 0 for nobody */
    union gyre__address asked;    /* the address that was asked for */
    struct gyre__unix_file *file; /* what close() removes, NULL for nothing */
};

struct gyre_server {
    struct gyre__net *net;            /* the loop's half */
    const gyre_protocol *protocol;    /* the class of its connections */
    void *arg;                        /* for protocol->create */
    struct gyre__tls_order tls;       /* how its connections speak TLS, if they do; its context is held */
    struct gyre__vars vars;           /* the variables that its factory and its connections see */
    gyre_release release;             /* frees arg with the server, or NULL */
    struct gyre__list link;           /* in net->servers */
    struct gyre__list transports;     /* its live connections */
    struct gyre__waiter *waiters;     /* who waits until it is gone */
    struct gyre__listener *listeners; /* its sockets */
    size_t listening;                 /* how many; 0 once closed */
    size_t bound;                     /* how many there were: who sends it a socket still means it */
    size_t connections;               /* live ones, until connection_lost has returned */
    unsigned making;                  /* connections whose factory runs */
    size_t max;                       /* accepting pauses at so many; SIZE_MAX: no limit */
    int backlog;                      /* for listen, and most accepts in a row */
    double drain, linger;             /* seconds */
    gyre_future *forever;             /* what serve_forever waits for, NULL when nobody does */
    gyre_handle retry;                /* goes on after the system was out of resources */
    unsigned references;              /* users', connections', and the loop's */
    bool balance;                     /* connections may be placed elsewhere */
    bool serving;                     /* it listens */
    bool armed;                       /* and its listeners are watched */
    bool exhausted;                   /* accept failed, wait a second */
    bool closed;                      /* for good */
    bool draining;                    /* idle connections are to go */
    bool gone;                        /* closed, and no connections: the loop has let go */
};

/* Makes a server that does not listen yet. */
gyre_server *gyre__server_new(gyre_loop *loop, const gyre_protocol *protocol,
                              const gyre_server_options *options);

/* Adds a bound socket and takes it over; -1 when another shard of the group accepts on it for all. */
void gyre__server_add(gyre_server *server, int fd, uint64_t group, const struct sockaddr *asked,
                      socklen_t size);

/* Adds a bound socket that the program gave: takes it over, or, when another shard has done so, joins that
 * one. */
int gyre__server_add_given(gyre_server *server, int fd);

/* The program's socket stays the program's: after a failure. */
void gyre__server_give_back(gyre_server *server);

/* A connection of this server begins. */
void gyre__server_begin(gyre_server *server, gyre_transport *transport);

/* And its connection_lost has returned. Gives back the reference that begin took. */
void gyre__server_gone(gyre_server *server);

/* Ends a closed server that has no connection left. */
void gyre__server_settle(gyre_server *server);

/* Watches the listeners if it may accept now, else does not. */
void gyre__server_arm(gyre_server *server);

/* A listening socket is ready: accepts. */
void gyre__server_accept(void *listener, int events);

/* Waits until the server is closed and its last connection is gone, at most `seconds` (INFINITY: no limit),
 * then -ETIMEDOUT. [suspends] */
int gyre__server_wait(gyre_server *server, double seconds);

#endif
