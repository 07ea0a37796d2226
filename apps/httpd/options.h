/* httpd/options.h - what the command line says. */
#ifndef HTTPD_OPTIONS_H
#define HTTPD_OPTIONS_H

#include <gyre/gyre.h>
#include <stdbool.h>

struct options {
    const char *host;      /* address or name to listen on */
    long port;             /* 0: the system picks one */
    long shards;           /* 0: one for each CPU */
    long executor_threads; /* 0: gyre's default */
    bool balance;          /* hand connections to the least loaded shard */
    bool quiet;            /* no lines at the start */
    gyre_cpus cpus;        /* what there is, counted before a shard is pinned to one of them */
};

/* Fills the options in. False: the program is to end with *status; it was said why. */
bool options_read(struct options *options, int argc, char **argv, int *status);

#endif
