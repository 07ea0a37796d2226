/* http/exchange.h - requests and their answers on a connection, one after the other: handled,
 * finished, refused, abandoned.
 */
#ifndef HTTP__EXCHANGE_H
#define HTTP__EXCHANGE_H

#include "http/connection.h"

/* Serves the requests in these bytes, until the connection is blocked or the bytes are used up, and returns
 * how many were taken. What an unfinished request still needs of them is copied. */
size_t http__exchange_serve(struct http_connection *connection, const char *data, size_t len);

/* The request under way has its answer: it goes back to the pool; behind the last one its
 * connection hangs up. */
void http__exchange_finish(struct http_connection *connection);

/* Answers the request under way with a status, and closes. */
void http__exchange_refuse(struct http_connection *connection, int status);

/* The client will send no more: a body under way is not going to be whole. */
void http__exchange_cut(struct http_connection *connection);

/* The client is gone: cancels the handler that is suspended, drops a request that is not complete. */
void http__exchange_abandon(struct http_connection *connection);

/* The client takes bytes again: wakes the handler that waits for that. */
void http__exchange_writable(struct http_connection *connection);

/* Is a handler suspended? */
bool http__exchange_waits(const struct http_connection *connection);

/* Has a request begun whose head is not complete? */
bool http__exchange_reads_head(const struct http_connection *connection);

#endif
