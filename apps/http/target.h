/* http/target.h - the request target: which path, which query, and what they say when decoded.
 *
 * Works on pieces of the request's head; copies are the caller's business.
 */
#ifndef HTTP__TARGET_H
#define HTTP__TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of a text: where it begins and how long it is. Heads are at most 65535 bytes. */
struct http_slice {
    uint16_t at;
    uint16_t len;
};

/* Splits the target in `text` into path and query (which is empty without "?"): "/path?query",
 * "http://host/path?query", or "*" where `asterisk` allows it. False: it is none of these, has a fragment, or
 * a percent sign that is not followed by two hexadecimal digits, or stands for zero. */
bool http__target_split(const char *text, struct http_slice target, bool asterisk, struct http_slice *path,
                        struct http_slice *query);

/* Do the first segments of the decoded path say `prefix`, which does not end with a slash? */
bool http__path_begins(const char *text, struct http_slice path, const char *prefix, size_t len);

/* Finds the parameter `name` in a query. False when it is not there. */
bool http__query_find(const char *text, struct http_slice query, const char *name, struct http_slice *value);

/* Decodes a valid piece into `out`, of len + 1 bytes, and ends it with a zero byte. `form`: "+" is a space.
 */
void http__decode(const char *text, struct http_slice piece, bool form, char *out);

#endif
