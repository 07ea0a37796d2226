/* group.h - an address that several shards listen on: who does, and which port it came to be.
 *
 * A run's groups are in its list, under its lock; `joined` may be read by all. A group stays while a shard
 * listens or a connection is on its way to one; its number, in the hooks of net/, is its address in memory.
 */
#ifndef GYRE__GROUP_H
#define GYRE__GROUP_H

#include "net/address.h"
#include "run.h"
#include <sys/un.h>

/* What shards may share; compared byte for byte. */
struct gyre__place {
    union gyre__address address; /* an internet address; of a unix socket only the family */
    struct sockaddr_un local;    /* a unix socket's name, else zeroes */
    socklen_t size;              /* bytes of it */
    ino_t socket;                /* the number of a socket that the program gave, else 0 */
    int type;                    /* SOCK_STREAM or SOCK_DGRAM */
};

/* A place where one shard accepts for all. */
static inline bool gyre__place_is_single(const struct gyre__place *place)
{
    return place->socket || place->address.any.sa_family == AF_UNIX;
}

struct gyre__group {
    struct gyre__list link;    /* in run->groups */
    struct gyre__place asked;  /* what was asked for */
    union gyre__address bound; /* what it came to be: another port than 0 */
    int opener;                /* the shard that accepts for all, at a single place; -1: there is none now */
    int shards;                /* in the run */
    int members;               /* shards that listen */
    int met;                   /* shards that ever did */
    atomic_uint references;    /* the list's, and each connection's on its way */
    struct gyre__seat {
        bool met;           /* this shard has joined once */
        atomic_bool joined; /* it listens now; for other threads */
    } seats[];              /* one for each shard */
};

/* The group that a shard which asks for this address should join, made if need be. Under the run's lock, as
 * all of these. */
struct gyre__group *gyre__group_find(struct gyre__shard *shard, const struct gyre__place *asked);

/* The shard listens. */
void gyre__group_join(struct gyre__group *group, int shard);

/* It does not any more. */
void gyre__group_leave(struct gyre__group *group, int shard);

/* Takes the group out of the list when nobody will join it any more. */
void gyre__group_forget(struct gyre__group *group);

/* One reference more, and one less; without the lock. */
void gyre__group_ref(struct gyre__group *group);
void gyre__group_unref(struct gyre__group *group);

/* Frees all groups of a run that has ended. */
void gyre__groups_clear(struct gyre__run *run);

/* Hands a socket that was just accepted to the least loaded shard of the group, when that pays. True: it is
 * gone. */
bool gyre__balance(struct gyre__shard *shard, struct gyre__group *group, int fd);

/* Are sockets that other shards have accepted on their way to this one? On its own thread. */
bool gyre__balance_arriving(const struct gyre__shard *shard);

#endif
