/* stream/protocol.c - what a transport tells a stream: asyncio's StreamReaderProtocol. */
#include "base/memory.h"
#include "net/tls_transport.h"
#include "stream/writer.h"
#include <stdlib.h>

static void free_writer(gyre_future *wake)
{
    gyre_writer *writer = (gyre_writer *)wake;

    gyre__reader_clear(&writer->reader);
    gyre_transport_unref(writer->transport);
    free(writer);
}

const struct gyre__future_class gyre__stream_class = {
    .cancel = gyre__future_cancel,
    .destroy = free_writer,
};

/* The caller's reference is there from the start: the connection may be lost before the caller goes on. */
static void *create(void *arg)
{
    struct gyre__stream_plan *plan = arg;
    gyre_writer *writer = gyre__calloc(sizeof *writer);

    gyre__reader_init(&writer->reader, gyre_get_event_loop(), &gyre__stream_class, plan->limit);
    writer->handle = plan->handle;
    writer->lent = plan->lent || plan->handle;
    writer->arg = plan->arg;
    writer->doubts = 1;
    if (!plan->handle) {
        plan->made = writer;
        gyre_future_ref(&writer->reader.wake);
    }
    return writer;
}

static void destroy(void *self)
{
    gyre_writer *writer = self;

    /* Told also when another protocol has heard of the loss. */
    gyre_handle_cancel(&writer->deadline);
    gyre_future_unref(&writer->reader.wake);
}

static void pause_reading(void *writer)
{
    gyre_transport_pause_reading(((gyre_writer *)writer)->transport);
}

static void resume_reading(void *writer)
{
    gyre_transport_resume_reading(((gyre_writer *)writer)->transport);
}

/* Between two requests, as far as a stream can know. */
static void wanted(void *self)
{
    gyre_writer *writer = self;

    if (!gyre_reader_get_size(&writer->reader))
        gyre_transport_set_busy(writer->transport, false);
}

static const gyre_reader_source from_transport = {
    .size = sizeof from_transport,
    .pause_reading = pause_reading,
    .resume_reading = resume_reading,
    .wanted = wanted,
};

static void connection_made(void *self, gyre_transport *transport)
{
    gyre_writer *writer = self;

    writer->transport = gyre_transport_ref(transport);
    transport->arg = writer->arg;
    gyre_transport_set_busy(transport, true);
    gyre_reader_set_source(&writer->reader, &from_transport, writer);
    if (writer->handle)
        gyre__stream_serve(writer);
}

static void data_received(void *self, const void *data, size_t len)
{
    gyre_writer *writer = self;

    gyre_transport_set_busy(writer->transport, true);
    gyre__stream_deliver(writer, data, len);
}

/* TLS has no connection that is open by half. */
static bool eof_received(void *self)
{
    gyre_writer *writer = self;
    bool tls = writer->transport->kind == &gyre__tls_kind;

    if (tls && gyre__tls_of(writer->transport)->truncated)
        gyre__reader_cut_off(&writer->reader, GYRE_ESSLEOF);
    else
        gyre_reader_feed_eof(&writer->reader);
    return !tls;
}

static void connection_lost(void *self, int err)
{
    gyre_writer *writer = self;

    writer->lost = true;
    writer->err = err;
    gyre_handle_cancel(&writer->deadline);
    if (err)
        gyre_reader_set_exception(&writer->reader, err);
    else
        gyre_reader_feed_eof(&writer->reader);
    gyre__stream_wake(writer);
}

static void pause_writing(void *self)
{
    ((gyre_writer *)self)->held_back = true;
}

static void resume_writing(void *self)
{
    gyre_writer *writer = self;

    writer->held_back = false;
    gyre__stream_wake(writer);
}

const gyre_protocol gyre__stream_protocol = {
    .create = create,
    .destroy = destroy,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};
