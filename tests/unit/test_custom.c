/* test_custom.c - executors of the user's own: one with a single thread, one without any. */
#include "unit.h"

#include "executor/jobs.h"
#include <semaphore.h>

/* A queue, and one thread that serves it. */
struct lane {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    gyre_executor *executor;
    gyre_job *first;
    bool closed;
};

static int made, freed;
static pthread_t serving;
static sem_t started, gate;

static gyre_job *next_job(struct lane *lane)
{
    gyre_job *job;

    pthread_mutex_lock(&lane->lock);
    while (!lane->first && !lane->closed)
        pthread_cond_wait(&lane->changed, &lane->lock);
    job = lane->first;
    if (job)
        lane->first = job->next;
    pthread_mutex_unlock(&lane->lock);
    return job;
}

static void *serve(void *arg)
{
    struct lane *lane = arg;
    gyre_job *job;

    while ((job = next_job(lane)))
        gyre_job_run(job);
    gyre_executor_unref(lane->executor);
    return NULL;
}

static gyre_job **end_of(struct lane *lane)
{
    gyre_job **place = &lane->first;

    while (*place)
        place = &(*place)->next;
    return place;
}

static int submit_to_lane(void *self, gyre_job *job)
{
    struct lane *lane = self;
    bool closed;

    pthread_mutex_lock(&lane->lock);
    closed = lane->closed;
    if (!closed) {
        job->next = NULL;
        *end_of(lane) = job;
        pthread_cond_broadcast(&lane->changed);
    }
    pthread_mutex_unlock(&lane->lock);
    return closed ? -ESHUTDOWN : 0;
}

static bool take_back(void *self, gyre_job *job)
{
    struct lane *lane = self;
    gyre_job **place = &lane->first;
    bool found;

    pthread_mutex_lock(&lane->lock);
    while (*place && *place != job)
        place = &(*place)->next;
    found = *place;
    if (found)
        *place = job->next;
    pthread_mutex_unlock(&lane->lock);
    return found;
}

static void drop_all(struct lane *lane)
{
    gyre_job *job = lane->first;

    lane->first = NULL;
    while (job) {
        gyre_job *next = job->next;

        gyre_job_drop(job);
        job = next;
    }
}

static int shut_lane(void *self, bool wait, bool drop)
{
    struct lane *lane = self;

    pthread_mutex_lock(&lane->lock);
    lane->closed = true;
    if (drop)
        drop_all(lane);
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
    if (wait)
        pthread_join(lane->thread, NULL);
    return 0;
}

static void free_lane(void *self)
{
    free(self);
    freed++;
}

static const gyre_executor_class lane_class = {submit_to_lane, take_back, shut_lane, free_lane};

static gyre_executor *open_lane(void)
{
    struct lane *lane = calloc(1, sizeof *lane);

    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->changed, NULL);
    lane->executor = gyre_executor_new_custom(&lane_class, lane);
    gyre_executor_ref(lane->executor);
    pthread_create(&lane->thread, NULL, serve, lane);
    serving = lane->thread;
    made++;
    return lane->executor;
}

static void end_lane(gyre_executor *lane, bool drop)
{
    assert_int_equal(gyre_executor_shutdown(lane, true, drop), 0);
    gyre_executor_unref(lane);
}

static int open_gates(void **state)
{
    made = freed = 0;
    sem_init(&started, 0, 0);
    sem_init(&gate, 0, 0);
    return open_loop(state);
}

/* Every executor that was made is freed. */
static int close_gates(void **state)
{
    int err = close_loop(state);

    return made == freed ? err : -1;
}

#define ON_GATES(test) cmocka_unit_test_setup_teardown(test, open_gates, close_gates)

static int answer(void *arg)
{
    return (int)(intptr_t)arg;
}

static int wait_at_gate(void *arg)
{
    sem_post(&started);
    sem_wait(&gate);
    return (int)(intptr_t)arg;
}

static gyre_future *submit(gyre_executor *executor, gyre_blocking fn, void *arg)
{
    gyre_future *future = NULL;

    assert_int_equal(gyre_loop_run_in_executor(loop, &future, executor, fn, arg), 0);
    return future;
}

static void await_code(gyre_future *future, int code)
{
    assert_int_equal(gyre_await(future, NULL), code);
    gyre_future_unref(future);
}

static int raise_there(void *arg)
{
    return gyre_error_set(-EIO, "there");
}

static void test_results_come_home(void **state)
{
    gyre_executor *lane = open_lane();

    await_code(submit(lane, answer, (void *)7), 7);
    await_code(submit(lane, raise_there, NULL), -EIO);
    assert_string_equal(gyre_error_text(), "there");
    end_lane(lane, false);
}

/* What has not started is taken back and never runs; what runs goes on, unheard. */
static void test_cancel(void **state)
{
    gyre_executor *lane = open_lane();
    gyre_future *first = submit(lane, wait_at_gate, NULL), *second = submit(lane, wait_at_gate, NULL);

    sem_wait(&started);
    assert_true(gyre_future_cancel(second));
    assert_true(gyre_future_cancel(first));
    sem_post(&gate);
    end_lane(lane, false);
    assert_int_equal(sem_trywait(&started), -1);
    await_code(first, GYRE_ECANCELLED);
    await_code(second, GYRE_ECANCELLED);
}

static void test_dropped_by_its_shutdown(void **state)
{
    gyre_executor *lane = open_lane();
    gyre_future *first = submit(lane, wait_at_gate, (void *)3), *second = submit(lane, answer, NULL);

    sem_wait(&started);
    assert_int_equal(gyre_executor_shutdown(lane, false, true), 0);
    await_code(second, GYRE_ECANCELLED);
    sem_post(&gate);
    await_code(first, 3);
    end_lane(lane, false);
}

static void test_refused_after_its_shutdown(void **state)
{
    gyre_executor *lane = open_lane();

    assert_int_equal(gyre_executor_shutdown(lane, true, false), 0);
    assert_int_equal(gyre_loop_run_in_executor(loop, NULL, lane, answer, NULL), GYRE_ESHUTDOWN);
    gyre_executor_unref(lane);
}

static int thread_of(void *arg)
{
    *(pthread_t *)arg = pthread_self();
    return 0;
}

/* The loop only lets go of it: it is the user's to shut down. */
static void test_as_default(void **state)
{
    gyre_executor *executor = open_lane();
    pthread_t thread;

    assert_int_equal(gyre_loop_set_default_executor(loop, executor), 0);
    assert_ptr_equal(gyre_loop_get_default_executor(loop), executor);
    assert_int_equal(gyre_to_thread(thread_of, &thread), 0);
    assert_true(pthread_equal(thread, serving));
    assert_int_equal(gyre_loop_shutdown_default_executor(loop, INFINITY), 0);
    await_code(submit(executor, answer, (void *)4), 4);
    end_lane(executor, false);
}

static int run_inline(void *self, gyre_job *job)
{
    gyre_job_run(job);
    return 0;
}

static const gyre_executor_class inline_class = {.submit = run_inline};

/* Without a thread: the work is done when submit returns, its future in a later turn. */
static void test_inline(void **state)
{
    gyre_executor *here = gyre_executor_new_custom(&inline_class, NULL);
    pthread_t thread;
    gyre_future *future = submit(here, thread_of, &thread);

    assert_true(pthread_equal(thread, pthread_self()));
    assert_false(gyre_future_done(future));
    await_code(future, 0);
    assert_int_equal(gyre_executor_shutdown(here, true, false), 0);
    gyre_executor_unref(here);
}

static int refuse(void *self, gyre_job *job)
{
    return *(int *)self;
}

static void test_refusals(void **state)
{
    static const gyre_executor_class refusing = {.submit = refuse};
    int code = -EAGAIN;
    gyre_executor *executor = gyre_executor_new_custom(&refusing, &code);

    assert_int_equal(gyre_loop_run_in_executor(loop, NULL, executor, answer, NULL), GYRE_EQUEUEFULL);
    code = -EIO;
    assert_int_equal(gyre_loop_run_in_executor(loop, NULL, executor, answer, NULL), -EIO);
    gyre_executor_unref(executor);
    assert_null(gyre_executor_new_custom(NULL, NULL));
    assert_int_equal(errno, EINVAL);
    assert_null(gyre_executor_new_custom(&(gyre_executor_class){0}, NULL));
}

static void post_done(gyre_job *job)
{
    sem_post(job->arg);
}

static void rest(gyre_job *job)
{
    sem_wait(&gate);
}

/* Without a loop. */
static void test_alone(void **state)
{
    gyre_executor *lane = open_lane();
    gyre_executor_stats stats = {.queued = 9};
    sem_t done;
    gyre_job job = {.fn = rest, .done = post_done, .arg = &done};

    sem_init(&done, 0, 0);
    assert_false(gyre_executor_cancel(lane, &job));
    assert_int_equal(gyre_executor_submit(lane, &job), 0);
    assert_int_equal(gyre_executor_submit(lane, &job), -EBUSY);
    assert_int_equal(gyre_executor_submit(lane, &(gyre_job){.fn = rest}), -EINVAL);
    gyre_executor_get_stats(lane, &stats);
    assert_int_equal(stats.queued, 0);
    sem_post(&gate);
    sem_wait(&done);
    end_lane(lane, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GATES(test_results_come_home),
        ON_GATES(test_cancel),
        ON_GATES(test_dropped_by_its_shutdown),
        ON_GATES(test_refused_after_its_shutdown),
        ON_GATES(test_as_default),
        ON_GATES(test_inline),
        ON_GATES(test_refusals),
        ON_GATES(test_alone),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
