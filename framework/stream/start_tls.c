/* stream/start_tls.c - a stream turns to TLS, and stays the same pair.
 *
 * From the first step on the writer writes to the new transport, which keeps what comes during the handshake:
 * no byte goes out in the clear. What lies unread in the reader came in the clear, or is TLS's; it goes to
 * the handshake, which refuses what is no TLS.
 */
#include "base/options.h"
#include "net/tls_transport.h"
#include "stream/writer.h"

/* A task that waits there looks again from the start; the new transport is not paused. */
static void forget_unread(gyre_reader *reader)
{
    reader->scanned = 0;
    reader->paused = false;
    gyre__reader_discard(reader, gyre__bytes_size(&reader->bytes));
}

static gyre_transport *turn(gyre_writer *writer, const struct gyre__tls_order *order)
{
    gyre_reader *reader = &writer->reader;
    size_t unread = gyre__bytes_size(&reader->bytes);
    gyre_transport *below = writer->transport;
    gyre_transport *over =
        gyre__tls_put_over(below, order, unread ? gyre__bytes_peek(&reader->bytes) : NULL, unread);

    writer->transport = gyre_transport_ref(over);
    forget_unread(reader);
    gyre_transport_unref(below);
    return over;
}

static int start_tls(gyre_writer *writer, const struct gyre__tls_order *order)
{
    gyre_transport *over;
    int err = gyre_writer_drain(writer);

    if (!err)
        err = gyre__tls_check_start(writer->reader.wake.loop, writer->transport, order);
    if (err)
        return err;
    over = turn(writer, order);
    err = gyre__tls_start(over);
    gyre_transport_unref(over);
    return err;
}

int(gyre_writer_start_tls)(gyre_writer *writer, gyre_tls_context *context,
                           const gyre_writer_start_tls_options *options)
{
    gyre_writer_start_tls_options filled = {0};
    struct gyre__tls_order order;
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    order = (struct gyre__tls_order){context, writer->handle != NULL, filled.server_hostname,
                                     filled.ssl_handshake_timeout, filled.ssl_shutdown_timeout};
    gyre_future_ref(&writer->reader.wake);
    err = start_tls(writer, &order);
    gyre_future_unref(&writer->reader.wake);
    return err;
}
