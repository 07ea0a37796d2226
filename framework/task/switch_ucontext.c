/* task/switch_ucontext.c - leaving one stack for another wherever there is no switch_*.S: ucontext. The
 * contract is in switch.h.
 *
 * About a hundred times slower, since every swapcontext asks the kernel for the signal mask. A context points
 * at a struct place, which lies on the stack that was left.
 */
#include "base/check.h"
#include "task/switch.h"
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

/* A stack that someone has left. */
struct place {
    ucontext_t registers;      /* where it goes on */
    bool more;                 /* what the call that left it will return */
    void *(*entry)(void *arg); /* what a fresh one calls */
    void *arg;                 /* for entry */
};

bool gyre__switch(void **from, void *to, bool more)
{
    struct place here;
    struct place *there = to;

    *from = &here;
    there->more = more;
    GYRE__CHECK(!swapcontext(&here.registers, &there->registers), "swapcontext failed");
    return here.more;
}

/* makecontext passes ints only, so the pointer comes in two halves. */
static void run(unsigned high, unsigned low)
{
    struct place *here = (void *)((uintptr_t)high << 16 << 16 | low);
    struct place *there = here->entry(here->arg);

    there->more = false;
    setcontext(&there->registers);
}

void *gyre__switch_prepare(void *top, void *(*entry)(void *arg), void *arg)
{
    enum { SPACE = (sizeof(struct place) + 63) / 64 * 64, BELOW = 8192 };
    struct place *place = (void *)((char *)top - SPACE);
    uintptr_t address = (uintptr_t)place;

    GYRE__CHECK(!getcontext(&place->registers), "getcontext failed");
    place->entry = entry;
    place->arg = arg;
    place->registers.uc_link = NULL;
    place->registers.uc_stack.ss_sp = (char *)place - BELOW;
    place->registers.uc_stack.ss_size = BELOW;
    makecontext(&place->registers, (void (*)(void))run, 2, (unsigned)(address >> 16 >> 16),
                (unsigned)address);
    return place;
}
