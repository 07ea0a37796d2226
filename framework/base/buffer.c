/* base/buffer.c - chunks, owned pieces, and the chain of them.
 *
 * An owner's release is the program's code: it runs only when the chain is consistent and the piece is off
 * it.
 */
#include "base/buffer.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct gyre__piece) <= GYRE__CHUNK_HEAD, "a chunk's head has room");

void gyre__pool_init(struct gyre__pool *pool)
{
    *pool = (struct gyre__pool){0};
    gyre__slab_init(&pool->owned, sizeof(struct gyre__piece));
}

void gyre__pool_clear(struct gyre__pool *pool)
{
    while (pool->free) {
        struct gyre__piece *chunk = pool->free;

        pool->free = chunk->next;
        free(chunk);
    }
    pool->kept = 0;
    gyre__slab_clear(&pool->owned);
}

static struct gyre__piece *get_chunk(struct gyre__pool *pool)
{
    struct gyre__piece *chunk = pool->free;

    if (!chunk)
        return aligned_alloc(GYRE__CHUNK_HEAD, GYRE__CHUNK);
    pool->free = chunk->next;
    pool->kept--;
    return chunk;
}

static void put_chunk(struct gyre__pool *pool, struct gyre__piece *chunk)
{
    if (pool->kept == GYRE__CHUNKS_KEPT) {
        free(chunk);
        return;
    }
    chunk->next = pool->free;
    pool->free = chunk;
    pool->kept++;
}

static void put_owned(struct gyre__pool *pool, struct gyre__piece *piece)
{
    struct gyre__piece copy = *piece;

    gyre__slab_put(&pool->owned, piece);
    if (copy.release)
        copy.release(copy.arg);
}

static void put_all(struct gyre__pool *pool, struct gyre__piece *piece)
{
    while (piece) {
        struct gyre__piece *next = piece->next;

        if (piece->owned)
            put_owned(pool, piece);
        else
            put_chunk(pool, piece);
        piece = next;
    }
}

static void link_piece(struct gyre__buffer *buffer, struct gyre__piece *piece)
{
    piece->next = NULL;
    if (buffer->first)
        buffer->last->next = piece;
    else
        buffer->first = piece;
    buffer->last = piece;
}

static size_t room(const struct gyre__piece *piece)
{
    return piece->owned ? 0 : (size_t)((const char *)piece + GYRE__CHUNK - (piece->data + piece->len));
}

/* The last piece if it has room, else a new chunk; NULL: out of memory. */
static struct gyre__piece *tail(struct gyre__buffer *buffer, struct gyre__pool *pool)
{
    struct gyre__piece *chunk;

    if (buffer->first && room(buffer->last))
        return buffer->last;
    chunk = get_chunk(pool);
    if (!chunk)
        return NULL;
    *chunk = (struct gyre__piece){.data = (const char *)chunk + GYRE__CHUNK_HEAD};
    link_piece(buffer, chunk);
    return chunk;
}

int gyre__buffer_append(struct gyre__buffer *buffer, struct gyre__pool *pool, const void *data, size_t len)
{
    const char *from = data;

    while (len) {
        struct gyre__piece *piece = tail(buffer, pool);
        size_t some;

        if (!piece)
            return -ENOMEM;
        some = room(piece) < len ? room(piece) : len;
        memcpy((char *)(uintptr_t)(piece->data + piece->len), from, some);
        piece->len += some;
        buffer->size += some;
        from += some;
        len -= some;
    }
    return 0;
}

void gyre__buffer_append_owned(struct gyre__buffer *buffer, struct gyre__pool *pool, const void *data,
                               size_t len, void (*release)(void *arg), void *arg)
{
    struct gyre__piece *piece = gyre__slab_get(&pool->owned);

    *piece = (struct gyre__piece){.data = data, .len = len, .release = release, .arg = arg, .owned = true};
    link_piece(buffer, piece);
    buffer->size += len;
}

int gyre__buffer_gather(const struct gyre__buffer *buffer, struct iovec *pieces, int max)
{
    int count = 0;

    for (struct gyre__piece *piece = buffer->first; piece && count < max; piece = piece->next)
        pieces[count++] = (struct iovec){(void *)(uintptr_t)piece->data, piece->len};
    return count;
}

void gyre__buffer_consume(struct gyre__buffer *buffer, struct gyre__pool *pool, size_t len)
{
    struct gyre__piece *done = NULL;
    struct gyre__piece **end = &done;

    buffer->size -= len;
    while (buffer->first && len >= buffer->first->len) {
        struct gyre__piece *piece = buffer->first;

        len -= piece->len;
        buffer->first = piece->next;
        *end = piece;
        end = &piece->next;
    }
    *end = NULL;
    if (len) {
        buffer->first->data += len;
        buffer->first->len -= len;
    }
    put_all(pool, done);
}

void gyre__buffer_clear(struct gyre__buffer *buffer, struct gyre__pool *pool)
{
    gyre__buffer_consume(buffer, pool, buffer->size);
}
