/* http/suspended.h - a handler that did not return, but waits. It is the last of its task, and keeps its
 * request, which goes back to the pool when the task has ended: by the task's done callback, or by its
 * release when the loop is closed first.
 */
#ifndef HTTP__SUSPENDED_H
#define HTTP__SUSPENDED_H

#include "http/connection.h"

/* The handler of the request under way waits, in this task, which is ours now. */
void http__suspended_begin(struct http_connection *connection, gyre_task *task);

/* Sets the limits on silence. A connection that waits for bytes has one; one whose handler works has none,
 * unless that reads a body: then on silence while bytes are welcome. */
void http__suspended_limit(struct http_connection *connection);

#endif
