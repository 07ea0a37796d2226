/* loop/descriptor.c - the tables of descriptors by number. */
#include "loop/descriptor.h"
#include "base/memory.h"
#include "loop/loop.h"
#include "loop/reader.h"
#include <stdlib.h>
#include <string.h>

enum { BITS = 64, AT_FIRST = 64 };

/* A larger table, with zeros behind what was there. */
static void *grow(void *table, size_t *room, size_t entry, size_t needed)
{
    size_t more = *room ? *room : AT_FIRST;
    void *grown;

    while (more <= needed)
        more *= 2;
    grown = gyre__calloc(more * entry);
    if (table)
        memcpy(grown, table, *room * entry);
    free(table);
    *room = more;
    return grown;
}

struct gyre__descriptor *gyre__descriptor_find(const gyre_loop *loop, int fd)
{
    return (size_t)fd < loop->descriptors.room ? loop->descriptors.watched[fd] : NULL;
}

void gyre__descriptor_enter(gyre_loop *loop, int fd, struct gyre__descriptor *descriptor)
{
    struct gyre__descriptors *all = &loop->descriptors;

    if ((size_t)fd >= all->room)
        all->watched = grow(all->watched, &all->room, sizeof *all->watched, (size_t)fd);
    all->watched[fd] = descriptor;
}

/* A number that is new to gyre, and watched for the program, was closed by the program. */
static void expect_new(gyre_loop *loop, int fd)
{
    struct gyre__descriptor *stale = gyre__descriptor_find(loop, fd);

    if (__builtin_expect(stale != NULL, 0))
        gyre__readers_lose(stale);
}

struct gyre__watch *gyre__descriptor_watch(gyre_loop *loop, int fd, int events, gyre__ready fn, void *arg)
{
    expect_new(loop, fd);
    return loop->driver_class->watch(loop->driver, fd, events, fn, arg);
}

void gyre__descriptor_take(gyre_loop *loop, int fd)
{
    struct gyre__descriptors *all = &loop->descriptors;
    size_t word = (size_t)fd / BITS;

    if (word >= all->words)
        all->taken = grow(all->taken, &all->words, sizeof *all->taken, word);
    all->taken[word] |= UINT64_C(1) << fd % BITS;
    expect_new(loop, fd);
}

void gyre__descriptor_give(gyre_loop *loop, int fd)
{
    loop->descriptors.taken[(size_t)fd / BITS] &= ~(UINT64_C(1) << fd % BITS);
}

static bool is_taken(const struct gyre__descriptors *all, int fd)
{
    size_t word = (size_t)fd / BITS;

    return word < all->words && all->taken[word] >> fd % BITS & 1;
}

int gyre__descriptor_check(const gyre_loop *loop, int fd)
{
    if (fd < 0)
        return gyre_error_set(GYRE_EVALUE, "Invalid file descriptor: %d", fd);
    if (is_taken(&loop->descriptors, fd))
        return gyre_error_set(GYRE_ERUNTIME, "File descriptor %d is used by a transport", fd);
    return 0;
}

void gyre__descriptors_clear(gyre_loop *loop)
{
    for (size_t fd = 0; fd < loop->descriptors.room; fd++)
        if (loop->descriptors.watched[fd])
            gyre__readers_forget(loop->descriptors.watched[fd]);
}

void gyre__descriptors_free(gyre_loop *loop)
{
    free(loop->descriptors.watched);
    free(loop->descriptors.taken);
}
