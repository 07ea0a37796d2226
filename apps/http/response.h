/* http/response.h - what the two ways to answer, whole and in pieces, share: the head. */
#ifndef HTTP__RESPONSE_H
#define HTTP__RESPONSE_H

#include "http/request.h"

/* What an answer consists of. */
struct http_answer {
    int status;
    const char *type; /* NULL: none */
    size_t type_len;
    const void *body; /* of an answer that is whole */
    uint64_t len;     /* of the body, when it is known */
    enum http_framing framing;
};

/* May this request be answered so? Measures the type. The errors of http_respond. */
int http__response_check(const http_request *request, struct http_answer *answer);

/* Does the answer to this request, with this status, have a body? */
bool http__response_has_body(const http_request *request, int status);

/* Puts the head together, and marks the request as answered. Where it ends, with room for `extra` more bytes;
 * it begins at request->answer.data. NULL: out of memory, nothing changed. */
char *http__response_head(http_request *request, const struct http_answer *answer, size_t extra);

/* Leaves a begun answer so that the client sees that it is not whole. */
void http__response_break_off(http_request *request);

#endif
