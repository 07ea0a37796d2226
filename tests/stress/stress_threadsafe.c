/* stress_threadsafe.c - four threads at the door of a loop that stops, runs again and closes under their
 * hands.
 *
 * call_soon_threadsafe with cancels from both sides, run_coroutine_threadsafe with cancels and waits. Every
 * arg is released once, and every concurrent future has an outcome when its loop is closed.
 */
#include "stress.h"

enum { THREADS = 4 };

static gyre_loop *loop;
static atomic_long handed, released, ran, outcomes;

static void *hand_over(void)
{
    atomic_fetch_add(&handed, 1);
    return malloc(1);
}

static void release(void *arg)
{
    free(arg);
    atomic_fetch_add(&released, 1);
}

static void run(void *arg)
{
    atomic_fetch_add(&ran, 1);
    if (roll(32) == 0)
        gyre_loop_call_soon(gyre_get_running_loop(), run, hand_over(), .release = release);
}

static int step(void *arg)
{
    int err = roll(2) ? gyre_sleep(roll(100) / 1e5) : 0;

    return err ? err : roll(4) ? 5 : gyre_error_set(-EIO, "bad luck");
}

static void schedule(void)
{
    gyre_handle handle = gyre_loop_call_soon_threadsafe(loop, run, hand_over(), .release = release);
    gyre_handle again = handle;
    int err = gyre_handle_error(&handle);

    expect(err == 0 || err == GYRE_ELOOPCLOSED);
    if (roll(2))
        gyre_handle_cancel(&handle);
    if (roll(4) == 0)
        gyre_handle_cancel(&again);
}

static void look_at(gyre_concurrent_future *future)
{
    int err = gyre_concurrent_future_result(future, NULL, roll(2) ? 0 : roll(100) / 1e5);

    expect(err == 5 || err == -EIO || err == -ETIMEDOUT || err == GYRE_ECANCELLED || err == GYRE_ELOOPCLOSED);
    if (roll(2))
        gyre_concurrent_future_cancel(future);
}

static gyre_concurrent_future *start_task(void)
{
    gyre_concurrent_future *future = NULL;
    int err = gyre_run_coroutine_threadsafe(loop, &future, step, hand_over(), .release = release);

    expect(err == 0 || err == GYRE_ELOOPCLOSED);
    if (future)
        look_at(future);
    return future;
}

/* What was started last is asked when the loop is closed. */
static void *knock(void *arg)
{
    gyre_concurrent_future *last = NULL;

    while (!time_is_up()) {
        gyre_concurrent_future *future = roll(8) ? NULL : start_task();

        schedule();
        if (!future)
            continue;
        gyre_concurrent_future_unref(last);
        last = future;
    }
    return last;
}

static void stop(void *arg)
{
    gyre_loop_stop(gyre_get_running_loop());
}

static int quiet(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    return 0;
}

/* Runs a few times, and closes before the knocking ends. */
static void *live(void *arg)
{
    while (now() < deadline - 0.02) {
        gyre_loop_call_later(loop, roll(500) / 1e5, stop, NULL);
        expect(gyre_loop_run_forever(loop) == 0);
    }
    expect(gyre_loop_close(loop) == 0);
    return NULL;
}

static void end_thread(pthread_t thread)
{
    void *last;

    pthread_join(thread, &last);
    if (last)
        atomic_fetch_add(&outcomes, gyre_concurrent_future_done(last));
    expect(!last || gyre_concurrent_future_done(last));
    gyre_concurrent_future_unref(last);
}

static void run_part(int parts)
{
    pthread_t threads[THREADS], owner;

    loop = gyre_loop_new();
    gyre_loop_set_exception_handler(loop, quiet, NULL);
    begin_part(parts);
    pthread_create(&owner, NULL, live, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, knock, NULL);
    pthread_join(owner, NULL);
    for (int i = 0; i < THREADS; i++)
        end_thread(threads[i]);
    gyre_loop_unref(loop);
    expect(atomic_load(&handed) == atomic_load(&released));
}

int main(int argc, char **argv)
{
    enum { PARTS = 8 };

    begin_stress(argc, argv);
    for (int i = 0; i < PARTS; i++)
        run_part(PARTS);
    printf("%ld handed over, %ld run, %ld last outcomes\n", atomic_load(&handed), atomic_load(&ran),
           atomic_load(&outcomes));
    return end_stress();
}
