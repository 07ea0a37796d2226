/* http/http.h - an HTTP/1.1 server over gyre's transports.
 *
 * A server is a table of routes. Give http_protocol to gyre_loop_create_server with `.arg = server`, and each
 * request runs the handler of its route in a task: a handler may sleep, await, call other shards or threads
 * while its loop serves on. (Handlers of one read that never wait share a task.) Keep-alive, pipelining,
 * framing, limits, timeouts and the errors of the protocol are not its concern. All on the loop's thread; in
 * a sharded run each shard has a server of its own.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <gyre/gyre.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: routes, limits and counters. Its connections hold references of their own. */
typedef struct http_server http_server;

/* lent: one request and the answer to it, for the handler until that returns. */
typedef struct http_request http_request;

/* A handler: answers with http_respond, or begins, writes and ends an answer, and returns 0 or more. A
 * negative code before the answer becomes a 500 (a cancelled handler: a 503), and is reported to the loop's
 * exception handler; one inside a begun answer breaks the connection off, so that the client sees that the
 * end is missing. When the connection is lost while it waits, its task is cancelled; the request stays valid
 * until it returns. */
typedef int (*http_handler)(http_request *request, void *arg);

/* One request that is over, for an access log. Lent during the call. */
typedef struct http_record {
    http_request *request; /* can be read as in a handler; its texts are "" when it could not be parsed */
    int status;            /* of the answer; 0 when the client left before one was begun */
    uint64_t bytes;        /* of the answer's body, given to the transport */
    double seconds;        /* from the request's first byte to now */
} http_record;

/* Told of each request when its handler has returned, when it was refused, or when its client is gone. On the
 * loop's thread; must not suspend. */
typedef void (*http_observer)(const http_record *record, void *arg);

/* How a server is made. Zero means the default everywhere. */
typedef struct http_server_options {
    size_t size;           /* sizeof this struct, filled in by the macro */
    size_t header_limit;   /* most bytes of request line and header fields, at most 65535; default 16 KiB;
                              beyond: 431, or 414 when it is the target */
    size_t body_limit;     /* most bytes of a request's body; default 1 MiB; beyond: 413 */
    double header_timeout; /* seconds from the first byte of a request to the end of its header fields;
                              default 10; beyond: 408 */
    double idle_timeout;   /* seconds of silence after which a connection that waits for bytes is dropped;
                              default 60 */
    double body_rate;   /* bytes a second that a body must average, once it has taken as long as header fields
                           may; default 240, negative: any; beyond: 408 */
    double write_stall; /* seconds that a client may take no byte of an answer; default 30 */
    http_observer observer; /* told of each request that is over; default: nobody */
    void *observer_arg;     /* its arg */
} http_server_options;

/* Makes a server without routes: everything is 404. NULL with gyre_error_text(): header_limit is over 65535,
 * or memory is short. [new ref] */
http_server *http_server_new(const http_server_options *options);
#define http_server_new(...) \
    http_server_new(&(http_server_options){.size = sizeof(http_server_options), __VA_ARGS__})

/* Takes one more reference and returns the server; NULL stays NULL. [new ref] */
http_server *http_server_ref(http_server *server);

/* Gives a reference back. */
void http_server_unref(http_server *server);

/* Options of a route. */
typedef struct http_route_options {
    size_t size;       /* sizeof this struct, filled in by the macro */
    bool stream_body;  /* the handler begins when the header fields have come, and reads the body by
                          http_reader; the default: when the body has come, for http_body */
    size_t body_limit; /* most bytes of a request's body; default: the server's */
} http_route_options;

/* Calls handler(request, arg) for requests of this method and path. A segment ":name" of the pattern matches
 * any one segment that is not empty, a last segment "*name" all that is left of the path, slashes included,
 * maybe nothing (http_param reads both). A literal segment goes before a parameter, that before a rest. GET
 * answers HEAD too. GYRE_EVALUE: no such method, a pattern that does not begin with "/", more than 8
 * parameters, one without a name or behind a rest, or a route that is taken. */
int http_route(http_server *server, const char *method, const char *pattern, http_handler handler, void *arg,
               const http_route_options *options);
#define http_route(server, method, pattern, handler, ...)                  \
    http_route(server, method, pattern, handler, GYRE__FIRST(__VA_ARGS__), \
               GYRE__OPTIONS(http_route_options, __VA_ARGS__))

/* Puts a handler around the handlers of all paths that begin with the segments of `prefix` ("/" for all), and
 * around the answers 404 and 405 there: it calls http_next, before or after work of its own, or answers
 * itself. The first one given is the outermost. The path is compared decoded. GYRE_EVALUE: the prefix does
 * not begin with "/"; -ENOMEM. */
int http_use(http_server *server, const char *prefix, http_handler handler, void *arg);

/* In a handler of http_use, once: calls the next one, at last the route's handler, and returns its code.
 * GYRE_ERUNTIME: that was called already. [suspends] */
int http_next(http_request *request);

/* The protocol of a connection; create_server's .arg is the http_server. */
extern const gyre_protocol http_protocol;

/* What a server has done. */
typedef struct http_server_stats {
    uint64_t requests;  /* answers given, errors included */
    size_t connections; /* connections alive */
    size_t waiting;     /* handlers that are suspended now */
} http_server_stats;

/* Reads the counters. */
void http_server_get_stats(const http_server *server, http_server_stats *stats);

/* The method: "GET". */
const char *http_method(const http_request *request);

/* "HTTP/1.1" or "HTTP/1.0". */
const char *http_version(const http_request *request);

/* The target as it was sent: "/sleep/100?a=b". */
const char *http_target(http_request *request);

/* The path as it was sent, still percent-encoded, without the query: "/sleep/100". */
const char *http_path(http_request *request);

/* The value of the parameter `name` in the query, decoded; NULL when it is not there. The first of several.
 * "?a&b=1" has the parameter a, "". */
const char *http_query(http_request *request, const char *name);

/* What stood in the place of ":name" or "*name" in the route's pattern, decoded; NULL when the pattern has no
 * such name. An encoded slash is a slash then: who makes file names of it checks them afterwards. */
const char *http_param(http_request *request, const char *name);

/* The value of a header field, case of the name ignored; NULL when it is not there. The first of several. */
const char *http_header(http_request *request, const char *name);

/* The value of the header field of that name that has `place` others of it before it; NULL when there are not
 * so many. For fields whose values are lists, which may come in several parts. */
const char *http_header_at(http_request *request, const char *name, size_t place);

/* The body, whole, and its length in *len (may be NULL); a zero byte follows. NULL: out of memory, or the
 * route streams it. */
const void *http_body(http_request *request, size_t *len);

/* The body as a stream, lent until the handler returns; what the handler does not read, it does not wait for.
 * A full reader holds the client back. A client that expects it gets "100 Continue" when a read begins to
 * wait. A read fails with -EMSGSIZE beyond the limit, -ETIMEDOUT when it comes too slowly, GYRE_EVALUE when
 * the framing is broken, GYRE_EINCOMPLETEREAD when the client ends inside the body, -EPIPE when it is gone; a
 * handler that passes that on leaves the right answer to the server (413, 408, 400). An answer begun before
 * the body has come whole is the connection's last. For every route; NULL: out of memory. */
gyre_reader *http_reader(http_request *request);

/* Adds a header field to the answer that follows. GYRE_EVALUE: the name is no token, the value has control
 * characters, or it is a field that is written for you (Connection, Content-Length, Content-Type, Date,
 * Server, Transfer-Encoding); GYRE_ERUNTIME: the answer has begun. */
int http_set_header(http_request *request, const char *name, const char *value);

/* Answers: once for each request, never suspends. The body is copied, or sent. `type` is the media type, NULL
 * for none. To HEAD and with status 204 and 304 the body stays away. -EPIPE: the client is gone;
 * GYRE_ERUNTIME: answered already; GYRE_EVALUE: status outside 200 to 599, control characters in type;
 * -ENOMEM. */
int http_respond(http_request *request, int status, const char *type, const void *body, size_t len);

/* Answers with a status and its name as a line of text: "404 Not Found". Errors as http_respond. */
int http_respond_status(http_request *request, int status);

/* The length of a body that is not known when it begins. */
enum { HTTP_UNKNOWN = -1 };

/* Begins an answer whose body follows in pieces: of `len` bytes, or HTTP_UNKNOWN, which is sent in chunks (to
 * an HTTP/1.0 client: until the connection closes). 1, or 0 when this answer has no body (HEAD, 204, 304):
 * what is written then is dropped. Never suspends. Errors as http_respond; GYRE_EVALUE for another negative
 * len. */
int http_begin(http_request *request, int status, const char *type, int64_t len);

/* The next piece of the body; copied or sent. Waits while the client takes too little; one task at a time.
 * -EPIPE: the client is gone; GYRE_ERUNTIME: no begun answer, or another task waits; GYRE_EVALUE, and nothing
 * is sent: beyond the length. [suspends] */
int http_write(http_request *request, const void *data, size_t len);

/* Counts `len` bytes of the body that went to http_transport by other ways, as gyre_loop_sendfile does; only
 * in a begun answer of known length that has a body. 0; GYRE_ERUNTIME when it is none; GYRE_EVALUE: beyond
 * the length. */
int http_sent(http_request *request, uint64_t len);

/* Ends a begun answer. Never suspends. GYRE_ERUNTIME: no begun answer, or bytes are missing: it then counts
 * as broken off. */
int http_end(http_request *request);

/* The connection, lent, for its addresses; NULL when the client is gone. Writing to it breaks the framing,
 * except for the bytes of a body that http_sent counts. */
gyre_transport *http_transport(const http_request *request);

#ifdef __cplusplus
}
#endif

#endif
