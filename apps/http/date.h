/* http/date.h - the beginning of an answer, with the Date field, put together once a second.
 *
 * A server has one; each answer copies it, from the status line on or from behind it.
 */
#ifndef HTTP__DATE_H
#define HTTP__DATE_H

#include <time.h>

/* "HTTP/1.1 200 OK\r\n" and "Server: gyre\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" */
enum { HTTP__OK_LEN = 17, HTTP__DATE_LEN = 51 };

/* Zeroed memory was never asked. */
struct http_date {
    time_t second;                                /* the time that text says */
    char text[HTTP__OK_LEN + HTTP__DATE_LEN + 1]; /* the status line 200, then Server and Date */
};

/* Puts the text together. */
const char *http__date_renew(struct http_date *date, time_t now);

/* The text for `now`, with an IMF-fixdate (RFC 9110, section 5.6.7); valid until the next call. */
static inline const char *http__date(struct http_date *date, time_t now)
{
    return now == date->second && date->text[0] ? date->text : http__date_renew(date, now);
}

#endif
