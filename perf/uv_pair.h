/* uv_pair.h - the peer of shard_messages.c: two libuv loops, each in a thread, each with a queue under a
 * mutex and a uv_async to ring for it.
 *
 * Written as one would who knows how: the queue is an array that the reader swaps for an empty one, the bell
 * rings when the first message comes, and the threads are pinned as shards are.
 */
#ifndef PERF_UV_PAIR_H
#define PERF_UV_PAIR_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <uv.h>

enum { UV_PAIR_LIMIT = 65536 };

/* One message. */
struct uv_message {
    void (*fn)(void *arg); /* what to call there */
    void *arg;             /* for it */
};

/* One of the two. */
struct uv_side {
    uv_loop_t loop;             /* its loop */
    uv_async_t bell;            /* rings when the queue is not empty any more */
    uv_idle_t idle;             /* work for each turn */
    void (*turn)(void);         /* that work, NULL: none */
    pthread_mutex_t lock;       /* guards the next two */
    struct uv_message *filling; /* the queue */
    size_t count;               /* messages in it */
    struct uv_message *reading; /* the other array */
    int cpu;                    /* where it runs: the n-th CPU of the mask */
};

static struct uv_side uv_sides[2];

/* False when too many wait. */
static inline bool uv_pair_post(int to, void (*fn)(void *arg), void *arg)
{
    struct uv_side *side = &uv_sides[to];
    bool first, fits;

    pthread_mutex_lock(&side->lock);
    first = side->count == 0;
    fits = side->count < UV_PAIR_LIMIT;
    if (fits)
        side->filling[side->count++] = (struct uv_message){fn, arg};
    pthread_mutex_unlock(&side->lock);
    if (first)
        uv_async_send(&side->bell);
    return fits;
}

static inline void uv_pair__read(uv_async_t *bell)
{
    struct uv_side *side = bell->data;
    struct uv_message *messages;
    size_t count;

    pthread_mutex_lock(&side->lock);
    messages = side->filling;
    count = side->count;
    side->filling = side->reading;
    side->count = 0;
    pthread_mutex_unlock(&side->lock);
    side->reading = messages;
    for (size_t i = 0; i < count; i++)
        messages[i].fn(messages[i].arg);
}

static inline void uv_pair__turn(uv_idle_t *idle)
{
    ((struct uv_side *)idle->data)->turn();
}

/* Ends the loop of the side that calls. */
static inline void uv_pair_stop(int side)
{
    uv_close((uv_handle_t *)&uv_sides[side].bell, NULL);
    uv_close((uv_handle_t *)&uv_sides[side].idle, NULL);
}

static inline void uv_pair__open(int number, void (*turn)(void))
{
    struct uv_side *side = &uv_sides[number];

    *side = (struct uv_side){.turn = turn, .cpu = number};
    pthread_mutex_init(&side->lock, NULL);
    side->filling = calloc(UV_PAIR_LIMIT, sizeof *side->filling);
    side->reading = calloc(UV_PAIR_LIMIT, sizeof *side->reading);
    uv_loop_init(&side->loop);
    uv_async_init(&side->loop, &side->bell, uv_pair__read);
    uv_idle_init(&side->loop, &side->idle);
    side->bell.data = side->idle.data = side;
    if (turn)
        uv_idle_start(&side->idle, uv_pair__turn);
}

static inline void uv_pair__close(struct uv_side *side)
{
    uv_loop_close(&side->loop);
    pthread_mutex_destroy(&side->lock);
    free(side->filling);
    free(side->reading);
}

static inline void uv_pair__pin(const cpu_set_t *mask, int n)
{
    cpu_set_t one;
    int cpu = 0;

    while (cpu < CPU_SETSIZE && (!CPU_ISSET(cpu, mask) || n-- > 0))
        cpu++;
    if (cpu == CPU_SETSIZE)
        return;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

static inline void *uv_pair__run(void *arg)
{
    struct uv_side *side = arg;
    cpu_set_t mask;

    pthread_getaffinity_np(pthread_self(), sizeof mask, &mask);
    uv_pair__pin(&mask, side->cpu);
    uv_run(&side->loop, UV_RUN_DEFAULT);
    pthread_setaffinity_np(pthread_self(), sizeof mask, &mask);
    return NULL;
}

/* Runs both until each has called uv_pair_stop. The functions are called once a turn; NULL: that side sleeps
 * between messages. */
static inline void uv_pair_run(void (*turn_0)(void), void (*turn_1)(void))
{
    pthread_t thread;

    uv_pair__open(0, turn_0);
    uv_pair__open(1, turn_1);
    pthread_create(&thread, NULL, uv_pair__run, &uv_sides[1]);
    uv_pair__run(&uv_sides[0]);
    pthread_join(thread, NULL);
    uv_pair__close(&uv_sides[0]);
    uv_pair__close(&uv_sides[1]);
}

#endif
