/* unit.h - what the tests of the loop and its tasks share: a loop for each test, a notebook for the order of
 * calls, a witness for what the exception handler was told, and the count of open descriptors. */
#ifndef GYRE_TESTS_UNIT_H
#define GYRE_TESTS_UNIT_H

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <gyre/combine.h>
#include <gyre/run.h>
#include <gyre/thread.h>
#include <gyre/timeout.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The loop of the test that runs. */
static gyre_loop *loop;

/* What was noted, word by word. */
static char noted[4096];

/* A callback, or a release, that writes its arg down. */
static inline void note(void *word)
{
    size_t length = strlen(noted);

    snprintf(noted + length, sizeof noted - length, "%s%s", length ? " " : "", (const char *)word);
}

/* Compares the notebook and starts a new page. */
#define assert_noted(words)                \
    do {                                   \
        assert_string_equal(noted, words); \
        noted[0] = '\0';                   \
    } while (0)

/* What the exception handler was told last, and how often it was told. */
static struct {
    unsigned count;
    char message[128];
    int exception;
    char text[128];
    const void *future, *task;
    bool handle;
    char source[256];
    int answer; /* what the handler is to return */
} told;

static inline int witness(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    told.count++;
    snprintf(told.message, sizeof told.message, "%s", context->message ? context->message : "(none)");
    snprintf(told.text, sizeof told.text, "%s", context->text ? context->text : "(none)");
    told.exception = context->exception;
    told.future = context->future;
    told.task = context->task;
    told.handle = context->handle != NULL;
    snprintf(told.source, sizeof told.source, "%s", context->source ? context->source : "(none)");
    return told.answer;
}

/* Compares what the handler was told, and how often since the last look. */
#define assert_told(times, words)                     \
    do {                                              \
        assert_int_equal(told.count, times);          \
        if (times)                                    \
            assert_string_equal(told.message, words); \
        told.count = 0;                               \
    } while (0)

/* A release that counts, in the int that is its arg. */
static inline void count_release(void *arg)
{
    ++*(int *)arg;
}

/* The same, as a callback. */
static inline void count_call(void *arg)
{
    ++*(int *)arg;
}

static inline void do_nothing(void *arg)
{
}

static inline void stop_loop(void *arg)
{
    gyre_loop_stop(arg ? arg : loop);
}

/* One pass: what is ready now, and what is due. */
static inline void run_once(void)
{
    gyre_loop_stop(loop);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
}

static inline void run_passes(int passes)
{
    while (passes-- > 0)
        run_once();
}

/* Runs fn(arg) as a task of the test's loop and returns its code. */
static inline int run_main(gyre_coroutine fn, void *arg)
{
    gyre_task *task;
    int err = gyre_loop_create_task(loop, &task, fn, arg);

    if (err)
        return err;
    err = gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    return err;
}

static inline void nap(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&time, NULL);
}

/* The signal has its default action. */
static inline bool is_default(int number)
{
    struct sigaction action;

    sigaction(number, NULL, &action);
    return action.sa_handler == SIG_DFL;
}

/* What the loops of the tests stand on. */
static gyre_driver_kind unit_driver;

/* In debug mode it takes a pause of the machine's for no slow callback. */
static inline gyre_loop *open_witnessed(void)
{
    gyre_loop *made = gyre_loop_new(.driver = unit_driver);

    assert_non_null(made);
    gyre_loop_set_exception_handler(made, witness, NULL);
    gyre_loop_set_slow_callback_duration(made, 3600);
    return made;
}

/* The setup of each test. */
static inline int open_loop(void **state)
{
    memset(&told, 0, sizeof told);
    noted[0] = '\0';
    loop = open_witnessed();
    gyre_set_event_loop(loop);
    return 0;
}

/* The teardown of each test: nothing was told that the test did not look at. */
static inline int close_loop(void **state)
{
    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = NULL;
    if (told.count)
        print_error("not expected: %s\n", told.message);
    return told.count ? -1 : 0;
}

/* The same, in virtual time. */
static inline int open_sim(void **state)
{
    gyre_driver_kind before = unit_driver;
    int err;

    unit_driver = GYRE_DRIVER_SIM;
    err = open_loop(state);
    unit_driver = before;
    return err;
}

/* Closes the loop in the middle of a test; the teardown finds it closed. */
static inline void close_now(void)
{
    assert_int_equal(gyre_loop_close(loop), 0);
}

static inline size_t count_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static size_t open_files;

/* The setup of a group. What libuv opens once for the process is open before the count; a hang ends. */
static inline int begin_group(void **state)
{
    gyre_loop_unref(gyre_loop_new(.driver = GYRE_DRIVER_UV));
    open_files = count_open_files();
    alarm(60);
    return 0;
}

/* The teardown of a group: a leaked descriptor fails it. */
static inline int end_group(void **state)
{
    size_t left = count_open_files();

    /* A thread that ends may still hold a mailbox for a moment. */
    for (int i = 0; i < 100 && left != open_files; i++) {
        nap(0.01);
        left = count_open_files();
    }
    if (left == open_files)
        return 0;
    print_error("descriptors: %zu at the start, %zu at the end\n", open_files, left);
    /* cmocka forgets what this function returns. */
    exit(EXIT_FAILURE);
}

#define ON_LOOP(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
#define ON_SIM(test)  cmocka_unit_test_setup_teardown(test, open_sim, close_loop)

/* Points stderr at a file; what is written comes back by take_stderr. */
static int real_stderr;
static FILE *caught_stderr;

static inline void catch_stderr(void)
{
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    caught_stderr = tmpfile();
    dup2(fileno(caught_stderr), STDERR_FILENO);
}

static inline const char *take_stderr(void)
{
    static char text[4096];
    size_t length;

    fflush(stderr);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    rewind(caught_stderr);
    length = fread(text, 1, sizeof text - 1, caught_stderr);
    text[length] = '\0';
    fclose(caught_stderr);
    return text;
}

/* Runs fn(arg) in a child whose stderr is caught, and returns its wait status. */
static inline int in_child(int (*fn)(void *arg), void *arg, const char **words)
{
    int status;
    pid_t child;

    catch_stderr();
    child = fork();
    if (child == 0)
        _exit(fn(arg));
    assert_int_equal(waitpid(child, &status, 0), child);
    *words = take_stderr();
    return status;
}

#endif
