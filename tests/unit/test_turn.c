/* test_turn.c - one turn after the other: exactly the batch, I/O, timers, the inbox; and how a run ends. */
#include "unit.h"

#include "loop/loop.h"
#include <sys/socket.h>

static void queue_child(void *word)
{
    note(word);
    gyre_loop_call_soon(loop, note, "child");
}

/* T1, spec 3 call_soon S4: what a callback queues waits for the next turn. */
static void test_exactly_the_batch(void **state)
{
    gyre_loop_call_soon(loop, queue_child, "one");
    gyre_loop_call_soon(loop, queue_child, "two");
    run_once();
    assert_noted("one two");
    run_once();
    assert_noted("child child");
}

static void queue_itself(void *arg)
{
    note("x");
    gyre_loop_call_soon(loop, queue_itself, NULL);
}

static void note_readable(void *arg, int events)
{
    note("io");
}

/* T1: a callback that queues itself for ever starves neither I/O nor timers: polls are left out at most
 * sixteen times in a row. */
static void test_no_starvation(void **state)
{
    struct gyre__watch *watch;
    gyre_loop_stats stats;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    watch = loop->driver_class->watch(loop->driver, pair[0], GYRE__READABLE, note_readable, NULL);
    gyre_loop_call_soon(loop, queue_itself, NULL);
    gyre_loop_call_later(loop, 0.001, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    assert_non_null(strstr(noted, "io"));
    gyre_loop_get_stats(loop, &stats);
    assert_true(stats.polls * 17 + 1 >= stats.turns);
    loop->driver_class->unwatch(watch);
    close(pair[0]);
    close(pair[1]);
}

static void count_down(void *arg)
{
    if (--*(int *)arg > 0)
        gyre_loop_call_soon(loop, count_down, arg);
    else
        gyre_loop_stop(loop);
}

/* A poll that was left out changes neither order nor the count of turns. */
static void test_skipped_polls_are_turns(void **state)
{
    gyre_loop_stats stats;
    int left = 200;

    gyre_loop_call_soon(loop, count_down, &left);
    gyre_loop_run_forever(loop);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.turns, 200);
    assert_true(stats.polls < stats.turns);
}

static void arm_and_queue(void *arg)
{
    note("X");
    gyre_loop_call_later(loop, 0, note, "timer");
    gyre_loop_call_soon(loop, note, "soon");
}

/* Spec 0.7: I/O, then due timers; both come before what they queue, after what is ready. */
static void test_order_of_a_turn(void **state)
{
    struct gyre__watch *watch;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    watch = loop->driver_class->watch(loop->driver, pair[0], GYRE__READABLE, note_readable, NULL);
    gyre_loop_call_later(loop, 0, queue_child, "timer");
    gyre_loop_call_soon(loop, note, "ready");
    run_once();
    assert_noted("ready io timer");
    loop->driver_class->unwatch(watch);
    run_once();
    assert_noted("child");
    gyre_loop_call_soon(loop, arm_and_queue, NULL);
    run_passes(2);
    assert_noted("X soon timer");
    close(pair[0]);
    close(pair[1]);
}

static void send_letter(void *arg)
{
    note("sender");
    gyre_loop_call_soon_threadsafe(loop, note, "letter");
    gyre_loop_call_soon(loop, note, "soon");
}

/* test_events.py::EventLoopTestsMixin::test_call_soon_threadsafe_same_thread; T6: a letter does not overtake.
 */
static void test_letters_join_the_queue(void **state)
{
    gyre_loop_call_soon(loop, send_letter, NULL);
    gyre_loop_call_soon(loop, note, "older");
    run_once();
    assert_noted("sender older");
    run_once();
    assert_noted("soon letter");
}

/* test_base_events.py::BaseEventLoopTests::test_run_forever_pre_stopped; T2, S4: one pass. */
static void test_stop_before_the_run(void **state)
{
    gyre_loop_call_soon(loop, queue_child, "before");
    gyre_loop_stop(loop);
    gyre_loop_stop(loop);
    gyre_loop_call_soon(loop, note, "after");
    gyre_loop_call_later(loop, 0, note, "timer");
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_noted("before timer");
    /* Two stops were one: this run needs its own. */
    run_once();
    assert_noted("after child");
}

static void stop_between(void *arg)
{
    note("X");
    gyre_loop_call_soon(loop, note, "before");
    gyre_loop_stop(loop);
    gyre_loop_call_soon(loop, note, "after");
}

/* Spec 2, stop S1: a second stop before the first was obeyed changes nothing. */
static void test_two_stops_are_one(void **state)
{
    gyre_loop_call_soon(loop, note, "before");
    gyre_loop_stop(loop);
    gyre_loop_call_soon(loop, note, "between");
    gyre_loop_stop(loop);
    gyre_loop_run_forever(loop);
    assert_noted("before");
    run_once();
    assert_noted("between");
}

/* Spec 2, stop S1-S3 and the seed: all that was scheduled before stop() runs, what comes after waits. */
static void test_the_marker(void **state)
{
    gyre_loop_call_soon(loop, stop_between, NULL);
    gyre_loop_call_soon(loop, note, "batch");
    gyre_loop_run_forever(loop);
    assert_noted("X batch before");
    run_once();
    assert_noted("after");
}

/* The option: asyncio's flag since 3.5.1. */
static void test_the_flag(void **state)
{
    gyre_loop *before = loop;

    loop = gyre_loop_new(.stop_flag = GYRE_YES);
    gyre_loop_call_soon(loop, stop_between, NULL);
    gyre_loop_call_soon(loop, note, "batch");
    gyre_loop_run_forever(loop);
    assert_noted("X batch");
    run_once();
    assert_noted("before after");
    gyre_loop_unref(loop);
    loop = before;
}

/* Spec 2, stop: the last pass still polls and runs I/O. */
static void test_the_last_pass_polls(void **state)
{
    struct gyre__watch *watch;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    watch = loop->driver_class->watch(loop->driver, pair[0], GYRE__READABLE, note_readable, NULL);
    gyre_loop_call_soon(loop, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    assert_noted("io");
    loop->driver_class->unwatch(watch);
    close(pair[0]);
    close(pair[1]);
}

static void stop_from_timer(void *arg)
{
    note("timer");
    gyre_loop_call_soon(loop, note, "before");
    gyre_loop_stop(loop);
    gyre_loop_call_soon(loop, note, "after");
}

static void test_stop_in_a_timer(void **state)
{
    gyre_loop_call_later(loop, 0.001, stop_from_timer, NULL);
    gyre_loop_run_forever(loop);
    assert_noted("timer before");
    run_once();
    assert_noted("after");
}

static int codes[4];

static void run_again(void *arg)
{
    gyre_loop *other = gyre_loop_new();

    assert_true(gyre_loop_is_running(loop));
    codes[0] = gyre_loop_run_forever(loop);
    codes[1] = gyre_loop_run_forever(other);
    gyre_loop_stop(loop);
    gyre_loop_unref(other);
}

/* test_events.py::EventLoopTestsMixin::test_run_until_complete_nesting,
 * test_base_events.py::RunningLoopTests::test_running_loop_within_a_loop; S2, S3 */
static void test_no_run_within_a_run(void **state)
{
    gyre_loop_call_soon(loop, run_again, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_int_equal(codes[0], GYRE_ELOOPRUNNING);
    assert_int_equal(codes[1], GYRE_ELOOPRUNNING);
    assert_false(gyre_loop_is_running(loop));
    run_once();
}

static struct flushing {
    struct gyre__flush flush;
    const char *word;
} flushing;

static void flush(struct gyre__flush *work)
{
    note((void *)GYRE__OF(work, struct flushing, flush)->word);
}

static void flush_later(void *word)
{
    note("callback");
    flushing.word = word;
    gyre__loop_flush_later(loop, &flushing.flush);
    gyre__loop_flush_later(loop, &flushing.flush);
    gyre_loop_stop(loop);
}

/* T38: what is to be flushed is flushed before the poll, also when the loop stops; once. */
static void test_flush(void **state)
{
    struct gyre__watch *watch;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    watch = loop->driver_class->watch(loop->driver, pair[0], GYRE__READABLE, note_readable, NULL);
    flushing.flush.fn = flush;
    gyre__list_init(&flushing.flush.link);
    gyre_loop_call_soon(loop, flush_later, "flushed");
    gyre_loop_call_soon(loop, note, "batch");
    gyre_loop_run_forever(loop);
    assert_noted("callback batch flushed io");
    loop->driver_class->unwatch(watch);
    close(pair[0]);
    close(pair[1]);
    gyre_loop_call_later(loop, 0, flush_later, "flushed");
    gyre_loop_run_forever(loop);
    assert_noted("callback flushed");
}

/* SIGPIPE stays out of threads that run loops. */
static void test_sigpipe_is_blocked(void **state)
{
    sigset_t blocked;

    run_once();
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    assert_true(sigismember(&blocked, SIGPIPE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_exactly_the_batch),
        ON_LOOP(test_no_starvation),
        ON_LOOP(test_skipped_polls_are_turns),
        ON_LOOP(test_order_of_a_turn),
        ON_LOOP(test_letters_join_the_queue),
        ON_LOOP(test_stop_before_the_run),
        ON_LOOP(test_two_stops_are_one),
        ON_LOOP(test_the_marker),
        ON_LOOP(test_the_flag),
        ON_LOOP(test_the_last_pass_polls),
        ON_LOOP(test_stop_in_a_timer),
        ON_LOOP(test_no_run_within_a_run),
        ON_LOOP(test_flush),
        ON_LOOP(test_sigpipe_is_blocked),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
