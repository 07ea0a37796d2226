/* base/heap.c - sift up, sift down. */
#include "base/heap.h"
#include "base/memory.h"
#include <stdlib.h>

enum { CHILDREN = 4 };

static bool before(const struct gyre__heap_entry *a, const struct gyre__heap_entry *b)
{
    return a->when != b->when ? a->when < b->when : (int32_t)(a->sequence - b->sequence) < 0;
}

static void sift_up(struct gyre__heap *heap, size_t at, struct gyre__heap_entry entry)
{
    while (at > 0) {
        size_t parent = (at - 1) / CHILDREN;

        if (!before(&entry, &heap->entries[parent]))
            break;
        heap->entries[at] = heap->entries[parent];
        at = parent;
    }
    heap->entries[at] = entry;
}

static size_t least_child(const struct gyre__heap *heap, size_t at)
{
    size_t first = at * CHILDREN + 1, end = first + CHILDREN, least = first;

    if (end > heap->count)
        end = heap->count;
    for (size_t child = first + 1; child < end; child++)
        if (before(&heap->entries[child], &heap->entries[least]))
            least = child;
    return least;
}

static void sift_down(struct gyre__heap *heap, size_t at, struct gyre__heap_entry entry)
{
    while (at * CHILDREN + 1 < heap->count) {
        size_t child = least_child(heap, at);

        if (!before(&heap->entries[child], &entry))
            break;
        heap->entries[at] = heap->entries[child];
        at = child;
    }
    heap->entries[at] = entry;
}

static void grow(struct gyre__heap *heap)
{
    heap->capacity = heap->capacity ? heap->capacity * 2 : 64;
    heap->entries = gyre__realloc(heap->entries, heap->capacity * sizeof *heap->entries);
}

void gyre__heap_push(struct gyre__heap *heap, struct gyre__heap_entry entry)
{
    if (heap->count == heap->capacity)
        grow(heap);
    sift_up(heap, heap->count++, entry);
}

struct gyre__heap_entry gyre__heap_pop(struct gyre__heap *heap)
{
    struct gyre__heap_entry first = heap->entries[0];

    if (--heap->count > 0)
        sift_down(heap, 0, heap->entries[heap->count]);
    return first;
}

void gyre__heap_filter(struct gyre__heap *heap, bool (*keep)(const struct gyre__heap_entry *entry, void *arg),
                       void *arg)
{
    size_t kept = 0;

    for (size_t i = 0; i < heap->count; i++)
        if (keep(&heap->entries[i], arg))
            heap->entries[kept++] = heap->entries[i];
    heap->count = kept;
    for (size_t i = kept / CHILDREN + 1; i-- > 0;)
        if (i < kept)
            sift_down(heap, i, heap->entries[i]);
}

void gyre__heap_clear(struct gyre__heap *heap)
{
    free(heap->entries);
    *heap = (struct gyre__heap){0};
}
