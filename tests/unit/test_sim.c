/* test_sim.c - a loop in virtual time: jumps, stands still for other threads, and knows when nothing can
 * come. */
#include "unit.h"

#include "loop/loop.h"
#include <errno.h>
#include <gyre/server.h>
#include <gyre/shard.h>
#include <netdb.h>
#include <semaphore.h>
#include <sys/socket.h>

/* The clock begins at 0 and is exact. */
static void test_it_jumps(void **state)
{
    assert_true(gyre_loop_time(loop) == 0);
    gyre_loop_call_later(loop, 3600, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_true(gyre_loop_time(loop) == 3600);
}

static int sleep_an_hour(void *arg)
{
    int err = 0;

    for (int i = 0; i < 1000 && !err; i++)
        err = gyre_sleep(3600);
    return err;
}

/* A thousand hours, in less time than alarm() gives the whole group. */
static void test_a_thousand_hours(void **state)
{
    assert_int_equal(run_main(sleep_an_hour, NULL), 0);
    assert_true(gyre_loop_time(loop) == 3600e3);
}

static void note_time(void *arg)
{
    char word[32];

    snprintf(word, sizeof word, "%s@%g", (const char *)arg, gyre_loop_time(loop));
    note(word);
}

/* Each at its own time, whatever the order of registration; equal ones as they were armed. */
static void test_order(void **state)
{
    gyre_loop_call_later(loop, 7, note_time, "c");
    gyre_loop_call_later(loop, 2.5, note_time, "a");
    gyre_loop_call_at(loop, 7, note_time, "d");
    gyre_loop_call_later(loop, 4, note_time, "b");
    gyre_loop_call_later(loop, 7, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_noted("a@2.5 b@4 c@7 d@7");
}

struct busy {
    int turns;
    double seen;
};

static void stay_busy(void *arg)
{
    struct busy *busy = arg;

    busy->seen = fmax(busy->seen, gyre_loop_time(loop));
    if (--busy->turns > 0)
        gyre_loop_call_soon(loop, stay_busy, busy);
    else
        note("idle");
}

/* Time passes only when there is nothing else to do. */
static void test_it_stands_still_while_it_is_busy(void **state)
{
    struct busy busy = {.turns = 5000};

    gyre_loop_call_later(loop, 1e-9, note, "timer");
    gyre_loop_call_soon(loop, stay_busy, &busy);
    gyre_loop_call_later(loop, 1, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_noted("idle timer");
    assert_true(busy.seen == 0);
}

/* A cancelled timer is no deadline. */
static void test_a_cancelled_timer(void **state)
{
    gyre_handle handle = gyre_loop_call_later(loop, 1, note, "never");

    gyre_handle_cancel(&handle);
    gyre_loop_call_later(loop, 5, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_noted("");
    assert_true(gyre_loop_time(loop) == 5);
}

static int slow(void *arg)
{
    nap(0.02);
    return 7;
}

static int wait_for_slow(void *arg)
{
    int code = gyre_to_thread(slow, NULL);

    note_time("home");
    return code;
}

/* A timer is due long before the thread is done, but the loop waits for the thread. */
static void test_it_stands_still_for_a_thread(void **state)
{
    gyre_loop_call_later(loop, 0.001, note_time, "timer");
    gyre_loop_call_later(loop, 0.002, stop_loop, NULL);
    assert_int_equal(run_main(wait_for_slow, NULL), 7);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_noted("home@0 timer@0.001");
}

static int too_slow(void *arg)
{
    return gyre_to_thread(slow, NULL);
}

static int limit_slow(void *arg)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, 1e-6);
    err = too_slow(NULL);
    return gyre_timeout_end(&timeout, err);
}

/* So a limit on work that a thread does never strikes. */
static void test_a_limit_on_a_thread(void **state)
{
    assert_int_equal(run_main(limit_slow, NULL), 7);
}

static int cancel_running(void *arg)
{
    gyre_future *future;
    int err = gyre_loop_run_in_executor(loop, &future, NULL, slow, NULL);

    nap(0.005);
    gyre_future_cancel(future);
    gyre_future_unref(future);
    note_time("cancelled");
    err = err ? err : gyre_sleep(1);
    note_time("slept");
    return err;
}

/* Nobody waits for it any more, but its thread is still at work: time stands still until it is home. */
static void test_a_cancelled_job(void **state)
{
    assert_int_equal(run_main(cancel_running, NULL), 0);
    assert_noted("cancelled@0 slept@1");
}

static int nap_an_hour(void *arg)
{
    return gyre_sleep(3600) ? -1 : 5;
}

static int ask(void *arg)
{
    gyre_concurrent_future *future;
    int err = gyre_run_coroutine_threadsafe(loop, &future, nap_an_hour, NULL);

    if (err)
        return err;
    err = gyre_concurrent_future_result(future, NULL, INFINITY);
    gyre_concurrent_future_unref(future);
    return err;
}

static int ask_on_thread(void *arg)
{
    return gyre_to_thread(ask, NULL);
}

/* A thread that waits for this loop does not stop its time. */
static void test_a_thread_that_asks(void **state)
{
    assert_int_equal(run_main(ask_on_thread, NULL), 5);
    assert_true(gyre_loop_time(loop) == 3600);
}

/* A thread that waits for a task, which waits for that thread. */
static struct {
    gyre_future *gate;
    sem_t asked;
    int code;
} asker;

static int wait_at_gate(void *arg)
{
    return gyre_await(asker.gate, NULL);
}

static void open_gate(void *arg)
{
    gyre_future_set_result(asker.gate, NULL);
}

static void *ask_and_open(void *arg)
{
    gyre_concurrent_future *future;

    asker.code = gyre_run_coroutine_threadsafe(loop, &future, wait_at_gate, NULL);
    sem_post(&asker.asked);
    nap(0.02);
    gyre_loop_call_soon_threadsafe(loop, open_gate, NULL);
    if (!asker.code)
        asker.code = gyre_concurrent_future_result(future, NULL, INFINITY);
    gyre_concurrent_future_unref(future);
    return NULL;
}

static int until_asked(void *arg)
{
    return sem_wait(&asker.asked);
}

static int wait_for_both(void *arg)
{
    int err = gyre_to_thread(until_asked, NULL);

    return err ? err : wait_at_gate(NULL);
}

/* While a thread holds the future of a task it may still have something to say: no deadlock. */
static void test_a_thread_future(void **state)
{
    pthread_t thread;

    sem_init(&asker.asked, 0, 0);
    asker.gate = gyre_loop_create_future(loop);
    assert_int_equal(pthread_create(&thread, NULL, ask_and_open, NULL), 0);
    assert_int_equal(run_main(wait_for_both, NULL), 0);
    /* Its task ends with the main's turn: the future of the thread follows. */
    run_passes(3);
    pthread_join(thread, NULL);
    assert_int_equal(asker.code, 0);
    gyre_future_unref(asker.gate);
}

static void *give_result(void *future)
{
    nap(0.02);
    gyre_concurrent_future_set_result(future, "result");
    return NULL;
}

static int wait_for_result(void *thread)
{
    gyre_concurrent_future *source = gyre_concurrent_future_new();
    gyre_future *future = gyre_wrap_future(source);
    void *value = NULL;
    int err = pthread_create(thread, NULL, give_result, source);

    if (!err)
        err = gyre_await(future, &value);
    note_time(value);
    gyre_future_unref(future);
    pthread_join(*(pthread_t *)thread, NULL);
    gyre_concurrent_future_unref(source);
    return err;
}

/* What a thread is to give is waited for as a job is. */
static void test_a_wrapped_future(void **state)
{
    pthread_t thread;

    gyre_loop_call_later(loop, 0.001, note, "timer");
    assert_int_equal(run_main(wait_for_result, &thread), 0);
    assert_noted("result@0");
}

/* What the exception handler was told of a deadlock. */
static char tree[4096];

static int keep_tree(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    snprintf(tree, sizeof tree, "%s", context->text);
    return witness(of, context, arg);
}

static int wait_for_ever(void *arg)
{
    return gyre_await(arg, NULL);
}

static int wait_for_worker(void *arg)
{
    gyre_task *worker;
    int err = gyre_create_task(&worker, wait_for_ever, arg, .name = "worker");

    if (err)
        return err;
    err = gyre_await(worker, NULL);
    gyre_future_unref(worker);
    return err;
}

#define DEADLOCK "Deadlock: nothing is ready, no timer is armed, and no other thread owes this loop anything"

/* Who waits for whom is in the report. The tasks are there still: the run may go on when something has
 * changed. */
static void test_a_deadlock(void **state)
{
    gyre_future *never = gyre_loop_create_future(loop);
    gyre_task *task;

    gyre_loop_set_exception_handler(loop, keep_tree, NULL);
    gyre_loop_create_task(loop, &task, wait_for_worker, never, .name = "boss");
    gyre_loop_call_later(loop, 60, note_time, "timer");
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), -EDEADLK);
    assert_string_equal(gyre_error_text(), "Event loop is deadlocked: the future can never complete.");
    assert_noted("timer@60");
    assert_told(1, DEADLOCK);
    assert_int_equal(told.exception, -EDEADLK);
    assert_string_equal(tree, "2 tasks are pending:\n"
                              "* Task(name='worker', coro=wait_for_ever)\n"
                              "  + Awaited by:\n"
                              "     * Task(name='boss', coro=wait_for_worker)\n");
    gyre_future_set_result(never, NULL);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), 0);
    gyre_future_unref(task);
    gyre_future_unref(never);
}

/* Without a main there is nothing to wait for either. */
static void test_an_idle_loop(void **state)
{
    assert_int_equal(gyre_loop_run_forever(loop), -EDEADLK);
    assert_string_equal(gyre_error_text(), "Event loop is deadlocked: nothing can ever happen on it.");
    assert_string_equal(told.text, "no task is pending");
    assert_told(1, DEADLOCK);
    assert_false(gyre_loop_is_running(loop));
}

static int sleep_for_ever(void *arg)
{
    return gyre_sleep(INFINITY);
}

/* Infinity is no deadline. */
static void test_infinity(void **state)
{
    assert_int_equal(run_main(sleep_for_ever, NULL), -EDEADLK);
    assert_told(1, DEADLOCK);
    assert_true(gyre_loop_time(loop) == 0);
}

/* gyre_run says so, and ends: the main is cancelled like any task that is left. */
static void test_run_in_deadlock(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .driver = GYRE_DRIVER_SIM};
    const char *words;
    int status;

    catch_stderr();
    status = gyre_run(sleep_for_ever, NULL, .loop = &options);
    words = take_stderr();
    assert_int_equal(status, 1);
    assert_non_null(strstr(words, DEADLOCK));
    assert_non_null(strstr(words, "Task-1"));
    assert_non_null(strstr(words, "gyre: the main failed: OSError (-35): Event loop is deadlocked"));
}

static int note_sigint(void *arg)
{
    note(is_default(SIGINT) ? "default" : "handled");
    return gyre_sleep(1e6);
}

/* gyre_run in virtual time: signals keep their actions. */
static void test_run(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .driver = GYRE_DRIVER_SIM};

    assert_int_equal(gyre_run(note_sigint, NULL, .loop = &options), 0);
    assert_noted("default");
}

static int connect_somewhere(void *arg)
{
    static const gyre_protocol protocol = {.size = sizeof protocol, .create = NULL};
    int err = gyre_loop_create_connection(loop, NULL, &protocol, .host = "example.com", .port = 9);

    note((void *)gyre_error_text());
    return err;
}

/* What is the system's is refused with a sentence. */
static void test_nothing_of_the_system(void **state)
{
    static const gyre_protocol protocol = {.size = sizeof protocol};
    int pair[2];

    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGUSR1, do_nothing, NULL), -ENOTSUP);
    assert_string_equal(gyre_error_text(), "a loop in virtual time hears no signals");
    assert_int_equal(run_main(connect_somewhere, NULL), GYRE_EGAI + EAI_NONAME);
    assert_noted("a loop in virtual time knows addresses and \"localhost\", but no name 'example.com'");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &protocol, .sock = pair[0]), -ENOTSUP);
    assert_null(loop->driver_class->watch(loop->driver, pair[0], GYRE__READABLE, NULL, NULL));
    assert_int_equal(errno, ENOTSUP);
    close(pair[0]);
    close(pair[1]);
}

static void occupy(gyre_job *job)
{
    nap(0.01);
}

static void end_job(gyre_job *job)
{
}

static int ask_politely(void *arg)
{
    return gyre_to_thread(slow, NULL);
}

/* Others fill the queue: to_thread waits its turn, and no time passes. */
static void test_a_full_queue(void **state)
{
    gyre_executor *pool = gyre_executor_new(.threads = 1, .queue_limit = 1);
    gyre_job jobs[2] = {{.fn = occupy, .done = end_job}, {.fn = occupy, .done = end_job}};

    assert_int_equal(gyre_executor_submit(pool, &jobs[0]), 0);
    while (gyre_executor_submit(pool, &jobs[1]) == -EAGAIN)
        nap(0.0001);
    gyre_loop_set_default_executor(loop, pool);
    assert_int_equal(run_main(ask_politely, NULL), 7);
    assert_true(gyre_loop_time(loop) == 0);
    gyre_executor_shutdown(pool, true, false);
    gyre_executor_unref(pool);
}

static int be_a_shard(void *arg)
{
    return 0;
}

/* Shards speak to each other in real time. */
static void test_no_shard(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .driver = GYRE_DRIVER_SIM};
    const char *words;
    int status;

    catch_stderr();
    status = gyre_run_sharded(2, be_a_shard, NULL, .quiet = GYRE_YES, .loop = &options);
    words = take_stderr();
    assert_int_equal(status, 1);
    assert_non_null(strstr(words, "a shard cannot run in virtual time"));
}

/* A loop without threads. */
static int open_inline(void **state)
{
    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .executor_inline = GYRE_YES);
    noted[0] = '\0';
    gyre_loop_set_exception_handler(loop, witness, NULL);
    gyre_set_event_loop(loop);
    return 0;
}

static pthread_t worked_on;

static int work(void *word)
{
    worked_on = pthread_self();
    assert_null(gyre_get_running_loop());
    note(word);
    return gyre_error_set(-EIO, "from %s", (const char *)word);
}

static int work_in_thread(void *arg)
{
    gyre_loop_call_soon(loop, note, "soon");
    assert_int_equal(gyre_to_thread(work, "work"), -EIO);
    assert_string_equal(gyre_error_text(), "from work");
    return gyre_get_running_loop() == loop ? 0 : -1;
}

/* In the next turn, in order, on the loop's own thread. */
static void test_inline(void **state)
{
    assert_int_equal(run_main(work_in_thread, NULL), 0);
    assert_noted("soon work");
    assert_true(pthread_equal(worked_on, pthread_self()));
}

static int answer(void *arg)
{
    return 3;
}

static const gyre_context_var color = {.name = "color"};

static int look(void *arg)
{
    note(gyre_context_var_get(&color) ? "seen" : "nothing");
    gyre_context_var_set(&color, "blue");
    return 0;
}

static int look_in_executor(void *arg)
{
    gyre_future *future;
    int err;

    gyre_context_var_set(&color, "red");
    gyre_loop_run_in_executor(loop, &future, NULL, look, NULL);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    note(gyre_context_var_get(&color));
    return err;
}

/* A thread has its own context; so has work that might have run on one. */
static void test_inline_context(void **state)
{
    assert_int_equal(run_main(look_in_executor, NULL), 0);
    assert_noted("nothing red");
}

/* Released when it has ended, and when it never began. */
static void test_inline_cancelled(void **state)
{
    gyre_future *run, *cancelled;
    int releases = 0;

    gyre_loop_run_in_executor(loop, &run, NULL, answer, &releases, .release = count_release);
    gyre_loop_run_in_executor(loop, &cancelled, NULL, work, &releases, .release = count_release);
    assert_true(gyre_future_cancel(cancelled));
    assert_int_equal(releases, 1);
    assert_true(gyre_future_cancelled(cancelled));
    assert_int_equal(gyre_loop_run_until_complete(loop, run, NULL), 3);
    assert_int_equal(releases, 2);
    assert_noted("");
    gyre_future_unref(run);
    gyre_future_unref(cancelled);
}

/* A loop that closes first drops what has not begun. */
static void test_inline_closed(void **state)
{
    int releases = 0;

    gyre_loop_run_in_executor(loop, NULL, NULL, work, &releases, .release = count_release);
    close_now();
    assert_int_equal(releases, 1);
    assert_noted("");
}

static int shut_down(void *arg)
{
    gyre_loop_run_in_executor(loop, NULL, NULL, answer, NULL);
    assert_int_equal(gyre_loop_shutdown_default_executor(loop, 1), 0);
    assert_int_equal(gyre_to_thread(answer, NULL), GYRE_ESHUTDOWN);
    return 0;
}

/* The rules of the default executor hold. */
static void test_inline_shutdown(void **state)
{
    assert_int_equal(run_main(shut_down, NULL), 0);
}

#define INLINE(test) cmocka_unit_test_setup_teardown(test, open_inline, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_it_jumps),
        ON_SIM(test_a_thousand_hours),
        ON_SIM(test_order),
        ON_SIM(test_it_stands_still_while_it_is_busy),
        ON_SIM(test_a_cancelled_timer),
        ON_SIM(test_it_stands_still_for_a_thread),
        ON_SIM(test_a_limit_on_a_thread),
        ON_SIM(test_a_cancelled_job),
        ON_SIM(test_a_thread_that_asks),
        ON_SIM(test_a_thread_future),
        ON_SIM(test_a_wrapped_future),
        ON_SIM(test_a_deadlock),
        ON_SIM(test_an_idle_loop),
        ON_SIM(test_infinity),
        ON_SIM(test_run_in_deadlock),
        ON_SIM(test_run),
        ON_SIM(test_nothing_of_the_system),
        ON_SIM(test_a_full_queue),
        cmocka_unit_test(test_no_shard),
        INLINE(test_inline),
        INLINE(test_inline_context),
        INLINE(test_inline_cancelled),
        INLINE(test_inline_closed),
        INLINE(test_inline_shutdown),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
