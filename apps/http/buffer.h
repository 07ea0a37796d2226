/* http/buffer.h - bytes that grow at the end.
 *
 * Zeroed memory is an empty buffer. Used for what outlives a read, and for answers; pooled with its request,
 * so that serving allocates nothing in the steady state.
 */
#ifndef HTTP__BUFFER_H
#define HTTP__BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct http_buffer {
    char *data;  /* the bytes; NULL before the first */
    size_t len;  /* bytes used */
    size_t size; /* bytes allocated */
};

/* Room for `extra` more bytes behind the used ones, and where it begins; NULL: out of memory. */
char *http__buffer_reserve(struct http_buffer *buffer, size_t extra);

/* Appends a copy. False: out of memory, nothing changed. */
bool http__buffer_append(struct http_buffer *buffer, const void *data, size_t len);

/* Drops the first `len` bytes. */
void http__buffer_drop(struct http_buffer *buffer, size_t len);

/* Empties it; memory beyond `keep` bytes is given back. */
void http__buffer_clear(struct http_buffer *buffer, size_t keep);

#endif
