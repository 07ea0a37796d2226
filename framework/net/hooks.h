/* net/hooks.h - what shard/ may do to the sockets of a loop: take addresses, place connections, hear of ends.
 *
 * shard/ fills one const struct of these and sets it with gyre__net_set_hooks before its loop makes a server.
 * Every function runs on the loop's thread. Without hooks a loop stands alone.
 */
#ifndef GYRE__HOOKS_H
#define GYRE__HOOKS_H

#include <gyre/server.h>
#include <sys/socket.h>

/* An address that is wanted, and how a socket gets it. */
struct gyre__claim {
    const struct sockaddr *address; /* the address */
    socklen_t size;                 /* bytes of it */
    int type;                       /* SOCK_STREAM or SOCK_DGRAM: their ports are different ones */
    int backlog;                    /* of a unix socket that listens as soon as it is bound; 0: later */
    const void *options;            /* for bind */
    /* Opens, sets up and binds a socket to the address, or to what it came to be for another shard. */
    int (*bind)(gyre_loop *loop, const struct sockaddr *address, socklen_t size, const void *options,
                bool reuse_port, int *fd);
};

/* What may be hooked. A NULL function is no hook. */
struct gyre__net_hooks {
    /* Takes an address in place of a plain bind: gives a bound socket in *fd and, in *group, the number under
     * which other shards share it (0: none do). */
    int (*bind)(void *arg, const struct gyre__claim *claim, int *fd, uint64_t *group);
    /* The same for a socket that the program gave in .sock. On success *others says that another shard has
     * taken it already and accepts for all. */
    int (*share)(void *arg, int fd, uint64_t *group, bool *others);
    /* The socket of this group was closed here. */
    void (*unbind)(void *arg, uint64_t group);
    /* Asked after each accept, before a transport is made: true when another shard takes fd. `group` is that
     * of the listening socket, 0 when no other shard shares it. Not asked when the server was made with
     * .balance = GYRE_NO. */
    bool (*place)(void *arg, gyre_server *server, uint64_t group, int fd);
    /* Are sockets on their way here that other shards have accepted? */
    bool (*arriving)(void *arg);
    /* A connection of this server has begun (+1) or is gone (-1). */
    void (*count)(void *arg, gyre_server *server, int change);
};

/* Sets the hooks of a loop, NULL for none. */
void gyre__net_set_hooks(gyre_loop *loop, const struct gyre__net_hooks *hooks, void *arg);

/* The server on this loop that listens on the group's address, lent; NULL when there is none. */
gyre_server *gyre__server_find(gyre_loop *loop, uint64_t group);

/* Makes a connection of this server from a socket that another shard accepted, and takes the socket over,
 * whatever happens. */
void gyre__server_adopt(gyre_server *server, int fd);

/* Connections that this loop's listeners accepted, whoever got them. [any thread, after gyre__net_set_hooks]
 */
uint64_t gyre__net_accepted(const gyre_loop *loop);

/* Connections of servers that are alive on this loop. [any thread, after gyre__net_set_hooks] */
size_t gyre__net_served(const gyre_loop *loop);

#endif
