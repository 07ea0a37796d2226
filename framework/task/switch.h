/* task/switch.h - leaving one stack for another.
 *
 * Called by coro.c alone; written once per processor in switch_*.S, and with ucontext for all others. A
 * context is a stack that someone has left: it can be entered once, and entering it uses it up.
 */
#ifndef GYRE__SWITCH_H
#define GYRE__SWITCH_H

#include <stdbool.h>

/* Leaves this stack, puts its context into *from, and enters `to`, where the call that left returns `more`.
 * What the ABI lets a callee change is lost, errno and the floating-point modes are not looked at. */
bool gyre__switch(void **from, void *to, bool more);

/* Writes a context just below `top` (aligned to 16) that calls entry(arg) when it is entered. The context
 * that entry returns is entered at the end, with more = false. */
void *gyre__switch_prepare(void *top, void *(*entry)(void *arg), void *arg);

#endif
