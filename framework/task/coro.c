/* task/coro.c - stackful coroutines over the switch.
 *
 * Both sides of a switch put everything right before it, so that nothing is left to do after it: the call in
 * between is the last one, the switch goes straight to the caller's caller, and no return address is
 * mispredicted.
 */
#include "task/coro.h"
#include "base/check.h"
#include "task/fiber.h"
#include "task/switch.h"
#include <errno.h>

static __thread struct {
    struct gyre__coro *coro; /* the one that runs */
    int *place_of_errno;     /* asked for once: the call behind errno would cost half a switch */
} here __attribute__((tls_model("initial-exec")));

static int exchange_errno(int theirs)
{
    int mine = *here.place_of_errno;

    *here.place_of_errno = theirs;
    return mine;
}

/* The first resume on a thread. */
static void __attribute__((cold, noinline)) move_in(void)
{
    here.place_of_errno = &errno;
    gyre__coro_catch_overflow();
}

static void step_in(struct gyre__coro *coro)
{
    if (!here.place_of_errno)
        move_in();
    coro->outer = here.coro;
    here.coro = coro;
    coro->outer_errno = exchange_errno(coro->own_errno);
}

static void step_out(struct gyre__coro *coro)
{
    here.coro = coro->outer;
    coro->own_errno = exchange_errno(coro->outer_errno);
}

static void *body(void *arg)
{
    struct gyre__coro *coro = arg;

    coro->fn(coro->arg);
    step_out(coro);
    return coro->caller;
}

int gyre__coro_start(struct gyre__coro *coro, struct gyre__stack_pool *pool, void (*fn)(void *arg), void *arg)
{
    struct gyre__stack *stack = gyre__stack_get(pool);

    if (!stack)
        return -ENOMEM;
    coro->stack = stack;
    coro->context = gyre__switch_prepare(stack->base + stack->size, body, coro);
    coro->caller = NULL;
    coro->fn = fn;
    coro->arg = arg;
    coro->own_errno = 0;
    return 0;
}

bool gyre__coro_resume(struct gyre__coro *coro)
{
    struct gyre__visit visit;
    struct gyre__stack *stack = coro->stack;
    void *context = coro->context;
    bool more;

    GYRE__CHECK(context, "a coroutine was resumed while it ran, or after its end");
    coro->context = NULL;
    step_in(coro);
    gyre__fiber_enter(&stack->fiber, stack->base, stack->size, &visit);
    more = gyre__switch(&coro->caller, context, true);
    gyre__fiber_leave(&stack->fiber, more, &visit);
    return more;
}

void gyre__coro_suspend(struct gyre__coro *coro)
{
    GYRE__CHECK(coro == here.coro, "a coroutine was suspended from outside");
    step_out(coro);
    gyre__switch(&coro->context, coro->caller, true);
}

void gyre__coro_finish(struct gyre__coro *coro, struct gyre__stack_pool *pool)
{
    bool ended = coro->caller && !coro->context && coro != here.coro;

    GYRE__CHECK(ended || !coro->caller, "the stack of a coroutine that has not ended was given back");
    gyre__stack_put(pool, coro->stack);
    coro->stack = NULL;
    coro->context = NULL;
}

struct gyre__coro *gyre__coro_current(void)
{
    return here.coro;
}
