/* parcel.h - posts that leave one after the other, as one letter: 8 bytes each while they call the same
 * function.
 *
 * The newest letter of an outbox may be an open parcel: further posts are added to it, and only counted when
 * it is closed, by the next letter or the push. What counts is how many lines of memory go from one CPU to
 * another.
 */
#ifndef GYRE__PARCEL_H
#define GYRE__PARCEL_H

#include "outbox.h"

/* What to call. */
struct gyre__post {
    gyre_callback fn;     /* the function */
    gyre_release release; /* frees arg, or NULL */
    void *arg;            /* for it */
};

/* Posts in a row that differ in their args only. */
struct gyre__series {
    gyre_callback fn;     /* theirs */
    gyre_release release; /* theirs */
    size_t count;         /* how many, once another one follows or the parcel is closed */
    void *args[];         /* each one's */
};

struct gyre__parcel {
    struct gyre__call letter; /* for the mailbox */
    size_t count;             /* posts in the series that are complete */
    void **end;               /* of the last series, once it is closed */
    void *words[];            /* struct gyre__series, one behind the other */
};

/* Adds a post to the last series of the open parcel; false: there is none, it is another one, or it is full.
 */
static inline bool gyre__parcel_extend(struct gyre__outbox *outbox, struct gyre__post post)
{
    if (outbox->next_arg == outbox->last_arg || outbox->series->fn != post.fn ||
        outbox->series->release != post.release)
        return false;
    *outbox->next_arg++ = post.arg;
    gyre__count(&outbox->from->posted, 1);
    return true;
}

/* Adds a post, if need be in a series or a parcel of its own; there must be room in the outbox. */
void gyre__parcel_add(struct gyre__outbox *outbox, struct gyre__post post);

/* Posts in the open one; 0: there is none. */
size_t gyre__parcel_open_posts(const struct gyre__outbox *outbox);

/* Closes the open one, if there is one. */
void gyre__parcel_close(struct gyre__outbox *outbox);

#endif
