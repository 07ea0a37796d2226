/* httpd/site.h - what gyre-httpd answers: one function for each family of routes. */
#ifndef HTTPD_SITE_H
#define HTTPD_SITE_H

#include <http/http.h>

/* The server of this shard with all routes; NULL with gyre_error_text(). [new ref] */
http_server *site_new(void);

/* GET /hash/:rounds */
int hash_handler(http_request *request, void *arg);

/* GET /stats */
int stats_handler(http_request *request, void *arg);

/* Says which server is this shard's, for /stats; NULL when it is gone. */
void stats_count(const http_server *server);

#endif
