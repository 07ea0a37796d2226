/* httpd/options.c - the command line. A wrong flag is one line on stderr and status 2. */
#include "httpd/options.h"
#include "httpd/number.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: gyre-httpd [OPTIONS]\n"
    "\n"
    "An HTTP/1.1 server on every core: one event loop for each, sharing nothing.\n"
    "\n"
    "  --host ADDRESS          listen on this address or name (default 0.0.0.0: all of IPv4)\n"
    "  --port PORT             listen on this port, 0 for any that is free (default 8080;\n"
    "                          none with --unix, or when sockets are inherited)\n"
    "  --unix PATH             listen on this unix socket, \"@NAME\" for an abstract one; with --port on "
    "both\n"
    "  --shards N              event loops, each on a thread of its own (default: one for each CPU\n"
    "                          that the affinity mask and the cgroup's quota leave to the process)\n"
    "  --root DIR              the folder whose files /file/ shows (default none)\n"
    "  --access-log FILE       a line for each request, \"-\" for stdout (default none)\n"
    "  --executor-threads N    most threads for blocking work (default min(32, CPUs + 4))\n"
    "  --backlog N             connections that may wait to be accepted (default 1024)\n"
    "  --stall-limit MS        tell, with the stack, when a loop hangs for so many milliseconds (default 0: "
    "never)\n"
    "  --tls CERT KEY          speak TLS: the PEM files of a certificate with its chain, and of its key; "
    "given\n"
    "                          several times, a client sees the certificate of the name it asks for,\n"
    "                          or else the first one\n"
    "  --ticket-rotation SECS  seal session tickets with a new key so often, 0: never (default 28800);\n"
    "                          each key opens tickets three times as long\n"
    "  --no-balance            leave connections where the kernel puts them\n"
    "  --quiet                 print nothing at the start\n"
    "  --check URL             serve nothing; end with status 0 if the URL is answered with 2xx within 5\n"
    "                          seconds, else 1: a container's health check; of https:// any certificate "
    "will do\n"
    "  --ca FILE               for --check: the certificate must be good for the URL's host, signed by\n"
    "                          one of these (PEM)\n"
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
    "  GET  /file/PATH         a file under --root: ranges, conditional requests, sendfile(2)\n"
    "  GET  /stats             what the shards and the executor are doing, as JSON\n"
    "  GET  /                  the same as a page with plots that move\n"
    "\n"
    "Listening sockets that LISTEN_FDS tells of (systemd's socket activation) are served in place of "
    "--port,\n"
    "or beside it. NOTIFY_SOCKET hears READY=1 and STOPPING=1, and WATCHDOG=1 twice in WATCHDOG_USEC.\n"
    "\n"
    "SIGHUP opens the access log anew, after it was moved away, and reads the files of --tls again: "
    "connections\n"
    "go on, new ones see the new certificate; while something is wrong with a file, the old one.\n"
    "SIGTERM and SIGINT stop accepting, let requests finish for at most 10 seconds, and end the program "
    "with\n"
    "status 0 or 130. A second one ends it at once.\n";

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
            fputs(help, stdout);
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
