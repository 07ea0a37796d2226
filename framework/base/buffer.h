/* base/buffer.h - bytes on their way out: a first-in-first-out chain of pieces, copied into chunks or lent by
 * their owner.
 *
 * Used by net/ for each transport, on the loop's thread. Chunks come from a pool of the loop, last used
 * first, so that the hot one stays in the cache. `size` is always the sum of what the pieces hold.
 */
#ifndef GYRE__BUFFER_H
#define GYRE__BUFFER_H

#include "base/slab.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

enum {
    GYRE__CHUNK = 16 * 1024, /* bytes of one chunk, its head included */
    GYRE__CHUNK_HEAD = 64,   /* where its bytes begin: on a cache line's start, which copies faster */
    GYRE__CHUNKS_KEPT = 64   /* most chunks that a pool keeps */
};

/* One stretch of bytes. A chunk's bytes follow its head, on a cache line's start; an owned piece points at
 * its owner's. */
struct gyre__piece {
    struct gyre__piece *next;   /* the bytes after these */
    const char *data;           /* the first byte that is not consumed */
    size_t len;                 /* bytes from there on; never 0 */
    void (*release)(void *arg); /* tells an owner that its bytes are done with; may be NULL */
    void *arg;                  /* for release */
    bool owned;                 /* not a chunk */
};

/* Where the pieces of all buffers of one loop come from. */
struct gyre__pool {
    struct gyre__piece *free; /* chunks that wait */
    size_t kept;              /* how many */
    struct gyre__slab owned;  /* the heads of owned pieces */
};

/* A chain. Zeroed memory is an empty one. */
struct gyre__buffer {
    struct gyre__piece *first; /* the next bytes to leave */
    struct gyre__piece *last;  /* where bytes are added; only valid while first is set */
    size_t size;               /* bytes in all pieces */
};

/* Makes an empty pool. */
void gyre__pool_init(struct gyre__pool *pool);

/* Frees what the pool keeps. Its buffers must be empty. */
void gyre__pool_clear(struct gyre__pool *pool);

/* Copies bytes to the end. -ENOMEM: only some of them were, the buffer is good for clearing alone. */
int gyre__buffer_append(struct gyre__buffer *buffer, struct gyre__pool *pool, const void *data, size_t len);

/* Adds bytes without a copy; release(arg) is called once, when they were consumed or cleared. len is not 0.
 */
void gyre__buffer_append_owned(struct gyre__buffer *buffer, struct gyre__pool *pool, const void *data,
                               size_t len, void (*release)(void *arg), void *arg);

/* Describes the first bytes in up to `max` pieces, without taking them; returns how many pieces. */
int gyre__buffer_gather(const struct gyre__buffer *buffer, struct iovec *pieces, int max);

/* Takes the first `len` bytes off. Owners hear of it when the buffer is whole again, so they may use it. */
void gyre__buffer_consume(struct gyre__buffer *buffer, struct gyre__pool *pool, size_t len);

/* Takes all bytes off, as consume. */
void gyre__buffer_clear(struct gyre__buffer *buffer, struct gyre__pool *pool);

#endif
