/* http/body.h - the body of a request as a stream: fed by the exchange, read by the handler.
 *
 * A request has one when its route wants the body as it comes, or when its handler asks for one. The reader
 * is the only buffer between them: when it is full, the connection is not read.
 */
#ifndef HTTP__BODY_H
#define HTTP__BODY_H

#include "http/request.h"

/* Between head and body: from now on the body goes to a reader. False: out of memory. */
bool http__body_open(http_request *request);

/* Is a body under way to a reader? */
bool http__body_streams(const http_request *request);

/* What has come since was the last of it, or broke it: the handler is told. */
void http__body_settle(http_request *request);

/* Refuses what is still to come; the handler gets `err`. */
void http__body_break(http_request *request, int status, int err, const char *text);

/* The handler has returned: frees the reader. */
void http__body_close(http_request *request);

#endif
