/* stream/feed.c - the side that bytes come from: data, end, failure, and the source that is told when it is
 * too much.
 *
 * asyncio's rule: pause above twice the limit, go on at the limit or when a task waits for more than is
 * there. A task that does wait for more holds the pause off.
 */
#include "base/check.h"
#include "base/memory.h"
#include "stream/reader.h"
#include <stdlib.h>

void gyre__reader_wake(gyre_reader *reader)
{
    if (reader->waiting && (!gyre__reader_starves(reader) || reader->eof || reader->err))
        gyre__future_finish(&reader->wake, 0);
}

void gyre__reader_pause_if_full(gyre_reader *reader)
{
    const gyre_reader_source *source = reader->source;

    if (!source || reader->paused || gyre__bytes_size(&reader->bytes) <= 2 * reader->limit ||
        gyre__reader_starves(reader))
        return;
    reader->paused = true;
    if (source->pause_reading)
        source->pause_reading(reader->source_arg);
}

static void resume_if_drained(gyre_reader *reader)
{
    const gyre_reader_source *source = reader->source;

    if (!reader->paused || gyre__bytes_size(&reader->bytes) > reader->limit)
        return;
    reader->paused = false;
    if (source->resume_reading)
        source->resume_reading(reader->source_arg);
}

int gyre_reader_feed_data(gyre_reader *reader, const void *data, size_t len)
{
    int err;

    if (reader->eof)
        return gyre_error_set(GYRE_ERUNTIME, "feed_data after feed_eof");
    if (!len)
        return 0;
    err = gyre__bytes_append(&reader->bytes, data, len);
    if (err)
        return gyre_error_set(err, "no memory for %zu bytes", len);
    gyre__reader_wake(reader);
    gyre__reader_pause_if_full(reader);
    return 0;
}

void gyre_reader_feed_eof(gyre_reader *reader)
{
    reader->eof = true;
    gyre__reader_wake(reader);
}

void gyre__reader_cut_off(gyre_reader *reader, int err)
{
    reader->cut = err;
    gyre_reader_feed_eof(reader);
}

void gyre__reader_fail(gyre_reader *reader, int err, char *text)
{
    free(reader->text);
    reader->text = text;
    reader->err = err;
    gyre__reader_wake(reader);
}

void gyre_reader_set_exception(gyre_reader *reader, int err)
{
    const char *text = gyre_error_text();

    GYRE__CHECK(err < 0, "gyre_reader_set_exception wants a negative code");
    gyre__reader_fail(reader, err, *text ? gyre__strdup(text) : NULL);
}

void gyre_reader_set_source(gyre_reader *reader, const gyre_reader_source *source, void *arg)
{
    reader->source = source;
    reader->source_arg = arg;
    reader->paused = false;
}

static void pause_transport(void *transport)
{
    gyre_transport_pause_reading(transport);
}

static void resume_transport(void *transport)
{
    gyre_transport_resume_reading(transport);
}

static const gyre_reader_source transport_source = {
    .size = sizeof transport_source,
    .pause_reading = pause_transport,
    .resume_reading = resume_transport,
};

void gyre_reader_set_transport(gyre_reader *reader, gyre_transport *transport)
{
    GYRE__CHECK(!reader->source, "gyre_reader_set_transport: the reader has a transport");
    reader->transport = gyre_transport_ref(transport);
    gyre_reader_set_source(reader, &transport_source, transport);
}

/* Whoever waits meanwhile looks again at whatever comes next. */
static void took(gyre_reader *reader)
{
    reader->need = 1;
    resume_if_drained(reader);
}

ptrdiff_t gyre__reader_lend(gyre_reader *reader, const char **data, size_t len)
{
    const char *first = gyre__bytes_lend(&reader->bytes, len);

    if (data)
        *data = first;
    took(reader);
    return (ptrdiff_t)len;
}

void gyre__reader_discard(gyre_reader *reader, size_t len)
{
    gyre__bytes_drop(&reader->bytes, len);
    took(reader);
}
