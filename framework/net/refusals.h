/* net/refusals.h - why addresses could not be connected to: a list, in the order in which they were tried.
 *
 * Called by dial.c, which notes, and by search.c, which raises them as asyncio does. A zeroed list is empty.
 */
#ifndef GYRE__REFUSALS_H
#define GYRE__REFUSALS_H

#include <stdbool.h>
#include <stddef.h>

/* One of them. */
struct gyre__refusal {
    int code;   /* -errno */
    char *text; /* its sentence */
};

/* All of them. */
struct gyre__refusals {
    struct gyre__refusal *list; /* the first one first */
    size_t count;               /* how many */
};

/* Appends the failure that gyre_error_text() tells of; returns its code. */
int gyre__refusals_note(struct gyre__refusals *refusals, int err);

/* Moves everything in `from` to the end of `to`. */
void gyre__refusals_move(struct gyre__refusals *to, struct gyre__refusals *from);

/* Fails with the first one's code and with the words of all, which are said once when they do not differ,
 * unless `group` asks for each. There must be one. */
int gyre__refusals_raise(const struct gyre__refusals *refusals, bool group);

/* Empties the list. */
void gyre__refusals_clear(struct gyre__refusals *refusals);

#endif
