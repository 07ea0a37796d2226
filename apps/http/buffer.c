/* http/buffer.c - bytes that grow at the end: doubling, so that appending is linear. */
#include "http/buffer.h"
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 256 };

static bool grow(struct http_buffer *buffer, size_t wanted)
{
    size_t size = buffer->size ? buffer->size : SMALLEST;
    char *data;

    while (size < wanted)
        size *= 2;
    data = realloc(buffer->data, size);
    if (!data)
        return false;
    buffer->data = data;
    buffer->size = size;
    return true;
}

char *http__buffer_reserve(struct http_buffer *buffer, size_t extra)
{
    if (buffer->size - buffer->len < extra && !grow(buffer, buffer->len + extra))
        return NULL;
    return buffer->data + buffer->len;
}

bool http__buffer_append(struct http_buffer *buffer, const void *data, size_t len)
{
    char *end;

    if (!len)
        return true;
    end = http__buffer_reserve(buffer, len);
    if (!end)
        return false;
    memcpy(end, data, len);
    buffer->len += len;
    return true;
}

void http__buffer_drop(struct http_buffer *buffer, size_t len)
{
    buffer->len -= len;
    if (buffer->len)
        memmove(buffer->data, buffer->data + len, buffer->len);
}

void http__buffer_clear(struct http_buffer *buffer, size_t keep)
{
    buffer->len = 0;
    if (buffer->size > keep) {
        free(buffer->data);
        *buffer = (struct http_buffer){0};
    }
}
