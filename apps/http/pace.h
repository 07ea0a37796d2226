/* http/pace.h - a body must not trickle: once it has taken some time, it has to have averaged some bytes a
 * second. Time in which no bytes are welcome is not counted.
 */
#ifndef HTTP__PACE_H
#define HTTP__PACE_H

#include "http/connection.h"

/* The connection has come to rest inside a request: watches its body, when one is under way. */
void http__pace_watch(struct http_connection *connection);

#endif
