/* task/stack.c - stacks for coroutines: mapped in chunks, guarded when first used, pooled.
 *
 * A chunk is one mapping: [page of records | guard | stack | guard | stack | ...]. Its stacks are taken from
 * the far end, so that what is not taken yet never lies right above a stack's top. Guards made by the
 * kernel's guard markers cost no mapping; where the kernel has none, mprotect makes two mappings of each
 * stack and runs out of them at about 32 000 stacks.
 */
#include "task/stack.h"
#include "base/check.h"
#include "task/fiber.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    KIB = 1024,
    DEFAULT_SIZE = 128 * KIB,
    SMALLEST_SIZE = 16 * KIB,
    LARGEST_SIZE = 1024 * 1024 * KIB,
    GUARD_SIZE = 64 * KIB, /* so wide that few buffers on a stack can jump over it */
    KEPT_SIZE = 16 * KIB,  /* what a pooled stack may keep committed */
    WARM = 4096,           /* how many stacks of a pool may keep it */
    WINDOW_SIZE = 256,     /* how much is looked at to see whether a stack was used deeper than that */
    STACKS = 64,           /* in a chunk */
    GUARD_INSTALL = 102,   /* MADV_GUARD_INSTALL, Linux 6.13 */
    NO_SUCH_ADVICE = 9999
};

struct gyre__stack_chunk {
    struct gyre__stack_chunk *next;
    size_t size;     /* of the whole mapping */
    unsigned unused; /* stacks that were never taken */
    unsigned lent;   /* stacks that are with coroutines */
    struct gyre__stack stacks[STACKS];
};

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void gyre__stack_pool_init(struct gyre__stack_pool *pool, size_t size)
{
    GYRE__CHECK(size <= LARGEST_SIZE, "a stack_size above 1 GiB");
    if (!size)
        size = DEFAULT_SIZE;
    if (size < SMALLEST_SIZE)
        size = SMALLEST_SIZE;
    *pool = (struct gyre__stack_pool){
        .size = round_up(size, page_size()),
        .kept = round_up(KEPT_SIZE, page_size()),
    };
}

static struct gyre__stack_chunk *map(size_t size)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, size,
            MADV_NOHUGEPAGE); /* a huge page would commit a dozen stacks at the first touch of one */
    return memory;
}

static int add_chunk(struct gyre__stack_pool *pool)
{
    size_t records = round_up(sizeof(struct gyre__stack_chunk), page_size());
    size_t size = records + STACKS * (GUARD_SIZE + pool->size);
    struct gyre__stack_chunk *chunk = map(size);

    if (!chunk)
        return -1;
    chunk->size = size;
    chunk->unused = STACKS;
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    return 0;
}

/* An emulator that nods at any advice, as qemu-user does, installs nothing. */
static bool has_markers(char *address)
{
    return madvise(address, GUARD_SIZE, NO_SUCH_ADVICE) != 0;
}

static int guard(char *address)
{
    if (has_markers(address) && !madvise(address, GUARD_SIZE, GUARD_INSTALL))
        return 0;
    return mprotect(address, GUARD_SIZE, PROT_NONE);
}

/* The next stack of a chunk that has one left. */
static struct gyre__stack *take(struct gyre__stack_chunk *chunk, size_t size)
{
    struct gyre__stack *stack = &chunk->stacks[STACKS - chunk->unused];
    char *top = (char *)chunk + chunk->size - (STACKS - chunk->unused) * (GUARD_SIZE + size);

    if (guard(top - size - GUARD_SIZE))
        return NULL;
    chunk->unused--;
    stack->base = top - size;
    stack->size = size;
    stack->fiber = gyre__fiber_new(stack->base, size);
    stack->chunk = chunk;
    return stack;
}

static struct gyre__stack *make(struct gyre__stack_pool *pool)
{
    struct gyre__stack *stack;

    if ((!pool->chunks || !pool->chunks->unused) && add_chunk(pool))
        return NULL;
    stack = take(pool->chunks, pool->size);
    pool->alive += stack != NULL;
    return stack;
}

struct gyre__stack *gyre__stack_get(struct gyre__stack_pool *pool)
{
    struct gyre__stack *stack = pool->free;

    if (stack) {
        pool->free = stack->next;
        pool->count--;
    } else if (!(stack = make(pool)))
        return NULL;
    stack->chunk->lent++;
    return stack;
}

/* Any frame smaller than the window leaves its return address in it. A larger one may pass unseen if it left
 * those bytes zero, a buffer that was never filled for instance; what lies deeper then stays committed.
 * Asking the kernel would take a hundred times as long. */
static bool used_deeper(const struct gyre__stack *stack, size_t kept)
{
    typedef uint64_t row __attribute__((vector_size(16)));
    const row *window = (const void *)(stack->base + stack->size - kept - WINDOW_SIZE);
    row found = {0};

    gyre__fiber_expose(window, WINDOW_SIZE);
    for (size_t i = 0; i < WINDOW_SIZE / sizeof *window; i += 4)
        found |= window[i] | window[i + 1] | window[i + 2] | window[i + 3];
    return (found[0] | found[1]) != 0;
}

/* Gives pages back, so that a pool that was large once is not large for ever. */
static void trim(const struct gyre__stack_pool *pool, const struct gyre__stack *stack)
{
    if (pool->count >= WARM)
        madvise(stack->base, stack->size, MADV_DONTNEED);
    else if (stack->size > pool->kept && used_deeper(stack, pool->kept))
        madvise(stack->base, stack->size - pool->kept, MADV_DONTNEED);
}

void gyre__stack_put(struct gyre__stack_pool *pool, struct gyre__stack *stack)
{
    trim(pool, stack);
    stack->chunk->lent--;
    stack->next = pool->free;
    pool->free = stack;
    pool->count++;
}

/* Takes the stacks of chunks that are about to go out of the list of ready ones. */
static void forget_idle(struct gyre__stack_pool *pool)
{
    struct gyre__stack **link = &pool->free;

    while (*link) {
        if ((*link)->chunk->lent) {
            link = &(*link)->next;
            continue;
        }
        *link = (*link)->next;
        pool->count--;
        pool->alive--;
    }
}

static void unmap(struct gyre__stack_chunk *chunk)
{
    for (unsigned i = 0; i < STACKS - chunk->unused; i++)
        gyre__fiber_free(chunk->stacks[i].fiber);
    munmap(chunk, chunk->size);
}

void gyre__stack_pool_clear(struct gyre__stack_pool *pool)
{
    struct gyre__stack_chunk **link = &pool->chunks;
    struct gyre__stack_chunk *chunk;

    forget_idle(pool);
    while ((chunk = *link)) {
        if (chunk->lent) {
            link = &chunk->next;
            continue;
        }
        *link = chunk->next;
        unmap(chunk);
    }
}

int gyre__stack_guards(const struct gyre__stack *stack, const void *address)
{
    uintptr_t distance = (uintptr_t)stack->base - (uintptr_t)address;

    return distance > 0 && distance <= GUARD_SIZE;
}
