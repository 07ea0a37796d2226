/* http/route.c - the tree of path segments. A literal segment is tried before a parameter, and the parameter
 * too when the literal leads nowhere; what takes the rest of the path comes last.
 */
#include "http/route.h"
#include "http/method.h"
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t segment_len(const char *at, const char *end)
{
    const char *slash = memchr(at, '/', (size_t)(end - at));

    return (size_t)((slash ? slash : end) - at);
}

static struct http_node *find_child(const struct http_node *node, const char *name, size_t len)
{
    struct http_node *child = node->children;

    while (child && (child->len != len || memcmp(child->name, name, len) != 0))
        child = child->next;
    return child;
}

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
    child = find_child(node, segment, len);
    return child ? child : add_child(node, segment, len);
}

static struct http_endpoint *find_endpoint(const struct http_node *node, unsigned method)
{
    struct http_endpoint *endpoint = node->endpoints;

    while (endpoint && endpoint->method != method)
        endpoint = endpoint->next;
    return endpoint;
}

static void free_endpoint(struct http_endpoint *endpoint)
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

    for (const char *at = pattern; at < end && node; at += segment_len(at + 1, end) + 1)
        node = descend(node, at + 1, segment_len(at + 1, end));
    if (!node)
        return -ENOMEM;
    if (find_endpoint(node, endpoint->method))
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
        free_endpoint(endpoint);
    else if (options)
        configure(endpoint, options);
    return err;
}

/* A path under way: what is left of it, and where its next parameter goes. */
struct walk {
    const char *text;
    const char *end;
    struct http_slice *param;
};

static const struct http_node *follow(const struct http_node *node, const char *at, struct walk walk);

/* Where the path leads from a node whose segment ends at `at`. */
static const struct http_node *arrive(const struct http_node *node, const char *at, struct walk walk)
{
    if (at < walk.end)
        return follow(node, at + 1, walk);
    return node->endpoints ? node : NULL;
}

static void note(struct walk *walk, const char *at, size_t len)
{
    *walk->param++ = (struct http_slice){(uint16_t)(at - walk->text), (uint16_t)len};
}

/* The same by a parameter, or by what takes the rest. */
static const struct http_node *follow_nameless(const struct http_node *node, const char *at, size_t len,
                                               struct walk walk)
{
    struct walk before = walk;
    const struct http_node *found = NULL;

    if (node->param && len) {
        note(&walk, at, len);
        found = arrive(node->param, at + len, walk);
    }
    if (found || !node->rest)
        return found;
    note(&before, at, (size_t)(walk.end - at));
    return node->rest;
}

/* Where the path leads from a node whose next segment begins at `at`; NULL: nowhere. */
static const struct http_node *follow(const struct http_node *node, const char *at, struct walk walk)
{
    size_t len = segment_len(at, walk.end);
    const struct http_node *child = find_child(node, at, len);
    const struct http_node *found = child ? arrive(child, at + len, walk) : NULL;

    return found ? found : follow_nameless(node, at, len, walk);
}

void http__route_find(const struct http_node *root, unsigned method, const char *text, struct http_slice path,
                      struct http_match *match)
{
    const char *at = text + path.at;

    match->node = *at == '/' ? arrive(root, at, (struct walk){text, at + path.len, match->params}) : NULL;
    match->endpoint = match->node ? find_endpoint(match->node, method) : NULL;
    if (match->node && !match->endpoint && method == HTTP_HEAD)
        match->endpoint = find_endpoint(match->node, HTTP_GET);
}

void http__route_allow(const struct http_node *node, char *allow, size_t size)
{
    const char *separator = "";
    size_t len = 0;

    for (const struct http_endpoint *at = node->endpoints; at && len < size; at = at->next) {
        const char *head = at->method == HTTP_GET && !find_endpoint(node, HTTP_HEAD) ? ", HEAD" : "";

        len += (size_t)snprintf(allow + len, size - len, "%s%s%s", separator, http__method_name(at->method),
                                head);
        separator = ", ";
    }
}

static void free_node(struct http_node *node)
{
    if (node)
        http__route_clear(node);
    free(node);
}

void http__route_clear(struct http_node *root)
{
    struct http_endpoint *endpoint;
    struct http_node *child;

    while ((endpoint = root->endpoints)) {
        root->endpoints = endpoint->next;
        free_endpoint(endpoint);
    }
    while ((child = root->children)) {
        root->children = child->next;
        free_node(child);
    }
    free_node(root->param);
    free_node(root->rest);
    free(root->name);
    *root = (struct http_node){0};
}
