/* base/memory.h - allocation for bookkeeping: it does not fail, it aborts with a clear line.
 *
 * What a user sizes (buffers, stacks) is allocated with malloc or mmap and answers -ENOMEM instead.
 */
#ifndef GYRE__MEMORY_H
#define GYRE__MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/* `size` uninitialised bytes, never NULL. Free with free(). */
void *gyre__malloc(size_t size);

/* `size` zeroed bytes, never NULL. Free with free(). */
void *gyre__calloc(size_t size);

enum { GYRE__CACHE_LINE = 64 };

/* The same two, beginning with a cache line. */
void *gyre__malloc_lines(size_t size);
void *gyre__calloc_lines(size_t size);

/* Resizes an allocation, never NULL. */
void *gyre__realloc(void *memory, size_t size);

/* Frees what is seldom there: a call of free(NULL) would cost as much as any. */
static inline void gyre__free_rare(void *memory)
{
    if (__builtin_expect(memory != NULL, 0))
        free(memory);
}

/* A copy of the text, NULL for NULL. Free with free(). */
char *gyre__strdup(const char *text);

#endif
