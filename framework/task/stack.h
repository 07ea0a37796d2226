/* task/stack.h - the memory that coroutines run on: reserved, guarded, committed by touch, pooled per loop.
 *
 * Called by coro.c. A stack belongs to its pool or to one coroutine, never to both; a pool is used by one
 * thread. Stacks are mapped 64 at a time, and a chunk is unmapped when none of its stacks is with a
 * coroutine.
 */
#ifndef GYRE__STACK_H
#define GYRE__STACK_H

#include <stddef.h>

struct gyre__stack_chunk;

/* One stack: [64 KiB guard | size bytes], growing down from base + size. */
struct gyre__stack {
    char *base;                      /* lowest usable byte, just above the guard */
    size_t size;                     /* usable bytes */
    void *fiber;                     /* the sanitizer's record of who runs here; pooled with the stack */
    struct gyre__stack *next;        /* link in the pool */
    struct gyre__stack_chunk *chunk; /* what it was mapped with */
};

/* The stacks of one loop that wait for a coroutine, last used first. */
struct gyre__stack_pool {
    size_t size;                      /* usable bytes of each stack */
    size_t kept;                      /* how much of a ready stack may stay committed, from its top down */
    struct gyre__stack *free;         /* ready stacks */
    size_t count;                     /* how many are ready */
    size_t alive;                     /* how many exist, the pool's and the coroutines' */
    struct gyre__stack_chunk *chunks; /* all that is mapped; the first one may have room for more stacks */
};

/* Makes an empty pool for stacks of `size` bytes (0: 128 KiB; at least 16 KiB, at most 1 GiB; rounded up to
 * pages). */
void gyre__stack_pool_init(struct gyre__stack_pool *pool, size_t size);

/* Unmaps the pooled stacks. Those that coroutines still hold stay, with the chunks they lie in. */
void gyre__stack_pool_clear(struct gyre__stack_pool *pool);

/* A stack, pooled or new; NULL when the system has no memory or mappings left. */
struct gyre__stack *gyre__stack_get(struct gyre__stack_pool *pool);

/* Takes a stack back. If it was used deeper than 16 KiB, the pages below that are given back to the system;
 * if 4096 stacks wait already, all of its pages. */
void gyre__stack_put(struct gyre__stack_pool *pool, struct gyre__stack *stack);

/* True when `address` lies in this stack's guard: what the fault handler asks. */
int gyre__stack_guards(const struct gyre__stack *stack, const void *address);

#endif
