/* httpd/range.c - reading "bytes=FIRST-LAST", "bytes=FIRST-" and "bytes=-COUNT". */
#include "httpd/range.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number, the largest one where it does not fit; -1 and nothing read where there is none. */
static int64_t read_number(const char **at)
{
    int64_t number = 0;

    if (!is_digit(**at))
        return -1;
    for (; is_digit(**at); ++*at)
        number = number > (INT64_MAX - 9) / 10 ? INT64_MAX : number * 10 + (**at - '0');
    return number;
}

/* The last bytes. No range can say "all of an empty file". */
static enum range_kind take_last(int64_t count, int64_t size, struct range *range)
{
    if (count == 0)
        return RANGE_BEYOND;
    if (size == 0)
        return RANGE_WHOLE;
    range->len = count < size ? count : size;
    range->first = size - range->len;
    return RANGE_PART;
}

static enum range_kind take_from(int64_t first, int64_t last, int64_t size, struct range *range)
{
    if (first >= size)
        return RANGE_BEYOND;
    range->first = first;
    range->len = (last < size ? last : size - 1) - first + 1;
    return RANGE_PART;
}

enum range_kind range_read(const char *text, int64_t size, struct range *range)
{
    int64_t first, last;

    if (strncasecmp(text, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    text += 6;
    first = read_number(&text);
    if (*text++ != '-')
        return RANGE_WHOLE;
    last = read_number(&text);
    if (*text || (first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first))
        return RANGE_WHOLE;
    if (first < 0)
        return take_last(last, size, range);
    return take_from(first, last < 0 ? INT64_MAX : last, size, range);
}
