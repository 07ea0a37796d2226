/* http/node.h - one node of the tree of routes: what follows it, and what ends there. */
#ifndef HTTP__NODE_H
#define HTTP__NODE_H

#include "http/route.h"
#include <string.h>

/* How long the segment that begins at `at` is. */
static inline size_t http__segment_len(const char *at, const char *end)
{
    const char *slash = memchr(at, '/', (size_t)(end - at));

    return (size_t)((slash ? slash : end) - at);
}

/* The literal segment that may follow; NULL: it may not. */
static inline struct http_node *http__node_child(const struct http_node *node, const char *name, size_t len)
{
    struct http_node *child = node->children;

    while (child && (child->len != len || memcmp(child->name, name, len) != 0))
        child = child->next;
    return child;
}

/* What the method leads to; NULL: it is not allowed. */
static inline struct http_endpoint *http__node_endpoint(const struct http_node *node, unsigned method)
{
    struct http_endpoint *endpoint = node->endpoints;

    while (endpoint && endpoint->method != method)
        endpoint = endpoint->next;
    return endpoint;
}

/* Frees what a method leads to; NULL is fine. */
void http__endpoint_free(struct http_endpoint *endpoint);

#endif
