/* httpd/where.h - a place where a server listens, in words for people: "https://127.0.0.1:8443". */
#ifndef HTTPD_WHERE_H
#define HTTPD_WHERE_H

#include "httpd/inherited.h"

enum { WHERE_SIZE = 160 };

/* A port of an address or name. `secure`: it speaks TLS, as in all of these. */
void where_internet(char *where, bool secure, const char *host, int port);

/* A unix socket: "unix:/run/gyre"; an abstract name begins with "@". */
void where_local(char *where, bool secure, const char *path);

/* A socket that was there at the start: "http://127.0.0.1:8080 (inherited as web)". */
void where_inherited(char *where, bool secure, const struct inherited_socket *given);

#endif
