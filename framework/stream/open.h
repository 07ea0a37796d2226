/* stream/open.h - what streams over every kind of connection have in common: how they are opened and served.
 */
#ifndef GYRE__OPEN_H
#define GYRE__OPEN_H

#include "stream/writer.h"

/* Connects with options of its kind; what is made goes by the plan. */
typedef int (*gyre__stream_dial)(const void *options, struct gyre__stream_plan *plan);

/* A pair that the caller owns, over a connection of that kind. [suspends] */
int gyre__stream_open(gyre_reader **reader, gyre_writer **writer, gyre__stream_dial dial, const void *options,
                      ptrdiff_t limit, void *arg);

/* Listens with options of its kind; its connections go by the plan, which the server then owns. */
typedef int (*gyre__stream_create)(gyre_server **server, const void *options, struct gyre__stream_plan *plan);

/* A server whose connections are each a task. [suspends] [new ref] in *server, which may be NULL */
int gyre__stream_listen(gyre_server **server, gyre__stream_create create, const void *options,
                        const struct gyre__stream_plan *plan);

#endif
