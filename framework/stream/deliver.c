/* stream/deliver.c - from the transport to the waiting task, on the shortest way.
 *
 * The task runs inside data_received, while the bytes are hot, and not in the next turn: what a hundred
 * connections read does not pile up before the first of them answers. A task that has shown that it is done
 * with the bytes when it waits again sees them in the loop's own buffer, uncopied. Should it keep them for
 * once, it keeps the buffer, and the loop gets another one.
 */
#include "net/net.h"
#include "net/transport.h"
#include "stream/writer.h"
#include "task/task.h"

enum {
    AFTER_KEEPING = 64 /* deliveries are copied */
};

/* The one task that awaits the reader, taken off its future; NULL: somebody else waits, or nobody. */
static struct gyre__task *take_waiter(gyre_reader *reader)
{
    gyre_future *wake = &reader->wake;
    struct gyre__call *call = wake->callbacks;
    struct gyre__task *task;

    if (!call || call->next || call->done != gyre__task_wake)
        return NULL;
    task = call->arg;
    wake->callbacks = NULL;
    wake->last = &wake->callbacks;
    wake->state = GYRE__FINISHED;
    gyre__call_free(wake->loop, call);
    return task;
}

static void run_waiter(gyre_reader *reader)
{
    struct gyre__task *task = NULL;

    if (reader->waiting && !gyre__reader_starves(reader))
        task = take_waiter(reader);
    if (task)
        gyre__task_step(task);
    else
        gyre__reader_wake(reader);
}

/* Nothing else is there, and the task that waits is one that lets go. */
static bool may_borrow(const gyre_writer *writer, const void *data)
{
    return !writer->doubts && writer->reader.waiting && !writer->reader.bytes.block &&
           data == writer->transport->net->input;
}

/* How the task has used what it was given. */
static void learn(gyre_writer *writer)
{
    if (writer->reader.bytes.lent)
        writer->doubts = AFTER_KEEPING;
    else if (writer->doubts)
        writer->doubts--;
}

/* The buffer goes back before the next read; a task that still looks at it keeps it. */
static int give_back(gyre_writer *writer)
{
    struct gyre__bytes *bytes = &writer->reader.bytes;

    if (!bytes->borrowed)
        return 0;
    if (!bytes->lent)
        return gyre__bytes_return(bytes);
    gyre__net_give_input(writer->transport->net);
    gyre__bytes_keep(bytes);
    return 0;
}

static int put_in(gyre_writer *writer, const void *data, size_t len)
{
    struct gyre__bytes *bytes = &writer->reader.bytes;

    if (!may_borrow(writer, data))
        return gyre__bytes_append(bytes, data, len);
    gyre__bytes_borrow(bytes, writer->transport->net->input, len);
    return 0;
}

static int deliver(gyre_writer *writer, const void *data, size_t len)
{
    gyre_reader *reader = &writer->reader;
    int err = put_in(writer, data, len);

    if (err)
        return err;
    run_waiter(reader);
    if (reader->dropped)
        gyre__bytes_clear(&reader->bytes);
    learn(writer);
    err = give_back(writer);
    gyre__reader_pause_if_full(reader);
    return err;
}

/* The reference: the task may end, and its stream with it. */
void gyre__stream_deliver(gyre_writer *writer, const void *data, size_t len)
{
    int err;

    gyre_future_ref(&writer->reader.wake);
    err = deliver(writer, data, len);
    if (err)
        gyre_transport_fail(writer->transport, err);
    gyre_future_unref(&writer->reader.wake);
}
