/* group.c - who listens on what.
 *
 * Each time that a shard asks for port 0 it means another port: its k-th asking belongs with the k-th of the
 * others. So such a group is one that the shard has not met, and it waits for those who have not come yet.
 * Any other port is one group, which a shard may leave and join again.
 */
#include "group.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static bool any_port(const struct gyre__place *place)
{
    switch (place->address.any.sa_family) {
    case AF_INET:
        return place->address.v4.sin_port == 0;
    case AF_INET6:
        return place->address.v6.sin6_port == 0;
    default:
        return false;
    }
}

static bool same(const struct gyre__place *one, const struct gyre__place *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

/* The port that a group got is the one asked for. */
static bool same_port(const struct gyre__group *group, const struct gyre__place *asked)
{
    return group->members > 0 && group->asked.type == asked->type && !gyre__place_is_single(asked) &&
           memcmp(&group->bound, &asked->address, sizeof group->bound) == 0;
}

/* Who asks for the very port that others got for 0 means theirs. */
static bool fits(const struct gyre__group *group, int shard, const struct gyre__place *asked)
{
    if (any_port(asked))
        return same(&group->asked, asked) && !group->seats[shard].met;
    return same(&group->asked, asked) || same_port(group, asked);
}

static struct gyre__group *make(struct gyre__run *run, const struct gyre__place *asked)
{
    struct gyre__group *group = gyre__calloc(sizeof *group + (size_t)run->count * sizeof(struct gyre__seat));

    group->asked = *asked;
    group->opener = -1;
    group->shards = run->count;
    atomic_init(&group->references, 1);
    gyre__list_append(&run->groups, &group->link);
    return group;
}

struct gyre__group *gyre__group_find(struct gyre__shard *shard, const struct gyre__place *asked)
{
    struct gyre__list *groups = &shard->run->groups;

    for (struct gyre__list *link = groups->next; link != groups; link = link->next) {
        struct gyre__group *group = GYRE__OF(link, struct gyre__group, link);

        if (fits(group, shard->id, asked))
            return group;
    }
    return make(shard->run, asked);
}

void gyre__group_join(struct gyre__group *group, int shard)
{
    struct gyre__seat *seat = &group->seats[shard];

    group->members++;
    group->met += !seat->met;
    seat->met = true;
    atomic_store(&seat->joined, true);
}

void gyre__group_leave(struct gyre__group *group, int shard)
{
    group->members--;
    if (group->opener == shard)
        group->opener = -1;
    atomic_store(&group->seats[shard].joined, false);
    gyre__group_forget(group);
}

void gyre__group_forget(struct gyre__group *group)
{
    bool awaited = any_port(&group->asked) && group->met > 0 && group->met < group->shards;

    if (group->members > 0 || awaited)
        return;
    gyre__list_remove(&group->link);
    gyre__group_unref(group);
}

void gyre__group_ref(struct gyre__group *group)
{
    atomic_fetch_add_explicit(&group->references, 1, memory_order_relaxed);
}

void gyre__group_unref(struct gyre__group *group)
{
    if (atomic_fetch_sub_explicit(&group->references, 1, memory_order_acq_rel) == 1)
        free(group);
}

void gyre__groups_clear(struct gyre__run *run)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&run->groups)))
        gyre__group_unref(GYRE__OF(link, struct gyre__group, link));
}
