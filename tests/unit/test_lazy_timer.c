/* test_lazy_timer.c - nobody can tell a timer that is armed late from one that was armed at once. */
#include "unit.h"

#include "loop/lazy_timer.h"

struct bell {
    struct gyre__lazy_timer timer;
    char *word;
};

static void ring(void *timer)
{
    note(GYRE__OF(timer, struct bell, timer)->word);
}

static void begin(struct bell *bell, double when)
{
    gyre__lazy_begin(loop, &bell->timer, when, ring);
}

static size_t count_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

/* Equal deadlines strike in the order in which they were begun. */
static void test_the_order(void **state)
{
    struct bell first = {.word = "1"}, third = {.word = "3"}, fourth = {.word = "4"};
    double when = gyre_loop_time(loop) + 1;

    begin(&first, when);
    gyre_loop_call_at(loop, when, note, "2");
    begin(&third, when);
    begin(&fourth, when);
    gyre_loop_call_at(loop, when, note, "5");
    gyre_loop_call_at(loop, when + 1, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    assert_noted("1 2 3 4 5");
}

static void test_cancelled_in_any_order(void **state)
{
    struct bell bells[] = {{.word = "1"}, {.word = "2"}, {.word = "3"}, {.word = "4"}};

    for (int i = 0; i < 4; i++)
        begin(&bells[i], gyre_loop_time(loop) + 1);
    assert_int_equal(count_timers(), 4);
    assert_int_equal(loop->timers.heap.count, 0);
    gyre__lazy_cancel(loop, &bells[3].timer);
    gyre__lazy_cancel(loop, &bells[0].timer);
    assert_int_equal(count_timers(), 2);
    gyre_loop_call_later(loop, 2, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    assert_noted("2 3");
    for (int i = 0; i < 4; i++)
        gyre__lazy_cancel(loop, &bells[i].timer);
    assert_int_equal(count_timers(), 0);
}

static struct bell late = {.word = "late"};

static void begin_late(void *arg)
{
    begin(&late, gyre_loop_time(loop));
}

/* One that is due strikes in the turn after the one that began it, as each does that a callback arms. */
static void test_not_in_the_same_turn(void **state)
{
    gyre_loop_call_soon(loop, begin_late, NULL);
    run_passes(1);
    assert_noted("");
    run_passes(1);
    assert_noted("late");
}

static void test_the_loop_closes_before_it_is_armed(void **state)
{
    static struct bell bell = {.word = "never"};

    begin(&bell, gyre_loop_time(loop) + 1);
    assert_int_equal(gyre_loop_close(loop), 0);
    assert_int_equal(count_timers(), 0);
    assert_noted("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_the_order),
        ON_SIM(test_cancelled_in_any_order),
        ON_SIM(test_not_in_the_same_turn),
        ON_SIM(test_the_loop_closes_before_it_is_armed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
