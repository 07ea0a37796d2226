/* http/server.h - a server: its routes and limits, the requests that wait to be used again, the clock.
 *
 * One for each loop. Counted: the maker, each connection and each suspended request hold a reference.
 */
#ifndef HTTP__SERVER_H
#define HTTP__SERVER_H

#include "http/date.h"
#include "http/parser.h"
#include "http/route.h"
#include "http/warm.h"

struct http_server {
    size_t refs;
    struct http_node routes;   /* the root of the tree */
    struct http_layer *layers; /* middleware, the outermost first */
    struct http_limits limits;
    double header_timeout; /* in seconds, as the next two */
    double idle_timeout;
    double write_stall;
    double body_rate;       /* bytes a second, negative: any */
    http_observer observer; /* NULL: none */
    void *observer_arg;
    struct http_date date;
    struct http_warm warm;
    http_server_stats stats;
    http_request *spare; /* requests to use again, the last one used first */
    size_t spares;
};

#endif
