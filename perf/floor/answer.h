/* answer.h - what the floor servers of HTTP have in common: the one answer, and how many requests a stretch
 * of input holds. Any GET is answered "Hello, World!", with the headers that gyre-httpd sends.
 */
#ifndef PERF_FLOOR_ANSWER_H
#define PERF_FLOOR_ANSWER_H

#include "floor.h"

#include <time.h>

#define ANSWER_MAX       256
#define SHORTEST_REQUEST 8 /* "GET " and an empty line */

static char answer[ANSWER_MAX];
static size_t answer_len;

static inline void write_answer(time_t now)
{
    char date[64];
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    answer_len = (size_t)snprintf(answer, sizeof answer,
                                  "HTTP/1.1 200 OK\r\nServer: floor\r\nDate: %s\r\n"
                                  "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!",
                                  date);
}

/* Writes the answer anew when the second has changed. */
static inline void refresh_answer(void)
{
    static time_t last;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == last)
        return;
    last = now.tv_sec;
    write_answer(last);
}

/* Counts the complete requests at the front of the input and the bytes they fill; -1 when one is not a GET.
 */
static inline int count_requests(const char *input, size_t len, size_t *used)
{
    const char *request = input, *end = input + len, *blank;
    int count = 0;

    while ((blank = memmem(request, (size_t)(end - request), "\r\n\r\n", 4))) {
        if (memcmp(request, "GET ", 4) != 0)
            return -1;
        request = blank + 4;
        count++;
    }
    *used = (size_t)(request - input);
    return count;
}

#endif
