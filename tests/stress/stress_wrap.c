/* stress_wrap.c - a loop wraps concurrent futures that three threads complete, and closes under their hands.
 *
 * Both sides cancel. Every concurrent future calls its callbacks once, every value is released once, and what
 * comes home does so once, or not at all when the loop has closed.
 */
#include "stress.h"

enum { THREADS = 3, ROOM = 256, KEPT = 32 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gyre_concurrent_future *queue[ROOM];
static size_t queued;

static atomic_bool closed;
static atomic_long made, done, values, released;
static long wrapped, home;

static bool put(gyre_concurrent_future *future)
{
    bool fits;

    pthread_mutex_lock(&lock);
    fits = queued < ROOM;
    if (fits)
        queue[queued++] = future;
    pthread_mutex_unlock(&lock);
    return fits;
}

static gyre_concurrent_future *take(void)
{
    gyre_concurrent_future *future;

    pthread_mutex_lock(&lock);
    future = queued ? queue[--queued] : NULL;
    pthread_mutex_unlock(&lock);
    return future;
}

static void release(void *value)
{
    free(value);
    atomic_fetch_add(&released, 1);
}

static void give_value(gyre_concurrent_future *future)
{
    void *value = malloc(1);

    if (gyre_concurrent_future_set_result(future, value, .release = release) == 0)
        atomic_fetch_add(&values, 1);
    else
        free(value);
}

static void complete(gyre_concurrent_future *future)
{
    if (roll(4) == 0)
        expect(gyre_concurrent_future_set_running_or_notify_cancel(future) >= 0);
    switch (roll(3)) {
    case 0:
        give_value(future);
        break;
    case 1:
        gyre_error_set(0, "number %u", roll(1000));
        gyre_concurrent_future_set_exception(future, -EIO);
        break;
    default:
        if (!gyre_concurrent_future_cancel(future))
            give_value(future);
    }
    expect(gyre_concurrent_future_done(future));
    gyre_concurrent_future_unref(future);
}

/* Until the loop has closed, and nothing is left. */
static void *work(void *arg)
{
    bool last;

    do {
        gyre_concurrent_future *future;

        last = atomic_load(&closed);
        while ((future = take()))
            complete(future);
        nap(roll(20) / 1e5);
    } while (!last);
    return NULL;
}

static void count_done(gyre_concurrent_future *future, void *arg)
{
    atomic_fetch_add(&done, 1);
}

static void come_home(gyre_future *future, void *arg)
{
    int code = gyre_future_result(future, NULL);

    expect(code == 0 || code == -EIO || code == GYRE_ECANCELLED);
    home++;
}

static gyre_future *kept[KEPT];

static void keep(gyre_future *future)
{
    gyre_future **place = &kept[roll(KEPT)];

    if (*place && roll(2))
        gyre_future_cancel(*place);
    gyre_future_unref(*place);
    *place = future;
}

static void wrap_one(void *arg)
{
    gyre_concurrent_future *future = gyre_concurrent_future_new();
    gyre_future *here = gyre_wrap_future(future);

    wrapped++;
    atomic_fetch_add(&made, 1);
    gyre_concurrent_future_add_done_callback(future, count_done, NULL);
    gyre_future_add_done_callback(here, come_home, NULL);
    if (roll(8) == 0)
        gyre_future_cancel(here);
    keep(here);
    if (!put(future))
        complete(future);
    gyre_loop_call_later(gyre_get_running_loop(), roll(4) ? 0 : roll(10) / 1e5, wrap_one, NULL);
}

static void stop(void *arg)
{
    gyre_loop_stop(gyre_get_running_loop());
}

static int quiet(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    return 0;
}

static void live(void)
{
    gyre_loop *loop = gyre_loop_new();

    gyre_loop_set_exception_handler(loop, quiet, NULL);
    gyre_loop_call_soon(loop, wrap_one, NULL);
    while (!time_is_up()) {
        gyre_loop_call_later(loop, roll(500) / 1e5, stop, NULL);
        expect(gyre_loop_run_forever(loop) == 0);
    }
    expect(gyre_loop_close(loop) == 0);
    atomic_store(&closed, true);
    for (int i = 0; i < KEPT; i++) {
        gyre_future_unref(kept[i]);
        kept[i] = NULL;
    }
    gyre_loop_unref(loop);
}

static void run_part(int parts)
{
    pthread_t threads[THREADS];

    atomic_store(&closed, false);
    begin_part(parts);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    live();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    expect(atomic_load(&made) == atomic_load(&done));
    expect(atomic_load(&values) == atomic_load(&released));
    expect(home <= wrapped && home > 0);
}

int main(int argc, char **argv)
{
    enum { PARTS = 8 };

    begin_stress(argc, argv);
    for (int i = 0; i < PARTS; i++)
        run_part(PARTS);
    printf("%ld wrapped, %ld came home, %ld values\n", wrapped, home, atomic_load(&values));
    return end_stress();
}
