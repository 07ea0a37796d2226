/* http/pattern.c - patterns of routes: taken apart, and put into the tree. */
#include "http/node.h"
#include <stdlib.h>

static struct http_node *add_child(struct http_node *node, const char *name, size_t len)
{
    struct http_node *child = calloc(1, sizeof *child);

    if (child)
        child->name = strndup(name, len);
    if (!child || !child->name) {
        free(child);
        return NULL;
    }
    child->len = len;
    child->next = node->children;
    node->children = child;
    return child;
}

static struct http_node *add_nameless(struct http_node **node)
{
    if (!*node)
        *node = calloc(1, sizeof **node);
    return *node;
}

/* Goes one segment down, making the node when it is not there yet. */
static struct http_node *descend(struct http_node *node, const char *segment, size_t len)
{
    struct http_node *child;

    if (segment[0] == ':')
        return add_nameless(&node->param);
    if (segment[0] == '*')
        return add_nameless(&node->rest);
    child = http__node_child(node, segment, len);
    return child ? child : add_child(node, segment, len);
}

void http__endpoint_free(struct http_endpoint *endpoint)
{
    if (endpoint)
        free(endpoint->pattern);
    free(endpoint);
}

/* May this segment, a parameter or a rest, stand there? It needs a name, and nothing follows a rest. */
static bool well_named(const char *segment)
{
    return segment[1] && segment[1] != '/' && (segment[0] == ':' || !strchr(segment, '/'));
}

/* Notes where the names of the pattern are and ends each with a zero byte. False: one is out of place, or
 * there are too many. */
static bool name_params(struct http_endpoint *endpoint)
{
    char *at = endpoint->pattern;

    while ((at = strchr(at, '/'))) {
        *at++ = '\0';
        if (*at != ':' && *at != '*')
            continue;
        if (endpoint->count == HTTP__PARAMS || !well_named(at))
            return false;
        endpoint->names[endpoint->count++] = at + 1;
    }
    return true;
}

static struct http_endpoint *new_endpoint(unsigned method, const char *pattern, http_handler handler,
                                          void *arg)
{
    struct http_endpoint *endpoint = calloc(1, sizeof *endpoint);

    if (!endpoint)
        return NULL;
    endpoint->method = method;
    endpoint->handler = handler;
    endpoint->arg = arg;
    endpoint->pattern = strdup(pattern);
    return endpoint;
}

static int attach(struct http_node *node, struct http_endpoint *endpoint, const char *pattern)
{
    const char *end = pattern + strlen(pattern);

    for (const char *at = pattern; at < end && node; at += http__segment_len(at + 1, end) + 1)
        node = descend(node, at + 1, http__segment_len(at + 1, end));
    if (!node)
        return -ENOMEM;
    if (http__node_endpoint(node, endpoint->method))
        return GYRE_EVALUE;
    endpoint->next = node->endpoints;
    node->endpoints = endpoint;
    return 0;
}

static void configure(struct http_endpoint *endpoint, const http_route_options *options)
{
    endpoint->stream_body = options->stream_body;
    endpoint->body_limit = options->body_limit;
}

int http__route_add(struct http_node *root, unsigned method, const char *pattern, http_handler handler,
                    void *arg, const http_route_options *options)
{
    struct http_endpoint *endpoint = new_endpoint(method, pattern, handler, arg);
    int err;

    if (!endpoint || !endpoint->pattern)
        err = -ENOMEM;
    else if (pattern[0] != '/' || !name_params(endpoint))
        err = GYRE_EVALUE;
    else
        err = attach(root, endpoint, pattern);
    if (err)
        http__endpoint_free(endpoint);
    else if (options)
        configure(endpoint, options);
    return err;
}
