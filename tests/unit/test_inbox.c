/* test_inbox.c - the mailbox alone, and the door of a loop seen from other threads. */
#include "unit.h"

#include "driver/driver.h"
#include "loop/loop.h"
#include <poll.h>

static bool readable(int fd)
{
    struct pollfd question = {.fd = fd, .events = POLLIN};

    return poll(&question, 1, 0) == 1;
}

static void test_first_in_first_out(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_new();
    struct gyre__call letters[3], *letter;

    assert_false(gyre__inbox_pending(inbox));
    assert_null(gyre__inbox_drain(inbox));
    for (int i = 0; i < 3; i++)
        assert_int_equal(gyre__inbox_push(inbox, &letters[i]), 0);
    assert_true(gyre__inbox_pending(inbox));
    letter = gyre__inbox_drain(inbox);
    for (int i = 0; i < 3; i++, letter = letter->next)
        assert_ptr_equal(letter, &letters[i]);
    assert_null(letter);
    assert_false(gyre__inbox_pending(inbox));
    gyre__inbox_unref(inbox);
}

/* A letter comes and is read, and no other follows. */
static void sleep_after_a_letter(struct gyre__inbox *inbox)
{
    struct gyre__call letter;

    gyre__inbox_push(inbox, &letter);
    gyre__inbox_drain(inbox);
    assert_true(gyre__inbox_sleep(inbox));
    gyre__inbox_awake(inbox);
}

static void test_look_outs_in_vain_get_rare(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_new();

    assert_true(gyre__inbox_sleep(inbox));
    assert_int_equal(inbox->spin_gap, 0);
    sleep_after_a_letter(inbox);
    assert_int_equal(inbox->spin_gap, 1);
    sleep_after_a_letter(inbox);
    assert_int_equal(inbox->spin_gap, 1);
    sleep_after_a_letter(inbox);
    assert_int_equal(inbox->spin_gap, 3);
    /* Only what was read makes a look-out worth while. */
    for (int i = 0; i < 10; i++)
        assert_true(gyre__inbox_sleep(inbox));
    assert_int_equal(inbox->spin_due, 3);
    for (int i = 0; i < 2000; i++)
        sleep_after_a_letter(inbox);
    assert_int_equal(inbox->spin_gap, 255);
    gyre__inbox_unref(inbox);
}

static void test_a_look_out_that_finds_a_letter(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_new();
    struct gyre__call letters[2];

    sleep_after_a_letter(inbox);
    sleep_after_a_letter(inbox);
    gyre__inbox_push(inbox, &letters[0]);
    gyre__inbox_drain(inbox);
    gyre__inbox_push(inbox, &letters[0]);
    assert_false(gyre__inbox_sleep(inbox));
    assert_int_equal(inbox->spin_gap, 0);
    /* It never said that it slept. */
    gyre__inbox_push(inbox, &letters[1]);
    assert_int_equal(atomic_load(&inbox->wakes), 0);
    assert_false(readable(inbox->wake_fd));
    gyre__inbox_unref(inbox);
}

static void test_a_chain_arrives_whole_and_in_order(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_new();
    struct gyre__call letters[4], *letter;

    gyre__inbox_push(inbox, &letters[0]);
    /* Newest to oldest. */
    letters[2].next = &letters[1];
    assert_int_equal(gyre__inbox_push_chain(inbox, &letters[2], &letters[1]), 0);
    gyre__inbox_push(inbox, &letters[3]);
    letter = gyre__inbox_drain(inbox);
    for (int i = 0; i < 4; i++, letter = letter->next)
        assert_ptr_equal(letter, &letters[i]);
    gyre__inbox_unref(inbox);
}

static void test_a_closed_one_refuses(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_new();
    struct gyre__call letters[2];

    gyre__inbox_push(inbox, &letters[0]);
    assert_ptr_equal(gyre__inbox_close(inbox), &letters[0]);
    assert_int_equal(gyre__inbox_push(inbox, &letters[1]), GYRE_ELOOPCLOSED);
    assert_null(gyre__inbox_drain(inbox));
    assert_false(gyre__inbox_pending(inbox));
    assert_null(gyre__inbox_close(inbox));
    assert_int_equal(gyre__inbox_push(inbox, &letters[1]), GYRE_ELOOPCLOSED);
    gyre__inbox_unref(inbox);
}

static void test_only_a_sleeper_is_woken_and_once(void **state)
{
    struct gyre__inbox *inbox = gyre__inbox_new();
    struct gyre__call letters[4];

    gyre__inbox_push(inbox, &letters[0]);
    assert_false(readable(inbox->wake_fd));
    assert_false(gyre__inbox_sleep(inbox));
    gyre__inbox_drain(inbox);
    assert_true(gyre__inbox_sleep(inbox));
    gyre__inbox_push(inbox, &letters[1]);
    assert_true(readable(inbox->wake_fd));
    gyre__wake_clear(inbox->wake_fd);
    gyre__inbox_push(inbox, &letters[2]);
    assert_false(readable(inbox->wake_fd));
    gyre__inbox_drain(inbox);
    assert_true(gyre__inbox_sleep(inbox));
    gyre__inbox_awake(inbox);
    gyre__inbox_push(inbox, &letters[3]);
    assert_false(readable(inbox->wake_fd));
    assert_int_equal(atomic_load(&inbox->wakes), 1);
    gyre__inbox_drain(inbox);
    gyre__inbox_unref(inbox);
}

enum { SENDERS = 4, LETTERS = 500 };

static struct {
    int last[SENDERS], total;
} heard;

struct sender {
    gyre_loop *loop;
    int number;
};

static void hear(void *arg)
{
    int sender = (int)(intptr_t)arg / LETTERS, letter = (int)(intptr_t)arg % LETTERS;

    assert_int_equal(letter, heard.last[sender]++);
    if (++heard.total == SENDERS * LETTERS)
        gyre_loop_stop(loop);
}

static void *send_all(void *arg)
{
    struct sender *sender = arg;

    for (int i = 0; i < LETTERS; i++) {
        gyre_loop_call_soon_threadsafe(sender->loop, hear, (void *)(intptr_t)(sender->number * LETTERS + i));
        if (i % 50 == 0)
            nap(0.0005);
    }
    return NULL;
}

/* test_events.py::EventLoopTestsMixin::test_call_soon_threadsafe,
 * uv:test_base.py::_TestBase::test_freethreading; T6: in order for each thread, each once, and a sleeping
 * loop is always woken. */
static void test_threads(void **state)
{
    struct sender senders[SENDERS];
    pthread_t threads[SENDERS];

    memset(&heard, 0, sizeof heard);
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){loop, i};
        pthread_create(&threads[i], NULL, send_all, &senders[i]);
    }
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(heard.total, SENDERS * LETTERS);
}

static void *wake_loop(void *arg)
{
    nap(0.02);
    gyre_loop_call_soon_threadsafe(arg, note, "woken");
    gyre_loop_call_soon_threadsafe(arg, stop_loop, arg);
    return NULL;
}

/* Spec 3, threadsafe S1: a poll without a deadline is woken. */
static void test_a_sleeping_loop_is_woken(void **state)
{
    gyre_loop_stats stats;
    pthread_t thread;

    pthread_create(&thread, NULL, wake_loop, loop);
    gyre_loop_run_forever(loop);
    pthread_join(thread, NULL);
    assert_noted("woken");
    gyre_loop_get_stats(loop, &stats);
    /* It may have gone to sleep again between the two. */
    assert_in_range(stats.wakes, 1, 2);
}

struct canceller {
    gyre_handle handle;
    int released;
};

static void *cancel_it(void *arg)
{
    struct canceller *canceller = arg;

    gyre_handle_cancel(&canceller->handle);
    return NULL;
}

/* A threadsafe ticket may be cancelled from any thread: the call is gone, its arg released once. */
static void test_cancel_from_another_thread(void **state)
{
    struct canceller canceller = {.released = 0};
    pthread_t thread;

    canceller.handle =
        gyre_loop_call_soon_threadsafe(loop, count_call, &canceller.released, .release = count_release);
    gyre_loop_call_soon_threadsafe(loop, note, "other");
    pthread_create(&thread, NULL, cancel_it, &canceller);
    pthread_join(thread, NULL);
    assert_true(gyre_handle_cancelled(&canceller.handle));
    run_passes(3);
    assert_int_equal(canceller.released, 1);
    assert_noted("other");
}

static gyre_handle safe;

static void cancel_safe(void *arg)
{
    gyre_handle_cancel(&safe);
}

/* In the inbox, in the ready queue, run already: cancelled from a callback each time. */
static void test_cancel_from_the_loop(void **state)
{
    int released = 0;

    gyre_loop_call_soon(loop, cancel_safe, NULL);
    safe = gyre_loop_call_soon_threadsafe(loop, note, "in the inbox", .release = NULL);
    run_passes(3);
    assert_noted("");
    gyre_loop_call_soon_threadsafe(loop, cancel_safe, NULL);
    safe = gyre_loop_call_soon_threadsafe(loop, count_call, &released, .release = count_release);
    run_passes(3);
    assert_int_equal(released, 1);
    safe = gyre_loop_call_soon_threadsafe(loop, count_call, &released, .release = count_release);
    run_passes(3);
    assert_int_equal(released, 3);
    gyre_handle_cancel(&safe);
    run_passes(2);
    assert_int_equal(released, 3);
}

static atomic_int accepted, refused, released_safely;

static void release_safely(void *arg)
{
    atomic_fetch_add(&released_safely, 1);
}

static void *send_until_closed(void *arg)
{
    gyre_loop *to = arg;
    gyre_handle handle;

    do {
        handle = gyre_loop_call_soon_threadsafe(to, do_nothing, NULL, .release = release_safely);
        atomic_fetch_add(gyre_handle_error(&handle) ? &refused : &accepted, 1);
    } while (!gyre_handle_error(&handle));
    gyre_loop_unref(to);
    return NULL;
}

/* uv:test_base.py::_TestBase::test_call_soon_threadsafe_safety: a race with close fails cleanly. */
static void test_close_while_threads_send(void **state)
{
    for (int round = 0; round < 5; round++) {
        gyre_loop *other = gyre_loop_new();
        pthread_t threads[2];

        for (int i = 0; i < 2; i++)
            pthread_create(&threads[i], NULL, send_until_closed, gyre_loop_ref(other));
        gyre_loop_call_later(other, 0.005, stop_loop, other);
        gyre_loop_run_forever(other);
        gyre_loop_close(other);
        gyre_loop_unref(other);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&refused), 10);
    assert_int_equal(atomic_load(&released_safely), atomic_load(&accepted) + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_a_chain_arrives_whole_and_in_order),
        cmocka_unit_test(test_look_outs_in_vain_get_rare),
        cmocka_unit_test(test_a_look_out_that_finds_a_letter),
        cmocka_unit_test(test_a_closed_one_refuses),
        cmocka_unit_test(test_only_a_sleeper_is_woken_and_once),
        ON_LOOP(test_threads),
        ON_LOOP(test_a_sleeping_loop_is_woken),
        ON_LOOP(test_cancel_from_another_thread),
        ON_LOOP(test_cancel_from_the_loop),
        ON_LOOP(test_close_while_threads_send),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
