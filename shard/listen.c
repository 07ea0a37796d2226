/* listen.c - the shards take an address together; and the other hooks of a loop's sockets.
 *
 * The first shard that asks binds it alone, without SO_REUSEPORT: if another program has the port, that is an
 * error, not a silent split of its connections. Only then the socket is opened for company, and the others
 * bind beside it, to the port that it got.
 */
#include "call.h"
#include "group.h"
#include "net/hooks.h"
#include "net/server.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* From now on others of this program may bind beside it. */
static int open_for_company(gyre_loop *loop, int fd, union gyre__address *bound)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    int err = loop->driver_class->setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);

    if (!err)
        err = loop->driver_class->getsockname(fd, &name, &size);
    if (err)
        return gyre_error_set(err, "a bound socket cannot be shared: %s", gyre_strerror(err));
    gyre__address_set(bound, (struct sockaddr *)&name, size);
    return 0;
}

static int bind_alone(gyre_loop *loop, struct gyre__group *group, const struct gyre__claim *claim, int *fd)
{
    int opened;
    int err = claim->bind(loop, claim->address, claim->size, claim->options, false, &opened);

    if (err)
        return err;
    err = open_for_company(loop, opened, &group->bound);
    if (err)
        loop->driver_class->close_socket(opened);
    else
        *fd = opened;
    return err;
}

static const char *print(const struct gyre__place *place, char text[GYRE__ADDRESS_TEXT])
{
    if (place->socket)
        return "of a given socket";
    if (gyre__place_is_single(place))
        return gyre__address_tuple((const struct sockaddr *)(const void *)&place->local, sizeof place->local,
                                   text);
    return gyre__address_tuple(&place->address.any, gyre__address_size(&place->address), text);
}

/* Two sockets of one shard on one address: the system might let them bind, as long as none listens. */
static int taken(const struct gyre__group *group)
{
    char name[GYRE__ADDRESS_TEXT];

    return gyre_error_set(-EADDRINUSE, "error while attempting to bind on address %s: address already in use",
                          print(&group->asked, name));
}

/* Who finds it taken may tell the world that it serves: so it listens before anybody else sees it. */
static int open_single(gyre_loop *loop, const struct gyre__claim *claim, int *fd)
{
    int err = claim->bind(loop, claim->address, claim->size, claim->options, false, fd);

    if (err || !claim->backlog)
        return err;
    err = loop->driver_class->listen(*fd, claim->backlog);
    if (err)
        loop->driver_class->close_socket(*fd);
    return err;
}

/* The first one accepts for all: the others have no socket. One that the program gave is bound. */
static int bind_single(struct gyre__shard *shard, struct gyre__group *group, const struct gyre__claim *claim,
                       int *fd)
{
    int err = 0;

    if (group->opener >= 0) {
        *fd = -1;
        return 0;
    }
    if (claim)
        err = open_single(shard->loop, claim, fd);
    if (!err)
        group->opener = shard->id;
    return err;
}

static int bind_in_group(struct gyre__shard *shard, struct gyre__group *group,
                         const struct gyre__claim *claim, int *fd)
{
    if (atomic_load(&group->seats[shard->id].joined))
        return taken(group);
    if (gyre__place_is_single(&group->asked))
        return bind_single(shard, group, claim, fd);
    if (group->members == 0)
        return bind_alone(shard->loop, group, claim, fd);
    return claim->bind(shard->loop, &group->bound.any, gyre__address_size(&group->bound), claim->options,
                       true, fd);
}

static int join(struct gyre__shard *shard, const struct gyre__place *asked, const struct gyre__claim *claim,
                int *fd, uint64_t *number)
{
    struct gyre__group *group;
    int err;

    pthread_mutex_lock(&shard->run->lock);
    group = gyre__group_find(shard, asked);
    err = bind_in_group(shard, group, claim, fd);
    if (err) {
        gyre__group_forget(group);
    } else {
        gyre__group_join(group, shard->id);
        *number = (uintptr_t)group;
    }
    pthread_mutex_unlock(&shard->run->lock);
    return err;
}

static int bind_hook(void *arg, const struct gyre__claim *claim, int *fd, uint64_t *number)
{
    struct gyre__shard *shard = arg;
    struct gyre__place asked;

    memset(&asked, 0, sizeof asked);
    asked.type = claim->type;
    gyre__address_set(&asked.address, claim->address, claim->size);
    if (claim->address->sa_family == AF_UNIX) {
        memcpy(&asked.local, claim->address, claim->size);
        asked.size = claim->size;
    } else if (!gyre__address_size(&asked.address)) {
        return claim->bind(shard->loop, claim->address, claim->size, claim->options, false, fd);
    }
    return join(shard, &asked, claim, fd, number);
}

static int share_hook(void *arg, int fd, uint64_t *number, bool *others)
{
    struct gyre__place asked;
    struct stat status;
    int given = fd, err;

    if (fstat(fd, &status))
        return -errno;
    memset(&asked, 0, sizeof asked);
    asked.socket = status.st_ino;
    err = join(arg, &asked, NULL, &given, number);
    if (!err)
        *others = given < 0;
    return err;
}

static void unbind_hook(void *arg, uint64_t number)
{
    struct gyre__shard *shard = arg;

    pthread_mutex_lock(&shard->run->lock);
    gyre__group_leave((struct gyre__group *)(uintptr_t)number, shard->id);
    pthread_mutex_unlock(&shard->run->lock);
}

static bool place_hook(void *arg, gyre_server *server, uint64_t number, int fd)
{
    return number && gyre__balance(arg, (struct gyre__group *)(uintptr_t)number, fd);
}

static void count_hook(void *arg, gyre_server *server, int change)
{
    struct gyre__shard *shard = arg;

    atomic_fetch_add_explicit(&shard->load, (size_t)change, memory_order_relaxed);
}

static bool arriving_hook(void *arg)
{
    return gyre__balance_arriving(arg);
}

static const struct gyre__net_hooks hooks = {.bind = bind_hook,
                                             .share = share_hook,
                                             .unbind = unbind_hook,
                                             .place = place_hook,
                                             .arriving = arriving_hook,
                                             .count = count_hook};

void gyre__shard_connect(struct gyre__shard *shard)
{
    gyre__calls_open(shard->loop);
    gyre__net_set_hooks(shard->loop, &hooks, shard);
}
