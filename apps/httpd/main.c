/* httpd/main.c - gyre-httpd: a web server on every core. Each shard runs serve() with a server of its own on
 * the same port; SIGTERM cancels it, and serve_forever then drains.
 */
#include "httpd/accesslog.h"
#include "httpd/beneath.h"
#include "httpd/check.h"
#include "httpd/options.h"
#include "httpd/site.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SHARDS = 1024 };

/* What all shards see. */
struct program {
    struct options options;
    int root;                            /* the folder of /file/, -1 for none */
    struct logfile *log;                 /* NULL: none */
    struct accesslog *logs[MOST_SHARDS]; /* each shard's own */
};

static const char *plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

/* One line: where it listens, and why there are so many shards. */
static void announce(const struct options *options, const gyre_server *server)
{
    bool ipv6 = strchr(options->host, ':');
    unsigned shards = (unsigned)gyre_shard_count();
    const gyre_cpus cpus = options->cpus;
    char quota[40] = "no quota";

    if (cpus.quota > 0)
        snprintf(quota, sizeof quota, "a quota of %.2g", cpus.quota);
    fprintf(stderr, "gyre-httpd: http://%s%s%s:%d, %u shard%s (%s%u CPU%s, %s)\n", ipv6 ? "[" : "",
            options->host, ipv6 ? "]" : "", gyre_server_get_port(server), shards, plural(shards),
            options->shards ? "as asked; " : "", cpus.affinity, plural(cpus.affinity), quota);
}

static int listen_and_serve(const struct options *options, http_server *site)
{
    gyre_server *server;
    int err =
        gyre_loop_create_server(gyre_get_event_loop(), &server, &http_protocol, .host = options->host,
                                .port = (int)options->port, .backlog = (int)options->backlog, .arg = site);

    if (err)
        return err;
    if (gyre_shard_id() == 0 && !options->quiet)
        announce(options, server);
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

static int serve_site(const struct program *program, struct accesslog *log)
{
    const struct site_options options = {.root = program->root < 0 ? NULL : &program->root, .log = log};
    http_server *site = site_new(&options);
    int err;

    if (!site)
        return gyre_error_set(GYRE_ERUNTIME, "the routes cannot be made");
    stats_count(site);
    err = listen_and_serve(&program->options, site);
    stats_count(NULL);
    http_server_unref(site);
    return err;
}

static void rotate(void *log)
{
    gyre_future *future;

    if (!gyre_loop_run_in_executor(gyre_get_event_loop(), &future, logfile_executor(log), logfile_reopen,
                                   log))
        gyre_future_unref(future);
}

static int begin_log(struct program *program)
{
    int shard = gyre_shard_id();

    if (!program->log)
        return 0;
    program->logs[shard] = accesslog_begin(program->log);
    if (!program->logs[shard])
        return -ENOMEM;
    return shard ? 0 : gyre_loop_add_signal_handler(gyre_get_event_loop(), SIGHUP, rotate, program->log);
}

static int serve(void *arg)
{
    struct program *program = arg;
    int err = begin_log(program);
    struct accesslog *log = program->logs[gyre_shard_id()];

    if (!err)
        err = serve_site(program, log);
    if (log)
        accesslog_end(log);
    return err;
}

/* False: it was said why not. */
static bool open_root(struct program *program)
{
    const char *folder = program->options.root;

    program->root = folder ? beneath_root(folder) : -1;
    if (!folder || program->root >= 0)
        return true;
    fprintf(stderr, "gyre-httpd: --root %s: %s\n", folder, gyre_strerror(program->root));
    return false;
}

static bool open_log(struct program *program)
{
    if (program->options.access_log)
        program->log = logfile_open(program->options.access_log);
    return program->log || !program->options.access_log;
}

static int run(struct program *program)
{
    const struct options *options = &program->options;

    if (!open_root(program) || !open_log(program))
        return 1;
    return gyre_run_sharded((unsigned)options->shards, serve, program,
                            .executor_threads = (unsigned)options->executor_threads,
                            .balance = options->balance ? GYRE_YES : GYRE_NO, .quiet = GYRE_YES,
                            .stall_limit = (double)options->stall_limit / 1e3);
}

static void clean_up(struct program *program)
{
    for (int i = 0; i < MOST_SHARDS; i++)
        accesslog_free(program->logs[i]);
    logfile_close(program->log);
    if (program->root >= 0)
        close(program->root);
}

int main(int argc, char **argv)
{
    static struct program program;
    int status;

    if (!options_read(&program.options, argc, argv, &status))
        return status;
    if (program.options.check)
        return check_url(program.options.check);
    gyre_count_cpus(&program.options.cpus);
    status = run(&program);
    clean_up(&program);
    return status;
}
