/* http/middleware.c - handlers around handlers. A request walks through the list of its server's layers, each
 * of which calls the next one, or answers itself.
 */
#include "http/middleware.h"
#include "http/request.h"
#include "http/server.h"
#include <stdlib.h>
#include <string.h>

static struct http_layer *new_layer(const char *prefix, http_handler handler, void *arg)
{
    struct http_layer *layer = calloc(1, sizeof *layer);
    size_t len = strlen(prefix);

    if (!layer)
        return NULL;
    layer->len = prefix[len - 1] == '/' ? len - 1 : len;
    layer->prefix = strndup(prefix, layer->len);
    layer->handler = handler;
    layer->arg = arg;
    if (layer->prefix)
        return layer;
    free(layer);
    return NULL;
}

int http_use(http_server *server, const char *prefix, http_handler handler, void *arg)
{
    struct http_layer **last = &server->layers;

    if (prefix[0] != '/')
        return gyre_error_set(GYRE_EVALUE, "a prefix begins with a slash: \"%s\"", prefix);
    while (*last)
        last = &(*last)->next;
    *last = new_layer(prefix, handler, arg);
    return *last ? 0 : -ENOMEM;
}

static bool covers(const struct http_layer *layer, const struct http_head *head)
{
    return !layer->len || http__path_begins(head->text, head->path, layer->prefix, layer->len);
}

int http_next(http_request *request)
{
    struct http_layer *layer = request->layer;
    int err;

    if (!request->inside)
        return gyre_error_set(GYRE_ERUNTIME, "http_next was called already");
    while (layer && !covers(layer, &request->parser.head))
        layer = layer->next;
    request->layer = layer ? layer->next : NULL;
    request->inside = layer;
    err = layer ? layer->handler(request, layer->arg) : http__request_call(request);
    request->inside = false;
    return err;
}

int http__layers_enter(http_request *request)
{
    request->layer = request->server->layers;
    request->inside = true;
    return http_next(request);
}

void http__layers_free(http_server *server)
{
    struct http_layer *layer;

    while ((layer = server->layers)) {
        server->layers = layer->next;
        free(layer->prefix);
        free(layer);
    }
}
