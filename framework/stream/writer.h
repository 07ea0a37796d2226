/* stream/writer.h - the inside of a stream: a writer, its reader, and the protocol between them and a
 * transport.
 *
 * One object for each connection, made by the protocol's create. Its references are its reader's: one is the
 * transport's, until it is done with its protocol, one the owner's (who opened the connection, or the task
 * that serves it).
 */
#ifndef GYRE__WRITER_H
#define GYRE__WRITER_H

#include "base/list.h"
#include "stream/reader.h"

struct gyre_writer {
    gyre_reader reader;            /* first, for its references */
    gyre_transport *transport;     /* NULL before connection_made; counted */
    struct gyre__waiter *drainers; /* who waits in drain */
    struct gyre__waiter *mourners; /* who waits in wait_closed */
    gyre_handle deadline;          /* aborts a close that takes too long */
    gyre_client_connected handle;  /* serves the connection, NULL on a client's side */
    void *arg;                     /* for it, and for gyre_transport_get_arg */
    int err;                       /* why it was lost */
    bool held_back;                /* pause_writing was called, resume_writing not yet */
    bool lost;                     /* connection_lost was called */
    bool lent;                     /* who uses it is not its owner */
    uint8_t doubts;                /* deliveries until the task may see the loop's own buffer */
};

/* What streams are made from: the .arg of create_server and create_connection. */
struct gyre__stream_plan {
    ptrdiff_t limit;              /* the readers' */
    gyre_client_connected handle; /* serves each connection; NULL: the caller owns what is made */
    void *arg;                    /* for it */
    bool lent;                    /* the caller lends what is made to others */
    gyre_writer *made;            /* the caller's, once it is there */
};

/* What a stream's reader is, as the future that it begins with. */
extern const struct gyre__future_class gyre__stream_class;

/* The protocol of every stream. */
extern const gyre_protocol gyre__stream_protocol;

/* Feeds the reader with what a transport has read, and runs the task that waits for it. */
void gyre__stream_deliver(gyre_writer *writer, const void *data, size_t len);

/* Begins to serve a connection that was made. */
void gyre__stream_serve(gyre_writer *writer);

/* Closes the connection, with `timeout` seconds for what was written to leave. */
void gyre__stream_close_within(gyre_writer *writer, double timeout);

/* The same with the default time; then the owner lets go. */
void gyre__stream_end(gyre_writer *writer);

/* Wakes who waits: those in drain, or, at the loss, everybody with its code. */
void gyre__stream_wake(gyre_writer *writer);

#endif
