/* httpd/listen.h - where a shard listens: the port, the unix socket, and what was inherited. */
#ifndef HTTPD_LISTEN_H
#define HTTPD_LISTEN_H

#include "httpd/options.h"
#include "httpd/where.h"

/* Where, and what for. */
struct listen_order {
    const struct options *options;
    void *site;            /* what is served */
    gyre_tls_context *tls; /* this shard's, NULL: plain HTTP */
};

enum { MOST_SERVERS = MOST_INHERITED + 2 };

/* One of them. */
struct place {
    gyre_server *server;
    char where[WHERE_SIZE]; /* for people */
};

/* One shard's. */
struct listening {
    int count; /* how many there are */
    struct place places[MOST_SERVERS];
};

/* Listens everywhere that the options say; on failure nowhere. */
int listening_open(struct listening *listening, const struct listen_order *order);

/* Serves until cancelled, then drains. `beside` runs meanwhile, NULL for nothing. */
int listening_serve(struct listening *listening, gyre_coroutine beside);

/* Closes what is still open. */
void listening_close(struct listening *listening);

#endif
