/* test_driver.c - each driver of this system: waits, wakes, watches. */
#include "unit.h"

#include "loop/loop.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

static const struct gyre__driver_class *kind; /* the one under test */
static struct gyre__driver *driver;

static void be_awake(void *arg)
{
    note("awake");
}

static int make_driver(void **state)
{
    noted[0] = '\0';
    driver = kind->make(be_awake, NULL);
    assert_non_null(driver);
    return 0;
}

static int close_driver(void **state)
{
    kind->close(driver);
    return 0;
}

static int64_t after(double seconds)
{
    return kind->now(driver) + (int64_t)(seconds * 1e9);
}

static void test_no_wait(void **state)
{
    kind->poll(driver, GYRE__NO_WAIT);
    assert_noted("");
}

static void test_deadline(void **state)
{
    int64_t deadline = after(0.02);
    int polls = 0;

    while (kind->now(driver) < deadline && polls++ < 100)
        kind->poll(driver, deadline);
    assert_true(kind->now(driver) >= deadline);
    /* It does not spin towards its deadline. */
    assert_in_range(polls, 1, 5);
}

struct end {
    struct gyre__watch *watch;
    struct gyre__watch *other;
    int events;
    int calls;
    int fd;
};

static void see(void *arg, int events)
{
    struct end *end = arg;

    note("ready");
    end->events = events;
    end->calls++;
}

static void make_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

/* libuv runs timers before it polls: one that is due already must not leave a poll without an end. */
static void test_deadline_that_has_passed(void **state)
{
    struct end end = {0};
    int pair[2];

    make_pair(pair);
    end.watch = kind->watch(driver, pair[0], GYRE__READABLE, see, &end);
    for (int i = 0; i < 20; i++) {
        noted[0] = '\0';
        kind->poll(driver, after(-1e-6 * i));
        assert_noted("awake");
    }
    kind->unwatch(end.watch);
    close_pair(pair);
}

/* The loop hears that it is awake before it hears of the first event of a poll that waited, and once. */
static void test_readable(void **state)
{
    struct end end = {0};
    int pair[2];

    make_pair(pair);
    end.watch = kind->watch(driver, pair[0], GYRE__READABLE, see, &end);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_noted("");
    assert_int_equal(write(pair[1], "x", 1), 1);
    kind->poll(driver, after(30));
    assert_noted("awake ready");
    assert_int_equal(end.events, GYRE__READABLE);
    /* Level-triggered. */
    kind->poll(driver, GYRE__NO_WAIT);
    assert_noted("ready");
    kind->unwatch(end.watch);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_noted("");
    close_pair(pair);
}

static void test_change(void **state)
{
    struct end end = {0};
    int pair[2];

    make_pair(pair);
    assert_int_equal(write(pair[1], "x", 1), 1);
    end.watch = kind->watch(driver, pair[0], GYRE__READABLE | GYRE__WRITABLE, see, &end);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(end.events, GYRE__READABLE | GYRE__WRITABLE);
    kind->change(end.watch, GYRE__WRITABLE);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(end.events, GYRE__WRITABLE);
    kind->change(end.watch, 0);
    end.calls = 0;
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(end.calls, 0);
    kind->change(end.watch, GYRE__READABLE);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(end.calls, 1);
    kind->unwatch(end.watch);
    close_pair(pair);
}

static void test_hang_up(void **state)
{
    struct end end = {0};
    int pair[2];

    make_pair(pair);
    end.watch = kind->watch(driver, pair[0], GYRE__READABLE, see, &end);
    close(pair[1]);
    kind->poll(driver, after(30));
    assert_int_equal(end.events, GYRE__READABLE);
    kind->unwatch(end.watch);
    close(pair[0]);
}

/* A pipe without readers: poll says error, and the watch goes on. */
static void test_error_makes_it_ready(void **state)
{
    struct end end = {0};
    int pair[2];

    assert_int_equal(pipe(pair), 0);
    end.watch = kind->watch(driver, pair[1], GYRE__WRITABLE, see, &end);
    close(pair[0]);
    kind->poll(driver, after(30));
    kind->poll(driver, after(30));
    assert_int_equal(end.events, GYRE__WRITABLE);
    assert_int_equal(end.calls, 2);
    kind->unwatch(end.watch);
    close(pair[1]);
}

static void unwatch_both(void *arg, int events)
{
    struct end *end = arg;

    end->calls++;
    kind->unwatch(end->watch);
    kind->unwatch(end->other);
    close(end->fd);
}

/* Whichever is called first ends both: the other one, ready in the same poll, is not called. */
static void test_unwatch_inside_a_callback(void **state)
{
    struct end one = {0}, two = {0};
    int first[2], second[2];

    make_pair(first);
    make_pair(second);
    assert_int_equal(write(first[1], "x", 1) + write(second[1], "x", 1), 2);
    one.watch = two.other = kind->watch(driver, first[0], GYRE__READABLE, unwatch_both, &one);
    two.watch = one.other = kind->watch(driver, second[0], GYRE__READABLE, unwatch_both, &two);
    one.fd = first[0];
    two.fd = second[0];
    kind->poll(driver, after(30));
    assert_int_equal(one.calls + two.calls, 1);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(one.calls + two.calls, 1);
    close(one.calls ? second[0] : first[0]);
    close(first[1]);
    close(second[1]);
}

/* T33: a number that is used again brings nothing of the old watch. */
static void test_a_descriptor_number_is_used_again(void **state)
{
    struct end old = {0}, new = {0};
    int pair[2], again[2];

    make_pair(pair);
    old.watch = kind->watch(driver, pair[0], GYRE__READABLE, see, &old);
    assert_int_equal(write(pair[1], "x", 1), 1);
    kind->unwatch(old.watch);
    close_pair(pair);
    make_pair(again);
    assert_int_equal(again[0], pair[0]);
    new.watch = kind->watch(driver, again[0], GYRE__READABLE, see, &new);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(old.calls + new.calls, 0);
    assert_int_equal(write(again[1], "x", 1), 1);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(new.calls, 1);
    kind->unwatch(new.watch);
    close_pair(again);
}

static void test_what_cannot_be_watched(void **state)
{
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    assert_null(kind->watch(driver, file, GYRE__READABLE, see, NULL));
    assert_int_equal(errno, EPERM);
    close(file);
    assert_null(kind->watch(driver, file, GYRE__READABLE, see, NULL));
    assert_int_equal(errno, EBADF);
}

/* The clock of virtual time begins at 0, and moves to a deadline that lies ahead; never back. */
static void test_virtual_time(void **state)
{
    assert_int_equal(kind->now(driver), 0);
    kind->poll(driver, 500);
    assert_int_equal(kind->now(driver), 500);
    kind->poll(driver, 400);
    kind->poll(driver, GYRE__NO_WAIT);
    assert_int_equal(kind->now(driver), 500);
    assert_noted("awake awake");
}

/* The loop's own descriptor is all that it watches, and only for ever. */
static void test_virtual_wake(void **state)
{
    struct end end = {0};
    int pair[2];

    make_pair(pair);
    end.watch = kind->watch(driver, pair[0], GYRE__READABLE, see, &end);
    assert_non_null(end.watch);
    assert_null(kind->watch(driver, pair[1], GYRE__READABLE, see, &end));
    assert_int_equal(errno, ENOTSUP);
    assert_int_equal(write(pair[1], "x", 1), 1);
    kind->poll(driver, 30);
    assert_noted("awake");
    kind->poll(driver, GYRE__FOREVER);
    assert_noted("awake ready");
    assert_int_equal(kind->now(driver), 30);
    kind->unwatch(end.watch);
    close_pair(pair);
}

#define ON_DRIVER(test) cmocka_unit_test_setup_teardown(test, make_driver, close_driver)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRIVER(test_no_wait),
        ON_DRIVER(test_deadline_that_has_passed),
        ON_DRIVER(test_deadline),
        ON_DRIVER(test_readable),
        ON_DRIVER(test_change),
        ON_DRIVER(test_hang_up),
        ON_DRIVER(test_error_makes_it_ready),
        ON_DRIVER(test_unwatch_inside_a_callback),
        ON_DRIVER(test_a_descriptor_number_is_used_again),
        ON_DRIVER(test_what_cannot_be_watched),
    };
    const struct CMUnitTest virtual_tests[] = {
        ON_DRIVER(test_no_wait),      ON_DRIVER(test_deadline),     ON_DRIVER(test_deadline_that_has_passed),
        ON_DRIVER(test_virtual_time), ON_DRIVER(test_virtual_wake),
    };
    int failures;

    kind = gyre__driver_find(GYRE_DRIVER_SIM);
    failures = cmocka_run_group_tests_name("sim", virtual_tests, begin_group, end_group);
    kind = gyre__driver_find(GYRE_DRIVER_UV);
    failures += cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
    kind = gyre__driver_find(GYRE_DRIVER_EPOLL);
    return kind ? failures + cmocka_run_group_tests_name("epoll", tests, begin_group, end_group) : failures;
}
