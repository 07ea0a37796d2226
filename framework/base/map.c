/* base/map.c - sorted bindings, copied when one of them changes. */
#include "base/map.h"
#include "base/memory.h"
#include <stdint.h>

struct gyre__binding *gyre__binding_new(const gyre_context_var *var, void *value, gyre_release release)
{
    struct gyre__binding *binding = gyre__malloc(sizeof *binding);

    *binding = (struct gyre__binding){.var = var, .value = value, .release = release};
    atomic_init(&binding->references, 1);
    return binding;
}

struct gyre__binding *gyre__binding_ref(struct gyre__binding *binding)
{
    if (binding)
        atomic_fetch_add_explicit(&binding->references, 1, memory_order_relaxed);
    return binding;
}

void gyre__binding_unref(struct gyre__binding *binding)
{
    if (!binding || atomic_fetch_sub_explicit(&binding->references, 1, memory_order_acq_rel) != 1)
        return;
    if (binding->release)
        binding->release(binding->value);
    free(binding);
}

void gyre__map_drop(struct gyre__map *map)
{
    if (atomic_fetch_sub_explicit(&map->references, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned i = 0; i < map->count; i++)
        gyre__binding_unref(map->bindings[i]);
    free(map);
}

/* The place of a variable among the sorted bindings, or where it would stand. */
static unsigned find_place(const struct gyre__map *map, const gyre_context_var *var)
{
    unsigned low = 0, high = map ? map->count : 0;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if ((uintptr_t)map->bindings[middle]->var < (uintptr_t)var)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct gyre__binding *gyre__map_find(const struct gyre__map *map, const gyre_context_var *var)
{
    unsigned place = find_place(map, var);

    return map && place < map->count && map->bindings[place]->var == var ? map->bindings[place] : NULL;
}

static struct gyre__map *make_map(unsigned count)
{
    struct gyre__map *map;

    if (count == 0)
        return NULL;
    map = gyre__malloc(sizeof *map + count * sizeof *map->bindings);
    atomic_init(&map->references, 1);
    map->count = count;
    return map;
}

static void copy(struct gyre__map *to, unsigned at, const struct gyre__map *from, unsigned first,
                 unsigned end)
{
    for (unsigned i = first; i < end; i++)
        to->bindings[at++] = gyre__binding_ref(from->bindings[i]);
}

struct gyre__map *gyre__map_change(const struct gyre__map *map, const gyre_context_var *var,
                                   struct gyre__binding *binding)
{
    unsigned count = map ? map->count : 0, place = find_place(map, var);
    unsigned had = gyre__map_find(map, var) != NULL, has = binding != NULL;
    struct gyre__map *changed = make_map(count - had + has);

    if (!changed)
        return NULL;
    copy(changed, 0, map, 0, place);
    if (binding)
        changed->bindings[place] = binding;
    copy(changed, place + has, map, place + had, count);
    return changed;
}
