/* http/arrival.h - how far a request has come, and what that asks for: a handler, a word to its client, an
 * answer at once.
 */
#ifndef HTTP__ARRIVAL_H
#define HTTP__ARRIVAL_H

#include "http/connection.h"

/* Goes on in the bytes that are being served: the next request whose handler may begin; NULL: there is none
 * now. */
http_request *http__arrival_next(struct http_connection *connection);

/* Sends 100 to a client that waits for it. */
void http__arrival_invite(struct http_connection *connection);

#endif
