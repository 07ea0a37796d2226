/* sharded.h - what the tests of shard/ share: quiet runs, and expectations that any thread may have. */
#ifndef GYRE_TESTS_SHARDED_H
#define GYRE_TESTS_SHARDED_H

#include "unit.h"
#include <gyre/gyre.h>

/* cmocka's own asserts jump, which only the thread of the test may do. */
static atomic_int disappointments;

#define expect(condition) ((condition) ? (void)0 : disappoint(__FILE__, __LINE__, #condition))

static inline void disappoint(const char *file, int line, const char *condition)
{
    print_error("%s:%d: not so: %s\n", file, line, condition);
    atomic_fetch_add(&disappointments, 1);
}

/* Runs fn(arg) on so many shards; all that any of them expected must have come true. */
#define assert_runs(status, shards, ...)                                                    \
    do {                                                                                    \
        atomic_store(&disappointments, 0);                                                  \
        assert_int_equal(gyre_run_sharded(shards, __VA_ARGS__, .quiet = GYRE_YES), status); \
        assert_int_equal(atomic_load(&disappointments), 0);                                 \
    } while (0)

/* A coroutine that waits until it is cancelled. */
static inline int wait_forever(void *arg)
{
    return gyre_sleep(1000);
}

/* Waits until the counter is there; another shard will bring it there. */
static inline int wait_until(atomic_int *counter, int value)
{
    int err = 0;

    while (!err && atomic_load(counter) < value)
        err = gyre_sleep(0.001);
    return err;
}

#endif
