/* http/head.h - the head of a request: its request line and header fields, as pieces of the received text.
 *
 * The parser finds the pieces; here they are checked against what the parser lets pass, and looked up. The
 * text may move (from the loop's read buffer into a copy): pieces are offsets.
 */
#ifndef HTTP__HEAD_H
#define HTTP__HEAD_H

#include "http/target.h"

enum { HTTP__FIELDS = 100 }; /* most header fields of a request; beyond: 431 */

/* One header field. */
struct http_field {
    struct http_slice name;
    struct http_slice value; /* without the white space around it */
};

/* A head. Only text, len, target, count and fields are the parser's; check fills the rest. */
struct http_head {
    const char *text;                       /* its first byte */
    size_t len;                             /* its bytes so far; at the end with the empty line */
    struct http_slice target;               /* as sent */
    struct http_slice path;                 /* of the target */
    struct http_slice query;                /* of the target */
    unsigned count;                         /* header fields */
    struct http_field fields[HTTP__FIELDS]; /* in the order of the request */
    bool asterisk;                          /* the method allows the target "*" */
    bool old;                               /* HTTP/1.0 */
    bool expects_continue;                  /* the client waits for a 100 before it sends the body */
    bool good;                              /* it was checked, and nothing is wrong */
};

/* Checks a complete head: 0, or the status to refuse it with. What is not exactly a request line, fields and
 * an empty line, each ended by CR LF, with single spaces and no folded lines, is refused, whatever the parser
 * made of it; so are a Host that is missing, repeated or malformed, a transfer coding other than chunked, and
 * an expectation other than 100-continue. */
int http__head_check(struct http_head *head);

/* The field of this name, case ignored, that has so many before it; NULL when there is none. */
const struct http_field *http__head_find(const struct http_head *head, const char *name, size_t place);

#endif
