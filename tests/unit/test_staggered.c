/* test_staggered.c - coroutines that race. */
#include "unit.h"

#include "task/task.h"

/* A racer's plan, and what became of it. */
struct plan {
    double delay;  /* it sleeps so long */
    int code;      /* and returns this */
    double start;  /* when it was called */
    bool ended;    /* it returned */
    bool stubborn; /* it swallows what cancels it */
};

static struct plan plans[4];
static gyre_racer racers[4];
static size_t winner;

static int follow(void *arg)
{
    struct plan *plan = arg;
    int err = 0;

    plan->start = gyre_loop_time(loop);
    if (plan->delay > 0)
        err = gyre_sleep(plan->delay);
    plan->ended = true;
    return err && !plan->stubborn ? err : plan->code;
}

static void plan(size_t index, double delay, int code)
{
    plans[index] = (struct plan){.delay = delay, .code = code};
    racers[index] = (gyre_racer){.fn = follow, .arg = &plans[index], .code = 1000};
}

struct terms {
    size_t count;
    double delay;
};

static int race(void *arg)
{
    struct terms *terms = arg;

    return gyre_staggered_race(&winner, racers, terms->count, terms->delay);
}

static int run_race(size_t count, double delay)
{
    struct terms terms = {count, delay};

    winner = 1000;
    return run_main(race, &terms);
}

static bool about(double one, double other)
{
    return fabs(one - other) < 1e-6;
}

/* test_staggered.py::StaggeredTests::test_empty */
static void test_empty(void **state)
{
    assert_int_equal(run_race(0, INFINITY), 0);
    assert_int_equal(winner, 1000);
}

/* test_staggered.py::StaggeredTests::test_one_successful */
static void test_one_successful(void **state)
{
    plan(0, 0, 7);
    assert_int_equal(run_race(1, INFINITY), 1);
    assert_int_equal(winner, 0);
    assert_true(racers[0].started);
    assert_int_equal(racers[0].code, 7);
}

/* test_staggered.py::StaggeredTests::test_first_error_second_successful */
static void test_first_error(void **state)
{
    plan(0, 0.5, -EIO);
    plan(1, 0, 8);
    assert_int_equal(run_race(2, INFINITY), 1);
    assert_int_equal(winner, 1);
    assert_int_equal(racers[0].code, -EIO);
    assert_int_equal(racers[1].code, 8);
    assert_true(about(plans[1].start, plans[0].start + 0.5));
}

/* test_staggered.py::StaggeredTests::test_first_timeout_second_successful: the slow one is cancelled, and has
 * ended when the race has. */
static void test_first_timeout(void **state)
{
    plan(0, 100, 7);
    plan(1, 0, 8);
    plan(2, 0, 9);
    assert_int_equal(run_race(3, 0.1), 1);
    assert_int_equal(winner, 1);
    assert_int_equal(racers[0].code, GYRE_ECANCELLED);
    assert_true(plans[0].ended);
    assert_true(about(plans[1].start, plans[0].start + 0.1));
    assert_false(racers[2].started);
    assert_int_equal(racers[2].code, 1000);
}

/* test_staggered.py::StaggeredTests::test_none_successful */
static void test_none_successful(void **state)
{
    plan(0, 0, -EIO);
    plan(1, 0.2, -EPIPE);
    assert_int_equal(run_race(2, INFINITY), 0);
    assert_int_equal(winner, 1000);
    assert_int_equal(racers[0].code, -EIO);
    assert_int_equal(racers[1].code, -EPIPE);
}

/* A failure does not wait for the delay, and the one behind waits the whole delay again. */
static void test_early_failure(void **state)
{
    plan(0, 0.1, -EIO);
    plan(1, 100, 8);
    plan(2, 0, 9);
    assert_int_equal(run_race(3, 5), 1);
    assert_int_equal(winner, 2);
    assert_true(about(plans[1].start, plans[0].start + 0.1));
    assert_true(about(plans[2].start, plans[1].start + 5));
    assert_int_equal(racers[1].code, GYRE_ECANCELLED);
}

/* No delay: all of them at once. */
static void test_no_delay(void **state)
{
    for (int i = 0; i < 2; i++) {
        plan(0, 0.3, 7);
        plan(1, 0.2, 8);
        plan(2, 0.1, 9);
        assert_int_equal(run_race(3, -i), 1);
        assert_int_equal(winner, 2);
        assert_true(about(plans[2].start, plans[0].start));
        assert_int_equal(racers[0].code, GYRE_ECANCELLED);
        assert_int_equal(racers[1].code, GYRE_ECANCELLED);
    }
}

/* The others may succeed all the same: the first one has won, and what the second made can be found. */
static void test_two_successful(void **state)
{
    plan(0, 100, 7);
    plan(1, 0, 8);
    plans[0].stubborn = true;
    assert_int_equal(run_race(2, 0.1), 1);
    assert_int_equal(winner, 1);
    assert_int_equal(racers[0].code, 7);
}

/* Cancelled from outside: the racers are cancelled, and have ended when the race has. */
static void test_cancelled(void **state)
{
    struct terms terms = {3, 0.1};
    gyre_task *task;

    for (size_t i = 0; i < 3; i++)
        plan(i, 100, 7);
    winner = 1000;
    gyre_loop_create_task(loop, &task, race, &terms);
    assert_int_equal(gyre_wait(&task, 1, .timeout = 0.15), 0);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_int_equal(winner, 1000);
    assert_true(plans[0].ended && plans[1].ended);
    assert_int_equal(racers[1].code, GYRE_ECANCELLED);
    assert_false(racers[2].started);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
    gyre_future_unref(task);
}

/* The loop closes under it: the racers, whose args lie beneath the race, end before it does. */
static void test_the_loop_closes(void **state)
{
    struct terms terms = {2, 0.1};
    gyre_task *task;

    plan(0, 100, 7);
    plan(1, 100, 7);
    gyre_loop_create_task(loop, &task, race, &terms);
    assert_int_equal(gyre_wait(&task, 1, .timeout = 0.05), 0);
    close_now();
    assert_true(plans[0].ended);
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
}

/* The tasks of a race wait for their turn, also where tasks start at once. */
static void test_eager_factory(void **state)
{
    gyre_loop_set_task_factory(loop, gyre_eager_task_factory);
    plan(0, 0.5, -EIO);
    plan(1, 0.2, 8);
    plan(2, 100, 9);
    assert_int_equal(run_race(3, 0.4), 1);
    assert_int_equal(winner, 1);
    assert_int_equal(racers[0].code, -EIO);
}

static void race_in_callback(void *arg)
{
    assert_int_equal(gyre_staggered_race(&winner, racers, 1, 1), GYRE_EAWAIT);
}

/* Refused without a trace. */
static void test_invalid(void **state)
{
    assert_int_equal(run_race(1, NAN), GYRE_EVALUE);
    assert_int_equal(gyre_staggered_race(&winner, racers, 1, 1), GYRE_EAWAIT);
    gyre_loop_call_soon(loop, race_in_callback, NULL);
    run_once();
    assert_int_equal(winner, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_empty),           ON_SIM(test_one_successful),  ON_SIM(test_first_error),
        ON_SIM(test_first_timeout),   ON_SIM(test_none_successful), ON_SIM(test_early_failure),
        ON_SIM(test_no_delay),        ON_SIM(test_two_successful),  ON_SIM(test_cancelled),
        ON_SIM(test_the_loop_closes), ON_SIM(test_eager_factory),   ON_SIM(test_invalid),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
