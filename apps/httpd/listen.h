/* httpd/listen.h - where a shard listens: the port, the unix socket, and what was inherited. */
#ifndef HTTPD_LISTEN_H
#define HTTPD_LISTEN_H

#include "httpd/options.h"

enum { MOST_SERVERS = MOST_INHERITED + 2 };

/* One of them. */
struct place {
    gyre_server *server;
    char where[160]; /* for people: "http://127.0.0.1:8080", "unix:/run/gyre" */
};

/* One shard's. */
struct listening {
    int count; /* how many there are */
    struct place places[MOST_SERVERS];
};

/* Listens everywhere that the options say, for `site`; on failure nowhere. */
int listening_open(struct listening *listening, const struct options *options, void *site);

/* Serves until cancelled, then drains. `beside` runs meanwhile, NULL for nothing. */
int listening_serve(struct listening *listening, gyre_coroutine beside);

/* Closes what is still open. */
void listening_close(struct listening *listening);

#endif
