/* loop/table.h - the table of loops that tickets point into. It is never freed, so that a late ticket finds
 * nothing, not rubbish. */
#ifndef GYRE__TABLE_H
#define GYRE__TABLE_H

#include "loop/inbox.h"

/* Enters a loop: sets its id, and lets its generations and numbers go on where the place's last loop ended.
 * Aborts when 65536 loops are alive. */
void gyre__table_add(gyre_loop *loop);

/* Takes a loop out before its memory goes. */
void gyre__table_remove(gyre_loop *loop);

/* The loop with this id, NULL when it is gone. Only for the loop's own thread. */
gyre_loop *gyre__table_loop(uint32_t id);

/* The mailbox of the loop with this id, NULL when it is gone. [any thread] [new ref] */
struct gyre__inbox *gyre__table_inbox(uint32_t id);

#endif
