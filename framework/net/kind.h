/* net/kind.h - what a transport is made of: the functions in which a socket, a pipe, or a transport over a
 * transport differ.
 *
 * The state, the upcalls, the marks, the limits and the buffer are shared; they call these. A kind that needs
 * more than the shared fields puts them behind: a struct that begins with a gyre_transport.
 */
#ifndef GYRE__KIND_H
#define GYRE__KIND_H

#include "net/transport.h"

/* What loop.sendfile may do on a kind. */
enum gyre__sendfile_way {
    GYRE__SENDFILE_NOT,    /* GYRE_ERUNTIME */
    GYRE__SENDFILE_COPY,   /* a thread reads it */
    GYRE__SENDFILE_NATIVE, /* the kernel does it, from the file to transport->fd */
};

struct gyre__kind {
    /* Bytes of the struct that begins with a gyre_transport. All zero at first. */
    size_t size;
    /* As recv and send of the driver: bytes, 0 for EOF, -EAGAIN, or the reason of the loss. NULL: nothing is
     * read by gyre__transport_read; write is GYRE_ENOTIMPLEMENTED. */
    ssize_t (*recv)(gyre_transport *transport, void *buffer, size_t len);
    ssize_t (*send)(gyre_transport *transport, const struct iovec *pieces, int count);
    /* Sends what is buffered; true when all of it went, else readiness goes on. NULL: by `send`, as bytes. */
    bool (*empty)(gyre_transport *transport);
    /* Closes the writing side alone, below; everything is sent. NULL: can_write_eof is false. */
    void (*shutdown)(gyre_transport *transport);
    /* write_eof is close. */
    bool ends_whole;
    /* The peer sends no more. NULL: as a stream, gyre__transport_hear_eof. */
    void (*hear_eof)(gyre_transport *transport);
    /* Reads and writes as state, pausing and blocking ask for; also called with LOSING, when nothing is
     * wanted any more. */
    void (*rewatch)(gyre_transport *transport);
    /* close() was called and everything is sent: true when the kind still has something to say to its peer,
     * and will call gyre__transport_lose itself; may be asked again meanwhile. NULL: nothing. */
    bool (*farewell)(gyre_transport *transport);
    /* What has broken below and was not told from there yet, its words noted; 0 for nothing. NULL: there is
     * nothing below. */
    int (*broken)(gyre_transport *transport);
    /* Lets go of what is below; connection_lost has returned. */
    void (*release)(gyre_transport *transport);
    /* Frees what the kind's own fields hold, with the last reference. NULL: nothing. */
    void (*clear)(gyre_transport *transport);
    /* An answer for get_extra_info, asked before the shared ones; NULL when it has none. May be NULL. */
    const void *(*info)(const gyre_transport *transport, const char *name);
    enum gyre__sendfile_way sendfile; /* what loop.sendfile may do */
};

/* A stream socket; tcp.c. */
extern const struct gyre__kind gyre__stream_kind;

#endif
