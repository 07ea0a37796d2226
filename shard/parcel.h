/* parcel.h - posts that leave one after the other, as one letter: a line of memory and 24 bytes for each.
 *
 * The newest letter of an outbox may be an open parcel: further posts are added to it, and only counted when
 * it is closed, by the next letter or the push.
 */
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
    size_t count;                   /* posts, once it is closed */
    struct gyre__post_item items[]; /* they */
};

/* Adds a post to the open parcel; false: there is none, or no room in it. */
static inline bool gyre__parcel_extend(struct gyre__outbox *outbox, struct gyre__post_item item)
{
    if (outbox->item == outbox->items_end)
        return false;
    *outbox->item++ = item;
    gyre__count(&outbox->from->posted, 1);
    return true;
}

/* Begins one with a post; there must be room in the outbox. */
void gyre__parcel_begin(struct gyre__outbox *outbox, struct gyre__post_item item);

/* Posts in the open one; 0: there is none. */
size_t gyre__parcel_open_items(const struct gyre__outbox *outbox);

/* Closes the open one, if there is one. */
void gyre__parcel_close(struct gyre__outbox *outbox);

#endif
