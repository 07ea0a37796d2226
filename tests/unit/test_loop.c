/* test_loop.c - a loop is made, referred to, closed, freed. */
#include "unit.h"

#include "loop/loop.h"
#include <sys/resource.h>

/* test_base_events.py::BaseEventLoopTests::test_close, uv:test_base.py::_TestBase::test_close */
static void test_close(void **state)
{
    gyre_future *future;

    assert_false(gyre_loop_is_closed(loop));
    assert_int_equal(gyre_loop_close(loop), 0);
    assert_true(gyre_loop_is_closed(loop));
    assert_int_equal(gyre_loop_close(loop), 0);
    assert_int_equal(gyre_loop_run_forever(loop), GYRE_ELOOPCLOSED);
    future = gyre_loop_create_future(loop);
    assert_int_equal(gyre_loop_run_until_complete(loop, future, NULL), GYRE_ELOOPCLOSED);
    assert_string_equal(gyre_error_text(), "Event loop is closed");
    gyre_future_unref(future);
    /* Spec 2, close S5: stop is harmless. */
    gyre_loop_stop(loop);
    assert_false(gyre_loop_is_running(loop));
}

static int run_nothing(void *arg)
{
    return 0;
}

/* test_events.py::EventLoopTestsMixin::test_close: everything is refused, and what would have been the arg of
 * something is released. */
static void test_a_closed_loop_refuses_all(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = NULL;
    int released = 0;
    gyre_handle soon, safe;

    close_now();
    soon = gyre_loop_call_soon(loop, do_nothing, &released, .release = count_release);
    safe = gyre_loop_call_soon_threadsafe(loop, do_nothing, &released, .release = count_release);
    assert_int_equal(gyre_handle_error(&soon), GYRE_ELOOPCLOSED);
    assert_int_equal(gyre_handle_error(&safe), GYRE_ELOOPCLOSED);
    assert_int_equal(gyre_loop_create_task(loop, &task, run_nothing, &released, .release = count_release),
                     GYRE_ELOOPCLOSED);
    assert_null(task);
    assert_int_equal(
        gyre_loop_run_in_executor(loop, NULL, NULL, run_nothing, &released, .release = count_release),
        GYRE_ELOOPCLOSED);
    assert_int_equal(
        gyre_loop_add_signal_handler(loop, SIGTERM, do_nothing, &released, .release = count_release),
        GYRE_ELOOPCLOSED);
    assert_int_equal(released, 5);
    assert_int_equal(gyre_loop_run_forever(loop), GYRE_ELOOPCLOSED);
    assert_int_equal(gyre_loop_run_until_complete(loop, future, NULL), GYRE_ELOOPCLOSED);
    gyre_future_unref(future);
}

static int codes[4];

static void close_inside(void *arg)
{
    codes[0] = gyre_loop_close(loop);
    codes[1] = gyre_loop_is_closed(loop);
    gyre_loop_stop(loop);
}

/* test_events.py::EventLoopTestsMixin::test_close_running_event_loop */
static void test_close_while_it_runs(void **state)
{
    gyre_loop_call_soon(loop, close_inside, NULL);
    gyre_loop_run_forever(loop);
    assert_int_equal(codes[0], GYRE_ELOOPRUNNING);
    assert_int_equal(codes[1], 0);
    assert_int_equal(gyre_loop_close(loop), 0);
}

/* Spec 2, close S3: nothing of what is queued runs, everything is released. */
static void test_close_drops_what_is_queued(void **state)
{
    int released = 0;
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_loop_stats stats;

    for (int i = 0; i < 200; i++) {
        gyre_loop_call_soon(loop, note, &released, .release = count_release);
        gyre_loop_call_later(loop, i, note, &released, .release = count_release);
        gyre_loop_call_soon_threadsafe(loop, note, &released, .release = count_release);
    }
    gyre_future_set_result(future, NULL);
    gyre_future_add_done_callback(future, (gyre_done_callback)NULL, &released, .release = count_release);
    close_now();
    assert_int_equal(released, 601);
    assert_noted("");
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 0);
    gyre_future_unref(future);
}

static void schedule_more(void *count)
{
    gyre_handle handle = gyre_loop_call_soon(loop, note, count, .release = count_release);

    assert_int_equal(gyre_handle_error(&handle), GYRE_ELOOPCLOSED);
    assert_ptr_equal(gyre_get_event_loop(), loop);
}

/* A release belongs to its loop, and may call it. */
static void test_a_release_schedules_while_the_loop_closes(void **state)
{
    int released = 0;

    gyre_loop_call_soon(loop, note, &released, .release = schedule_more);
    gyre_loop_call_later(loop, 1, note, &released, .release = schedule_more);
    close_now();
    assert_int_equal(released, 2);
}

static void test_references(void **state)
{
    gyre_loop *other = gyre_loop_new();

    assert_null(gyre_loop_ref(NULL));
    gyre_loop_unref(NULL);
    assert_ptr_equal(gyre_loop_ref(other), other);
    gyre_loop_unref(other);
    assert_false(gyre_loop_is_closed(other));
    /* It is closed by the last one: a leak here is a leaked descriptor. */
    gyre_loop_unref(other);
}

static void *unref_one(void *arg)
{
    gyre_loop_unref(arg);
    return NULL;
}

/* Two threads give the last two references back: one of them closes the loop, or its descriptors leak. */
static void test_the_last_two_references(void **state)
{
    for (int i = 0; i < 100; i++) {
        gyre_loop *other = gyre_loop_ref(gyre_loop_new());
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, unref_one, other), 0);
        gyre_loop_unref(other);
        pthread_join(thread, NULL);
    }
}

/* A closed loop lives on while somebody refers to it, or to something of it. */
static void test_objects_keep_the_memory(void **state)
{
    gyre_loop *other = gyre_loop_new();
    gyre_future *future = gyre_loop_create_future(other);

    gyre_loop_ref(other);
    gyre_loop_close(other);
    gyre_loop_unref(other);
    assert_true(gyre_loop_is_closed(other));
    gyre_loop_unref(other);
    /* Only the future is left. */
    assert_true(gyre_loop_is_closed(gyre_future_get_loop(future)));
    assert_int_equal(gyre_future_set_result(future, NULL), 0);
    gyre_future_unref(future);
}

static int unref_inside(void *arg)
{
    gyre_loop *other = gyre_loop_new();

    gyre_loop_call_soon(other, (gyre_callback)gyre_loop_unref, other);
    gyre_loop_run_forever(other);
    return 0;
}

static void test_the_last_reference_inside_it(void **state)
{
    const char *words;
    int status = in_child(unref_inside, NULL, &words);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, "the last reference to a loop was given back inside it"));
}

static int make_without_descriptors(void *arg)
{
    struct rlimit none = {0};
    gyre_runner *runner;

    /* What the sanitizers need is open; nothing more can be. */
    setrlimit(RLIMIT_NOFILE, &none);
    if (gyre_loop_new() || !strstr(gyre_error_text(), "no event loop can be made"))
        return 1;
    runner = gyre_runner_new();
    return gyre_runner_run(runner, run_nothing, NULL) == -EMFILE ? 0 : 2;
}

static void test_no_descriptors_left(void **state)
{
    const char *words;

    assert_int_equal(in_child(make_without_descriptors, NULL, &words), 0);
}

static void stop_it(void *arg)
{
    note("timer");
    gyre_loop_stop(arg);
}

static void run_on(gyre_driver_kind driver)
{
    gyre_loop *other = gyre_loop_new(.driver = driver);

    assert_non_null(other);
    gyre_loop_call_later(other, 0.001, stop_it, other);
    gyre_loop_run_forever(other);
    gyre_loop_unref(other);
}

static void test_each_driver(void **state)
{
    run_on(GYRE_DRIVER_DEFAULT);
    run_on(GYRE_DRIVER_UV);
    run_on(GYRE_DRIVER_SIM);
    assert_noted("timer timer timer");
    assert_null(gyre_loop_new(.driver = (gyre_driver_kind)99));
    assert_non_null(strstr(gyre_error_text(), "no event loop can be made"));
}

/* A program that was compiled with a shorter struct does not speak of what came later. */
static void test_older_options(void **state)
{
    gyre_loop_options options = {
        .size = offsetof(gyre_loop_options, stack_size), .stop_flag = GYRE_YES, .stack_size = 65536};
    gyre_loop *older = (gyre_loop_new)(&options), *plain = (gyre_loop_new)(NULL);

    assert_true(older && plain);
    assert_true(older->stop_flag);
    assert_int_equal(older->stack_size, 0);
    assert_false(plain->stop_flag);
    gyre_loop_unref(older);
    gyre_loop_unref(plain);
}

static void test_stats(void **state)
{
    gyre_loop_stats stats;

    gyre_loop_call_soon(loop, do_nothing, NULL);
    gyre_loop_call_soon(loop, do_nothing, NULL);
    gyre_loop_call_later(loop, 100, do_nothing, NULL);
    run_once();
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.turns, 1);
    assert_int_equal(stats.calls, 2);
    assert_int_equal(stats.polls, 1);
    assert_int_equal(stats.timers, 1);
    assert_int_equal(stats.tasks, 0);
    assert_int_equal(stats.transports, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_close),
        ON_LOOP(test_a_closed_loop_refuses_all),
        ON_LOOP(test_close_while_it_runs),
        ON_LOOP(test_close_drops_what_is_queued),
        ON_LOOP(test_a_release_schedules_while_the_loop_closes),
        ON_LOOP(test_references),
        ON_LOOP(test_the_last_two_references),
        ON_LOOP(test_objects_keep_the_memory),
        ON_LOOP(test_the_last_reference_inside_it),
        ON_LOOP(test_no_descriptors_left),
        ON_LOOP(test_each_driver),
        ON_LOOP(test_older_options),
        ON_LOOP(test_stats),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
