/* stress_calls.c - calls, submits, maps and posts in all directions, random cancels, and an end in the middle
 * of it.
 *
 * Whatever happens: a far task that began has ended before its call returned, every arg is released once, and
 * no answer is lost.
 */
#include "stress.h"

enum { SHARDS = 3, TASKS = 12, DEEPEST = 4 };

static atomic_long begun, ended, handed, released, posted, parts_begun, parts_ended;

/* Lies on the caller's stack: ASan sees it when a call returns too early. */
struct errand {
    int depth;          /* calls within calls */
    atomic_int running; /* far tasks inside it */
    int answer;         /* to be given */
};

static int run_errand(void *arg);

static int any_shard(void)
{
    return (int)roll(SHARDS);
}

static bool is_fine(int err)
{
    return err >= 0 || err == GYRE_ECANCELLED || err == -ETIMEDOUT || err == GYRE_ELOOPCLOSED ||
           err == -EIO || err == GYRE_EQUEUEFULL;
}

static int call_somebody(int depth)
{
    struct errand errand = {.depth = depth, .answer = (int)roll(1000)};
    int err = gyre_shard_call(any_shard(), run_errand, &errand);

    expect(atomic_load(&errand.running) == 0);
    expect(is_fine(err));
    expect(err < 0 || err == errand.answer);
    return err;
}

static int call_within(int depth, double seconds)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, seconds);
    return (int)gyre_timeout_end(&timeout, call_somebody(depth));
}

static int answer(struct errand *errand)
{
    int err = 0;

    if (roll(3))
        err = gyre_sleep(roll(2) ? 0 : roll(300) / 1e5);
    if (!err && errand->depth > 0)
        err = call_somebody(errand->depth - 1);
    if (!err || roll(8) == 0)
        err = gyre_sleep(0);
    if (err < 0)
        return err;
    return roll(16) ? errand->answer : gyre_error_set(-EIO, "bad luck");
}

static int run_errand(void *arg)
{
    struct errand *errand = arg;
    int err;

    atomic_fetch_add(&begun, 1);
    atomic_fetch_add(&errand->running, 1);
    err = answer(errand);
    atomic_fetch_sub(&errand->running, 1);
    atomic_fetch_add(&ended, 1);
    return err;
}

static int look(void *arg)
{
    return *(int *)arg;
}

static int call_inline(void)
{
    int value = (int)roll(100);
    int err = gyre_shard_call(any_shard(), look, &value, .run_inline = GYRE_YES);

    expect(err == value || !gyre_is_error(err) || err == GYRE_ELOOPCLOSED);
    return err;
}

static void release(void *arg)
{
    free(arg);
    atomic_fetch_add(&released, 1);
}

static struct errand *hand_over(void)
{
    struct errand *errand = calloc(1, sizeof *errand);

    errand->depth = (int)roll(2);
    atomic_fetch_add(&handed, 1);
    return errand;
}

static int submit(void)
{
    gyre_future *future;
    int err = gyre_shard_submit(any_shard(), &future, run_errand, hand_over(), .release = release);

    expect(is_fine(err));
    if (err)
        return err;
    if (roll(2))
        gyre_sleep(0);
    if (roll(2))
        gyre_future_cancel(future);
    err = roll(4) ? gyre_await(future, NULL) : gyre_sleep(0.001);
    if (gyre_future_done(future))
        gyre_future_exception(future);
    else
        gyre_future_cancel(future);
    gyre_future_unref(future);
    return err;
}

static void receive(void *arg)
{
    atomic_fetch_add(&posted, 1);
    if (roll(4) == 0)
        gyre_shard_post(any_shard(), receive, hand_over(), .release = release);
}

static int fill_part(void *arg, void *part)
{
    int err;

    atomic_fetch_add(&parts_begun, 1);
    err = gyre_sleep(roll(200) / 1e5);
    *(int *)part = err ? err : gyre_shard_id();
    atomic_fetch_add(&parts_ended, 1);
    return err;
}

static int map(void)
{
    int parts[SHARDS];
    int err = gyre_shard_map(parts, sizeof parts[0], fill_part, NULL);

    for (int i = 0; err == 0 && i < SHARDS; i++)
        expect(parts[i] == i);
    expect(is_fine(err));
    return err;
}

static int do_something(void)
{
    switch (roll(8)) {
    case 0:
        return call_inline();
    case 1:
        return submit();
    case 2:
        return gyre_shard_post(any_shard(), receive, hand_over(), .release = release);
    case 3:
        return map();
    case 4:
    case 5:
        return call_within((int)roll(DEEPEST), roll(200) / 1e5);
    default:
        return call_somebody((int)roll(DEEPEST));
    }
}

/* Ends when it is cancelled; its own errors are part of the game. */
static int play(void *arg)
{
    int err = 0;

    while (err != GYRE_ECANCELLED && err != GYRE_ELOOPCLOSED) {
        err = do_something();
        if (err != GYRE_ECANCELLED && err != GYRE_ELOOPCLOSED)
            err = gyre_sleep(0);
    }
    return GYRE_ECANCELLED;
}

/* Cancels tasks at random and puts new ones in their places. */
static int direct(void *arg)
{
    gyre_task *tasks[TASKS];
    int err = 0;

    for (int i = 0; i < TASKS; i++)
        gyre_create_task(&tasks[i], play, NULL);
    while (!err && !time_is_up()) {
        int i = (int)roll(TASKS);

        gyre_task_cancel(tasks[i]);
        if (roll(2))
            gyre_task_cancel(tasks[i]);
        gyre_future_unref(tasks[i]);
        gyre_create_task(&tasks[i], play, NULL, .eager_start = roll(2) ? GYRE_YES : GYRE_NO);
        err = gyre_sleep(roll(100) / 1e5);
    }
    for (int i = 0; i < TASKS; i++)
        gyre_future_unref(tasks[i]);
    return err;
}

static int quiet(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    return 0;
}

static int main_of_shard(void *arg)
{
    /* Errors of tasks that nobody awaits are part of the game. */
    gyre_loop_set_exception_handler(gyre_get_running_loop(), quiet, NULL);
    return direct(arg);
}

static void report(void)
{
    printf("%ld calls, %ld args, %ld posts, %ld parts\n", atomic_load(&ended), atomic_load(&released),
           atomic_load(&posted), atomic_load(&parts_ended));
}

int main(int argc, char **argv)
{
    enum { PARTS = 4 };

    begin_stress(argc, argv);
    for (int i = 0; i < PARTS; i++) {
        begin_part(PARTS);
        expect(gyre_run_sharded(SHARDS, main_of_shard, NULL, .quiet = GYRE_YES) == 0);
        expect(atomic_load(&begun) == atomic_load(&ended));
        expect(atomic_load(&handed) == atomic_load(&released));
        expect(atomic_load(&parts_begun) == atomic_load(&parts_ended));
    }
    report();
    return end_stress();
}
