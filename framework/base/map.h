/* base/map.h - an immutable map from context variables to values, shared by reference; NULL is the empty one.
 *
 * Called by base/context.c; the floors above hold references. Maps and bindings may be shared by threads.
 */
#ifndef GYRE__MAP_H
#define GYRE__MAP_H

#include <gyre/context.h>
#include <stdatomic.h>

/* A variable's value, shared by all maps that have it. */
struct gyre__binding {
    atomic_uint references;      /* maps and tokens */
    const gyre_context_var *var; /* whose */
    void *value;                 /* what */
    gyre_release release;        /* frees it, or NULL */
};

/* Variables and their values, shared by reference and never changed. */
struct gyre__map {
    atomic_uint references;           /* places that hold it */
    unsigned count;                   /* variables in it */
    struct gyre__binding *bindings[]; /* one each, by the variable's address */
};

/* A value for a variable, with one reference. */
struct gyre__binding *gyre__binding_new(const gyre_context_var *var, void *value, gyre_release release);

/* One more reference; NULL stays NULL. */
struct gyre__binding *gyre__binding_ref(struct gyre__binding *binding);

/* Gives a reference back; the last one releases the value. NULL is fine. */
void gyre__binding_unref(struct gyre__binding *binding);

/* What the map holds for the variable, lent; NULL for nothing. */
struct gyre__binding *gyre__map_find(const struct gyre__map *map, const gyre_context_var *var);

/* A new map: the same but for one variable, whose binding (NULL: none) it takes. */
struct gyre__map *gyre__map_change(const struct gyre__map *map, const gyre_context_var *var,
                                   struct gyre__binding *binding);

/* One more reference; NULL stays NULL. */
static inline struct gyre__map *gyre__map_ref(struct gyre__map *map)
{
    if (__builtin_expect(map != NULL, 0))
        atomic_fetch_add_explicit(&map->references, 1, memory_order_relaxed);
    return map;
}

/* Frees a map that lost its last reference. */
void gyre__map_drop(struct gyre__map *map);

/* Gives a reference back; NULL is fine. */
static inline void gyre__map_unref(struct gyre__map *map)
{
    if (__builtin_expect(map != NULL, 0))
        gyre__map_drop(map);
}

#endif
