/* parcel.h - posts that leave one after the other, as one letter: a line of memory and 24 bytes for each. */
#ifndef GYRE__PARCEL_H
#define GYRE__PARCEL_H

#include "outbox.h"

/* One post. */
struct gyre__post_item {
    gyre_callback fn;     /* what to call */
    void *arg;            /* for it */
    gyre_release release; /* frees arg, or NULL */
};

struct gyre__parcel {
    struct gyre__call letter;       /* for the mailbox */
    size_t count;                   /* posts */
    struct gyre__post_item items[]; /* they */
};

/* Adds a post to what leaves with this turn; there must be room in the outbox. */
void gyre__parcel_add(struct gyre__outbox *outbox, struct gyre__post_item item);

#endif
