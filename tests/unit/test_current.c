/* test_current.c - which loop belongs to a thread, and which one runs on it. */
#include "unit.h"

#include "loop/current.h"

static gyre_loop *seen[2];

static void look(void *arg)
{
    seen[0] = gyre_get_event_loop();
    seen[1] = gyre_get_running_loop();
    gyre_loop_stop(seen[0]);
}

/* test_events.py::GetEventLoopTestsMixin::test_get_event_loop_returns_running_loop,
 * uv:test_base.py::TestPolicy::test_get_event_loop_returns_running_loop */
static void test_inside_a_callback(void **state)
{
    gyre_loop *other = gyre_loop_new();

    gyre_loop_call_soon(other, look, NULL);
    gyre_loop_run_forever(other);
    assert_ptr_equal(seen[0], other);
    assert_ptr_equal(seen[1], other);
    gyre_loop_unref(other);
    assert_ptr_equal(gyre_get_event_loop(), loop);
}

static void test_outside(void **state)
{
    assert_null(gyre_get_running_loop());
    assert_string_equal(gyre_error_text(), "no running event loop");
    assert_ptr_equal(gyre_get_event_loop(), loop);
}

static void test_made_at_the_first_call(void **state)
{
    gyre_loop *made;

    gyre_set_event_loop(NULL);
    made = gyre_get_event_loop();
    assert_non_null(made);
    assert_ptr_not_equal(made, loop);
    assert_ptr_equal(gyre_get_event_loop(), made);
    assert_null(gyre_get_running_loop());
    gyre_loop_call_soon(made, look, NULL);
    gyre_loop_run_forever(made);
    assert_ptr_equal(seen[1], made);
    /* The thread's reference is the only one. */
    gyre_set_event_loop(NULL);
}

static void test_the_thread_keeps_a_reference(void **state)
{
    gyre_loop *other = gyre_loop_new();

    gyre_set_event_loop(other);
    gyre_set_event_loop(other);
    gyre_loop_unref(other);
    assert_false(gyre_loop_is_closed(other));
    assert_ptr_equal(gyre_get_event_loop(), other);
    gyre_set_event_loop(loop);
}

static int dream(void *arg)
{
    int err = gyre_sleep(1000);

    *(int *)arg = err;
    return err;
}

static void *use_own_loop(void *arg)
{
    gyre_loop *own = gyre_get_event_loop();

    gyre_loop_call_later(own, 1000, note, NULL, .release = NULL);
    gyre_loop_create_task(own, NULL, dream, arg);
    gyre_loop_call_soon(own, do_nothing, NULL);
    gyre_loop_stop(own);
    gyre_loop_run_forever(own);
    return own;
}

/* The loop of a thread is closed when the thread ends: its tasks unwound, its descriptors given back. */
static void test_closed_with_its_thread(void **state)
{
    pthread_t thread;
    void *theirs;
    int err = 0;

    pthread_create(&thread, NULL, use_own_loop, &err);
    pthread_join(thread, &theirs);
    assert_ptr_not_equal(theirs, loop);
    assert_int_equal(err, GYRE_ECANCELLED);
}

static void *look_for_running(void *arg)
{
    return gyre_get_running_loop();
}

static void ask_a_thread(void *arg)
{
    pthread_t thread;

    pthread_create(&thread, NULL, look_for_running, NULL);
    pthread_join(thread, arg);
}

/* The running loop is the thread's, not the process's. */
static void test_other_threads_do_not_run_it(void **state)
{
    void *theirs = loop;

    gyre_loop_call_soon(loop, ask_a_thread, &theirs);
    run_once();
    assert_null(theirs);
}

enum { THREADS = 4, TURNS = 200 };

/* A loop of its own: each turn schedules the next, calls a neighbour, and sees none but itself. */
struct runner {
    gyre_loop *loop;
    struct runner *neighbour;
    pthread_barrier_t *start;
    pthread_t thread;
    int turns;
    bool strayed;
    atomic_int greetings;
};

static void greet(void *arg)
{
    struct runner *self = arg;

    self->strayed |= gyre_get_running_loop() != self->loop;
    if (atomic_fetch_add(&self->greetings, 1) + 1 == TURNS && self->turns == TURNS)
        gyre_loop_stop(self->loop);
}

static void turn(void *arg)
{
    struct runner *self = arg;

    self->strayed |= gyre_get_running_loop() != self->loop;
    gyre_loop_call_soon_threadsafe(self->neighbour->loop, greet, self->neighbour);
    if (++self->turns < TURNS)
        gyre_loop_call_soon(self->loop, turn, self);
    else if (atomic_load(&self->greetings) == TURNS)
        gyre_loop_stop(self->loop);
}

static void *run_own(void *arg)
{
    struct runner *self = arg;

    pthread_barrier_wait(self->start);
    gyre_loop_call_soon(self->loop, turn, self);
    gyre_loop_run_forever(self->loop);
    return NULL;
}

/* uv:test_base.py::_TestBase::test_freethreading: loops of several threads run at the same time, with no lock
 * over all of them. */
static void test_threads_run_their_loops_at_once(void **state)
{
    static struct runner runners[THREADS];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        runners[i] = (struct runner){gyre_loop_new(), &runners[(i + 1) % THREADS], &start, 0, 0, false, 0};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run_own, &runners[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(runners[i].thread, NULL);
        assert_int_equal(runners[i].turns, TURNS);
        assert_int_equal(atomic_load(&runners[i].greetings), TURNS);
        assert_false(runners[i].strayed);
    }
    for (int i = 0; i < THREADS; i++) {
        gyre_loop_close(runners[i].loop);
        gyre_loop_unref(runners[i].loop);
    }
    pthread_barrier_destroy(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_inside_a_callback),
        ON_LOOP(test_outside),
        ON_LOOP(test_made_at_the_first_call),
        ON_LOOP(test_the_thread_keeps_a_reference),
        ON_LOOP(test_closed_with_its_thread),
        ON_LOOP(test_other_threads_do_not_run_it),
        ON_LOOP(test_threads_run_their_loops_at_once),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
