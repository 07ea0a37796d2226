/* http/date.h - the Date field, formatted once a second.
 *
 * A server has one clock; each answer asks for the field and copies it.
 */
#ifndef HTTP__DATE_H
#define HTTP__DATE_H

#include <time.h>

enum { HTTP__DATE_LEN = 29 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* Zeroed memory is a clock that was never asked. */
struct http_date {
    time_t second;                 /* the time that text says */
    char text[HTTP__DATE_LEN + 1]; /* an IMF-fixdate (RFC 9110, section 5.6.7) */
};

/* The IMF-fixdate of `now`: HTTP__DATE_LEN bytes, valid until the next call. */
const char *http__date(struct http_date *date, time_t now);

#endif
