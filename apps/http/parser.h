/* http/parser.h - from received bytes to one whole request.
 *
 * Fed by connection.c with whatever a read brought. A request that lies in one piece is parsed where it lies,
 * without a copy; one that comes in several, or outlives the read, is kept in buffers of the parser's own.
 */
#ifndef HTTP__PARSER_H
#define HTTP__PARSER_H

#include "http/buffer.h"
#include "http/head.h"
#include <llhttp.h>

/* How far a request has come. */
enum http_phase {
    HTTP__HEAD,   /* the head is not complete */
    HTTP__BODY,   /* the head is good, the body is not complete */
    HTTP__WHOLE,  /* all is there */
    HTTP__REFUSED /* it is to be answered with `status`, and its connection closed */
};

/* The limits that a request must keep. */
struct http_limits {
    size_t header; /* most bytes of the head; trailers and chunk extensions: as many again */
    size_t body;   /* most bytes of the body */
};

/* Takes a piece of a body. False: out of memory. */
typedef bool (*http_sink)(void *arg, const char *data, size_t len);

/* One request under way. */
struct http_parser {
    llhttp_t llhttp;
    enum http_phase phase;
    int status;                       /* why it is refused */
    const struct http_limits *limits; /* lent */
    struct http_head head;
    struct http_buffer kept; /* the head, when it is not in the caller's memory */
    const char *body;        /* what of the body is there: in the caller's memory or in `collected` */
    size_t body_len;
    uint64_t announced;           /* the Content-Length, 0 for none */
    struct http_buffer collected; /* the body, when it is not in the caller's memory */
    size_t body_limit;            /* most bytes of the body */
    http_sink sink;               /* where the body goes instead, if not NULL */
    void *sink_arg;
    size_t aside;    /* bytes of trailers and chunk extensions */
    bool in_name;    /* the last piece was of a field's name */
    bool keep_alive; /* the client wants to go on after this request, and nothing forbids it */
};

/* Makes ready for the next request. */
void http__parser_begin(struct http_parser *parser, const struct http_limits *limits);

/* Takes bytes, at most to the end of the head or of this request, and returns how many (at least one, unless
 * it refuses). After the call `phase` says what to do. Head and body may then lie in `data`. */
size_t http__parser_feed(struct http_parser *parser, const char *data, size_t len);

/* The same inside a body. */
size_t http__parser_feed_body(struct http_parser *parser, const char *data, size_t len);

/* Between head and body: sets another limit to the body, and refuses what was announced beyond it. */
void http__parser_limit_body(struct http_parser *parser, size_t limit);

/* Between head and body: passes the body on, piece by piece, and collects nothing. */
void http__parser_divert_body(struct http_parser *parser, http_sink sink, void *arg);

/* Ends the request, whatever it is: it is to be answered with `status`. */
void http__parser_refuse(struct http_parser *parser, int status);

/* Copies what still lies in the memory that was fed. False: out of memory. */
bool http__parser_keep(struct http_parser *parser);

/* The same for one half. The body then ends with a zero byte. */
bool http__parser_keep_head(struct http_parser *parser);
bool http__parser_keep_body(struct http_parser *parser);

/* Has a head and a body no more: what they lie in goes. */
void http__parser_forget(struct http_parser *parser);

/* Frees its buffers; what is larger than `keep` bytes, or all with 0. */
void http__parser_trim(struct http_parser *parser, size_t keep);

#endif
