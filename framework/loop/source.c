/* loop/source.c - in debug mode: who made which call, future or task.
 *
 * One open hash table for each loop, by address. Entries are replaced, never removed: the objects come from
 * slabs, whose places come back.
 */
#include "base/memory.h"
#include "base/symbol.h"
#include "loop/loop.h"
#include <stdlib.h>

enum { DEPTH = 10, WORDS = 4, AT_FIRST = 64 };

struct source {
    const void *object;      /* NULL: a free place */
    size_t count;            /* addresses known */
    uintptr_t called[DEPTH]; /* innermost first */
};

struct gyre__sources {
    struct source *places;
    size_t room; /* a power of two */
    size_t used;
};

struct gyre__sources *gyre__sources_new(void)
{
    struct gyre__sources *sources = gyre__malloc(sizeof *sources);

    *sources = (struct gyre__sources){gyre__calloc(AT_FIRST * sizeof *sources->places), AT_FIRST, 0};
    return sources;
}

void gyre__sources_free(struct gyre__sources *sources)
{
    if (!sources)
        return;
    free(sources->places);
    free(sources);
}

/* The object's place, or the one that it would get. */
static struct source *find(const struct gyre__sources *sources, const void *object)
{
    size_t place = (size_t)((uintptr_t)object * 0x9e3779b97f4a7c15u >> 20) & (sources->room - 1);

    while (sources->places[place].object && sources->places[place].object != object)
        place = (place + 1) & (sources->room - 1);
    return &sources->places[place];
}

static void grow(struct gyre__sources *sources)
{
    struct gyre__sources before = *sources;

    sources->room *= 2;
    sources->places = gyre__calloc(sources->room * sizeof *sources->places);
    for (size_t i = 0; i < before.room; i++)
        if (before.places[i].object)
            *find(sources, before.places[i].object) = before.places[i];
    free(before.places);
}

static struct source *take_place(struct gyre__sources *sources, const void *object)
{
    struct source *source = find(sources, object);

    if (source->object)
        return source;
    if (++sources->used * 2 > sources->room)
        grow(sources);
    source = find(sources, object);
    source->object = object;
    return source;
}

void __attribute__((noinline)) gyre__source_remember(gyre_loop *loop, const void *object)
{
    struct source *source = take_place(loop->sources, object);

    source->count = gyre__backtrace(source->called, DEPTH);
}

bool gyre__source_words(const gyre_loop *loop, const void *object, char *words, size_t size)
{
    const struct source *source = loop->sources ? find(loop->sources, object) : NULL;

    if (!source || !source->object)
        return false;
    gyre__backtrace_words(source->called, source->count, WORDS, words, size);
    return *words != '\0';
}
