/* httpd/escape.c - one loop. */
#include "httpd/escape.h"
#include <stdbool.h>
#include <string.h>

static bool is_harmless(unsigned char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static char *write_hex(char *at, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";

    at[0] = '\\';
    at[1] = 'x';
    at[2] = digits[c >> 4];
    at[3] = digits[c & 15];
    return at + 4;
}

char *escape_write(char *at, const char *text)
{
    const unsigned char *from = (const unsigned char *)text;
    const unsigned char *end = from + strnlen(text, ESCAPE_MOST);

    for (; from < end; from++) {
        if (is_harmless(*from))
            *at++ = (char)*from;
        else
            at = write_hex(at, *from);
    }
    if (!*end)
        return at;
    memcpy(at, "...", 3);
    return at + 3;
}
