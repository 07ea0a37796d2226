/* httpd/main.c - gyre-httpd: a web server on every core. Each shard runs serve() with a server of its own on
 * the same port; SIGTERM cancels it, and serve_forever then drains.
 */
#include "httpd/options.h"
#include "httpd/site.h"
#include <stdio.h>
#include <string.h>

enum { BACKLOG = 1024 };

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
    fprintf(stderr, "gyre-httpd: http://%s%s%s:%d, %u shard%s (%u CPU%s, %s)\n", ipv6 ? "[" : "",
            options->host, ipv6 ? "]" : "", gyre_server_get_port(server), shards, plural(shards),
            cpus.affinity, plural(cpus.affinity), quota);
}

static int listen_and_serve(const struct options *options, http_server *site)
{
    gyre_server *server;
    int err = gyre_loop_create_server(gyre_get_event_loop(), &server, &http_protocol, .host = options->host,
                                      .port = (int)options->port, .backlog = BACKLOG, .arg = site);

    if (err)
        return err;
    if (gyre_shard_id() == 0 && !options->quiet)
        announce(options, server);
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

static int serve(void *arg)
{
    http_server *site = site_new();
    int err;

    if (!site)
        return gyre_error_set(GYRE_ERUNTIME, "the routes cannot be made");
    stats_count(site);
    err = listen_and_serve(arg, site);
    stats_count(NULL);
    http_server_unref(site);
    return err;
}

int main(int argc, char **argv)
{
    struct options options;
    int status;

    if (!options_read(&options, argc, argv, &status))
        return status;
    gyre_count_cpus(&options.cpus);
    return gyre_run_sharded((unsigned)options.shards, serve, &options,
                            .executor_threads = (unsigned)options.executor_threads,
                            .balance = options.balance ? GYRE_YES : GYRE_NO, .quiet = GYRE_YES);
}
