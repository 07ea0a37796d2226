/* httpd/options.c - the command line. A wrong flag is one line on stderr and status 2. */
#include "httpd/options.h"
#include "httpd/help.h"
#include "httpd/number.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum flag {
    HOST = 256,
    PORT,
    LOCAL,
    SHARDS,
    ROOT,
    ACCESS_LOG,
    EXECUTOR_THREADS,
    BACKLOG,
    STALL_LIMIT,
    NO_BALANCE,
    QUIET,
    CHECK,
    CA,
    TLS,
    TICKET_ROTATION,
    HELP
};

static const struct option flags[] = {
    {"host", required_argument, NULL, HOST},
    {"port", required_argument, NULL, PORT},
    {"unix", required_argument, NULL, LOCAL},
    {"shards", required_argument, NULL, SHARDS},
    {"root", required_argument, NULL, ROOT},
    {"access-log", required_argument, NULL, ACCESS_LOG},
    {"executor-threads", required_argument, NULL, EXECUTOR_THREADS},
    {"backlog", required_argument, NULL, BACKLOG},
    {"stall-limit", required_argument, NULL, STALL_LIMIT},
    {"no-balance", no_argument, NULL, NO_BALANCE},
    {"quiet", no_argument, NULL, QUIET},
    {"check", required_argument, NULL, CHECK},
    {"ca", required_argument, NULL, CA},
    {"tls", required_argument, NULL, TLS},
    {"ticket-rotation", required_argument, NULL, TICKET_ROTATION},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

/* Says what is wrong with a flag's value; true when nothing is. */
static bool number(const char *flag, long least, long most, long *value)
{
    if (number_read(optarg, least, most, value))
        return true;
    fprintf(stderr, "gyre-httpd: --%s wants a number from %ld to %ld, not \"%s\"\n", flag, least, most,
            optarg);
    return false;
}

/* Flags with a word, and those without. */
static bool take_word(struct options *options, int flag)
{
    switch (flag) {
    case HOST:
        options->host = optarg;
        return true;
    case LOCAL:
        options->local = optarg;
        return true;
    case ROOT:
        options->root = optarg;
        return true;
    case ACCESS_LOG:
        options->access_log = optarg;
        return true;
    case CHECK:
        options->check = optarg;
        return true;
    case CA:
        options->ca = optarg;
        return true;
    case NO_BALANCE:
        options->balance = false;
        return true;
    case QUIET:
        options->quiet = true;
        return true;
    default:
        return false;
    }
}

/* The one flag with two words. */
static bool take_pair(struct https_options *https, char **argv)
{
    const char *key = argv[optind];

    if (!key || !strncmp(key, "--", 2)) {
        fprintf(stderr, "gyre-httpd: --tls wants two files, a certificate and its key\n");
        return false;
    }
    if (https->count == MOST_IDENTITIES) {
        fprintf(stderr, "gyre-httpd: at most %d times --tls\n", MOST_IDENTITIES);
        return false;
    }
    https->files[https->count++] = (struct identity_files){optarg, key};
    optind++;
    return true;
}

static bool take(struct options *options, int flag, char **argv)
{
    switch (flag) {
    case TLS:
        return take_pair(&options->https, argv);
    case TICKET_ROTATION:
        return number("ticket-rotation", 0, 31536000, &options->https.ticket_rotation);
    case PORT:
        return number("port", 0, 65535, &options->port);
    case SHARDS:
        return number("shards", 1, 1024, &options->shards);
    case EXECUTOR_THREADS:
        return number("executor-threads", 1, 1024, &options->executor_threads);
    case BACKLOG:
        return number("backlog", 1, 65535, &options->backlog);
    case STALL_LIMIT:
        return number("stall-limit", 0, 3600000, &options->stall_limit);
    default:
        return take_word(options, flag);
    }
}

/* Says what is wrong with the last word that getopt looked at. */
static void complain(char **argv, int result)
{
    fprintf(stderr, "gyre-httpd: %s %s; try --help\n", argv[optind - 1],
            result == ':' ? "needs a value" : "is no flag of mine");
}

bool options_read(struct options *options, int argc, char **argv, int *status)
{
    int flag;

    *options = (struct options){
        .host = "0.0.0.0", .port = -1, .backlog = 1024, .balance = true, .https.ticket_rotation = 8 * 3600};
    *status = 2;
    while ((flag = getopt_long(argc, argv, ":", flags, NULL)) != -1) {
        if (flag == HELP) {
            fputs(help_text, stdout);
            *status = 0;
            return false;
        }
        if (flag == ':' || flag == '?')
            complain(argv, flag);
        if (!take(options, flag, argv))
            return false;
    }
    if (optind < argc)
        fprintf(stderr, "gyre-httpd: I take flags only, not \"%s\"; try --help\n", argv[optind]);
    else if (options->ca && !options->check)
        fprintf(stderr, "gyre-httpd: --ca goes with --check\n");
    else
        return true;
    return false;
}
