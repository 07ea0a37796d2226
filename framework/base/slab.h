/* base/slab.h - objects of one size from chunks that are never moved: O(1) get and put, and a number for each
 * place.
 *
 * Used by one thread. A place that was put keeps its memory, so that a stale number can be looked at safely.
 */
#ifndef GYRE__SLAB_H
#define GYRE__SLAB_H

#include <stddef.h>
#include <stdint.h>

/* The places of one size. */
struct gyre__slab {
    size_t size;        /* bytes of one place */
    uint32_t per_chunk; /* places in a chunk, a power of two */
    uint32_t shift;     /* log2 of per_chunk */
    uint32_t chunks;    /* chunks there are */
    uint32_t used;      /* places given out and not put back */
    char **chunk;       /* the chunks */
    void *free;         /* places put back; their first word links them */
    uint32_t fresh;     /* places never given out start here */
};

/* Makes an empty slab for objects of `size` bytes, at least a pointer's. Chunks begin with a cache line:
 * objects of a line's size lie in one each. */
void gyre__slab_init(struct gyre__slab *slab, size_t size);

/* Frees all chunks. Every object is gone with them. */
void gyre__slab_clear(struct gyre__slab *slab);

/* Adds a chunk; the slow half of gyre__slab_get. */
void *gyre__slab_grow(struct gyre__slab *slab);

/* The place with this number, NULL when there is none such. */
static inline void *gyre__slab_at(const struct gyre__slab *slab, uint32_t number)
{
    if (number >= slab->fresh)
        return NULL;
    return slab->chunk[number >> slab->shift] + (number & (slab->per_chunk - 1)) * slab->size;
}

/* An uninitialised object (a fresh place is zeroed); never NULL. */
static inline void *gyre__slab_get(struct gyre__slab *slab)
{
    void *place = slab->free;

    if (!place)
        return gyre__slab_grow(slab);
    slab->free = *(void **)place;
    __builtin_prefetch(slab->free, 1);
    slab->used++;
    return place;
}

/* Takes an object back; its first word is overwritten. */
static inline void gyre__slab_put(struct gyre__slab *slab, void *place)
{
    *(void **)place = slab->free;
    slab->free = place;
    slab->used--;
}

#endif
