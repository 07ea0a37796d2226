/* http/connection.h - one connection: bytes in, requests one after the other, answers out in their order.
 *
 * The state behind http_protocol. A connection holds a request only while one is under way, so that an idle
 * one is small.
 */
#ifndef HTTP__CONNECTION_H
#define HTTP__CONNECTION_H

#include "http/buffer.h"
#include "http/warm.h"
#include <http/http.h>

struct http_connection {
    gyre_transport *transport; /* lent until the connection is lost */
    http_server *server;
    http_request *request;   /* what is being received or answered; NULL between requests */
    const char *at, *end;    /* bytes that are being served now; equal outside of that */
    struct http_buffer rest; /* what came behind a request that is still being answered */
    struct http_warmth warmth;
    gyre_handle deadline; /* when the head of the request must be complete, or its body is looked at */
    bool armed;           /* the deadline is set */
    bool stalled;         /* the client takes answers too slowly: no new request now */
    bool paused;          /* `rest` is full: nothing is read now */
    bool choked;          /* the reader of a body is full: the same */
    bool ended;           /* the client will send no more */
    bool serving;         /* further up the stack, requests are being served */
    bool closing;         /* the last answer was given: what comes is dropped */
};

/* No new request now: a handler is suspended, the client takes too little, or the connection is over. */
bool http__connection_blocked(const struct http_connection *connection);

/* Goes on with `rest` when what blocked it is over. */
void http__connection_resume(struct http_connection *connection);

/* The reader of a body is full, or takes bytes again. */
void http__connection_choke(struct http_connection *connection, bool choked);

/* Closes when the answers are sent. */
void http__connection_hang_up(struct http_connection *connection);

/* Takes the deadline away. */
void http__connection_disarm(struct http_connection *connection);

#endif
