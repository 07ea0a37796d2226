/* test_schedule.c - call_soon and its kin: in order, once, never inline. */
#include "unit.h"

#include "loop/loop.h"

/* test_base_events.py::BaseEventLoopTests::test_call_soon, uv:test_base.py::_TestBase::test_call_soon_1,
 * uv:test_base.py::_TestBase::test_call_soon_2, uv:test_base.py::_TestBase::test_call_soon_3; spec 3
 * call_soon S1-S3 */
static void test_call_soon(void **state)
{
    gyre_loop_call_soon(loop, note, "1");
    gyre_loop_call_soon(loop, note, "2");
    gyre_loop_call_soon(loop, note, "3");
    assert_noted("");
    run_once();
    assert_noted("1 2 3");
    run_once();
    assert_noted("");
}

/* No malloc in the steady state: places are used again. */
static void test_places_are_used_again(void **state)
{
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 10; i++)
            gyre_loop_call_soon(loop, do_nothing, NULL);
        run_once();
    }
    assert_int_equal(loop->calls.fresh, 10);
    assert_int_equal(loop->calls.used, 0);
}

static char *order[3];

static void write_order(void *arg)
{
    snprintf(*order, 8, "%s", (const char *)arg);
    order[0] += strlen(arg);
}

/* Release comes after the call, and both before the next call. */
static void release_order(void *arg)
{
    write_order("r");
}

static void test_release_follows_the_call(void **state)
{
    char text[16] = "";

    order[0] = text;
    gyre_loop_call_soon(loop, write_order, "a", .release = release_order);
    gyre_loop_call_soon_threadsafe(loop, write_order, "b", .release = release_order);
    gyre_loop_call_later(loop, 0, write_order, "c", .release = release_order);
    run_passes(2);
    assert_string_equal(text, "arcrbr");
}

/* The function beneath the macro takes NULL for no options. */
static void test_without_options(void **state)
{
    (gyre_loop_call_soon)(loop, note, "soon", NULL);
    (gyre_loop_call_later)(loop, 0, note, "later", NULL);
    (gyre_loop_call_at)(loop, gyre_loop_time(loop), note, "at", NULL);
    (gyre_loop_call_soon_threadsafe)(loop, note, "safe", NULL);
    run_passes(2);
    assert_noted("soon later at safe");
}

static void test_post(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_ref(loop->inbox);
    int released = 0;

    assert_int_equal(gyre__post(inbox, count_call, &released, count_release), 0);
    run_passes(2);
    assert_int_equal(released, 2);
    close_now();
    assert_int_equal(gyre__post(inbox, count_call, &released, count_release), GYRE_ELOOPCLOSED);
    assert_int_equal(released, 3);
    gyre__inbox_unref(inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_call_soon),
        ON_LOOP(test_places_are_used_again),
        ON_LOOP(test_release_follows_the_call),
        ON_LOOP(test_without_options),
        ON_LOOP(test_post),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
