/* balance.c - a connection goes to the shard that has fewest, before its first byte is read.
 *
 * The kernel spreads connections by a hash, and with a hundred of them one shard may get twice as many as
 * another. What a shard has, and what is on its way to it, is its load. A socket moves only when that pays:
 * the way costs a wake-up.
 */
#include "base/memory.h"
#include "group.h"
#include "net/hooks.h"
#include "outbox.h"
#include <stdlib.h>
#include <unistd.h>

enum { LEAST_GAIN = 2, GAIN_SHARE = 20 /* one part in so many of the mean */ };

/* A socket on its way. */
struct handoff {
    struct gyre__call letter;  /* for the mailbox */
    struct gyre__shard *to;    /* whose load counts it */
    struct gyre__group *group; /* a reference: which server it is for */
    int fd;                    /* the socket */
};

static size_t load_of(const struct gyre__shard *shard)
{
    return atomic_load_explicit(&shard->load, memory_order_relaxed);
}

static void land(struct handoff *handoff)
{
    atomic_fetch_sub_explicit(&handoff->to->load, 1, memory_order_relaxed);
    gyre__group_unref(handoff->group);
    free(handoff);
}

/* At the other shard; its server may be gone meanwhile. */
static void adopt(void *arg)
{
    struct handoff *handoff = arg;
    gyre_server *server = gyre__server_find(handoff->to->loop, (uintptr_t)handoff->group);

    if (server) {
        gyre__count(&handoff->to->handed_over, 1);
        gyre__server_adopt(server, handoff->fd);
    } else {
        close(handoff->fd);
    }
    land(handoff);
}

/* The other shard has closed. */
static void drop(void *arg)
{
    struct handoff *handoff = arg;

    close(handoff->fd);
    land(handoff);
}

static void hand_off(struct gyre__outbox *outbox, struct gyre__group *group, int fd)
{
    struct handoff *handoff = gyre__malloc(sizeof *handoff);

    *handoff = (struct handoff){.to = outbox->to, .group = group, .fd = fd};
    handoff->letter =
        (struct gyre__call){.fn = adopt, .arg = handoff, .release = drop, .kind = GYRE__CALL_EMBEDDED};
    gyre__group_ref(group);
    gyre__count(&outbox->from->handed_off, 1);
    gyre__outbox_put(outbox, &handoff->letter);
}

/* Takes a seat in a shard's load. Either it finds that the shard has left, or the shard, which looks at its
 * load after it has left, waits for the socket. */
static bool reserve(struct gyre__shard *to, struct gyre__group *group)
{
    atomic_fetch_add(&to->load, 1);
    if (atomic_load(&group->seats[to->id].joined))
        return true;
    atomic_fetch_sub(&to->load, 1);
    return false;
}

bool gyre__balance_arriving(const struct gyre__shard *shard)
{
    return atomic_load(&shard->load) > gyre__net_served(shard->loop);
}

/* The least loaded of those that listen; `sum` gets all their loads. */
static struct gyre__shard *find_least(struct gyre__shard *shard, struct gyre__group *group, size_t *sum)
{
    struct gyre__shard *least = shard;

    for (int i = 0; i < shard->run->count; i++) {
        struct gyre__shard *other = &shard->run->shards[i];

        if (!atomic_load_explicit(&group->seats[i].joined, memory_order_acquire))
            continue;
        *sum += load_of(other);
        if (load_of(other) < load_of(least))
            least = other;
    }
    return least;
}

static bool pays(const struct gyre__shard *own, const struct gyre__shard *least, size_t sum)
{
    size_t gain = sum / (size_t)own->run->count / GAIN_SHARE;

    return load_of(own) >= load_of(least) + (gain > LEAST_GAIN ? gain : LEAST_GAIN);
}

bool gyre__balance(struct gyre__shard *shard, struct gyre__group *group, int fd)
{
    size_t sum = 0;
    struct gyre__shard *least;
    struct gyre__outbox *outbox;

    if (shard->run->options.balance == GYRE_NO)
        return false;
    least = find_least(shard, group, &sum);
    outbox = &shard->outboxes[least->id];
    if (least == shard || !pays(shard, least, sum) || !gyre__outbox_has_room(outbox) ||
        !reserve(least, group))
        return false;
    hand_off(outbox, group, fd);
    return true;
}
