/* task/stack.h - the memory that coroutines run on: reserved, guarded, committed by touch, pooled per loop.
 *
 * Called by coro.c. A stack belongs to its pool or to one coroutine, never to both; a pool is used by one thread.
 */
#ifndef GYRE__STACK_H
#define GYRE__STACK_H

#include <stddef.h>

/* One stack: [guard page | size bytes], growing down from `top`. */
struct gyre__stack {
    char *base;                /* lowest usable byte, just above the guard */
    size_t size;               /* usable bytes */
    void *fiber;               /* the sanitizer's record of who runs here; pooled with the stack */
    struct gyre__stack *next;  /* link in the pool */
};

/* The stacks of one loop that wait for a coroutine, last used first. */
struct gyre__stack_pool {
    size_t size;               /* usable bytes of each stack */
    struct gyre__stack *free;  /* ready stacks */
    size_t count;              /* how many are in the pool */
    size_t alive;              /* how many exist, the pool's and the coroutines' */
};

/* Makes an empty pool for stacks of `size` bytes (0: 128 KiB; at least 16 KiB; rounded up to pages). */
void gyre__stack_pool_init(struct gyre__stack_pool *pool, size_t size);

/* Unmaps every pooled stack; those that coroutines still hold stay. */
void gyre__stack_pool_clear(struct gyre__stack_pool *pool);

/* A stack, pooled or new; NULL when the system has no memory or mappings left. */
struct gyre__stack *gyre__stack_get(struct gyre__stack_pool *pool);

/* Takes a stack back. Pages beyond the top 16 KiB that were touched are given back to the system. */
void gyre__stack_put(struct gyre__stack_pool *pool, struct gyre__stack *stack);

/* True when `address` lies in this stack's guard: what the fault handler asks. */
int gyre__stack_guards(const struct gyre__stack *stack, const void *address);

#endif
