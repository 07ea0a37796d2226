/* loop/schedule.c - call_soon, call_soon_threadsafe, call_later, call_at: how a function gets into the
 * queues. */
#include "base/memory.h"
#include "loop/loop.h"
#include <math.h>
#include <stdlib.h>

static gyre_release release_of(const gyre_call_options *options)
{
    return options ? options->release : NULL;
}

static inline struct gyre__call *soon(gyre_loop *loop, gyre_callback fn, void *arg,
                                      const gyre_call_options *options)
{
    struct gyre__call *call = gyre__call_new(loop, GYRE__CALL_SOON, arg, release_of(options));

    call->fn = fn;
    call->vars = gyre__call_vars(options);
    gyre__loop_ready(loop, call);
    return call;
}

gyre_handle gyre__call_soon_guarded(gyre_loop *loop, gyre_callback fn, void *arg,
                                    const gyre_call_options *options)
{
    int err = gyre__loop_check_call(loop, fn, "call_soon");
    struct gyre__call *call;

    if (err)
        return gyre__ticket_error(err, arg, release_of(options));
    call = soon(loop, fn, arg, options);
    gyre__source_note(loop, call);
    return gyre__ticket(loop, call);
}

gyre_handle(gyre_loop_call_soon)(gyre_loop *loop, gyre_callback fn, void *arg,
                                 const gyre_call_options *options)
{
    if (gyre__loop_guarded(loop))
        return gyre__call_soon_guarded(loop, fn, arg, options);
    return gyre__ticket(loop, soon(loop, fn, arg, options));
}

static struct gyre__call *write_letter(struct gyre__inbox *inbox, gyre_callback fn, void *arg,
                                       const gyre_call_options *options)
{
    struct gyre__call *letter = gyre__calloc(sizeof *letter);

    letter->kind = GYRE__CALL_FOREIGN;
    letter->fn = fn;
    letter->arg = arg;
    letter->release = release_of(options);
    letter->vars = gyre__call_vars(options);
    letter->number = atomic_fetch_add_explicit(&inbox->number, 1, memory_order_relaxed) + 1;
    return letter;
}

static int send_letter(struct gyre__inbox *inbox, struct gyre__call *letter)
{
    gyre_release release = letter->release;
    void *arg = letter->arg;

    if (gyre__inbox_push(inbox, letter) == 0)
        return 0;
    gyre__call_free(NULL, letter);
    if (release)
        release(arg);
    return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
}

int gyre__post(struct gyre__inbox *inbox, gyre_callback fn, void *arg, gyre_release release)
{
    gyre_call_options options = {.size = sizeof options, .release = release};

    return send_letter(inbox, write_letter(inbox, fn, arg, &options));
}

gyre_handle(gyre_loop_call_soon_threadsafe)(gyre_loop *loop, gyre_callback fn, void *arg,
                                            const gyre_call_options *options)
{
    struct gyre__call *letter = write_letter(loop->inbox, fn, arg, options);
    /* Once sent the letter is the loop's, and may be gone. */
    gyre_handle ticket = gyre__ticket(loop, letter);
    int err = send_letter(loop->inbox, letter);

    return err ? gyre__ticket_error(err, NULL, NULL) : ticket;
}

/* Always inline: who made a timer is the caller of a public function, not of this one. */
static inline __attribute__((always_inline)) gyre_handle arm(gyre_loop *loop, int64_t when, gyre_callback fn,
                                                             void *arg, const gyre_call_options *options)
{
    struct gyre__call *call = gyre__call_new(loop, GYRE__CALL_TIMER, arg, release_of(options));
    gyre_handle ticket = gyre__ticket(loop, call);

    call->fn = fn;
    call->when = when;
    call->vars = gyre__call_vars(options);
    gyre__timers_arm(loop, call, gyre__timers_number(&loop->timers));
    gyre__source_note(loop, call);
    return ticket;
}

static int check_timer(gyre_loop *loop, double seconds, gyre_callback fn)
{
    int err = gyre__loop_guarded(loop) ? gyre__loop_check_call(loop, fn, "call_at") : 0;

    if (!err && isnan(seconds))
        err = gyre_error_set(GYRE_EVALUE, "the time is not a number");
    return err;
}

static int64_t add(int64_t now, int64_t delay)
{
    int64_t when;

    return __builtin_add_overflow(now, delay, &when) ? GYRE__FOREVER - 1 : when;
}

gyre_handle(gyre_loop_call_later)(gyre_loop *loop, double delay, gyre_callback fn, void *arg,
                                  const gyre_call_options *options)
{
    int err = check_timer(loop, delay, fn);
    gyre_handle ticket;
    int64_t when;

    if (err)
        return gyre__ticket_error(err, arg, release_of(options));
    when = add(gyre__loop_clock(loop), gyre__nanoseconds(delay));
    ticket = arm(loop, when, fn, arg, options);
    ticket.when = (double)when / 1e9;
    return ticket;
}

gyre_handle(gyre_loop_call_at)(gyre_loop *loop, double when, gyre_callback fn, void *arg,
                               const gyre_call_options *options)
{
    int err = check_timer(loop, when, fn);
    gyre_handle ticket;

    if (err)
        return gyre__ticket_error(err, arg, release_of(options));
    ticket = arm(loop, gyre__nanoseconds(when), fn, arg, options);
    ticket.when = when;
    return ticket;
}

double gyre_loop_time(const gyre_loop *loop)
{
    return (double)(loop->driver ? gyre__loop_clock(loop) : loop->now) / 1e9;
}
