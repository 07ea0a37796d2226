/* httpd/moment.h - dates as HTTP writes them (RFC 9110, section 5.6.7). */
#ifndef HTTPD_MOMENT_H
#define HTTPD_MOMENT_H

#include <stdbool.h>
#include <time.h>

enum { MOMENT_SIZE = 30 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" and the zero byte */

/* Writes a date. */
void moment_write(time_t moment, char text[MOMENT_SIZE]);

/* Reads a date in any of the three forms. False, and *moment untouched, for anything else. */
bool moment_read(const char *text, time_t *moment);

#endif
