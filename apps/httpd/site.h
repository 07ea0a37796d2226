/* httpd/site.h - what gyre-httpd answers: one function for each family of routes. */
#ifndef HTTPD_SITE_H
#define HTTPD_SITE_H

#include <http/http.h>

struct accesslog;

/* What the shards' sites have in common. */
struct site_options {
    const int *root;       /* the folder of /file/, open as long as the site lives; NULL for none */
    struct accesslog *log; /* this shard's, NULL for none */
};

/* The server of this shard with all routes; NULL with gyre_error_text(). [new ref] */
http_server *site_new(const struct site_options *options);

/* GET /hash/:rounds */
int hash_handler(http_request *request, void *arg);

/* GET /file/PATH; arg is a pointer to the root's descriptor. */
int file_handler(http_request *request, void *arg);

/* GET / */
int page_handler(http_request *request, void *arg);

/* GET /stats */
int stats_handler(http_request *request, void *arg);

/* Says which server is this shard's, for /stats, and begins to measure its rate; NULL when it is gone. */
void stats_count(const http_server *server);

#endif
