/* http/exchange.h - one request and its answer on a connection: begun, suspended, finished, refused. */
#ifndef HTTP__EXCHANGE_H
#define HTTP__EXCHANGE_H

#include "http/connection.h"

/* Feeds bytes to the request under way, or to a new one, does what it then asks for, and returns how many
 * bytes were taken: at least one, unless the connection is closing. */
size_t http__exchange_feed(struct http_connection *connection, const char *data, size_t len);

/* Copies what the request under way still needs of the bytes that were fed. */
void http__exchange_keep(struct http_connection *connection);

/* Answers what is under way, or nothing, with a status, and closes. */
void http__exchange_refuse(struct http_connection *connection, int status);

/* The client is gone: cancels the handler that runs, drops a request that is not complete. */
void http__exchange_abandon(struct http_connection *connection);

/* Is a handler suspended? */
bool http__exchange_waits(const struct http_connection *connection);

/* Has a request begun whose head is not complete? */
bool http__exchange_reads_head(const struct http_connection *connection);

#endif
