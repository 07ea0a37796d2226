/* httpd/accesslog.c - buffers change hands: filled on the loop, written and freed elsewhere. A full one
 * leaves at once, any other half a second after its first line.
 */
#include "httpd/accesslog.h"
#include "httpd/logline.h"
#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 64 * 1024,  /* bytes that leave at once */
    MOST = 1024 * 1024, /* bytes that wait for a slow disk */
    PATIENCE = 5        /* seconds that the end waits for it */
};

static const double lag = 0.5; /* seconds that a line may wait for others */

/* Lines on their way. */
struct batch {
    struct logfile *file;
    uint64_t lines;
    size_t len;
    char data[];
};

struct accesslog {
    struct logfile *file;
    gyre_loop *loop;
    struct batch *batch;  /* is being filled; NULL before its first line */
    size_t room;          /* bytes that it has */
    gyre_future *writing; /* the other one, NULL for none */
    gyre_handle timer;    /* when the one that is being filled leaves */
    bool ended;
    struct logline_clock clock;
};

struct accesslog *accesslog_begin(struct logfile *file)
{
    struct accesslog *log = calloc(1, sizeof *log);

    if (log) {
        log->file = file;
        log->loop = gyre_get_event_loop();
    }
    return log;
}

static int write_batch(void *arg)
{
    struct batch *batch = arg;

    logfile_write(batch->file, batch->data, batch->len);
    return 0;
}

static void depart(struct accesslog *log);

static void depart_late(void *log)
{
    depart(log);
}

static void depart_soon(struct accesslog *log)
{
    gyre_handle_cancel(&log->timer);
    log->timer = gyre_loop_call_later(log->loop, lag, depart_late, log);
}

static void is_written(gyre_future *future, void *arg)
{
    struct accesslog *log = arg;

    if (log->ended)
        return;
    gyre_future_unref(log->writing);
    log->writing = NULL;
    if (log->batch && log->batch->len >= BATCH)
        depart(log);
    else if (log->batch)
        depart_soon(log);
}

/* Hands the batch over, unless the one before is still being written. */
static void depart(struct accesslog *log)
{
    struct batch *batch = log->batch;
    uint64_t lines = batch ? batch->lines : 0;

    if (log->writing || !batch)
        return;
    gyre_handle_cancel(&log->timer);
    log->batch = NULL;
    if (gyre_loop_run_in_executor(log->loop, &log->writing, logfile_executor(log->file), write_batch, batch,
                                  .release = free))
        logfile_lose(log->file, lines);
    else
        gyre_future_add_done_callback(log->writing, is_written, log);
}

/* Room for one more line. False: the disk is too slow. */
static bool reserve(struct accesslog *log)
{
    size_t room = log->batch ? 2 * log->room : 2 * BATCH;
    struct batch *batch;

    if (log->batch && log->batch->len + LOGLINE_ROOM <= log->room)
        return true;
    batch = room <= MOST ? realloc(log->batch, sizeof *batch + room) : NULL;
    if (!batch)
        return false;
    if (!log->batch)
        *batch = (struct batch){.file = log->file};
    log->batch = batch;
    log->room = room;
    return true;
}

void accesslog_note(const http_record *record, void *arg)
{
    struct accesslog *log = arg;
    struct batch *batch;

    if (log->ended || !reserve(log)) {
        logfile_lose(log->file, 1);
        return;
    }
    batch = log->batch;
    if (!batch->len && !log->writing)
        depart_soon(log);
    batch->len = (size_t)(logline_write(batch->data + batch->len, record, &log->clock) - batch->data);
    batch->lines++;
    if (batch->len >= BATCH)
        depart(log);
}

/* Waits for what is being written. False: it takes too long. */
static bool settle(struct accesslog *log)
{
    gyre_future *writing = gyre_future_ref(log->writing);
    bool done = !writing || gyre_wait(&writing, 1, .timeout = PATIENCE) == 1;

    gyre_future_unref(writing);
    return done;
}

void accesslog_end(struct accesslog *log)
{
    bool in_time = true;

    while (in_time && (log->writing || log->batch)) {
        depart(log);
        in_time = settle(log);
    }
    if (log->batch)
        logfile_lose(log->file, log->batch->lines);
    gyre_handle_cancel(&log->timer);
    gyre_future_unref(log->writing);
    log->ended = true;
}

void accesslog_free(struct accesslog *log)
{
    if (!log)
        return;
    free(log->batch);
    free(log);
}
