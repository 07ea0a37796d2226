/* loop/current.c - which loop belongs to this thread, and which one runs on it. */
#include "loop/current.h"
#include "base/check.h"
#include "base/error.h"
#include "loop/loop.h"

static __thread gyre_loop *own;
static __thread gyre_loop *running;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void leave_thread(void *loop)
{
    own = NULL;
    gyre_loop_unref(loop);
}

/* A forked child is nobody's loop: it shares the poller of its parent, and must not touch it. */
static void forget(void)
{
    own = running = NULL;
    pthread_setspecific(key, NULL);
    gyre__signals_forget();
}

static void make_key(void)
{
    GYRE__CHECK(!pthread_key_create(&key, leave_thread), "no thread key is left");
    pthread_atfork(NULL, NULL, forget);
}

void gyre_set_event_loop(gyre_loop *loop)
{
    gyre_loop *before = own;

    pthread_once(&once, make_key);
    own = gyre_loop_ref(loop);
    pthread_setspecific(key, loop);
    gyre_loop_unref(before);
}

static gyre_loop *make_own(void)
{
    gyre_loop *loop = gyre_loop_new();

    GYRE__CHECK(loop, gyre_error_text());
    loop->implicit = true;
    gyre_set_event_loop(loop);
    gyre_loop_unref(loop);
    return loop;
}

gyre_loop *gyre_get_event_loop(void)
{
    if (running)
        return running;
    return own ? own : make_own();
}

gyre_loop *gyre_get_running_loop(void)
{
    if (!running)
        gyre__error_plain(GYRE_ENOLOOP);
    return running;
}

gyre_loop *gyre__running_loop(void)
{
    return running;
}

void gyre__set_running_loop(gyre_loop *loop)
{
    pthread_once(&once, make_key);
    running = loop;
}
