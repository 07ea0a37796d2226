/* test_wake.c - the descriptor that wakes a loop. */
#include "unit.h"

#include "driver/driver.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

static bool readable(int fd)
{
    struct pollfd question = {.fd = fd, .events = POLLIN};

    return poll(&question, 1, 0) == 1;
}

static void test_send_and_clear(void **state)
{
    int fd = gyre__wake_open();

    assert_true(fd >= 0);
    assert_false(readable(fd));
    gyre__wake_send(fd);
    gyre__wake_send(fd);
    assert_true(readable(fd));
    gyre__wake_clear(fd);
    assert_false(readable(fd));
    /* Nothing to clear: it does not block. */
    gyre__wake_clear(fd);
    close(fd);
}

static void test_flags(void **state)
{
    int fd = gyre__wake_open();

    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    close(fd);
}

/* It may be called in a signal handler: errno stays, and a full counter does not block. */
static void test_send_when_full(void **state)
{
    int fd = gyre__wake_open();
    uint64_t nearly_full = UINT64_MAX - 1;

    assert_int_equal(write(fd, &nearly_full, sizeof nearly_full), sizeof nearly_full);
    errno = ENOENT;
    gyre__wake_send(fd);
    assert_int_equal(errno, ENOENT);
    assert_true(readable(fd));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_send_and_clear),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_send_when_full),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
