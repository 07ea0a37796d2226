/* httpd/main.c - gyre-httpd: a web server on every core. Each shard runs serve() with servers of its own in
 * the same places; SIGTERM cancels it, and serve_forever then drains.
 */
#include "httpd/accesslog.h"
#include "httpd/announcement.h"
#include "httpd/beneath.h"
#include "httpd/check.h"
#include "httpd/https.h"
#include "httpd/listen.h"
#include "httpd/notify.h"
#include "httpd/site.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_SHARDS = 1024 };

/* What all shards see. */
struct program {
    struct options options;
    atomic_int listening;                /* shards that listen */
    char *line;                          /* what it says then, written by shard 0 */
    bool notifies;                       /* a service manager wants to hear */
    int root;                            /* the folder of /file/, -1 for none */
    struct logfile *log;                 /* NULL: none */
    struct accesslog *logs[MOST_SHARDS]; /* each shard's own */
    struct https *https;                 /* NULL: plain HTTP */
};

/* The last shard that listens says so. */
static void be_ready(struct program *program, const struct listening *listening)
{
    if (gyre_shard_id() == 0 && !program->options.quiet)
        program->line = announcement(&program->options, listening);
    if (atomic_fetch_add(&program->listening, 1) + 1 < gyre_shard_count())
        return;
    if (program->line)
        fputs(program->line, stderr);
    notify("READY=1");
}

static int listen_and_serve(struct program *program, const struct listen_order *order)
{
    bool tells = gyre_shard_id() == 0 && program->notifies;
    struct listening listening;
    int err = listening_open(&listening, order);

    if (err)
        return err;
    be_ready(program, &listening);
    err = listening_serve(&listening, tells ? notify_run : NULL);
    if (tells)
        notify_end();
    listening_close(&listening);
    return err;
}

/* With TLS or without. */
static int serve_securely(struct program *program, http_server *site)
{
    struct listen_order order = {.options = &program->options, .site = site};
    int err = program->https ? https_begin(program->https, &order.tls) : 0;

    if (!err)
        err = listen_and_serve(program, &order);
    if (program->https)
        https_end(program->https);
    return err;
}

static int serve_site(struct program *program, struct accesslog *log)
{
    const struct site_options options = {.root = program->root < 0 ? NULL : &program->root, .log = log};
    http_server *site = site_new(&options);
    int err;

    if (!site)
        return gyre_error_set(GYRE_ERUNTIME, "the routes cannot be made");
    stats_count(site);
    err = serve_securely(program, site);
    stats_count(NULL);
    http_server_unref(site);
    return err;
}

static void reopen(struct logfile *log)
{
    gyre_future *future;

    if (!gyre_loop_run_in_executor(gyre_get_event_loop(), &future, logfile_executor(log), logfile_reopen,
                                   log))
        gyre_future_unref(future);
}

/* SIGHUP: files have changed. */
static void look_again(void *arg)
{
    const struct program *program = arg;

    if (program->log)
        reopen(program->log);
    if (program->https)
        https_reload(program->https);
}

static int hear_signals(struct program *program)
{
    if (gyre_shard_id() != 0 || (!program->log && !program->https))
        return 0;
    return gyre_loop_add_signal_handler(gyre_get_event_loop(), SIGHUP, look_again, program);
}

static int begin_log(struct program *program)
{
    struct accesslog **log = &program->logs[gyre_shard_id()];

    if (program->log)
        *log = accesslog_begin(program->log);
    return program->log && !*log ? -ENOMEM : 0;
}

static int serve(void *arg)
{
    struct program *program = arg;
    int err = begin_log(program);
    struct accesslog *log = program->logs[gyre_shard_id()];

    if (!err)
        err = hear_signals(program);
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

/* False: it was said why not. */
static bool open_https(struct program *program)
{
    const struct https_options *options = &program->options.https;

    if (options->count)
        program->https = https_open(options);
    return program->https || !options->count;
}

static int run(struct program *program)
{
    const struct options *options = &program->options;

    if (!open_root(program) || !open_log(program) || !open_https(program))
        return 1;
    return gyre_run_sharded((unsigned)options->shards, serve, program,
                            .executor_threads = (unsigned)options->executor_threads,
                            .balance = options->balance ? GYRE_YES : GYRE_NO, .quiet = GYRE_YES,
                            .stall_limit = (double)options->stall_limit / 1e3);
}

static void clean_up(struct program *program)
{
    free(program->line);
    for (int i = 0; i < MOST_SHARDS; i++)
        accesslog_free(program->logs[i]);
    logfile_close(program->log);
    https_close(program->https);
    if (program->root >= 0)
        close(program->root);
}

/* What the environment says; false: it was said what is wrong with it. */
static bool inherit(struct program *program)
{
    struct options *options = &program->options;

    if (!inherited_read(&options->inherited))
        return false;
    if (options->port < 0 && !options->local && !options->inherited.count)
        options->port = 8080;
    program->notifies = notify_begin();
    return true;
}

int main(int argc, char **argv)
{
    static struct program program;
    int status;

    if (!options_read(&program.options, argc, argv, &status))
        return status;
    if (program.options.check)
        return check_url(program.options.check, program.options.ca);
    if (!inherit(&program))
        return 2;
    gyre_count_cpus(&program.options.cpus);
    status = run(&program);
    clean_up(&program);
    return status;
}
