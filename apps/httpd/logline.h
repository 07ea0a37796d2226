/* httpd/logline.h - one request as one line, in the combined format of Apache and nginx, and how long it
 * took:
 *
 * 127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 13 "REFERER" "AGENT" 0.000123
 */
#ifndef HTTPD_LOGLINE_H
#define HTTPD_LOGLINE_H

#include "httpd/escape.h"
#include <http/http.h>
#include <time.h>

enum {
    LOGLINE_STAMP = 32,                  /* "[06/Nov/1994:08:49:37 +0000]" fits in */
    LOGLINE_ROOM = 3 * ESCAPE_ROOM + 256 /* bytes that a line takes at most */
};

/* The second that was written last, as text. */
struct logline_clock {
    time_t second;
    char text[LOGLINE_STAMP];
};

/* Writes the line at `at`, which has LOGLINE_ROOM bytes; the newline is its last byte. Returns the end. */
char *logline_write(char *at, const http_record *record, struct logline_clock *clock);

#endif
