/* test_exception.c - the exception handler: what it is told, and what happens when it fails itself. */
#include "unit.h"

#include "base/error.h"
#include <gyre/context.h>
#include <gyre/protocol.h>

static void raise_here(void *arg)
{
    gyre_error_set(-EIO, "the disk");
    gyre_loop_call_exception_handler(loop, .exception = -EIO);
}

/* test_base_events.py::BaseEventLoopTests::test_set_exc_handler_custom,
 * test_events.py::HandleTests::test_callback_with_exception,
 * uv:test_base.py::_TestBase::test_set_exc_handler_custom; spec 3 S8 */
static void test_in_a_callback(void **state)
{
    gyre_loop_call_soon(loop, raise_here, NULL);
    gyre_loop_call_soon(loop, note, "goes on");
    run_once();
    assert_noted("goes on");
    assert_int_equal(told.exception, -EIO);
    assert_string_equal(told.text, "the disk");
    assert_true(told.handle);
    assert_told(1, "Exception in callback raise_here");
}

static void raise_done(gyre_future *future, void *arg)
{
    raise_here(arg);
}

/* Timers and done-callbacks are callbacks too. */
static void test_in_other_callbacks(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_call_later(loop, 0, raise_here, NULL);
    run_once();
    assert_true(told.handle);
    assert_told(1, "Exception in callback raise_here");
    gyre_loop_call_soon_threadsafe(loop, raise_here, NULL);
    run_passes(2);
    assert_true(told.handle);
    assert_told(1, "Exception in callback raise_here");
    gyre_future_add_done_callback(future, raise_done, NULL);
    gyre_future_set_result(future, NULL);
    run_once();
    assert_true(told.handle);
    assert_told(1, "Exception in callback raise_done");
    gyre_future_unref(future);
}

static void test_outside(void **state)
{
    gyre_loop_call_exception_handler(loop, .message = "hello", .exception = -EPIPE, .text = "words");
    assert_int_equal(told.exception, -EPIPE);
    assert_string_equal(told.text, "words");
    assert_false(told.handle);
    assert_told(1, "hello");
}

static void test_get_and_set(void **state)
{
    assert_ptr_equal(gyre_loop_get_exception_handler(loop), witness);
    gyre_loop_set_exception_handler(loop, NULL, NULL);
    assert_null(gyre_loop_get_exception_handler(loop));
}

/* test_base_events.py::BaseEventLoopTests::test_default_exc_handler_callback,
 * uv:test_base.py::_TestBase::test_default_exc_handler_callback */
static void test_the_default(void **state)
{
    const char *words;

    gyre_loop_set_exception_handler(loop, NULL, NULL);
    gyre_loop_call_soon(loop, raise_here, NULL);
    catch_stderr();
    run_once();
    words = take_stderr();
    assert_non_null(strstr(words, "Exception in callback raise_here\n"));
    assert_non_null(strstr(words, "OSError (-5): the disk\n"));
    catch_stderr();
    gyre_loop_call_exception_handler(loop, .socket = 7, .transport = (gyre_transport *)loop);
    words = take_stderr();
    assert_non_null(strstr(words, "Unhandled exception in event loop\n"));
    assert_non_null(strstr(words, "socket: 7\n"));
    assert_non_null(strstr(words, "transport: "));
    assert_null(strstr(words, "exception:"));
}

static int raise_in_task(void *arg)
{
    return gyre_error_set(GYRE_EUSER - 1, "from the task");
}

/* test_base_events.py::BaseEventLoopTests::test_default_exc_handler_coro */
static void test_the_default_for_a_task(void **state)
{
    const char *words;

    gyre_loop_set_exception_handler(loop, NULL, NULL);
    gyre_loop_create_task(loop, NULL, raise_in_task, NULL);
    catch_stderr();
    run_once();
    words = take_stderr();
    assert_non_null(strstr(words, "Task exception was never retrieved\n"));
    assert_non_null(strstr(words, "from the task\n"));
    assert_non_null(strstr(words, "  task: "));
}

/* test_base_events.py::BaseEventLoopTests::test_set_exc_handler_broken,
 * uv:test_base.py::_TestBase::test_set_exc_handler_broken */
static void test_a_handler_that_fails(void **state)
{
    const char *words;

    told.answer = -ENOSPC;
    gyre_loop_call_soon(loop, raise_here, NULL);
    gyre_loop_call_soon(loop, note, "goes on");
    catch_stderr();
    run_once();
    words = take_stderr();
    assert_noted("goes on");
    assert_non_null(strstr(words, "Unhandled error in exception handler\n"));
    assert_non_null(strstr(words, gyre_strerror(-ENOSPC)));
    /* And what it was told is not lost. */
    assert_non_null(strstr(words, "the disk"));
    assert_told(1, "Exception in callback raise_here");
}

static int fail_inside(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    gyre_error_set(-ENOENT, "the handler's own");
    snprintf(arg, 64, "%s", context->text);
    return 0;
}

/* The sentence that it is told stays while it runs. */
static void test_a_handler_that_fails_in_something_else(void **state)
{
    char heard[64] = "";

    gyre_loop_set_exception_handler(loop, fail_inside, heard);
    gyre_loop_call_soon(loop, raise_here, NULL);
    run_once();
    assert_string_equal(heard, "the disk");
}

static gyre_context_var name = {"name", "foo"};

static int hear_name(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    note(gyre_context_var_get(&name));
    return 0;
}

static int set_and_raise(void *arg)
{
    gyre_context_var_set(&name, arg);
    return gyre_error_set(GYRE_EUSER, "after a set");
}

/* test_futures2.py::FutureTests::test_task_exc_handler_correct_context */
static void test_the_context_of_a_task(void **state)
{
    gyre_loop_set_exception_handler(loop, hear_name, NULL);
    gyre_loop_create_task(loop, NULL, set_and_raise, "bar");
    gyre_loop_create_task(loop, NULL, set_and_raise, "baz");
    run_once();
    assert_noted("bar baz");
    hear_name(loop, NULL, NULL);
    assert_noted("foo");
}

static void set_and_report(void *arg)
{
    gyre_context_var_set(&name, arg);
    raise_here(NULL);
}

/* test_futures2.py::FutureTests::test_handle_exc_handler_correct_context */
static void test_the_context_of_a_callback(void **state)
{
    gyre_loop_set_exception_handler(loop, hear_name, NULL);
    gyre_loop_call_soon(loop, set_and_report, "bar");
    gyre_loop_call_soon(loop, raise_here, NULL);
    run_once();
    assert_noted("bar foo");
}

/* stderr is a pipe that nobody reads. */
static void break_stderr(void)
{
    int ends[2];

    catch_stderr();
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
}

static int run_with_a_broken_stderr(gyre_exception_handler handler)
{
    gyre_loop_set_exception_handler(loop, handler, NULL);
    gyre_loop_call_soon(loop, raise_here, NULL);
    gyre_loop_call_soon(loop, note, "goes on");
    break_stderr();
    run_once();
    take_stderr();
    assert_noted("goes on");
    return 0;
}

static int fail_always(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    return -EIO;
}

/* test_base_events.py::BaseEventLoopTests::test_default_exc_handler_broken,
 * uv:test_base.py::TestBaseUV::test_default_exc_handler_broken: the default handler cannot be replaced here,
 * but it can fail to write. */
static void test_a_default_handler_that_fails(void **state)
{
    run_with_a_broken_stderr(NULL);
    run_with_a_broken_stderr(fail_always);
}

static const gyre_protocol nobody = {.size = 0};

/* Every key has its line. */
static void test_all_keys(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task;
    const char *words;

    gyre_loop_set_exception_handler(loop, NULL, NULL);
    gyre_loop_create_task(loop, &task, raise_in_task, NULL, .name = "fetcher");
    catch_stderr();
    gyre_loop_call_exception_handler(loop, .message = "all at once", .exception = -EPIPE, .text = "why",
                                     .future = future, .task = task, .transport = (gyre_transport *)loop,
                                     .protocol = &nobody, .socket = 7, .source = "f < g");
    words = take_stderr();
    assert_memory_equal(words, "all at once\n", 12);
    assert_non_null(strstr(words, "  exception: BrokenPipeError (-32): why\n"));
    assert_non_null(strstr(words, "  future: 0x"));
    assert_non_null(strstr(words, "  task: fetcher raise_in_task 0x"));
    assert_non_null(strstr(words, "  protocol: 0x"));
    assert_non_null(strstr(words, "  transport: 0x"));
    assert_non_null(strstr(words, "  socket: 7\n"));
    assert_non_null(strstr(words, "  made in: f < g\n"));
    gyre_task_cancel(task);
    run_once();
    gyre_future_unref(task);
    gyre_future_unref(future);
}

/* An older program's struct is shorter: what it does not know is zero. */
static void test_a_shorter_context(void **state)
{
    gyre_exception_context context = {
        .size = offsetof(gyre_exception_context, exception), .message = "old", .exception = -EIO};

    (gyre_loop_call_exception_handler)(loop, &context);
    assert_int_equal(told.exception, 0);
    assert_told(1, "old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_in_a_callback),
        ON_LOOP(test_in_other_callbacks),
        ON_LOOP(test_outside),
        ON_LOOP(test_get_and_set),
        ON_LOOP(test_the_default),
        ON_LOOP(test_the_default_for_a_task),
        ON_LOOP(test_a_handler_that_fails),
        ON_LOOP(test_a_handler_that_fails_in_something_else),
        ON_LOOP(test_the_context_of_a_task),
        ON_LOOP(test_the_context_of_a_callback),
        ON_LOOP(test_a_default_handler_that_fails),
        ON_LOOP(test_all_keys),
        ON_LOOP(test_a_shorter_context),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
