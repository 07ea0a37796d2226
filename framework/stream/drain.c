/* stream/drain.c - waiting for a connection: until it takes more, or until it is gone.
 *
 * The stream's memory is held over each wait: its owner may let go meanwhile.
 */
#include "base/error.h"
#include "stream/writer.h"
#include "task/waiter.h"

void gyre__stream_wake(gyre_writer *writer)
{
    if (writer->lost)
        gyre__waiter_wake_all(writer->mourners, writer->err);
    gyre__waiter_wake_all(writer->drainers, writer->err);
}

/* Why it was lost, in the words that its reader keeps. */
static int tell_loss(const gyre_writer *writer)
{
    if (writer->err)
        gyre__error_tell(writer->err, writer->reader.text);
    return writer->err;
}

static int wait_in(gyre_writer *writer, struct gyre__waiter **line)
{
    struct gyre__waiter waiter;
    int err = gyre__waiter_wait(&waiter, line, writer->reader.wake.loop);

    return err && err == writer->err ? tell_loss(writer) : err;
}

static int drain(gyre_writer *writer)
{
    int err = gyre__reader_stored(&writer->reader);

    if (!err && gyre_transport_is_closing(writer->transport))
        err = gyre_sleep(0);
    if (err)
        return err;
    if (writer->lost)
        return gyre_error_set(-ECONNRESET, "Connection lost");
    return writer->held_back ? wait_in(writer, &writer->drainers) : 0;
}

int gyre_writer_drain(gyre_writer *writer)
{
    int err;

    gyre_future_ref(&writer->reader.wake);
    err = drain(writer);
    gyre_future_unref(&writer->reader.wake);
    return err;
}

static int wait_closed(gyre_writer *writer)
{
    if (!writer->lost)
        return wait_in(writer, &writer->mourners);
    return tell_loss(writer);
}

int gyre_writer_wait_closed(gyre_writer *writer)
{
    int err;

    gyre_future_ref(&writer->reader.wake);
    err = wait_closed(writer);
    gyre_future_unref(&writer->reader.wake);
    return err;
}
