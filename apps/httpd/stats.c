/* httpd/stats.c - what all shards are doing, as JSON. Each shard reads its own counters on its own thread. */
#include "httpd/site.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What one shard says. */
struct part {
    gyre_shard_stats shard;
    http_server_stats http;
};

static _Thread_local const http_server *mine;

void stats_count(const http_server *server)
{
    mine = server;
}

static int read_part(void *arg, void *place)
{
    struct part *part = place;

    if (mine)
        http_server_get_stats(mine, &part->http);
    return gyre_shard_get_stats(gyre_shard_id(), &part->shard);
}

static void write_shard(FILE *out, const struct part *part)
{
    fprintf(out,
            "{\"connections\":%zu,\"accepted\":%" PRIu64 ",\"handed_off\":%" PRIu64 ",\"requests\":%" PRIu64
            ",\"turns\":%" PRIu64 "}",
            part->shard.connections, part->shard.accepted, part->shard.handed_off, part->http.requests,
            part->shard.loop.turns);
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
    fputs("{\"shards\":[", out);
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
