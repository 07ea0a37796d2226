/* net/sendfile.h - one file on its way to one transport: shared by the two ways, sendfile.c and copyfile.c.
 */
#ifndef GYRE__SENDFILE_H
#define GYRE__SENDFILE_H

#include "loop/loop.h"
#include <gyre/transport.h>

/* On the stack of the one who asked. */
struct gyre__sendfile {
    gyre_transport *transport; /* a reference */
    int file;
    int64_t offset;      /* of the next byte */
    int64_t left;        /* bytes to go */
    int64_t sent;        /* bytes that went */
    gyre_future *waiter; /* NULL while nobody waits */
    int err;             /* why it ended */
    bool native;         /* readiness sends the next chunk; else it only wakes the task */
    bool over;           /* nothing is left to do, or it failed */
    bool resume;         /* reading is to go on afterwards */
};

/* So many bytes went. */
void gyre__sendfile_count(struct gyre__sendfile *sendfile, int64_t len);

/* Nothing is read from the peer until the end. */
void gyre__sendfile_stop_reading(struct gyre__sendfile *sendfile);

/* Until the kernel took what there is, or the connection is over. */
int gyre__sendfile_wait(struct gyre__sendfile *sendfile);

/* Sends by reading. Pipes and the like have no position, and are read from where they are. */
int gyre__sendfile_copy(struct gyre__sendfile *sendfile);

/* Reads a file on a thread, from where it is: the bytes, or -errno. [suspends] */
int gyre__sendfile_read(int file, void *data, size_t len);

/* 0, or GYRE_EVALUE with asyncio's words. */
int gyre__sendfile_check(const gyre_sendfile_options *options);

/* The system's way of saying, before the first byte, that this kind of file cannot be sent. */
bool gyre__sendfile_unavailable(int64_t sent, int err);

#endif
