/* base/memory.c - malloc that does not fail. */
#include "base/memory.h"
#include "base/check.h"
#include <stdlib.h>
#include <string.h>

static void *sure(void *memory)
{
    GYRE__CHECK(memory, "out of memory");
    return memory;
}

void *gyre__malloc(size_t size)
{
    return sure(malloc(size));
}

void *gyre__calloc(size_t size)
{
    return sure(calloc(1, size));
}

void *gyre__malloc_lines(size_t size)
{
    size_t whole = (size + GYRE__CACHE_LINE - 1) & ~(size_t)(GYRE__CACHE_LINE - 1);

    return sure(aligned_alloc(GYRE__CACHE_LINE, whole));
}

void *gyre__calloc_lines(size_t size)
{
    return memset(gyre__malloc_lines(size), 0, size);
}

void *gyre__realloc(void *memory, size_t size)
{
    return sure(realloc(memory, size));
}

char *gyre__strdup(const char *text)
{
    return text ? sure(strdup(text)) : NULL;
}
