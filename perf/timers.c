/* timers.c - a timer among 100 000 that are pending: armed and cancelled, and armed and run; against
 * uv_timer. */
#include "measure.h"
#include <gyre/gyre.h>
#include <uv.h>

enum { PENDING = 100000, RESETS = 400000 };

static gyre_loop *loop;
static gyre_handle handles[PENDING];
static uv_loop_t uv;
static uv_timer_t timers[PENDING];
static int fired;

static void nothing(void *arg)
{
    (void)arg;
}

static void uv_nothing(uv_timer_t *timer)
{
    (void)timer;
}

/* Deadlines in no order, between 100 and 1100 seconds from now. */
static double some_delay(int i)
{
    return 100 + (double)((unsigned)i * 2654435761u % 1000000) / 1000;
}

static void fill(void)
{
    for (int i = 0; i < PENDING; i++)
        handles[i] = gyre_loop_call_later(loop, some_delay(i), nothing, NULL);
}

static void uv_fill(void)
{
    uv_loop_init(&uv);
    for (int i = 0; i < PENDING; i++) {
        uv_timer_init(&uv, &timers[i]);
        uv_timer_start(&timers[i], uv_nothing, (uint64_t)(some_delay(i) * 1000), 0);
    }
}

/* The timers in the order in which they were set, or in one that no cache foresees. */
static unsigned in_order(unsigned i)
{
    return i % PENDING;
}

static unsigned in_disorder(unsigned i)
{
    return i * 7919u % PENDING;
}

/* What a busy connection does: its timeout goes, and one that ends later than all others is set. */
static double reset(unsigned (*order)(unsigned i))
{
    double start = measure_now(), when = gyre_loop_time(loop) + 2000;

    for (unsigned i = 0; i < RESETS; i++) {
        gyre_handle *handle = &handles[order(i)];

        gyre_handle_cancel(handle);
        *handle = gyre_loop_call_at(loop, when + i * 1e-6, nothing, NULL);
    }
    return (measure_now() - start) * 1e9 / RESETS;
}

/* libuv counts from a clock that it reads once a turn. */
static double uv_reset(unsigned (*order)(unsigned i))
{
    static uint64_t passed;
    double start = measure_now();

    for (unsigned i = 0; i < RESETS; i++)
        uv_timer_start(&timers[order(i)], uv_nothing, 2000000 + passed++ / 1000, 0);
    return (measure_now() - start) * 1e9 / RESETS;
}

static double reset_oldest(void)
{
    return reset(in_order);
}

static double uv_reset_oldest(void)
{
    return uv_reset(in_order);
}

static double reset_any(void)
{
    return reset(in_disorder);
}

static double uv_reset_any(void)
{
    return uv_reset(in_disorder);
}

/* With a delay, for which the clock is read. */
static double reset_later(void)
{
    double start = measure_now();

    for (unsigned i = 0; i < RESETS; i++) {
        gyre_handle *handle = &handles[in_order(i)];

        gyre_handle_cancel(handle);
        *handle = gyre_loop_call_later(loop, 2000, nothing, NULL);
    }
    return (measure_now() - start) * 1e9 / RESETS;
}

/* Both sides: all deadlines lie within 5 ms, and are over when the loop runs. */
static double soon(int i)
{
    return some_delay(i) / 1e6;
}

static void sleep_past(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static void count_down(void *arg)
{
    if (++fired == PENDING)
        gyre_loop_stop(arg);
}

static double expire(void)
{
    gyre_loop *fresh = gyre_loop_new();
    double start = measure_now(), armed;

    fired = 0;
    for (int i = 0; i < PENDING; i++)
        gyre_loop_call_later(fresh, soon(i), count_down, fresh);
    armed = measure_now() - start;
    sleep_past();
    start = measure_now();
    gyre_loop_run_forever(fresh);
    armed += measure_now() - start;
    gyre_loop_close(fresh);
    gyre_loop_unref(fresh);
    return armed * 1e9 / PENDING;
}

static double uv_expire(void)
{
    static uv_timer_t mine[PENDING];
    uv_loop_t fresh;
    double start, armed;

    uv_loop_init(&fresh);
    start = measure_now();
    for (int i = 0; i < PENDING; i++) {
        uv_timer_init(&fresh, &mine[i]);
        uv_timer_start(&mine[i], uv_nothing, (uint64_t)(soon(i) * 1000) + 1, 0);
    }
    armed = measure_now() - start;
    sleep_past();
    start = measure_now();
    uv_run(&fresh, UV_RUN_DEFAULT);
    armed += measure_now() - start;
    uv_loop_close(&fresh);
    return armed * 1e9 / PENDING;
}

static void ask(const char *what, measure_run ours, measure_run theirs)
{
    measure((struct measure_question){what, "ns", ours, "uv_timer", theirs});
}

int main(void)
{
    loop = gyre_loop_new();
    fill();
    uv_fill();
    ask("timeout reset by call_at, 100 000 pending, oldest first", reset_oldest, uv_reset_oldest);
    ask("timeout reset by call_at, 100 000 pending, in disorder", reset_any, uv_reset_any);
    ask("timeout reset by call_later, 100 000 pending, oldest first", reset_later, uv_reset_oldest);
    ask("timer armed and run, 100 000 at once", expire, uv_expire);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    return 0;
}
