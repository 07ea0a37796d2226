/* stream/drain.c - waiting for a connection: until it takes more, or until it is gone.
 *
 * The stream's memory is held over each wait: its owner may let go meanwhile.
 */
#include "stream/writer.h"

/* Somebody who waits; lies on the waiting task's stack. */
struct waiter {
    struct gyre__list link; /* in writer->waiters */
    gyre_future *future;    /* what it awaits */
    bool for_loss;          /* it waits in wait_closed */
};

/* A cancelled waiter is still linked until its task runs: finishing it again does nothing. */
static void wake_one(gyre_writer *writer, struct waiter *waiter)
{
    if (writer->lost || !waiter->for_loss)
        gyre__future_finish(waiter->future, writer->err);
}

void gyre__stream_wake(gyre_writer *writer)
{
    for (struct gyre__list *link = writer->waiters.next; link != &writer->waiters; link = link->next)
        wake_one(writer, GYRE__OF(link, struct waiter, link));
}

static int wait_in(gyre_writer *writer, bool for_loss)
{
    struct waiter waiter = {.for_loss = for_loss};
    int err;

    waiter.future = gyre_loop_create_future(writer->reader.wake.loop);
    gyre__list_append(&writer->waiters, &waiter.link);
    err = gyre_await(waiter.future, NULL);
    gyre__list_remove(&waiter.link);
    gyre_future_unref(waiter.future);
    return err;
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
    return writer->held_back ? wait_in(writer, false) : 0;
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
        return wait_in(writer, true);
    return writer->err ? gyre_error_set(writer->err, "%s", gyre_strerror(writer->err)) : 0;
}

int gyre_writer_wait_closed(gyre_writer *writer)
{
    int err;

    gyre_future_ref(&writer->reader.wake);
    err = wait_closed(writer);
    gyre_future_unref(&writer->reader.wake);
    return err;
}
