/* test_shard_map.c - one call to all shards at once. */
#include "sharded.h"

enum { SHARDS = 4 };

static atomic_int begun, ended;

static int on_first(void *test)
{
    int (*fn)(void) = (int (*)(void))(intptr_t)test;

    return gyre_shard_id() == 0 ? fn() : 0;
}

#define assert_first(fn) assert_runs(0, SHARDS, on_first, (void *)(intptr_t)(fn))

struct part {
    int shard;
    char padding[5];
};

static int fill(void *arg, void *part)
{
    struct part *mine = part;

    expect(arg == &begun);
    gyre_sleep(0.001 * gyre_shard_id());
    mine->shard = gyre_shard_id() * 10;
    return gyre_shard_id();
}

static int collect(void)
{
    struct part parts[SHARDS];

    memset(parts, -1, sizeof parts);
    expect(gyre_shard_map(parts, sizeof parts[0], fill, &begun) == 0);
    for (int i = 0; i < SHARDS; i++)
        expect(parts[i].shard == 10 * i && parts[i].padding[4] == -1);
    return 0;
}

static void test_each_fills_its_own(void **state)
{
    assert_first(collect);
}

static int fail_late(void *arg, void *part)
{
    int shard = gyre_shard_id();

    /* The last in order fails first. */
    gyre_sleep(0.005 * (SHARDS - shard));
    atomic_fetch_add(&ended, 1);
    return shard == 0 ? 0 : gyre_error_set(-100 - shard, "shard %d", shard);
}

static int collect_failures(void)
{
    atomic_store(&ended, 0);
    expect(gyre_shard_map(NULL, 0, fail_late, NULL) == -101);
    expect(strcmp(gyre_error_text(), "shard 1") == 0);
    expect(atomic_load(&ended) == SHARDS);
    return 0;
}

static void test_the_first_failure_in_order(void **state)
{
    assert_first(collect_failures);
}

static int dawdle(void *arg, void *part)
{
    int err;

    atomic_fetch_add(&begun, 1);
    err = gyre_sleep(1000);
    gyre_sleep(0.005);
    *(int *)part = err;
    atomic_fetch_add(&ended, 1);
    return err;
}

static int map_in_task(void *arg)
{
    int parts[SHARDS] = {0};
    int err = gyre_shard_map(parts, sizeof parts[0], dawdle, NULL);

    for (int i = 0; i < SHARDS; i++)
        expect(parts[i] == GYRE_ECANCELLED);
    return err;
}

static int cancel_map(void)
{
    gyre_task *task;

    atomic_store(&begun, 0);
    atomic_store(&ended, 0);
    gyre_create_task(&task, map_in_task, NULL);
    expect(wait_until(&begun, SHARDS) == 0);
    gyre_task_cancel(task);
    gyre_sleep(0);
    gyre_task_cancel(task);
    expect(gyre_await(task, NULL) == GYRE_ECANCELLED);
    expect(atomic_load(&ended) == SHARDS);
    gyre_future_unref(task);
    return 0;
}

static void test_a_cancel_goes_to_all(void **state)
{
    assert_first(cancel_map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_fills_its_own),
        cmocka_unit_test(test_the_first_failure_in_order),
        cmocka_unit_test(test_a_cancel_goes_to_all),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
