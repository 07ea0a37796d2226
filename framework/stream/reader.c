/* stream/reader.c - a reader is made, waited in, and freed. */
#include "stream/reader.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include <gyre/combine.h>
#include <stdlib.h>

enum { LIMIT = 64 * 1024 };

void gyre__reader_init(gyre_reader *reader, gyre_loop *loop, const struct gyre__future_class *class,
                       ptrdiff_t limit)
{
    gyre__future_init(&reader->wake, loop, class);
    reader->limit = limit ? (size_t)limit : LIMIT;
}

void gyre__reader_clear(gyre_reader *reader)
{
    gyre__bytes_clear(&reader->bytes);
    free(reader->text);
    gyre_transport_unref(reader->transport);
}

int gyre__reader_check_limit(ptrdiff_t limit)
{
    return limit < 0 ? gyre_error_set(GYRE_EVALUE, "Limit cannot be <= 0") : 0;
}

static void free_reader(gyre_future *wake)
{
    gyre_reader *reader = (gyre_reader *)wake;

    gyre__reader_clear(reader);
    free(reader);
}

static const struct gyre__future_class alone = {
    .cancel = gyre__future_cancel,
    .destroy = free_reader,
};

gyre_reader *(gyre_reader_new)(const gyre_reader_options *options)
{
    gyre_reader_options filled = {0};
    gyre_reader *reader;

    gyre__options_fill(&filled, sizeof filled, options);
    if (gyre__reader_check_limit(filled.limit))
        return NULL;
    reader = gyre__calloc(sizeof *reader);
    gyre__reader_init(reader, filled.loop ? filled.loop : gyre_get_event_loop(), &alone, filled.limit);
    return reader;
}

void gyre_reader_free(gyre_reader *reader)
{
    if (!reader)
        return;
    GYRE__CHECK(reader->wake.class == &alone, "gyre_reader_free wants a reader of gyre_reader_new");
    gyre__reader_drop(reader);
}

void gyre__reader_drop(gyre_reader *reader)
{
    reader->dropped = true;
    gyre_future_unref(&reader->wake);
}

int gyre__reader_stored(const gyre_reader *reader)
{
    if (reader->err)
        gyre__error_tell(reader->err, reader->text);
    return reader->err;
}

int gyre__reader_begin(gyre_reader *reader)
{
    gyre__bytes_recall(&reader->bytes);
    reader->failure = (gyre_reader_failure){0};
    reader->scanned = 0;
    return gyre__reader_stored(reader);
}

/* What it calls may feed the reader at once. */
static void ask_source(gyre_reader *reader)
{
    const gyre_reader_source *source = reader->source;

    if (!source)
        return;
    if (source->wanted)
        source->wanted(reader->source_arg);
    if (reader->paused) {
        reader->paused = false;
        if (source->resume_reading)
            source->resume_reading(reader->source_arg);
    }
}

static int await_within(gyre_reader *reader, struct gyre__read *read)
{
    double now = gyre_loop_time(reader->wake.loop);

    if (!read->deadline)
        read->deadline = now + read->timeout;
    if (read->deadline <= now)
        return gyre_error_set(-ETIMEDOUT, "%s() has waited long enough", read->name);
    return gyre_wait_for(&reader->wake, NULL, read->deadline - now);
}

static int await(gyre_reader *reader, struct gyre__read *read)
{
    if (gyre_future_done(&reader->wake))
        return 0;
    return read->timeout ? await_within(reader, read) : gyre_await(&reader->wake, NULL);
}

static int wait_for(gyre_reader *reader, struct gyre__read *read, size_t need)
{
    int err;

    reader->waiting = true;
    reader->need = need;
    ask_source(reader);
    err = await(reader, read);
    reader->waiting = false;
    reader->wake.state = GYRE__PENDING;
    reader->wake.code = 0;
    if (reader->dropped && !err)
        err = gyre_error_set(GYRE_ERUNTIME, "%s() waits in a stream that was closed", read->name);
    return err;
}

/* The reference is for a task that waits in a stream whose owner has gone. */
int gyre__reader_wait(gyre_reader *reader, struct gyre__read *read, size_t need)
{
    int err;

    if (reader->err)
        return gyre__reader_stored(reader);
    if (reader->waiting)
        return gyre_error_set(GYRE_ERUNTIME,
                              "%s() called while another coroutine is already waiting for incoming data",
                              read->name);
    gyre_future_ref(&reader->wake);
    err = wait_for(reader, read, need);
    gyre_future_unref(&reader->wake);
    return err;
}

int gyre__reader_fill(gyre_reader *reader, struct gyre__read *read, size_t need)
{
    int err = 0;

    while (!err && gyre__bytes_size(&reader->bytes) < need && !reader->eof)
        err = gyre__reader_wait(reader, read, need);
    return err;
}

void gyre_reader_get_failure(const gyre_reader *reader, gyre_reader_failure *failure)
{
    *failure = reader->failure;
}

bool gyre_reader_at_eof(const gyre_reader *reader)
{
    return reader->eof && !gyre__bytes_size(&reader->bytes);
}

int gyre_reader_exception(const gyre_reader *reader)
{
    return reader->err;
}

size_t gyre_reader_get_size(const gyre_reader *reader)
{
    return gyre__bytes_size(&reader->bytes);
}
