/* What a coroutine that overflows its stack says, and that other faults are left to others. */
#include "tests/unit/coro_bed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static volatile bool falling = true;

static void fall_down(void *arg)
{
    volatile char frame[1024];

    frame[0] = 1;
    if (falling)
        fall_down((void *)&frame[0]);
    frame[1] = 1;
}

static void start_falling(const char *name)
{
    struct gyre__coro coro;

    start(&coro, fall_down, NULL);
    coro.name = name;
    coro.number = 9;
    gyre__coro_resume(&coro);
}

static void overflow_named(void)
{
    start_falling("fetch");
}

static void overflow_unnamed(void)
{
    start_falling(NULL);
}

static void *overflow_thread(void *arg)
{
    start_falling("fetch in a thread");
    return NULL;
}

static void overflow_in_thread(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, overflow_thread, NULL);
    pthread_join(thread, NULL);
}

static void check_overflow(void (*fn)(void), const char *line)
{
    char said[256];
    int status = run_child(fn, said, sizeof said);

    assert_memory_equal(said, line, strlen(line));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

#ifdef GYRE__ASAN
#define SKIP_UNDER_ASAN skip()
#else
#define SKIP_UNDER_ASAN ((void)0)
#endif

#define ADVICE \
    " overflowed its stack of 131072 bytes: raise stack_size, or keep large buffers off the stack\n"

static void test_overflow(void **state)
{
    SKIP_UNDER_ASAN;
    check_overflow(overflow_named, "gyre: fetch" ADVICE);
    check_overflow(overflow_unnamed, "gyre: Task-9" ADVICE);
    check_overflow(overflow_in_thread, "gyre: fetch in a thread" ADVICE);
}

static void touch_nothing(void *arg)
{
    *(volatile char *)arg = 1;
}

static void fault(void)
{
    struct gyre__coro coro;

    start(&coro, touch_nothing, NULL);
    gyre__coro_resume(&coro);
}

static void on_fault(int number)
{
    _exit(42);
}

static void fault_with_handler(void)
{
    signal(SIGSEGV, on_fault);
    fault();
}

static void be_told(void)
{
    gyre__coro_catch_overflow();
    kill(getpid(), SIGSEGV);
}

static void test_other_faults(void **state)
{
    char said[256];
    int status;

    SKIP_UNDER_ASAN;
    status = run_child(fault_with_handler, said, sizeof said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    status = run_child(fault, said, sizeof said);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    status = run_child(be_told, said, sizeof said);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    assert_null(strstr(said, "gyre"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_overflow),
        TEST(test_other_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
