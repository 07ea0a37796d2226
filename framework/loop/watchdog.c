/* loop/watchdog.c - one thread for all loops that want to be watched, from the first to the last. */
#include "base/clock.h"
#include "base/symbol.h"
#include "loop/loop.h"
#include "loop/stall.h"
#include <signal.h>

/* How long a loop is left alone after a report, and the shortest nap between two looks. */
enum { QUIET_SECONDS = 5, SHORTEST_NAP = 1000000 };

static const int64_t SECOND = 1000000000;

/* The watchdog. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;    /* a loop runs, leaves, or is done with; the end */
    struct gyre__list running; /* struct gyre__stall */
    size_t watched;            /* loops that want it, running or not */
    pthread_t thread;          /* while there are some */
    bool ending;               /* the last is gone */
} dog = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Held while the first loop starts the thread and the last one ends it. */
static pthread_mutex_t lives = PTHREAD_MUTEX_INITIALIZER;

static uint64_t progress_of(const gyre_loop *loop)
{
    return atomic_load_explicit(&loop->counters.turns, memory_order_relaxed) +
           atomic_load_explicit(&loop->counters.polls, memory_order_relaxed);
}

/* The loop cannot leave while its handler is told of it: gyre__stall_end waits. */
static void tell(struct gyre__stall *stall, int64_t lasted, const struct gyre__stack_view *view)
{
    stall->busy = true;
    pthread_mutex_unlock(&dog.lock);
    gyre__stall_tell(stall, (double)lasted / (double)SECOND, view);
    pthread_mutex_lock(&dog.lock);
    stall->busy = false;
    stall->untold = 0;
    pthread_cond_broadcast(&dog.changed);
}

static void begin_report(struct gyre__stall *stall, int64_t now)
{
    struct gyre__stack_view view;

    stall->reported = true;
    stall->told = now;
    gyre__stall_view(atomic_load_explicit(&stall->loop->thread, memory_order_relaxed), stall->signal, &view);
    tell(stall, now - stall->since, &view);
}

static void judge(struct gyre__stall *stall, int64_t now)
{
    if (now - stall->since <= stall->limit)
        return;
    stall->stalled = true;
    if (!stall->reported && (!stall->told || now - stall->told >= QUIET_SECONDS * SECOND))
        begin_report(stall, now);
}

/* It moves, or sleeps. */
static void go_on(struct gyre__stall *stall, int64_t now)
{
    int64_t lasted = now - stall->since;
    bool reported = stall->reported;

    stall->untold += stall->stalled && !reported;
    stall->stalled = stall->reported = false;
    stall->since = now;
    if (reported)
        tell(stall, lasted, NULL);
}

static void look_at(struct gyre__stall *stall, int64_t now)
{
    uint64_t progress = progress_of(stall->loop);

    if (progress == stall->progress && !stall->leaving && !gyre__inbox_asleep(stall->loop->inbox)) {
        judge(stall, now);
        return;
    }
    stall->progress = progress;
    go_on(stall, now);
}

/* While a handler was told the lock was free, but this loop could not leave. */
static void look_at_all(void)
{
    struct gyre__list *link, *next;

    for (link = dog.running.next; link != &dog.running; link = next) {
        struct gyre__stall *stall = GYRE__OF(link, struct gyre__stall, link);

        look_at(stall, gyre__clock_now());
        next = link->next;
        if (stall->leaving) {
            gyre__list_remove(link);
            pthread_cond_broadcast(&dog.changed);
        }
    }
}

/* A quarter of the shortest limit. */
static int64_t nap_length(void)
{
    int64_t length = INT64_MAX;

    for (struct gyre__list *link = dog.running.next; link != &dog.running; link = link->next) {
        int64_t quarter = GYRE__OF(link, struct gyre__stall, link)->limit / 4;

        length = quarter < length ? quarter : length;
    }
    return length < SHORTEST_NAP ? SHORTEST_NAP : length;
}

/* The whole process stood still, or the machine had no time for it: that is no stall of a loop. */
static void forgive(int64_t now)
{
    for (struct gyre__list *link = dog.running.next; link != &dog.running; link = link->next) {
        struct gyre__stall *stall = GYRE__OF(link, struct gyre__stall, link);

        if (!stall->stalled)
            stall->since = now;
    }
}

static void nap(void)
{
    int64_t length = nap_length(), began = gyre__clock_now(), until = began + length;
    struct timespec time = gyre__clock_moment(until);

    pthread_cond_timedwait(&dog.changed, &dog.lock, &time);
    if (gyre__clock_now() - began > 3 * length)
        forgive(gyre__clock_now());
}

static void *watch(void *arg)
{
    pthread_mutex_lock(&dog.lock);
    while (!dog.ending) {
        if (gyre__list_empty(&dog.running))
            pthread_cond_wait(&dog.changed, &dog.lock);
        else
            nap();
        look_at_all();
    }
    pthread_mutex_unlock(&dog.lock);
    return NULL;
}

static void set_up(void)
{
    gyre__list_init(&dog.running);
    dog.ending = false;
    gyre__clock_init_cond(&dog.changed);
    gyre__backtrace_prepare();
}

/* Signals are for others. */
static int start_thread(void)
{
    sigset_t all, mine;
    int err;

    set_up();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mine);
    err = pthread_create(&dog.thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
    if (err)
        pthread_cond_destroy(&dog.changed);
    else
        pthread_setname_np(dog.thread, "gyre-watchdog");
    return err;
}

/* One loop more; starts the thread for the first. */
int gyre__watchdog_join(void)
{
    int err = 0;

    pthread_mutex_lock(&lives);
    if (dog.watched == 0)
        err = start_thread();
    dog.watched += !err;
    pthread_mutex_unlock(&lives);
    return err;
}

static void end_thread(void)
{
    pthread_mutex_lock(&dog.lock);
    dog.ending = true;
    pthread_cond_broadcast(&dog.changed);
    pthread_mutex_unlock(&dog.lock);
    pthread_join(dog.thread, NULL);
    pthread_cond_destroy(&dog.changed);
}

void gyre__watchdog_leave(void)
{
    pthread_mutex_lock(&lives);
    if (--dog.watched == 0)
        end_thread();
    pthread_mutex_unlock(&lives);
}

void gyre__watchdog_add(struct gyre__stall *stall)
{
    pthread_mutex_lock(&dog.lock);
    pthread_getname_np(pthread_self(), stall->thread, sizeof stall->thread);
    stall->progress = progress_of(stall->loop);
    stall->since = gyre__clock_now();
    stall->stalled = stall->reported = stall->leaving = false;
    gyre__list_append(&dog.running, &stall->link);
    pthread_cond_broadcast(&dog.changed);
    pthread_mutex_unlock(&dog.lock);
}

/* It tells the end of a stall that it told the beginning of. */
void gyre__watchdog_remove(struct gyre__stall *stall)
{
    pthread_mutex_lock(&dog.lock);
    if (!stall->reported && !stall->busy)
        gyre__list_remove(&stall->link);
    stall->leaving = true;
    pthread_cond_broadcast(&dog.changed);
    while (!gyre__list_empty(&stall->link))
        pthread_cond_wait(&dog.changed, &dog.lock);
    pthread_mutex_unlock(&dog.lock);
}
