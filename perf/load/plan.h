/* plan.h - what the user asked for, and the batch that every connection sends again and again. Filled by
 * main.c, read by all.
 */
#ifndef LOAD_PLAN_H
#define LOAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan {
    int port;            /* of 127.0.0.1 */
    int count;           /* connections */
    double seconds;      /* how long to send */
    double rate;         /* requests a second over all connections; 0: as many as are answered */
    uint64_t most;       /* end early after so many requests; 0: do not */
    bool table;          /* print all percentiles */
    bool reconnect;      /* a new connection for each batch */
    bool datagrams;      /* UDP */
    bool tls;            /* over TLS */
    bool resume;         /* each connection of TLS goes on with the session of an earlier one */
    const char *request; /* one request of HTTP */
    char *batch;         /* what is sent at once */
    size_t batch_len;    /* its bytes */
    size_t answer_len;   /* the bytes that answer a batch */
    uint64_t weight;     /* requests in a batch */
};

#endif
