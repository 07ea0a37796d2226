/* httpd/stats.c - what all shards are doing, as JSON. Each shard reads its own counters on its own thread. */
#include "httpd/site.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What one shard says. */
struct part {
    gyre_shard_stats shard;
    http_server_stats http;
    double rate;
};

/* This shard's server and how busy it is, measured every second. */
static _Thread_local struct meter {
    const http_server *server;
    uint64_t requests; /* at the last look */
    double when;       /* that was */
    double rate;       /* requests a second before it */
    gyre_handle timer;
} meter;

static void look(void *arg);

static void look_later(void)
{
    meter.timer = gyre_loop_call_later(gyre_get_event_loop(), 1.0, look, NULL);
}

static void look(void *arg)
{
    double now = gyre_loop_time(gyre_get_event_loop());
    http_server_stats stats;

    http_server_get_stats(meter.server, &stats);
    meter.rate = (double)(stats.requests - meter.requests) / (now - meter.when);
    meter.requests = stats.requests;
    meter.when = now;
    look_later();
}

void stats_count(const http_server *server)
{
    gyre_handle_cancel(&meter.timer);
    meter = (struct meter){.server = server, .when = gyre_loop_time(gyre_get_event_loop())};
    if (server)
        look_later();
}

static int read_part(void *arg, void *place)
{
    struct part *part = place;

    if (meter.server)
        http_server_get_stats(meter.server, &part->http);
    part->rate = meter.rate;
    return gyre_shard_get_stats(gyre_shard_id(), &part->shard);
}

static void write_shard(FILE *out, const struct part *part)
{
    fprintf(out,
            "{\"connections\":%zu,\"accepted\":%" PRIu64 ",\"handed_off\":%" PRIu64 ",\"requests\":%" PRIu64
            ",\"requests_per_second\":%.1f,\"waiting\":%zu,\"turns\":%" PRIu64 ",\"tasks\":%zu}",
            part->shard.connections, part->shard.accepted, part->shard.handed_off, part->http.requests,
            part->rate, part->http.waiting, part->shard.loop.turns, part->shard.loop.tasks);
}

static void write_executor(FILE *out)
{
    gyre_executor_stats stats;

    gyre_executor_get_stats(gyre_shard_executor(), &stats);
    fprintf(out, "{\"threads\":%u,\"queued\":%zu,\"running\":%zu,\"done\":%" PRIu64 ",\"longest_wait\":%.6f}",
            stats.threads, stats.queued, stats.running, stats.done, stats.longest_wait);
}

static void write_stats(FILE *out, const struct part *parts, int count)
{
    fprintf(out, "{\"time\":%.6f,\"shards\":[", gyre_loop_time(gyre_get_event_loop()));
    for (int i = 0; i < count; i++) {
        fputs(i ? "," : "", out);
        write_shard(out, &parts[i]);
    }
    fputs("],\"executor\":", out);
    write_executor(out);
    fprintf(out, ",\"imbalance\":%.4f}\n", gyre_shard_imbalance());
}

static int respond(http_request *request, const struct part *parts, int count)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int err = -ENOMEM;

    if (out) {
        write_stats(out, parts, count);
        if (!fclose(out))
            err = http_respond(request, 200, "application/json", text, len);
    }
    free(text);
    return err;
}

int stats_handler(http_request *request, void *arg)
{
    int count = gyre_shard_count();
    struct part *parts = calloc((size_t)count, sizeof *parts);
    int err;

    if (!parts)
        return -ENOMEM;
    err = gyre_shard_map(parts, sizeof *parts, read_part, NULL);
    if (!err)
        err = respond(request, parts, count);
    free(parts);
    return err;
}
