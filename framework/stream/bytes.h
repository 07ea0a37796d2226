/* stream/bytes.h - bytes on their way in: one stretch of memory that grows at its end, is taken from its
 * start, and lends what is taken.
 *
 * Used by the reader. What was lent stays where it is until gyre__bytes_recall, whatever is appended
 * meanwhile. While nothing is there and nothing is lent, it holds no memory.
 */
#ifndef GYRE__BYTES_H
#define GYRE__BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory is an empty one. */
struct gyre__bytes {
    char *block;     /* the memory, NULL for none */
    size_t capacity; /* its size */
    size_t start;    /* the first byte that was not taken */
    size_t end;      /* behind the last byte */
    char *retired;   /* a block that was outgrown while bytes of it were lent, NULL for none */
    bool lent;       /* bytes of the block are lent */
    bool borrowed;   /* the block is somebody else's */
};

/* How many there are. */
static inline size_t gyre__bytes_size(const struct gyre__bytes *bytes)
{
    return bytes->end - bytes->start;
}

/* The first of them; not lent. */
static inline const char *gyre__bytes_peek(const struct gyre__bytes *bytes)
{
    return bytes->block + bytes->start;
}

/* Copies bytes to the end. -ENOMEM: nothing has changed. */
int gyre__bytes_append(struct gyre__bytes *bytes, const void *data, size_t len);

/* Puts bytes in without a copy, while there are none. The memory must stay until gyre__bytes_keep makes it
 * ours, or gyre__bytes_return gives it back. */
void gyre__bytes_borrow(struct gyre__bytes *bytes, void *data, size_t len);

/* Borrowed memory is ours from now on: malloc'd, and freed in its time. */
void gyre__bytes_keep(struct gyre__bytes *bytes);

/* Gives borrowed memory back, of which nothing is lent, and copies what was not taken. -ENOMEM: that is lost.
 */
int gyre__bytes_return(struct gyre__bytes *bytes);

/* Takes the first `len` bytes, of those that are there, and lends them. */
const char *gyre__bytes_lend(struct gyre__bytes *bytes, size_t len);

/* Takes the first `len` bytes, of those that are there, and forgets them. */
void gyre__bytes_drop(struct gyre__bytes *bytes, size_t len);

/* Nobody looks at lent bytes any more. */
void gyre__bytes_recall(struct gyre__bytes *bytes);

/* Gives all memory back. */
void gyre__bytes_clear(struct gyre__bytes *bytes);

#endif
