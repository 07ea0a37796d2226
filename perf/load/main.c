/* main.c - load, a client that does not slow the server down: one thread, one epoll, 127.0.0.1 only. Here the
 * command line becomes a plan. It learns an answer's length from one exchange beforehand, so a server must
 * answer the same path with the same number of bytes.
 */
#include "drive.h"
#include "exchange.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char help[] =
    "usage: load [OPTIONS] http PORT CONNECTIONS SECONDS DEPTH [PATH]           DEPTH pipelined GETs in a "
    "batch\n"
    "       load [OPTIONS] echo PORT CONNECTIONS SECONDS SIZE                   messages of SIZE bytes\n"
    "       load [OPTIONS] udp PORT CONNECTIONS SECONDS SIZE                    one datagram each, and its "
    "echo\n"
    "       load [OPTIONS] conn PORT CONNECTIONS SECONDS http [PATH]            a new connection for each "
    "GET\n"
    "       load [OPTIONS] idle PORT CONNECTIONS SECONDS http|echo|none [PATH]            one exchange each, "
    "then "
    "nothing\n"
    "\n"
    "Talks to 127.0.0.1. PATH is /plaintext by default. Prints: requests elapsed_s p50_us p99_us errors\n"
    "\n"
    "  --rate N        N requests a second over all connections, due at even distances whatever the server\n"
    "                  does; latencies count from when a request was due. Without it each connection sends\n"
    "                  again as soon as it is answered\n"
    "  --requests N    send no more after N answers, if SECONDS have not passed before\n"
    "  --table         then a line for each percentile, p50 to p99.999, mean and max: name, microseconds "
    "and\n"
    "                  how many requests took no longer, separated by tabs; with --rate always\n"
    "  --tls           over TLS 1.3; no certificate is checked\n"
    "  --resume        the same, and each connection but the first resumes an earlier one's session\n"
    "  --help          print this\n";

static void repeat_request(struct plan *plan, size_t depth)
{
    size_t len = strlen(plan->request);
    struct wire wire;

    wire_open(&wire, plan);
    plan->answer_len = exchange_http(&wire, plan->request) * depth;
    wire_reset(&wire);
    plan->batch_len = len * depth;
    plan->batch = allocate(plan->batch_len);
    for (size_t i = 0; i < depth; i++)
        memcpy(plan->batch + i * len, plan->request, len);
    plan->weight = depth;
}

static void fill_message(struct plan *plan, size_t size)
{
    plan->batch = memset(allocate(size), 'x', size);
    plan->batch_len = plan->answer_len = size;
    plan->weight = 1;
}

static void sit_idle(const struct plan *plan, const char *kind)
{
    for (int i = 0; i < plan->count; i++) {
        struct wire wire;

        wire_open(&wire, plan);
        if (strcmp(kind, "http") == 0)
            exchange_http(&wire, plan->request);
        else if (strcmp(kind, "echo") == 0)
            exchange_echo(&wire);
    }
    puts("ready");
    fflush(stdout);
    usleep((useconds_t)(plan->seconds * 1e6));
}

/* Prepares what the mode sends; false when the words make no sense. */
static bool prepare(struct plan *plan, const char *mode, const char *what)
{
    int number = atoi(what);

    plan->reconnect = strcmp(mode, "conn") == 0;
    plan->datagrams = strcmp(mode, "udp") == 0;
    if (plan->reconnect)
        repeat_request(plan, 1);
    else if (number > 0 && strcmp(mode, "http") == 0)
        repeat_request(plan, (size_t)number);
    else if (number > 0 && (strcmp(mode, "echo") == 0 || plan->datagrams))
        fill_message(plan, (size_t)number);
    else
        return false;
    return true;
}

static bool start(struct plan *plan, char **words)
{
    if (strcmp(words[0], "idle") == 0) {
        sit_idle(plan, words[4]);
        return true;
    }
    if (!prepare(plan, words[0], words[4]))
        return false;
    drive(plan);
    free(plan->batch);
    return true;
}

static void raise_fd_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool take(struct plan *plan, int option)
{
    if (option == 'r')
        plan->rate = atof(optarg);
    else if (option == 'n')
        plan->most = strtoull(optarg, NULL, 10);
    plan->tls = plan->tls || option == 's' || option == 'S';
    plan->resume = plan->resume || option == 'S';
    plan->table = plan->table || option == 't' || option == 'r';
    return (option != 'r' || plan->rate > 0) && (option != 'n' || plan->most > 0) && option != '?';
}

static bool read_options(struct plan *plan, int argc, char **argv)
{
    static const struct option options[] = {
        {"rate", required_argument, NULL, 'r'},
        {"requests", required_argument, NULL, 'n'},
        {"table", no_argument, NULL, 't'},
        {"tls", no_argument, NULL, 's'},
        {"resume", no_argument, NULL, 'S'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            exit(0);
        }
        if (!take(plan, option))
            return false;
    }
    return argc - optind == 5 || argc - optind == 6;
}

static bool read_words(struct plan *plan, int count, char **words)
{
    plan->port = atoi(words[1]);
    plan->count = atoi(words[2]);
    plan->seconds = atof(words[3]);
    plan->request = format_request(plan->port, count > 5 ? words[5] : "/plaintext");
    return plan->port > 0 && plan->count > 0;
}

int main(int argc, char **argv)
{
    struct plan plan = {0};

    signal(SIGPIPE, SIG_IGN);
    raise_fd_limit();
    if (read_options(&plan, argc, argv) && read_words(&plan, argc - optind, argv + optind) &&
        start(&plan, argv + optind))
        return 0;
    fputs(help, stderr);
    return 2;
}
