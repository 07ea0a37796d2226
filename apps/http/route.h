/* http/route.h - which handler answers a path: a tree of path segments.
 *
 * "/user/:id/posts" is three nodes below the root, the second one a parameter; "/file/" and a star with a
 * name ends in a node that takes the rest of the path. Built by http_route before serving; read by each
 * request, without allocating.
 */
#ifndef HTTP__ROUTE_H
#define HTTP__ROUTE_H

#include "http/target.h"
#include <http/http.h>

enum { HTTP__PARAMS = 8 }; /* most parameters of a pattern */

/* What a path and a method lead to. */
struct http_endpoint {
    unsigned method; /* one of llhttp's numbers */
    http_handler handler;
    void *arg;
    bool stream_body;                /* the handler begins before the body has come */
    size_t body_limit;               /* 0: the server's */
    unsigned count;                  /* parameters of the pattern */
    const char *names[HTTP__PARAMS]; /* theirs, in order; inside `pattern` */
    char *pattern;                   /* a copy of the pattern, cut at the end of each name */
    struct http_endpoint *next;      /* another method of the same path */
};

/* A segment of patterns. Zeroed memory is an empty root. */
struct http_node {
    char *name; /* the literal text; NULL for the root, parameters and rests */
    size_t len;
    struct http_node *children;      /* literal segments that may follow */
    struct http_node *param;         /* the parameter that may follow */
    struct http_node *rest;          /* what takes all that may follow */
    struct http_node *next;          /* the parent's next child */
    struct http_endpoint *endpoints; /* what ends here */
};

/* What a lookup found. */
struct http_match {
    const struct http_node *node;           /* where the path leads; NULL: nowhere */
    const struct http_endpoint *endpoint;   /* what the method leads to; NULL: the method is not allowed */
    struct http_slice params[HTTP__PARAMS]; /* what the parameters are, as sent */
};

/* Adds a route; errors as http_route, -ENOMEM. The options may be NULL. */
int http__route_add(struct http_node *root, unsigned method, const char *pattern, http_handler handler,
                    void *arg, const http_route_options *options);

/* Looks a path up. HEAD is answered by GET where it has no endpoint of its own. */
void http__route_find(const struct http_node *root, unsigned method, const char *text, struct http_slice path,
                      struct http_match *match);

/* Writes the methods of a node as the Allow field wants them, "GET, HEAD", as far as `size` allows. */
void http__route_allow(const struct http_node *node, char *allow, size_t size);

/* Frees all below the root. */
void http__route_clear(struct http_node *root);

#endif
