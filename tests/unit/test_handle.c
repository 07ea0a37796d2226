/* test_handle.c - tickets: cancelled in time, late, twice, zeroed, copied, after their loop; and what becomes
 * of the arg. */
#include "unit.h"

#include "loop/loop.h"

/* test_events.py::HandleTests::test_handle,
 * uv:test_base.py::TestBaseUV::test_loop_call_soon_handle_cancelled */
static void test_cancel_before_it_runs(void **state)
{
    int released = 0;
    gyre_handle handle = gyre_loop_call_soon(loop, note, "never", .release = NULL);
    gyre_handle counted = gyre_loop_call_soon(loop, count_call, &released, .release = count_release);

    assert_int_equal(gyre_handle_error(&handle), 0);
    assert_false(gyre_handle_cancelled(&handle));
    gyre_handle_cancel(&handle);
    gyre_handle_cancel(&handle);
    assert_true(gyre_handle_cancelled(&handle));
    /* Spec 3, Handle S3: arg is dropped at once. */
    gyre_handle_cancel(&counted);
    assert_int_equal(released, 1);
    run_once();
    assert_int_equal(released, 1);
    assert_noted("");
}

static void test_cancel_after_it_ran(void **state)
{
    int released = 0;
    gyre_handle handle = gyre_loop_call_soon(loop, note, "ran");
    gyre_handle counted = gyre_loop_call_soon(loop, do_nothing, &released, .release = count_release);

    run_once();
    assert_noted("ran");
    assert_int_equal(released, 1);
    gyre_handle_cancel(&handle);
    gyre_handle_cancel(&counted);
    assert_true(gyre_handle_cancelled(&handle));
    assert_int_equal(released, 1);
}

static gyre_handle later;

static void cancel_later(void *released)
{
    note("cancel");
    gyre_handle_cancel(&later);
    /* What is running keeps its arg. */
    if (released)
        assert_int_equal(*(int *)released, 0);
}

/* Spec 3, Handle S1: also from an earlier callback of the same batch. */
static void test_cancel_in_the_same_batch(void **state)
{
    int released = 0;

    gyre_loop_call_soon(loop, cancel_later, NULL);
    later = gyre_loop_call_soon(loop, do_nothing, &released, .release = count_release);
    gyre_loop_call_soon(loop, note, "third");
    run_once();
    assert_noted("cancel third");
    assert_int_equal(released, 1);
}

/* A callback that cancels itself: it runs, so nothing happens, and its arg goes after it. */
static void test_cancel_itself(void **state)
{
    int released = 0;

    later = gyre_loop_call_soon(loop, cancel_later, &released, .release = count_release);
    run_once();
    assert_noted("cancel");
    assert_int_equal(released, 1);
    assert_true(gyre_handle_cancelled(&later));
}

static void release_and_cancel(void *count)
{
    ++*(int *)count;
    gyre_handle_cancel(&later);
}

/* A release may cancel the very call whose arg it frees: the object that holds a ticket ends with it. */
static void test_cancel_in_its_own_release(void **state)
{
    int released = 0;

    later = gyre_loop_call_soon(loop, do_nothing, &released, .release = release_and_cancel);
    run_once();
    assert_int_equal(released, 1);
    later = gyre_loop_call_soon(loop, do_nothing, &released, .release = release_and_cancel);
    gyre_handle_cancel(&later);
    assert_int_equal(released, 2);
    later = gyre_loop_call_soon_threadsafe(loop, do_nothing, &released, .release = release_and_cancel);
    run_passes(2);
    assert_int_equal(released, 3);
    later = gyre_loop_call_later(loop, 1000, do_nothing, &released, .release = release_and_cancel);
    close_now();
    assert_int_equal(released, 4);
}

static void test_zeroed(void **state)
{
    gyre_handle nothing = {0};

    gyre_loop_call_soon(loop, note, "ran");
    assert_false(gyre_handle_cancelled(&nothing));
    assert_int_equal(gyre_handle_error(&nothing), 0);
    gyre_handle_cancel(&nothing);
    gyre_handle_cancel(&nothing);
    assert_true(gyre_handle_cancelled(&nothing));
    run_once();
    assert_noted("ran");
}

/* A ticket is a value; each copy knows only what was done with it. */
static void test_copied(void **state)
{
    int released = 0;
    gyre_handle one = gyre_loop_call_soon(loop, do_nothing, &released, .release = count_release);
    gyre_handle two = one;

    gyre_handle_cancel(&one);
    assert_false(gyre_handle_cancelled(&two));
    gyre_handle_cancel(&two);
    assert_true(gyre_handle_cancelled(&two));
    assert_int_equal(released, 1);
    run_once();
}

/* The place of a call that ran is used again: the old ticket must not cancel the new call. */
static void test_a_place_is_used_again(void **state)
{
    gyre_handle old = gyre_loop_call_soon(loop, note, "old"), new;

    run_once();
    new = gyre_loop_call_soon(loop, note, "new");
    assert_int_equal((uint32_t) new.id, (uint32_t)old.id);
    gyre_handle_cancel(&old);
    run_once();
    assert_noted("old new");
}

static void test_after_the_loop_is_gone(void **state)
{
    gyre_loop *other = gyre_loop_new();
    int released = 0;
    gyre_handle soon = gyre_loop_call_soon(other, do_nothing, &released, .release = count_release);
    gyre_handle timer = gyre_loop_call_later(other, 1000, do_nothing, &released, .release = count_release);
    gyre_handle safe = gyre_loop_call_soon_threadsafe(other, do_nothing, &released, .release = count_release);

    gyre_loop_unref(other);
    assert_int_equal(released, 3);
    gyre_handle_cancel(&soon);
    gyre_handle_cancel(&timer);
    gyre_handle_cancel(&safe);
    assert_true(gyre_handle_cancelled(&safe));
    assert_int_equal(released, 3);
}

/* The next loop gets the same place in the table: old tickets must find nothing there. */
static void test_a_loop_takes_the_place_of_another(void **state)
{
    gyre_loop *first = gyre_loop_new(), *second;
    gyre_handle soon = gyre_loop_call_soon(first, do_nothing, NULL);
    gyre_handle safe = gyre_loop_call_soon_threadsafe(first, do_nothing, NULL);

    gyre_loop_unref(first);
    second = gyre_loop_new();
    assert_int_equal(second->id, soon.loop);
    gyre_loop_call_soon(second, note, "soon");
    gyre_loop_call_soon_threadsafe(second, note, "safe");
    gyre_handle_cancel(&soon);
    gyre_handle_cancel(&safe);
    for (int i = 0; i < 3; i++) {
        gyre_loop_stop(second);
        gyre_loop_run_forever(second);
    }
    assert_noted("soon safe");
    gyre_loop_unref(second);
}

/* test_base_events.py::BaseEventLoopTests::test_close: nothing can be scheduled, and the ticket says so. */
static void test_of_a_closed_loop(void **state)
{
    int released = 0;
    gyre_handle handles[4];

    close_now();
    handles[0] = gyre_loop_call_soon(loop, do_nothing, &released, .release = count_release);
    handles[1] = gyre_loop_call_later(loop, 1, do_nothing, &released, .release = count_release);
    handles[2] = gyre_loop_call_at(loop, 1, do_nothing, &released, .release = count_release);
    handles[3] = gyre_loop_call_soon_threadsafe(loop, do_nothing, &released, .release = count_release);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gyre_handle_error(&handles[i]), GYRE_ELOOPCLOSED);
        gyre_handle_cancel(&handles[i]);
        assert_int_equal(gyre_handle_error(&handles[i]), GYRE_ELOOPCLOSED);
    }
    assert_string_equal(gyre_error_text(), "Event loop is closed");
    assert_int_equal(released, 4);
}

/* test_events.py::TimerTests::test_when,
 * uv:test_base.py::TestBaseUV::test_loop_call_later_handle_when_after_fired */
static void test_when(void **state)
{
    double now = gyre_loop_time(loop);
    gyre_handle at = gyre_loop_call_at(loop, now + 1.25, do_nothing, NULL);
    gyre_handle after = gyre_loop_call_later(loop, 0, do_nothing, NULL);
    gyre_handle soon = gyre_loop_call_soon(loop, do_nothing, NULL);

    assert_true(gyre_handle_when(&at) == now + 1.25);
    assert_true(gyre_handle_when(&after) >= now);
    assert_true(gyre_handle_when(&soon) == 0);
    run_passes(2);
    assert_true(gyre_handle_when(&after) >= now);
    gyre_handle_cancel(&at);
    assert_true(gyre_handle_when(&at) == now + 1.25);
}

/* Release is called once, whether the call ran, was cancelled, dropped by close, or refused. */
static void test_released_once_on_every_path(void **state)
{
    int ran = 0, cancelled = 0, dropped = 0, refused = 0;
    gyre_handle handle;

    for (int i = 0; i < 3; i++) {
        gyre_loop_call_soon(loop, do_nothing, &ran, .release = count_release);
        gyre_loop_call_later(loop, 0, do_nothing, &ran, .release = count_release);
        gyre_loop_call_soon_threadsafe(loop, do_nothing, &ran, .release = count_release);
        run_passes(3);
        handle = gyre_loop_call_soon(loop, do_nothing, &cancelled, .release = count_release);
        gyre_handle_cancel(&handle);
        handle = gyre_loop_call_later(loop, 99, do_nothing, &cancelled, .release = count_release);
        gyre_handle_cancel(&handle);
        handle = gyre_loop_call_soon_threadsafe(loop, do_nothing, &cancelled, .release = count_release);
        gyre_handle_cancel(&handle);
        run_passes(3);
    }
    gyre_loop_call_soon(loop, do_nothing, &dropped, .release = count_release);
    gyre_loop_call_later(loop, 99, do_nothing, &dropped, .release = count_release);
    gyre_loop_call_soon_threadsafe(loop, do_nothing, &dropped, .release = count_release);
    close_now();
    gyre_loop_call_soon(loop, do_nothing, &refused, .release = count_release);
    gyre_loop_call_later(loop, NAN, do_nothing, &refused, .release = count_release);
    assert_int_equal(ran, 9);
    assert_int_equal(cancelled, 9);
    assert_int_equal(dropped, 3);
    assert_int_equal(refused, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_cancel_before_it_runs),
        ON_LOOP(test_cancel_after_it_ran),
        ON_LOOP(test_cancel_in_the_same_batch),
        ON_LOOP(test_cancel_itself),
        ON_LOOP(test_cancel_in_its_own_release),
        ON_LOOP(test_zeroed),
        ON_LOOP(test_copied),
        ON_LOOP(test_a_place_is_used_again),
        ON_LOOP(test_after_the_loop_is_gone),
        ON_LOOP(test_a_loop_takes_the_place_of_another),
        ON_LOOP(test_of_a_closed_loop),
        ON_LOOP(test_when),
        ON_LOOP(test_released_once_on_every_path),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
