/* loop/descriptor.h - what a loop knows of descriptors by their numbers: which ones the program watches, and
 * which ones are its transports'.
 *
 * Called by reader.c, and by net/ for each socket. Whoever watches a descriptor of gyre's own does it by
 * gyre__descriptor_watch: under a number that comes back, nothing of the program's is watched any more.
 */
#ifndef GYRE__DESCRIPTOR_H
#define GYRE__DESCRIPTOR_H

#include "driver/driver.h"
#include <gyre/loop.h>

struct gyre__descriptor;

/* Two tables by number, NULL until something is entered. */
struct gyre__descriptors {
    struct gyre__descriptor **watched; /* the program's; NULL where it watches none */
    size_t room;                       /* entries of watched */
    uint64_t *taken;                   /* one bit each: a transport's */
    size_t words;                      /* entries of taken */
};

/* Watches a descriptor of gyre's own, as the driver does. */
struct gyre__watch *gyre__descriptor_watch(gyre_loop *loop, int fd, int events, gyre__ready fn, void *arg);

/* The descriptor belongs to a transport from now on, or no longer. */
void gyre__descriptor_take(gyre_loop *loop, int fd);
void gyre__descriptor_give(gyre_loop *loop, int fd);

/* 0; GYRE_EVALUE for a number that no descriptor has; GYRE_ERUNTIME for a transport's. */
int gyre__descriptor_check(const gyre_loop *loop, int fd);

/* What the program watches under this number, NULL for nothing. */
struct gyre__descriptor *gyre__descriptor_find(const gyre_loop *loop, int fd);

/* Enters what the program watches under this number. */
void gyre__descriptor_enter(gyre_loop *loop, int fd, struct gyre__descriptor *descriptor);

/* Nothing is watched for the program any more. */
void gyre__descriptors_clear(gyre_loop *loop);

/* Frees the tables. */
void gyre__descriptors_free(gyre_loop *loop);

#endif
