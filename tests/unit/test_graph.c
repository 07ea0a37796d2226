/* test_graph.c - who awaits whom, in words. */
#include "unit.h"

#include <gyre/task_group.h>

static gyre_future *bottom;

static int open_graph(void **state)
{
    open_loop(state);
    bottom = gyre_loop_create_future(loop);
    return 0;
}

static int close_graph(void **state)
{
    gyre_future_unref(bottom);
    return close_loop(state);
}

#define ON_GRAPH(test) cmocka_unit_test_setup_teardown(test, open_graph, close_graph)

static int await_it(void *future)
{
    return gyre_await(future, NULL);
}

static gyre_task *start(const char *name, gyre_coroutine fn, void *arg)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, fn, arg, .name = name);
    return task;
}

/* The words, without the addresses. */
static void assert_graph(gyre_future *future, const char *words)
{
    char *text = gyre_format_call_graph(future), *from = text, *to = text;

    while (*from) {
        if (strncmp(from, " 0x", 3) == 0)
            from += 3 + strspn(from + 3, "0123456789abcdef");
        else
            *to++ = *from++;
    }
    *to = '\0';
    assert_string_equal(text, words);
    free(text);
}

static void finish(gyre_task *task)
{
    gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
}

static void test_a_future_nobody_awaits(void **state)
{
    gyre_future *awaiter;

    assert_graph(bottom, "* Future\n");
    assert_int_equal(gyre_future_awaited_by(bottom, &awaiter, 1), 0);
}

static void test_a_chain(void **state)
{
    gyre_task *inner = start("inner", await_it, bottom), *outer = start("outer", await_it, inner);
    gyre_future *awaiter;

    run_once();
    assert_graph(bottom, "* Future\n"
                         "  + Awaited by:\n"
                         "     * Task(name='inner', coro=await_it)\n"
                         "       + Awaited by:\n"
                         "          * Task(name='outer', coro=await_it)\n");
    assert_int_equal(gyre_future_awaited_by(bottom, &awaiter, 1), 1);
    assert_ptr_equal(awaiter, inner);
    gyre_future_unref(awaiter);
    gyre_future_set_result(bottom, NULL);
    finish(outer);
    gyre_future_unref(inner);
}

static int wait_for_it(void *future)
{
    return gyre_wait((gyre_future *const *)&future, 1) < 0;
}

static void test_two_ways_up(void **state)
{
    gyre_task *one = start("one", wait_for_it, bottom), *two;
    gyre_future *gathered;

    gyre_gather(&gathered, &bottom, 1);
    two = start("two", await_it, gathered);
    run_once();
    assert_graph(bottom, "* Future\n"
                         "  + Awaited by:\n"
                         "     * gather\n"
                         "       + Awaited by:\n"
                         "          * Task(name='two', coro=await_it)\n"
                         "     * Future\n"
                         "       + Awaited by:\n"
                         "          * Task(name='one', coro=wait_for_it)\n");
    gyre_future_set_result(bottom, NULL);
    finish(one);
    finish(two);
    gyre_future_unref(gathered);
}

static int join_a_child(void *arg)
{
    gyre_task_group group;
    int err = gyre_task_group_begin(&group);

    gyre_task_group_create_task(&group, NULL, await_it, bottom, .name = "child");
    return err ? err : (int)gyre_task_group_end(&group, 0);
}

static void test_a_group(void **state)
{
    gyre_task *parent = start("parent", join_a_child, NULL);

    run_passes(2);
    assert_graph(bottom, "* Future\n"
                         "  + Awaited by:\n"
                         "     * Task(name='child', coro=await_it)\n"
                         "       + Awaited by:\n"
                         "          * Task(name='parent', coro=join_a_child)\n");
    gyre_future_set_result(bottom, NULL);
    finish(parent);
}

static gyre_task *pair[2];

static int await_the_other(void *number)
{
    return gyre_await(pair[1 - (intptr_t)number], NULL);
}

static void test_a_circle_ends(void **state)
{
    pair[0] = start("a", await_the_other, (void *)0);
    pair[1] = start("b", await_the_other, (void *)1);
    run_once();
    assert_graph(pair[0], "* Task(name='a', coro=await_the_other)\n"
                          "  + Awaited by:\n"
                          "     * Task(name='b', coro=await_the_other)\n"
                          "       + Awaited by:\n"
                          "          * Task(name='a', coro=await_the_other) (above)\n");
    gyre_task_cancel(pair[0]);
    finish(pair[0]);
    finish(pair[1]);
}

static void test_a_deep_graph_is_cut(void **state)
{
    gyre_future *top = gyre_future_ref(bottom);
    char *text;

    for (int i = 0; i < 1000; i++) {
        gyre_future *inner = top;

        gyre_gather(&top, &inner, 1);
        gyre_future_unref(inner);
    }
    text = gyre_format_call_graph(bottom);
    assert_string_equal(text + strlen(text) - 6, "* ...\n");
    free(text);
    gyre_future_set_result(bottom, NULL);
    gyre_loop_run_until_complete(loop, top, NULL);
    gyre_future_unref(top);
}

static int print_itself(void *file)
{
    gyre_print_call_graph(NULL, .file = file);
    return 0;
}

static void test_the_running_task_is_printed(void **state)
{
    FILE *file = tmpfile();
    char line[100];

    finish(start("me", print_itself, file));
    rewind(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "* Task(name='me', coro=print_itself)\n");
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GRAPH(test_a_future_nobody_awaits),
        ON_GRAPH(test_a_chain),
        ON_GRAPH(test_two_ways_up),
        ON_GRAPH(test_a_group),
        ON_GRAPH(test_a_circle_ends),
        ON_GRAPH(test_a_deep_graph_is_cut),
        ON_GRAPH(test_the_running_task_is_printed),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
