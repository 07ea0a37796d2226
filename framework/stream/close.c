/* stream/close.c - the end of a pair: closed in the background, for so long. */
#include "base/check.h"
#include "net/transport.h"
#include "stream/writer.h"

enum { SECONDS = 30 };

static void give_up(void *writer)
{
    gyre_transport_abort(((gyre_writer *)writer)->transport);
}

/* The timer needs no reference: the loss of the connection cancels it. */
void gyre__stream_close_within(gyre_writer *writer, double timeout)
{
    gyre_transport_close(writer->transport);
    gyre_handle_cancel(&writer->deadline);
    if (writer->transport->state < GYRE__LOSING)
        writer->deadline = gyre_loop_call_later(writer->reader.wake.loop, timeout, give_up, writer);
}

void gyre__stream_end(gyre_writer *writer)
{
    gyre__stream_close_within(writer, SECONDS);
    gyre__reader_drop(&writer->reader);
}

/* The two are one object, which begins with the reader. */
static gyre_writer *pair_of(gyre_reader *reader, gyre_writer *writer)
{
    if (!reader)
        return writer;
    GYRE__CHECK(reader->wake.class == &gyre__stream_class && (!writer || reader == &writer->reader),
                "gyre_stream_close wants a reader and its own writer");
    return (gyre_writer *)reader;
}

void(gyre_stream_close)(gyre_reader *reader, gyre_writer *writer, const gyre_stream_close_options *options)
{
    double timeout = options && options->timeout ? options->timeout : SECONDS;
    gyre_writer *pair = pair_of(reader, writer);

    if (!pair)
        return;
    gyre__stream_close_within(pair, timeout);
    if (!pair->lent)
        gyre__reader_drop(&pair->reader);
}
