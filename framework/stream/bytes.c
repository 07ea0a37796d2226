/* stream/bytes.c - room for what comes: at the end of the block, by moving to its start, or in a larger one.
 */
#include "stream/bytes.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 256 };

/* Only once as many bytes were taken as are left, so that each byte is moved once at most. */
static bool can_move(const struct gyre__bytes *bytes, size_t len)
{
    size_t size = gyre__bytes_size(bytes);

    return !bytes->lent && bytes->start >= size && len <= bytes->capacity - size;
}

static void move(struct gyre__bytes *bytes)
{
    size_t size = gyre__bytes_size(bytes);

    memcpy(bytes->block, bytes->block + bytes->start, size);
    bytes->start = 0;
    bytes->end = size;
}

/* The first block is as large as what it is for: most messages come in one piece. */
static size_t grown(const struct gyre__bytes *bytes, size_t len)
{
    size_t wanted = gyre__bytes_size(bytes) + len;
    size_t least = bytes->block ? 2 * gyre__bytes_size(bytes) : SMALLEST;

    return wanted > least ? wanted : least;
}

static void retire(struct gyre__bytes *bytes)
{
    if (bytes->lent && !bytes->retired)
        bytes->retired = bytes->block;
    else if (!bytes->borrowed)
        free(bytes->block);
    bytes->lent = bytes->borrowed = false;
}

static int grow(struct gyre__bytes *bytes, size_t len)
{
    size_t size = gyre__bytes_size(bytes);
    size_t capacity = grown(bytes, len);
    char *block = len < SIZE_MAX / 4 ? malloc(capacity) : NULL;

    if (!block)
        return -ENOMEM;
    if (size)
        memcpy(block, gyre__bytes_peek(bytes), size);
    retire(bytes);
    bytes->block = block;
    bytes->capacity = capacity;
    bytes->start = 0;
    bytes->end = size;
    return 0;
}

static int make_room(struct gyre__bytes *bytes, size_t len)
{
    if (len <= bytes->capacity - bytes->end)
        return 0;
    if (!bytes->block || !can_move(bytes, len))
        return grow(bytes, len);
    move(bytes);
    return 0;
}

int gyre__bytes_append(struct gyre__bytes *bytes, const void *data, size_t len)
{
    int err = make_room(bytes, len);

    if (err)
        return err;
    memcpy(bytes->block + bytes->end, data, len);
    bytes->end += len;
    return 0;
}

static void free_block(struct gyre__bytes *bytes)
{
    if (!bytes->borrowed)
        free(bytes->block);
    bytes->block = NULL;
    bytes->capacity = bytes->start = bytes->end = 0;
    bytes->borrowed = false;
}

static void free_if_empty(struct gyre__bytes *bytes)
{
    if (bytes->block && !bytes->lent && bytes->start == bytes->end)
        free_block(bytes);
}

void gyre__bytes_borrow(struct gyre__bytes *bytes, void *data, size_t len)
{
    bytes->block = data;
    bytes->capacity = bytes->end = len;
    bytes->borrowed = true;
}

void gyre__bytes_keep(struct gyre__bytes *bytes)
{
    bytes->borrowed = false;
}

int gyre__bytes_return(struct gyre__bytes *bytes)
{
    int err = grow(bytes, 0);

    if (err)
        bytes->start = bytes->end;
    free_if_empty(bytes);
    return err;
}

const char *gyre__bytes_lend(struct gyre__bytes *bytes, size_t len)
{
    const char *first;

    if (!len)
        return "";
    first = gyre__bytes_peek(bytes);
    bytes->start += len;
    bytes->lent = true;
    return first;
}

void gyre__bytes_drop(struct gyre__bytes *bytes, size_t len)
{
    bytes->start += len;
    free_if_empty(bytes);
}

void gyre__bytes_recall(struct gyre__bytes *bytes)
{
    if (bytes->retired) {
        free(bytes->retired);
        bytes->retired = NULL;
    }
    bytes->lent = false;
    free_if_empty(bytes);
}

void gyre__bytes_clear(struct gyre__bytes *bytes)
{
    bytes->start = bytes->end;
    gyre__bytes_recall(bytes);
}
