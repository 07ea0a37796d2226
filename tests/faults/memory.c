/* memory.c - memory whose size the program decides. Bookkeeping memory never fails, or the process ends. */
#include "base/buffer.h"
#include "fault.h"
#include <errno.h>
#include <stdlib.h>

static __thread bool bookkeeping;

static bool fails(void)
{
    if (bookkeeping || !fault_ask(FAULT_MEMORY, -1))
        return false;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

/* Of memory that begins somewhere, only the pieces of write buffers are the program's. */
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return size == GYRE__CHUNK && fails() ? NULL : __real_aligned_alloc(alignment, size);
}

void *__real_gyre__malloc(size_t size);
void *__wrap_gyre__malloc(size_t size);
void *__wrap_gyre__malloc(size_t size)
{
    void *memory;

    bookkeeping = true;
    memory = __real_gyre__malloc(size);
    bookkeeping = false;
    return memory;
}

void *__real_gyre__malloc_lines(size_t size);
void *__wrap_gyre__malloc_lines(size_t size);
void *__wrap_gyre__malloc_lines(size_t size)
{
    void *memory;

    bookkeeping = true;
    memory = __real_gyre__malloc_lines(size);
    bookkeeping = false;
    return memory;
}

void *__real_gyre__calloc_lines(size_t size);
void *__wrap_gyre__calloc_lines(size_t size);
void *__wrap_gyre__calloc_lines(size_t size)
{
    void *memory;

    bookkeeping = true;
    memory = __real_gyre__calloc_lines(size);
    bookkeeping = false;
    return memory;
}

void *__real_gyre__realloc(void *memory, size_t size);
void *__wrap_gyre__realloc(void *memory, size_t size);
void *__wrap_gyre__realloc(void *memory, size_t size)
{
    bookkeeping = true;
    memory = __real_gyre__realloc(memory, size);
    bookkeeping = false;
    return memory;
}
