/* test_process_shards.c - children of several loops at the same time: each is reaped by its own. */
#include "child_bed.h"
#include "sharded.h"

enum { CHILDREN = 25 };

static int run_children(void *arg)
{
    for (int i = 0; i < CHILDREN; i++) {
        gyre_process *process = NULL;
        gyre_process_output output;
        char line[48];
        int returncode = -1000;

        snprintf(line, sizeof line, "echo %d; exit %d", i, i);
        expect(gyre_create_subprocess_shell(&process, line, .stdout = GYRE_PIPE) == 0);
        if (!process)
            return 0;
        expect(gyre_process_communicate(process, &output) == 0);
        expect(atoi(output.stdout_data) == i);
        expect(gyre_process_get_returncode(process, &returncode) && returncode == i);
        gyre_process_unref(process);
    }
    return 0;
}

/* On threads that are not the main one, too.
 * test_subprocess.py::GenericWatcherTests::test_create_subprocess_with_pidfd
 */
static void test_each_reaps_its_own(void **state)
{
    assert_runs(0, 3, run_children, NULL);
}

static atomic_int left[2];

/* A child of each shard is alive when the loops are closed. */
static int leave_one(void *arg)
{
    gyre_process *process = NULL;

    expect(gyre_create_subprocess_shell(&process, "exec sleep 3600") == 0);
    atomic_store(&left[gyre_shard_id()], gyre_process_get_pid(process));
    gyre_process_unref(process);
    return run_children(arg);
}

static void test_no_zombie_is_left(void **state)
{
    assert_runs(0, 2, leave_one, NULL);
    assert_false(exists(atomic_load(&left[0])) || exists(atomic_load(&left[1])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reaps_its_own),
        cmocka_unit_test(test_no_zombie_is_left),
    };

    /* Descriptors are not counted: ThreadSanitizer opens some when it asks how a function of libuv is named.
     */
    return cmocka_run_group_tests(tests, begin_group, NULL);
}
