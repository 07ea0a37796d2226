/* base/slab.c - chunks of equal places. */
#include "base/slab.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 16 * 1024 };

void gyre__slab_init(struct gyre__slab *slab, size_t size)
{
    *slab = (struct gyre__slab){.size = (size + 7) & ~(size_t)7};
    while ((slab->size << (slab->shift + 1)) <= CHUNK_BYTES)
        slab->shift++;
    slab->per_chunk = 1u << slab->shift;
}

void gyre__slab_clear(struct gyre__slab *slab)
{
    for (uint32_t i = 0; i < slab->chunks; i++)
        free(slab->chunk[i]);
    free(slab->chunk);
    gyre__slab_init(slab, slab->size);
}

static void add_chunk(struct gyre__slab *slab)
{
    slab->chunk = gyre__realloc(slab->chunk, (slab->chunks + 1) * sizeof *slab->chunk);
    slab->chunk[slab->chunks++] = gyre__calloc_lines(slab->size << slab->shift);
}

void *gyre__slab_grow(struct gyre__slab *slab)
{
    if (slab->fresh == slab->chunks << slab->shift)
        add_chunk(slab);
    slab->used++;
    slab->fresh++;
    return gyre__slab_at(slab, slab->fresh - 1);
}
