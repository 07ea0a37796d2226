/* http/middleware.h - handlers around handlers, in the order of http_use. */
#ifndef HTTP__MIDDLEWARE_H
#define HTTP__MIDDLEWARE_H

#include <http/http.h>

/* One of them. */
struct http_layer {
    char *prefix; /* paths that begin with these segments; "" for all */
    size_t len;
    http_handler handler;
    void *arg;
    struct http_layer *next; /* the one further in */
};

/* Calls the outermost layer of this request, or its handler. */
int http__layers_enter(http_request *request);

/* Frees a server's layers. */
void http__layers_free(http_server *server);

#endif
