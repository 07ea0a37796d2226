/* stock.h - the memory of an outbox's posts: pages that are filled in order and come home in order.
 *
 * Belongs to the sender's thread. What was taken and sent is the receiver's, until a receipt that left after
 * it is home; then its page is used again. So no post allocates while about as much comes home as leaves, and
 * what a burst needed is given back after it.
 */
#ifndef GYRE__STOCK_H
#define GYRE__STOCK_H

#include <stdbool.h>
#include <stddef.h>

struct gyre__page;

/* All zero when empty. */
struct gyre__stock {
    struct gyre__page *oldest; /* pages in use, in the order in which they were filled */
    struct gyre__page *newest; /* the one that is filled now; NULL: there is none */
    struct gyre__page *marked; /* pages before this one come home next; NULL: none */
    struct gyre__page *spare;  /* pages at home */
    unsigned spares;           /* how many */
    unsigned fresh;            /* pages begun since the last mark */
    size_t used;               /* bytes of the newest */
};

/* Memory for something new, from a cache line of its own on: at least so many bytes, and up to *end. */
void *gyre__stock_begin(struct gyre__stock *stock, size_t least, void **end);

/* What was begun last ends there; to be called before all else. */
void gyre__stock_end(struct gyre__stock *stock, const void *end);

/* True when so much was taken since the last mark that it should come home. */
bool gyre__stock_due(const struct gyre__stock *stock);

/* A receipt leaves now. */
void gyre__stock_mark(struct gyre__stock *stock);

/* It is home; `idle`: so is all that was ever taken. */
void gyre__stock_come_home(struct gyre__stock *stock, bool idle);

/* Frees all. */
void gyre__stock_clear(struct gyre__stock *stock);

#endif
