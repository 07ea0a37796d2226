/* test_stall.c - the stall detector: a loop that hangs is told with its stack, and again when it goes on. */
#include "unit.h"

#include <gyre/shard.h>
#include <gyre/stall.h>

static const double LIMIT = 0.05;

/* What the handler was told. Written on the watchdog's thread before `hangs` and `overs` go up. */
static struct {
    atomic_int hangs, overs;
    gyre_loop *loop;
    char thread[32], task[64], frames[2048], no_stack[128];
    double seconds, limit, lasted;
} stall;

static void hear(const gyre_stall *told_stall, void *arg)
{
    if (told_stall->over) {
        stall.lasted = told_stall->seconds;
        atomic_fetch_add(&stall.overs, 1);
        return;
    }
    stall.loop = told_stall->loop;
    stall.seconds = told_stall->seconds;
    stall.limit = told_stall->limit;
    snprintf(stall.thread, sizeof stall.thread, "%s", told_stall->thread);
    snprintf(stall.task, sizeof stall.task, "%s", told_stall->task);
    snprintf(stall.no_stack, sizeof stall.no_stack, "%s", told_stall->no_stack ? told_stall->no_stack : "");
    for (size_t i = 0; i < told_stall->frame_count; i++) {
        size_t length = strlen(stall.frames);

        snprintf(stall.frames + length, sizeof stall.frames - length, "%s ", told_stall->frames[i]);
    }
    atomic_fetch_add(&stall.hangs, 1);
}

static int open_watched_with(int signal, gyre_stall_handler handler)
{
    memset(&told, 0, sizeof told);
    memset(&stall, 0, sizeof stall);
    noted[0] = '\0';
    loop = gyre_loop_new(.stall_limit = LIMIT, .stall_handler = handler, .stall_signal = signal);
    assert_non_null(loop);
    gyre_loop_set_exception_handler(loop, witness, NULL);
    gyre_set_event_loop(loop);
    return 0;
}

static int open_watched(void **state)
{
    return open_watched_with(0, hear);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, open_watched, close_loop)

/* Hangs until it was told of. */
static void __attribute__((noinline)) hang_here(void *arg)
{
    for (int i = 0; i < 4000 && !atomic_load(&stall.hangs); i++)
        nap(0.005);
    note("hung");
}

/* The limits of what is told, whatever the machine does meanwhile. */
static void assert_told_stall(void)
{
    assert_int_equal(atomic_load(&stall.hangs), 1);
    assert_int_equal(atomic_load(&stall.overs), 1);
    assert_ptr_equal(stall.loop, loop);
    assert_true(stall.limit == LIMIT);
    assert_true(stall.seconds > LIMIT);
    assert_true(stall.lasted >= stall.seconds);
}

static void test_a_callback(void **state)
{
    gyre_loop_call_soon(loop, hang_here, NULL);
    run_once();
    assert_told_stall();
    assert_non_null(strstr(stall.frames, "hang_here"));
    assert_non_null(strstr(stall.frames, "main"));
    assert_string_equal(stall.task, "");
    assert_string_equal(stall.no_stack, "");
}

static void test_a_timer(void **state)
{
    gyre_loop_call_later(loop, 0, hang_here, NULL);
    run_once();
    assert_told_stall();
    assert_non_null(strstr(stall.frames, "hang_here"));
}

static int hang_in_task(void *arg)
{
    hang_here(NULL);
    return 0;
}

static void test_a_task(void **state)
{
    gyre_loop_create_task(loop, NULL, hang_in_task, NULL, .name = "digger");
    run_once();
    assert_told_stall();
    assert_string_equal(stall.task, "digger");
    assert_non_null(strstr(stall.frames, "hang_here"));
    assert_non_null(strstr(stall.frames, "hang_in_task"));
}

static void test_a_task_without_a_name(void **state)
{
    gyre_loop_create_task(loop, NULL, hang_in_task, NULL);
    run_once();
    assert_told_stall();
    assert_string_equal(stall.task, "Task-1");
}

static void stop_later(void *arg)
{
    gyre_loop_call_later(loop, 0, stop_loop, NULL);
}

/* The end of a stall is told by a turn that ends, too. */
static void test_it_goes_on(void **state)
{
    gyre_loop_call_soon(loop, hang_here, NULL);
    gyre_loop_call_soon(loop, stop_later, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_told_stall();
}

static void test_a_loop_that_sleeps(void **state)
{
    gyre_loop_call_later(loop, 10 * LIMIT, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_int_equal(atomic_load(&stall.hangs), 0);
}

static void nap_long(void *arg)
{
    nap(5 * LIMIT);
}

static void test_not_more_often_than_it_can_be_read(void **state)
{
    gyre_loop_call_soon(loop, hang_here, NULL);
    run_once();
    gyre_loop_call_soon(loop, nap_long, NULL);
    run_once();
    assert_told_stall();
}

/* Between two runs the loop has no thread. */
static void test_a_loop_that_does_not_run(void **state)
{
    run_once();
    nap(5 * LIMIT);
    run_once();
    assert_int_equal(atomic_load(&stall.hangs), 0);
}

static void on_own_signal(int number)
{
}

static void test_a_signal_that_the_program_uses(void **state)
{
    struct sigaction own = {.sa_handler = on_own_signal}, before;

    sigaction(SIGUSR1, &own, &before);
    open_watched_with(SIGUSR1, hear);
    gyre_loop_call_soon(loop, hang_here, NULL);
    run_once();
    assert_told_stall();
    assert_non_null(strstr(stall.no_stack, ".stall_signal"));
    assert_string_equal(stall.frames, "");
    sigaction(SIGUSR1, &before, NULL);
}

static void hang_deaf(void *arg)
{
    sigset_t all, mine;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mine);
    hang_here(NULL);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
}

/* The signal that comes late finds that nobody asks. */
static void test_a_blocked_signal(void **state)
{
    gyre_loop_call_soon(loop, hang_deaf, NULL);
    run_once();
    assert_told_stall();
    assert_non_null(strstr(stall.no_stack, "does not answer"));
}

static bool signal_is_blocked(int number)
{
    sigset_t mine;

    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    return sigismember(&mine, number) == 1;
}

static void look_at_mask(void *blocked)
{
    *(bool *)blocked = signal_is_blocked(SIGRTMAX - 1);
}

/* A thread that blocks all signals takes this one while its loop runs. */
static void test_the_mask_of_the_thread(void **state)
{
    sigset_t all, mine;
    bool blocked = true;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mine);
    gyre_loop_call_soon(loop, look_at_mask, &blocked);
    run_once();
    assert_false(blocked);
    assert_true(signal_is_blocked(SIGRTMAX - 1));
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
}

static void hear_and_print(const gyre_stall *told_stall, void *arg)
{
    gyre_stall_print(told_stall);
    hear(told_stall, arg);
}

static void test_the_default_report(void **state)
{
    const char *words;

    open_watched_with(0, hear_and_print);
    pthread_setname_np(pthread_self(), "worker-7");
    gyre_loop_create_task(loop, NULL, hang_in_task, NULL, .name = "digger");
    catch_stderr();
    run_once();
    words = take_stderr();
    assert_memory_equal(words, "gyre: stall: the loop on thread worker-7 hangs for ", 51);
    assert_non_null(strstr(words, " (limit 0.05) in task digger\n    "));
    assert_non_null(strstr(words, "\n    hang_here"));
    assert_non_null(strstr(words, "gyre: stall: the loop on thread worker-7 goes on after "));
}

static int count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* One thread for all, from the first loop to the last. */
static void test_the_watchdogs_life(void **state)
{
    int before = count_threads();
    gyre_loop *first = gyre_loop_new(.stall_limit = 10), *second = gyre_loop_new(.stall_limit = 20);

    assert_int_equal(count_threads(), before + 1);
    gyre_loop_close(first);
    assert_int_equal(count_threads(), before + 1);
    gyre_loop_close(second);
    for (int i = 0; i < 100 && count_threads() != before; i++)
        nap(0.01);
    assert_int_equal(count_threads(), before);
    gyre_loop_unref(first);
    gyre_loop_unref(second);
}

static void *run_other(void *other)
{
    gyre_loop_run_forever(other);
    return NULL;
}

/* Only the one that hangs is told. */
static void test_two_loops(void **state)
{
    gyre_loop *other = gyre_loop_new(.stall_limit = LIMIT, .stall_handler = hear);
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, run_other, other), 0);
    gyre_loop_call_soon(loop, hang_here, NULL);
    run_once();
    gyre_loop_call_soon_threadsafe(other, stop_loop, other);
    pthread_join(thread, NULL);
    assert_told_stall();
    gyre_loop_close(other);
    gyre_loop_unref(other);
}

/* The machine may make any shard stall. */
static void hear_of_shard_1(const gyre_stall *told_stall, void *arg)
{
    if (strcmp(told_stall->thread, "shard-1") == 0)
        hear(told_stall, arg);
}

static int hang_on_shard_1(void *arg)
{
    if (gyre_shard_id() == 1)
        hang_here(NULL);
    return 0;
}

static void test_shards(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .stall_handler = hear_of_shard_1};
    int status =
        gyre_run_sharded(2, hang_on_shard_1, NULL, .loop = &options, .quiet = GYRE_YES, .stall_limit = LIMIT);

    assert_int_equal(status, 0);
    assert_int_equal(atomic_load(&stall.hangs), 1);
    assert_string_equal(stall.thread, "shard-1");
    assert_string_equal(stall.task, "main");
    assert_non_null(strstr(stall.frames, "hang_on_shard_1"));
}

static int hang_in_main(void *arg)
{
    hang_here(NULL);
    return 0;
}

static void test_run(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .stall_handler = hear};

    assert_int_equal(gyre_run(hang_in_main, NULL, .loop = &options, .stall_limit = LIMIT), 0);
    assert_int_equal(atomic_load(&stall.hangs), 1);
    assert_non_null(strstr(stall.frames, "hang_in_main"));
}

static int forget_all(void **state)
{
    memset(&stall, 0, sizeof stall);
    noted[0] = '\0';
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(test_a_callback),
        WATCHED(test_a_timer),
        WATCHED(test_a_task),
        WATCHED(test_a_task_without_a_name),
        WATCHED(test_it_goes_on),
        WATCHED(test_a_loop_that_sleeps),
        WATCHED(test_not_more_often_than_it_can_be_read),
        WATCHED(test_a_loop_that_does_not_run),
        cmocka_unit_test_teardown(test_a_signal_that_the_program_uses, close_loop),
        WATCHED(test_a_blocked_signal),
        WATCHED(test_the_mask_of_the_thread),
        cmocka_unit_test_teardown(test_the_default_report, close_loop),
        cmocka_unit_test(test_the_watchdogs_life),
        WATCHED(test_two_loops),
        cmocka_unit_test_setup(test_shards, forget_all),
        cmocka_unit_test_setup(test_run, forget_all),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
