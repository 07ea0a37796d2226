/* httpd/options.c - the command line. A wrong flag is one line on stderr and status 2. */
#include "httpd/options.h"
#include "httpd/number.h"
#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: gyre-httpd [OPTIONS]\n"
    "\n"
    "An HTTP/1.1 server on every core: one event loop for each, sharing nothing.\n"
    "\n"
    "  --host ADDRESS          listen on this address or name (default 0.0.0.0: all of IPv4)\n"
    "  --port PORT             listen on this port, 0 for any that is free (default 8080)\n"
    "  --shards N              event loops, each on a thread of its own (default: one for each CPU\n"
    "                          that the affinity mask and the cgroup's quota leave to the process)\n"
    "  --executor-threads N    most threads for blocking work (default min(32, CPUs + 4))\n"
    "  --no-balance            leave connections where the kernel puts them\n"
    "  --quiet                 print nothing at the start\n"
    "  --help                  print this\n"
    "\n"
    "It answers:\n"
    "  GET  /plaintext         Hello, World!\n"
    "  GET  /json              {\"message\":\"Hello, World!\"}\n"
    "  POST /echo              the body of the request, at most 1 MiB\n"
    "  GET  /sleep/MS          after so many milliseconds, at most 60000\n"
    "  GET  /hash/ROUNDS       PBKDF2-HMAC-SHA256 of so many rounds, at most 1000000, computed on a thread "
    "of\n"
    "                          the executor; ?password=...&salt=... say of what\n"
    "  GET  /stats             what the shards and the executor are doing, as JSON\n"
    "\n"
    "SIGTERM and SIGINT stop accepting, let requests finish for at most 10 seconds, and end the program "
    "with\n"
    "status 0 or 130. A second one ends it at once.\n";

enum flag { HOST = 256, PORT, SHARDS, EXECUTOR_THREADS, NO_BALANCE, QUIET, HELP };

static const struct option flags[] = {
    {"host", required_argument, NULL, HOST},
    {"port", required_argument, NULL, PORT},
    {"shards", required_argument, NULL, SHARDS},
    {"executor-threads", required_argument, NULL, EXECUTOR_THREADS},
    {"no-balance", no_argument, NULL, NO_BALANCE},
    {"quiet", no_argument, NULL, QUIET},
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

static bool take(struct options *options, int flag)
{
    switch (flag) {
    case HOST:
        options->host = optarg;
        return true;
    case PORT:
        return number("port", 0, 65535, &options->port);
    case SHARDS:
        return number("shards", 1, 1024, &options->shards);
    case EXECUTOR_THREADS:
        return number("executor-threads", 1, 1024, &options->executor_threads);
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

/* Says what is wrong with the last word that getopt looked at. */
static void complain(char **argv, int result)
{
    fprintf(stderr, "gyre-httpd: %s %s; try --help\n", argv[optind - 1],
            result == ':' ? "needs a value" : "is no flag of mine");
}

bool options_read(struct options *options, int argc, char **argv, int *status)
{
    int flag;

    *options = (struct options){.host = "0.0.0.0", .port = 8080, .balance = true};
    *status = 2;
    while ((flag = getopt_long(argc, argv, ":", flags, NULL)) != -1) {
        if (flag == HELP) {
            fputs(help, stdout);
            *status = 0;
            return false;
        }
        if (flag == ':' || flag == '?')
            complain(argv, flag);
        if (!take(options, flag))
            return false;
    }
    if (optind < argc)
        fprintf(stderr, "gyre-httpd: I take flags only, not \"%s\"; try --help\n", argv[optind]);
    return optind == argc;
}
