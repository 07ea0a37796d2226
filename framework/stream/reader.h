/* stream/reader.h - the inside of a reader: bytes, and the one task that may wait for them.
 *
 * reader.c keeps the object and the wait, feed.c is the side that bytes come from, read.c and until.c are
 * what tasks call. All on the loop's thread. A task awaits a future that is the same for every wait, so
 * that waiting allocates nothing. Who feeds only completes it; a stream's transport alone runs the task at
 * once (deliver.c).
 */
#ifndef GYRE__READER_H
#define GYRE__READER_H

#include "stream/bytes.h"
#include "task/future.h"
#include <gyre/stream.h>

struct gyre_reader {
    gyre_future wake;         /* what the waiting task awaits; its references are the reader's; first */
    struct gyre__bytes bytes; /* what was fed and not read */
    const gyre_reader_source *source; /* who is paused and resumed, NULL for nobody */
    void *source_arg;                 /* for it */
    gyre_transport *transport;        /* that of set_transport, NULL for none; counted */
    char *text;                       /* the sentence of the stored failure, malloc'd, or NULL */
    size_t limit;                     /* half of what may be buffered, and the longest line */
    size_t need;                      /* the waiting task goes on at so many bytes */
    size_t scanned;                   /* bytes from the first on in which no separator begins */
    gyre_reader_failure failure;      /* what the last read's failure carried */
    int err;                          /* the stored failure, 0 for none */
    int cut;                          /* what a read gets that meets the end, 0: the end */
    bool eof;                         /* nothing comes after the bytes */
    bool paused;                      /* the source was told to pause */
    bool waiting;                     /* a task waits */
    bool dropped;                     /* its owner has let go */
};

/* One read: what it is called, and how long it may wait. */
struct gyre__read {
    const char *name; /* for the refusal of a second waiting task */
    double timeout;   /* as in gyre_read_options */
    double deadline;  /* the same on the loop's clock, once the first wait has begun; else 0 */
};

/* Fills in a reader in zeroed memory, with one reference. The class frees it, after gyre__reader_clear. */
void gyre__reader_init(gyre_reader *reader, gyre_loop *loop, const struct gyre__future_class *class,
                       ptrdiff_t limit);

/* Gives back what a reader holds but itself. */
void gyre__reader_clear(gyre_reader *reader);

/* GYRE_EVALUE for a limit that makes no sense. */
int gyre__reader_check_limit(ptrdiff_t limit);

/* The owner lets go: a task that waits yet is the last to see the reader. */
void gyre__reader_drop(gyre_reader *reader);

/* Stores a failure and its sentence (malloc'd, taken over; or NULL), and wakes. */
void gyre__reader_fail(gyre_reader *reader, int err, char *text);

/* True while a task waits for bytes that have not come. */
static inline bool gyre__reader_starves(const gyre_reader *reader)
{
    return reader->waiting && gyre__bytes_size(&reader->bytes) < reader->need;
}

/* Tells the source when there is too much. */
void gyre__reader_pause_if_full(gyre_reader *reader);

/* Lets the waiting task go on, if what it needs is there or will never be. */
void gyre__reader_wake(gyre_reader *reader);

/* The stored failure, with its sentence made current; 0 for none. */
int gyre__reader_stored(const gyre_reader *reader);

/* Begins a read: what was lent is over. The stored failure, or 0. */
int gyre__reader_begin(gyre_reader *reader);

/* Waits once, for `need` bytes in all or the stream's end or failure; 0, or why not. It may be woken early.
 * After a failure the reader may be gone. [suspends] */
int gyre__reader_wait(gyre_reader *reader, struct gyre__read *read, size_t need);

/* Waits until there are `need` bytes or the stream has ended; else returns why not. After a failure the
 * reader may be gone. [suspends] */
int gyre__reader_fill(gyre_reader *reader, struct gyre__read *read, size_t need);

/* Ends a read that lends the first `len` bytes; returns len. */
ptrdiff_t gyre__reader_lend(gyre_reader *reader, const char **data, size_t len);

/* Ends a read that copies the first `len` bytes; returns len. */
ptrdiff_t gyre__reader_copy(gyre_reader *reader, void *buffer, size_t len);

/* Forgets the first `len` bytes. */
void gyre__reader_discard(gyre_reader *reader, size_t len);

/* The stream ends after what was fed, but not as it should: reads that meet the end get this code. */
void gyre__reader_cut_off(gyre_reader *reader, int err);

/* Ends a read that found the end too early: GYRE_EINCOMPLETEREAD, or why the stream was cut off; and what
 * there was is lent. */
int gyre__reader_incomplete(gyre_reader *reader, ptrdiff_t expected);

#endif
