/* httpd/https.h - --tls on all shards: each has a copy of one context, all seal session tickets with the same
 * keys, and one signal has the files read again for all of them.
 */
#ifndef HTTPD_HTTPS_H
#define HTTPD_HTTPS_H

#include "httpd/identity.h"

enum { MOST_IDENTITIES = 16 };

/* What the command line says. */
struct https_options {
    int count; /* pairs of files; 0: no TLS */
    struct identity_files
        files[MOST_IDENTITIES]; /* the first is for whoever asks for no name of the others */
    long ticket_rotation;       /* seconds that a key seals tickets, 0: for ever */
};

/* yours: the program's. */
struct https;

/* Reads all files, before anything listens. NULL: it was said on stderr what is wrong with one. */
struct https *https_open(const struct https_options *options);

/* The context for this shard's servers, lent until https_end. */
int https_begin(struct https *https, gyre_tls_context **context);

/* On the first shard: reads the files again, for all shards. When something is wrong with one, that is a line
 * on stderr, and all stay as they were. */
void https_reload(struct https *https);

/* This shard's servers are closed: its context goes with the last connection. */
void https_end(struct https *https);

/* Frees it, when no shard runs any more; NULL is fine. */
void https_close(struct https *https);

#endif
