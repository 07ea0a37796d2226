/* test_timer.c - never early, in order, and not in the way once cancelled. */
#include "unit.h"

#include "loop/loop.h"

struct alarm_clock {
    double when;
    bool early;
};

static void check_time_of(void *arg)
{
    struct alarm_clock *clock = arg;

    clock->early = gyre_loop_time(loop) < clock->when;
}

/* test_events.py::EventLoopTestsMixin::test_timeout_rounding,
 * uv:test_base.py::_TestBase::test_call_later_rounding, uv:test_base.py::_TestBase::test_call_at; spec/S05,
 * T8 */
static void test_never_early(void **state)
{
    enum { COUNT = 60 };
    struct alarm_clock clocks[COUNT];
    double start = gyre_loop_time(loop);

    for (int i = 0; i < COUNT; i++) {
        clocks[i] = (struct alarm_clock){start + 0.01 + i * 0.00037, true};
        gyre_loop_call_at(loop, clocks[i].when, check_time_of, &clocks[i]);
    }
    gyre_loop_call_later(loop, 0.05, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    for (int i = 0; i < COUNT; i++)
        assert_false(clocks[i].early);
}

/* test_base_events.py::BaseEventLoopTests::test_time_and_call_at,
 * test_events.py::EventLoopTestsMixin::test_call_later */
static void test_call_later(void **state)
{
    double start = gyre_loop_time(loop);
    gyre_handle handle = gyre_loop_call_later(loop, 0.02, stop_loop, NULL);

    assert_true(gyre_handle_when(&handle) >= start + 0.02);
    gyre_loop_run_forever(loop);
    assert_true(gyre_loop_time(loop) >= start + 0.02);
}

/* test_base_events.py::BaseEventLoopTests::test_call_later: it waits, it is not ready. */
static void test_call_later_waits(void **state)
{
    gyre_handle handle = gyre_loop_call_later(loop, 10, note, "never");

    assert_null(loop->ready.first);
    assert_int_equal(loop->timers.heap.count, 1);
    assert_false(gyre_handle_cancelled(&handle));
    run_passes(3);
    assert_noted("");
    assert_int_equal(loop->timers.heap.count, 1);
}

/* uv:test_base.py::TestBaseUV::test_loop_call_later_handle_when: it can be asked after a cancel, too. */
static void test_when_of_a_delay(void **state)
{
    double start = gyre_loop_time(loop);
    gyre_handle handle = gyre_loop_call_later(loop, 1, do_nothing, NULL);
    double when = gyre_handle_when(&handle);

    assert_true(when >= start + 1 && when <= gyre_loop_time(loop) + 1);
    gyre_handle_cancel(&handle);
    assert_true(gyre_handle_cancelled(&handle));
    assert_true(gyre_handle_when(&handle) == when);
}

/* test_events.py::TimerTests::test_timer: a cancelled one forgets its arg at once, and never runs. */
static void test_a_cancelled_timer(void **state)
{
    int released = 0;
    gyre_handle handle =
        gyre_loop_call_at(loop, gyre_loop_time(loop), count_call, &released, .release = count_release);

    assert_false(gyre_handle_cancelled(&handle));
    gyre_handle_cancel(&handle);
    assert_true(gyre_handle_cancelled(&handle));
    assert_int_equal(released, 1);
    run_passes(2);
    assert_int_equal(released, 1);
}

/* uv:test_base.py::_TestBase::test_call_later_1, uv:test_base.py::_TestBase::test_call_later_2,
 * uv:test_base.py::_TestBase::test_call_later_3, uv:test_base.py::_TestBase::test_call_later_4; spec 4 S5:
 * whatever the order of registration. */
static void test_earlier_deadlines_first(void **state)
{
    double now = gyre_loop_time(loop);

    gyre_loop_call_at(loop, now + 0.006, note, "6");
    gyre_loop_call_at(loop, now + 0.002, note, "2");
    gyre_loop_call_at(loop, now + 0.004, note, "4");
    gyre_loop_call_at(loop, now - 7, note, "-7");
    gyre_loop_call_later(loop, 0.01, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    assert_noted("-7 2 4 6");
}

/* Spec 4 S4; test_events.py::TimerTests::test_timer_comparison */
static void test_equal_deadlines_in_order(void **state)
{
    static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    double when = gyre_loop_time(loop) - 1;

    for (size_t i = 0; i < 8; i++)
        gyre_loop_call_at(loop, when, note, (void *)words[i]);
    run_once();
    assert_noted("a b c d e f g h");
}

static void arm_zero(void *arg)
{
    note("X");
    gyre_loop_call_later(loop, 0, note, "t");
    gyre_loop_call_soon(loop, note, "s");
}

/* Spec 4 S3, test_base_events.py::BaseEventLoopTests::test_call_later_negative_delays,
 * uv:test_base.py::_TestBase::test_call_later_negative: in the next pass, after all that is ready already.
 * T1. */
static void test_zero_delay(void **state)
{
    gyre_loop_call_later(loop, 0, note, "zero");
    gyre_loop_call_soon(loop, note, "ready");
    run_once();
    assert_noted("ready zero");
    gyre_loop_call_later(loop, -1, note, "2");
    gyre_loop_call_later(loop, -1e300, note, "1");
    run_once();
    assert_noted("1 2");
    gyre_loop_call_soon(loop, arm_zero, NULL);
    run_once();
    assert_noted("X");
    run_once();
    assert_noted("s t");
}

static void rearm_zero(void *arg)
{
    note("again");
    gyre_loop_call_later(loop, 0, rearm_zero, NULL);
}

/* A timer that arms itself for at once runs once a turn, and does not starve the rest. */
static void test_zero_delay_again_and_again(void **state)
{
    gyre_loop_call_later(loop, 0, rearm_zero, NULL);
    run_once();
    assert_noted("again");
    gyre_loop_call_soon(loop, note, "soon");
    run_once();
    assert_noted("soon again");
}

/* T9, test_base_events.py::BaseEventLoopTests::test_run_once_cancelled_event_cleanup: memory does not grow
 * with each cancelled timer. */
static void test_cancelled_timers_are_compacted(void **state)
{
    int released = 0;

    for (int i = 0; i < 10000; i++) {
        gyre_handle handle =
            gyre_loop_call_later(loop, 3600 + i, do_nothing, &released, .release = count_release);

        gyre_handle_cancel(&handle);
        assert_true(loop->timers.heap.count <= 101);
    }
    assert_int_equal(released, 10000);
    assert_true(loop->calls.fresh <= 102);
}

static size_t pending_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

/* Half of many are cancelled, in the middle: the others keep their order. */
static void test_compacting_keeps_the_order(void **state)
{
    enum { COUNT = 300 };
    static gyre_handle handles[COUNT];
    static char words[COUNT][16];
    double now = gyre_loop_time(loop);
    char expected[4096] = "";

    for (int i = 0; i < COUNT; i++) {
        snprintf(words[i], sizeof words[i], "%d", i);
        handles[i] = gyre_loop_call_at(loop, now - 1 + i * 1e-6, note, words[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        if (i % 3)
            gyre_handle_cancel(&handles[i]);
        else
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%d", i ? " " : "",
                     i);
    }
    assert_int_equal(pending_timers(), COUNT / 3);
    assert_true(loop->timers.heap.count < COUNT);
    run_once();
    assert_noted(expected);
    assert_int_equal(pending_timers(), 0);
}

/* T9: the cancelled one at the top must not end the wait. */
static void test_a_cancelled_head_does_not_wake(void **state)
{
    gyre_handle head = gyre_loop_call_later(loop, 0.005, note, "never");
    gyre_loop_stats before, after;

    gyre_loop_call_later(loop, 0.03, stop_loop, NULL);
    gyre_handle_cancel(&head);
    gyre_loop_get_stats(loop, &before);
    gyre_loop_run_forever(loop);
    gyre_loop_get_stats(loop, &after);
    assert_noted("");
    assert_in_range(after.polls - before.polls, 1, 4);
}

/* uv:test_base.py::TestBaseUV::test_big_call_later_timeout; spec 4 S8 */
static void test_huge_delays(void **state)
{
    gyre_handle forever = gyre_loop_call_later(loop, INFINITY, note, "never");
    gyre_handle age = gyre_loop_call_at(loop, 1e300, note, "never");
    gyre_handle later = gyre_loop_call_later(loop, 9.3e9, note, "never");

    assert_int_equal(gyre_handle_error(&forever) | gyre_handle_error(&age) | gyre_handle_error(&later), 0);
    gyre_loop_call_later(loop, 0.005, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    run_passes(3);
    assert_noted("");
    assert_int_equal(pending_timers(), 3);
    assert_true(gyre__nanoseconds(INFINITY) > 0);
    assert_true(gyre__nanoseconds(-INFINITY) < 0);
}

static void test_rounded_up(void **state)
{
    assert_int_equal(gyre__nanoseconds(0), 0);
    assert_int_equal(gyre__nanoseconds(1.5), 1500000000);
    assert_int_equal(gyre__nanoseconds(1e-10), 1);
    assert_int_equal(gyre__nanoseconds(2.5e-9), 3);
    assert_int_equal(gyre__nanoseconds(-1), -1000000000);
}

/* Spec 4 S7 */
static void test_not_a_number(void **state)
{
    int released = 0;
    gyre_handle after = gyre_loop_call_later(loop, NAN, do_nothing, &released, .release = count_release);
    gyre_handle at = gyre_loop_call_at(loop, NAN, do_nothing, &released, .release = count_release);

    assert_int_equal(gyre_handle_error(&after), GYRE_EVALUE);
    assert_int_equal(gyre_handle_error(&at), GYRE_EVALUE);
    assert_int_equal(released, 2);
    assert_int_equal(pending_timers(), 0);
}

static gyre_handle second;

static void cancel_second(void *arg)
{
    note("first");
    gyre_handle_cancel(&second);
}

/* Both are due; the first cancels the second.
 * uv:test_base.py::TestBaseUV::test_loop_call_later_handle_cancelled */
static void test_cancel_among_the_due(void **state)
{
    double when = gyre_loop_time(loop) - 1;
    int released = 0;

    gyre_loop_call_at(loop, when, cancel_second, NULL);
    second = gyre_loop_call_at(loop, when, count_call, &released, .release = count_release);
    gyre_loop_call_at(loop, when, note, "third");
    run_once();
    assert_noted("first third");
    assert_int_equal(released, 1);
    assert_int_equal(pending_timers(), 0);
}

static void hold_up(void *arg)
{
    double start = gyre_loop_time(loop);

    nap(0.002);
    /* T7, spec 4 time(): it moves while a callback runs. */
    assert_true(gyre_loop_time(loop) >= start + 0.002);
}

/* uv:test_base.py::_TestBase::test_now_update */
static void test_time_moves_in_a_callback(void **state)
{
    gyre_loop_call_soon(loop, hold_up, NULL);
    run_once();
    close_now();
    assert_true(gyre_loop_time(loop) > 0);
}

/* Every driver passes the same tests, but for the one whose time does not move in a callback. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_never_early),
        ON_LOOP(test_call_later),
        ON_LOOP(test_call_later_waits),
        ON_LOOP(test_when_of_a_delay),
        ON_LOOP(test_a_cancelled_timer),
        ON_LOOP(test_earlier_deadlines_first),
        ON_LOOP(test_equal_deadlines_in_order),
        ON_LOOP(test_zero_delay),
        ON_LOOP(test_zero_delay_again_and_again),
        ON_LOOP(test_cancelled_timers_are_compacted),
        ON_LOOP(test_compacting_keeps_the_order),
        ON_LOOP(test_a_cancelled_head_does_not_wake),
        ON_LOOP(test_huge_delays),
        ON_LOOP(test_rounded_up),
        ON_LOOP(test_not_a_number),
        ON_LOOP(test_cancel_among_the_due),
    };
    const struct CMUnitTest real[] = {ON_LOOP(test_time_moves_in_a_callback)};
    int failures = cmocka_run_group_tests_name("default", tests, begin_group, end_group);

    failures += cmocka_run_group_tests_name("default", real, begin_group, end_group);
    unit_driver = GYRE_DRIVER_UV;
    failures += cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
    unit_driver = GYRE_DRIVER_SIM;
    return failures + cmocka_run_group_tests_name("sim", tests, begin_group, end_group);
}
