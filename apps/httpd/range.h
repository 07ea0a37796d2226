/* httpd/range.h - which part of a file a Range field asks for (RFC 9110, section 14). */
#ifndef HTTPD_RANGE_H
#define HTTPD_RANGE_H

#include <stdint.h>

/* Bytes of a file. */
struct range {
    int64_t first;
    int64_t len;
};

enum range_kind {
    RANGE_WHOLE, /* all of it: the field says nothing that we follow */
    RANGE_PART,  /* *range was set: 206 */
    RANGE_BEYOND /* there are no such bytes: 416 */
};

/* Reads the value of a Range field for a file of `size` bytes. A field that is malformed, has another unit,
 * or asks for several parts is ignored, as the RFC allows: the client gets the whole file. */
enum range_kind range_read(const char *text, int64_t size, struct range *range);

#endif
