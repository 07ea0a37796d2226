/* httpd/escape.h - texts of strangers, made harmless for lines that people and programs read. */
#ifndef HTTPD_ESCAPE_H
#define HTTPD_ESCAPE_H

enum {
    ESCAPE_MOST = 2048,               /* bytes of a text that are shown; "..." in place of the rest */
    ESCAPE_ROOM = 4 * ESCAPE_MOST + 3 /* bytes that an escaped text takes at most */
};

/* Writes `text` at `at`, which has ESCAPE_ROOM bytes: printable ASCII as it is, quotes, backslashes and all
 * else as \xHH. Returns the end; adds no zero byte. */
char *escape_write(char *at, const char *text);

#endif
