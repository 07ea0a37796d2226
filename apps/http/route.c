/* http/route.c - a walk in the tree of path segments. A literal segment is tried before a parameter, and the
 * parameter too when the literal leads nowhere; what takes the rest of the path comes last.
 */
#include "http/method.h"
#include "http/node.h"
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>

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
    size_t len = http__segment_len(at, walk.end);
    const struct http_node *child = http__node_child(node, at, len);
    const struct http_node *found = child ? arrive(child, at + len, walk) : NULL;

    return found ? found : follow_nameless(node, at, len, walk);
}

void http__route_find(const struct http_node *root, unsigned method, const char *text, struct http_slice path,
                      struct http_match *match)
{
    const char *at = text + path.at;

    match->node = *at == '/' ? arrive(root, at, (struct walk){text, at + path.len, match->params}) : NULL;
    match->endpoint = match->node ? http__node_endpoint(match->node, method) : NULL;
    if (match->node && !match->endpoint && method == HTTP_HEAD)
        match->endpoint = http__node_endpoint(match->node, HTTP_GET);
}

void http__route_allow(const struct http_node *node, char *allow, size_t size)
{
    const char *separator = "";
    size_t len = 0;

    for (const struct http_endpoint *at = node->endpoints; at && len < size; at = at->next) {
        const char *head = at->method == HTTP_GET && !http__node_endpoint(node, HTTP_HEAD) ? ", HEAD" : "";

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
        http__endpoint_free(endpoint);
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
