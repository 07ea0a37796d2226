/* base/heap.h - a 4-ary min-heap of deadlines; equal ones leave in the order of their sequence.
 *
 * Four children a node: half the levels of a binary heap, and all children in one or two cache lines.
 * Sequence numbers may wrap: equal deadlines whose numbers are less than 2^31 apart keep their order.
 */
#ifndef GYRE__HEAP_H
#define GYRE__HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One entry, kept by value so that comparing touches the array only. */
struct gyre__heap_entry {
    int64_t when;      /* the deadline */
    uint32_t sequence; /* breaks ties, first come first */
    uint32_t item;     /* the number of what is due */
};

/* A heap; zeroed memory is an empty one. */
struct gyre__heap {
    struct gyre__heap_entry *entries; /* the array; entries[0] is the first to leave */
    size_t count;                     /* entries in use */
    size_t capacity;                  /* entries allocated */
};

/* Adds an entry. */
void gyre__heap_push(struct gyre__heap *heap, struct gyre__heap_entry entry);

/* Removes and returns the first entry; the heap must not be empty. */
struct gyre__heap_entry gyre__heap_pop(struct gyre__heap *heap);

/* Keeps the entries for which keep(entry, arg) holds and drops the others, in O(n). */
void gyre__heap_filter(struct gyre__heap *heap, bool (*keep)(const struct gyre__heap_entry *entry, void *arg),
                       void *arg);

/* Frees the array. */
void gyre__heap_clear(struct gyre__heap *heap);

#endif
