/* coro_bed.h - what the tests of coroutines share: a pool for each test, a coroutine that must start, and a
 * child to fail in. */
#ifndef GYRE_TESTS_CORO_BED_H
#define GYRE_TESTS_CORO_BED_H

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/coro.h"
#include "task/fiber.h"

/* The stacks of the test that runs. */
static struct gyre__stack_pool pool;

static inline int set_up(void **state)
{
    gyre__stack_pool_init(&pool, 0);
    return 0;
}

static inline int tear_down(void **state)
{
    gyre__stack_pool_clear(&pool);
    return pool.alive != 0;
}

static inline void yield(void)
{
    gyre__coro_suspend(gyre__coro_current());
}

static inline void start(struct gyre__coro *coro, void (*fn)(void *arg), void *arg)
{
    *coro = (struct gyre__coro){.name = "test"};
    assert_int_equal(gyre__coro_start(coro, &pool, fn, arg), 0);
}

static inline void run_to_end(struct gyre__coro *coro)
{
    while (gyre__coro_resume(coro))
        continue;
    gyre__coro_finish(coro, &pool);
}

/* Runs fn in a child whose stderr is kept in `said`; its wait status. */
static inline int run_child(void (*fn)(void), char *said, size_t size)
{
    int status = 0, ends[2];
    ssize_t length;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    if (!(child = fork())) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL);
        fn();
        _exit(0);
    }
    close(ends[1]);
    length = read(ends[0], said, size - 1);
    said[length > 0 ? length : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

#endif
