/* net/interleave.c - a lane for each family, in the order in which the families came. */
#include "net/interleave.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdlib.h>

struct lane {
    int family;                  /* of all in it */
    const struct addrinfo *next; /* its next one, NULL: none is left */
};

static const struct addrinfo *find(const struct addrinfo *info, int family)
{
    while (info && info->ai_family != family)
        info = info->ai_next;
    return info;
}

static const struct addrinfo *take(struct lane *lane)
{
    const struct addrinfo *taken = lane->next;

    lane->next = find(taken->ai_next, lane->family);
    return taken;
}

static size_t length(const struct addrinfo *list)
{
    size_t count = 0;

    for (; list; list = list->ai_next)
        count++;
    return count;
}

static bool is_known(const struct lane *lanes, size_t count, int family)
{
    for (size_t i = 0; i < count; i++)
        if (lanes[i].family == family)
            return true;
    return false;
}

static size_t make_lanes(struct lane *lanes, const struct addrinfo *list)
{
    size_t count = 0;

    for (; list; list = list->ai_next)
        if (!is_known(lanes, count, list->ai_family))
            lanes[count++] = (struct lane){list->ai_family, list};
    return count;
}

static void zip(const struct addrinfo **order, size_t count, const struct addrinfo *list, int first)
{
    struct lane *lanes = gyre__malloc(count * sizeof *lanes);
    size_t width = make_lanes(lanes, list), done = 0;

    while (first-- > 1 && lanes[0].next)
        order[done++] = take(&lanes[0]);
    for (size_t i = 0; done < count; i = (i + 1) % width)
        if (lanes[i].next)
            order[done++] = take(&lanes[i]);
    free(lanes);
}

const struct addrinfo **gyre__interleave(const struct addrinfo *list, int first, size_t *count)
{
    const struct addrinfo **order = gyre__malloc((*count = length(list)) * sizeof *order);
    size_t i = 0;

    if (first > 0 && list)
        zip(order, *count, list, first);
    else
        for (; list; list = list->ai_next)
            order[i++] = list;
    return order;
}
