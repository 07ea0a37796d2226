/* httpd/url.h - the address of something on a web server. */
#ifndef HTTPD_URL_H
#define HTTPD_URL_H

#include <stdbool.h>

enum { URL_MOST = 1024 };

struct url {
    bool secure;           /* https */
    char host[256];        /* name or address, without the brackets of IPv6 */
    int port;              /* 80 where it says none, 443 of https */
    char authority[300];   /* host and port as they were written */
    char target[URL_MOST]; /* path and query, at least "/" */
};

/* Takes "http://HOST[:PORT][/PATH]", or https, apart. False for anything else. */
bool url_read(const char *text, struct url *url);

#endif
