/* test_children.c - real programs as children: large talks, grandchildren, crowds, and a child that is none
 * of ours. */
#include "child_bed.h"
#include "sharded.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { LARGE = 4 << 20, CROWD = 20 };

/* As many bytes as no pipe holds, and what comes back. */
static int echo_large(void *line)
{
    gyre_process *process = NULL;
    gyre_process_output output = {0};
    char *input = malloc(LARGE);

    for (size_t i = 0; i < LARGE; i++)
        input[i] = (char)(i + i / 251);
    assert_int_equal(gyre_create_subprocess_shell(&process, line, .stdin = GYRE_PIPE, .stdout = GYRE_PIPE,
                                                  .stderr = GYRE_PIPE),
                     0);
    assert_int_equal(gyre_process_communicate(process, &output, .input = input, .len = LARGE), 0);
    assert_int_equal(output.stdout_len, LARGE);
    assert_memory_equal(output.stdout_data, input, LARGE);
    if (output.stderr_len) {
        assert_int_equal(output.stderr_len, LARGE);
        assert_memory_equal(output.stderr_data, input, LARGE);
    }
    gyre_process_unref(process);
    free(input);
    return (int)(output.stderr_len / LARGE);
}

static void test_a_large_echo(void **state)
{
    assert_int_equal(run_main(echo_large, "exec cat"), 0);
}

static void test_a_large_echo_by_both_pipes(void **state)
{
    assert_int_equal(run_main(echo_large, "exec tee /dev/stderr"), 1);
}

/* The child's end is not the pipe's: wait returns at the one, a talk goes on until the last writer has gone.
 */
static int hear_a_grandchild(void *arg)
{
    const int *ends = arg;
    gyre_process *process = NULL;
    gyre_process_output output = {0};
    int returncode = -1000;

    assert_int_equal(gyre_create_subprocess_shell(&process,
                                                  "exec 3<&0; (read x; echo late) <&3 & echo early; exit 3",
                                                  .stdin = ends[0], .stdout = GYRE_PIPE),
                     0);
    assert_int_equal(gyre_process_wait(process, &returncode), 0);
    assert_int_equal(returncode, 3);
    assert_int_equal(write(ends[1], "go on\n", 6), 6);
    assert_int_equal(gyre_process_communicate(process, &output), 0);
    assert_int_equal(output.stdout_len, strlen("early\nlate\n"));
    assert_memory_equal(output.stdout_data, "early\nlate\n", output.stdout_len);
    gyre_process_unref(process);
    return 0;
}

static void test_a_talk_with_a_grandchild(void **state)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(run_main(hear_a_grandchild, ends), 0);
    close(ends[0]);
    close(ends[1]);
}

static int talk_to_one(void *arg)
{
    char line[32], wanted[32];
    gyre_process *process = NULL;
    gyre_process_output output = {0};
    int i = *(int *)arg, returncode = -1000;

    snprintf(line, sizeof line, "cat; exit %d", i);
    snprintf(wanted, sizeof wanted, "%d of %d", i, gyre_shard_id());
    expect(gyre_create_subprocess_shell(&process, line, .stdin = GYRE_PIPE, .stdout = GYRE_PIPE) == 0);
    expect(gyre_process_communicate(process, &output, .input = wanted, .len = strlen(wanted)) == 0);
    expect(output.stdout_len == strlen(wanted) && !memcmp(output.stdout_data, wanted, output.stdout_len));
    expect(gyre_process_get_returncode(process, &returncode) && returncode == i);
    gyre_process_unref(process);
    return 0;
}

static int talk_to_many(void *arg)
{
    gyre_task_group group;
    int numbers[CROWD];

    gyre_task_group_begin(&group);
    for (int i = 0; i < CROWD; i++) {
        numbers[i] = i;
        gyre_task_group_create_task(&group, NULL, talk_to_one, &numbers[i]);
    }
    return gyre_task_group_end(&group, 0);
}

/* All at the same time, on two loops. */
static void test_a_crowd(void **state)
{
    assert_runs(0, 2, talk_to_many, NULL);
}

/* A child that the program made by itself is its own, ended or not. */
static int have_ones_own(void *arg)
{
    pid_t child = fork();
    int status = 0, err;

    if (child == 0)
        _exit(7);
    err = talk_to_many(NULL);
    expect(waitpid(child, &status, 0) == child);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    return err;
}

static void test_a_child_of_ones_own(void **state)
{
    assert_runs(0, 2, have_ones_own, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_large_echo, open_loop, close_loop),
        cmocka_unit_test_setup_teardown(test_a_large_echo_by_both_pipes, open_loop, close_loop),
        cmocka_unit_test_setup_teardown(test_a_talk_with_a_grandchild, open_loop, close_loop),
        cmocka_unit_test(test_a_crowd),
        cmocka_unit_test(test_a_child_of_ones_own),
    };

    return cmocka_run_group_tests(tests, begin_group, NULL);
}
