/* http/warm.h - the connections of a server that were used a moment ago.
 *
 * Their clients may be sending the next request right now, so a server that drains does not close them yet:
 * they count as busy until half a second to a second has passed. Who sends in that time is answered, with
 * "Connection: close". Kept in the order of use, by ticks of a timer that runs while there are any.
 */
#ifndef HTTP__WARM_H
#define HTTP__WARM_H

#include <stdbool.h>
#include <stdint.h>

struct http_connection;
struct http_server;

/* The list of a server. Zeroed memory is empty. */
struct http_warm {
    struct http_connection *first, *last; /* the one that was used longest ago, and the latest */
    uint32_t tick;                        /* counts half seconds while there are any */
    bool ticking;                         /* the timer runs, and holds a reference to the server */
};

/* A connection's place in it. */
struct http_warmth {
    struct http_connection *next, *previous;
    uint32_t tick; /* when it was used */
    bool warm;     /* it is in the list */
};

/* The connection is being used. */
void http__warm_touch(struct http_connection *connection);

/* The connection is gone. */
void http__warm_forget(struct http_connection *connection);

#endif
