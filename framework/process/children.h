/* process/children.h - the libuv loop that starts and reaps the children of one loop.
 *
 * Made at a loop's first child. libuv hears SIGCHLD once for the program and tells each of its loops, which
 * looks at its own children alone. The driver watches its descriptor; what has happened is seen in a turn.
 */
#ifndef GYRE__CHILDREN_H
#define GYRE__CHILDREN_H

#include "loop/loop.h"
#include <uv.h>

struct gyre__children {
    gyre_loop *loop;           /* whose */
    uv_loop_t uv;              /* libuv's half */
    struct gyre__watch *watch; /* tells when uv has something to do */
    struct gyre__list all;     /* transports that are not lost */
    bool turning;              /* inside a turn */
};

/* The loop's, made now if there was none. NULL: gyre_error_text() says why, *err is the code. */
struct gyre__children *gyre__children_of(gyre_loop *loop, int *err);

/* Lets libuv look what has happened. */
void gyre__children_turn(struct gyre__children *children);

#endif
