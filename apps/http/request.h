/* http/request.h - one request and its answer, from the first byte received to the end of its handler.
 *
 * Taken from the server's pool by its connection, which serves one at a time; outlives the connection when
 * its handler is suspended.
 */
#ifndef HTTP__REQUEST_H
#define HTTP__REQUEST_H

#include "http/parser.h"
#include "http/route.h"

/* For what every request goes through and has two callers: the second one must not cost the first one calls.
 */
#define HTTP__INLINE inline __attribute__((always_inline))

struct http_connection;

/* How a client finds the end of an answer. */
enum http_framing { HTTP__SIZED, HTTP__CHUNKED, HTTP__UNTIL_CLOSE };

struct http_request {
    struct http_connection *connection; /* NULL once the client is gone */
    http_server *server;
    struct http_parser parser;
    struct http_match match;
    bool routed;                /* `match` is set */
    struct http_layer *layer;   /* the next middleware, while there is any */
    bool inside;                /* in a middleware that has not called the next one */
    struct http_buffer strings; /* the decoded target, each piece at its place */
    struct http_buffer fields;  /* header fields that the handler adds to the answer */
    struct http_buffer answer;  /* the answer's head, and its body when that is small */
    gyre_task *task;            /* the handler, while it is suspended */
    bool running;               /* the handler has begun and not returned */
    bool answered;              /* the answer's head has been sent */
    gyre_reader *reader;        /* the body as a stream; NULL: nobody asked */
    bool goes_on;               /* the client wants to go on, if a streamed body comes whole */
    bool open;                  /* the answer is sent in pieces, and has not ended */
    bool bodiless;              /* what is written to an open answer is dropped */
    enum http_framing framing;  /* of an open answer */
    int status;                 /* of the answer, once there is one */
    uint64_t left;              /* bytes that an open answer of known length still needs */
    uint64_t sent;              /* bytes of its body */
    gyre_future *writable;      /* the handler waits in http_write for the client to take something */
    double paced_at;            /* since when the pace of the body counts */
    size_t paced_from;          /* and how many bytes of it there were then */
    double began;               /* when the first byte came; only where an observer wants to know */
    bool concludes;             /* an observer wants to know the end, or there is a reader to close */
    http_request *next;         /* link in the pool */
};

/* A request ready for its first byte; NULL: out of memory. */
http_request *http__request_take(http_server *server, struct http_connection *connection);

/* Gives a request back to the pool. */
void http__request_put(http_request *request);

/* Frees what the pool holds. */
void http__request_free_spares(http_server *server);

/* Tells the observer, if there is one, that the request is over. */
void http__request_observe(http_request *request);

/* Finds the handler. */
void http__request_route(http_request *request);

/* Calls the handler alone, or says that there is none. */
int http__request_call(http_request *request);

/* Calls the middleware and the handler; when that returns the request is answered, or its client is gone. */
void http__request_handle(http_request *request);

/* Tells the exception handler what became of a request. */
void http__request_report(http_request *request, int err);

/* Answers with a status, for the last time on this connection. */
void http__request_refuse(http_request *request, int status);

#endif
