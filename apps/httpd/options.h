/* httpd/options.h - what the command line says. */
#ifndef HTTPD_OPTIONS_H
#define HTTPD_OPTIONS_H

#include "httpd/https.h"
#include "httpd/inherited.h"
#include <gyre/gyre.h>
#include <stdbool.h>

struct options {
    const char *host;           /* address or name to listen on */
    long port;                  /* 0: the system picks one, -1: none */
    const char *local;          /* a unix socket's path, or "@" and an abstract name; NULL for none */
    long shards;                /* 0: one for each CPU */
    long executor_threads;      /* 0: gyre's default */
    long backlog;               /* connections that may wait in the kernel */
    long stall_limit;           /* milliseconds that a loop may hang untold, 0: for ever */
    const char *root;           /* the folder of /file/, NULL for none */
    const char *access_log;     /* a path, "-" for stdout, NULL for none */
    const char *check;          /* an URL to ask in place of serving, NULL to serve */
    const char *ca;             /* PEM: whom that trusts, NULL: anybody */
    struct https_options https; /* certificates, if any */
    bool balance;               /* hand connections to the least loaded shard */
    bool quiet;                 /* no lines at the start */
    struct inherited inherited; /* sockets that are there already */
    gyre_cpus cpus;             /* what there is, counted before a shard is pinned to one of them */
};

/* Fills the options in. False: the program is to end with *status; it was said why. */
bool options_read(struct options *options, int argc, char **argv, int *status);

#endif
