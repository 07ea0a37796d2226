/* shard_messages.c - what a message between two shards costs, against two libuv loops with a queue under a
 * mutex.
 *
 *   shard_messages [messages [question]]     how many one at a time, default 300000; a part of a question's
 * text
 *
 * One way: a callback that comes again each turn posts 64 messages, or one; the other side counts them. Round
 * trip: a message is answered by another; both sides sleep between, or both have a callback to run each turn.
 */
#include "measure.h"
#include "uv_pair.h"
#include <gyre/gyre.h>
#include <string.h>

enum { BATCH = 64, MESSAGES_PER_ROUND_TRIP = 150 };

static long one_way = 300000;

/* What a run is to do. */
static struct plan {
    long messages; /* one way, or round trips */
    int per_turn;  /* posted in a turn; 0: a round trip */
    bool awake;    /* both sides have something to do each turn */
} plan;

/* How far it is: each side writes its own. */
static _Alignas(64) struct {
    long sent;
    double began;
    bool over;
} near;
static _Alignas(64) struct {
    long received;
    double ended;
    bool over;
} far;

static double nanoseconds_each(void)
{
    return (far.ended - near.began) * 1e9 / (double)plan.messages;
}

static void begin(struct plan next)
{
    plan = next;
    near.sent = far.received = 0;
    near.over = far.over = false;
    near.began = measure_now();
}

/* ---- gyre ---- */

static gyre_future *finished;

static void finish(void *arg)
{
    near.over = true;
    gyre_future_set_result(finished, NULL);
}

static void receive(void *arg)
{
    if (++far.received < plan.messages)
        return;
    far.ended = measure_now();
    far.over = true;
    gyre_shard_post(0, finish, NULL);
}

static void post_each_turn(void *arg)
{
    for (int i = 0; i < plan.per_turn && near.sent < plan.messages; i++, near.sent++)
        if (gyre_shard_post(1, receive, NULL))
            break;
    if (near.sent < plan.messages)
        gyre_loop_call_soon(gyre_get_running_loop(), post_each_turn, NULL);
}

static void turn_near(void *arg)
{
    if (!near.over)
        gyre_loop_call_soon(gyre_get_running_loop(), turn_near, NULL);
}

static void turn_far(void *arg)
{
    if (!far.over)
        gyre_loop_call_soon(gyre_get_running_loop(), turn_far, NULL);
}

static void come_home(void *arg);

static void answer(void *arg)
{
    far.over = ++far.received == plan.messages;
    gyre_shard_post(0, come_home, NULL);
}

static void come_home(void *arg)
{
    if (++near.sent < plan.messages) {
        gyre_shard_post(1, answer, NULL);
        return;
    }
    far.ended = measure_now();
    finish(NULL);
}

static int begin_near(void)
{
    gyre_loop *loop = gyre_get_running_loop();

    finished = gyre_loop_create_future(loop);
    if (plan.awake)
        gyre_loop_call_soon(loop, turn_near, NULL);
    if (plan.per_turn)
        gyre_loop_call_soon(loop, post_each_turn, NULL);
    else
        gyre_shard_post(1, answer, NULL);
    return 0;
}

static double wakes;

static double count_wakes(void)
{
    double count = 0;

    for (int i = 0; i < gyre_shard_count(); i++) {
        gyre_shard_stats stats;

        gyre_shard_get_stats(i, &stats);
        count += (double)stats.loop.wakes;
    }
    return count;
}

static int side(void *arg)
{
    int err;

    if (gyre_shard_id() == 1) {
        if (plan.awake)
            gyre_loop_call_soon(gyre_get_running_loop(), turn_far, NULL);
        return 0;
    }
    begin(plan);
    begin_near();
    err = gyre_await(finished, NULL);
    wakes = count_wakes() / (double)plan.messages * 1000;
    gyre_future_unref(finished);
    return err;
}

static double run_gyre(struct plan next)
{
    plan = next;
    if (gyre_run_sharded(2, side, NULL, .quiet = GYRE_YES, .pin = GYRE_YES))
        exit(1);
    return nanoseconds_each();
}

/* ---- libuv ---- */

static void uv_finish(void *arg)
{
    near.over = true;
    uv_pair_stop(0);
}

static void uv_receive(void *arg)
{
    if (++far.received < plan.messages)
        return;
    far.ended = measure_now();
    uv_pair_post(0, uv_finish, NULL);
    uv_pair_stop(1);
}

static void uv_post_each_turn(void)
{
    for (int i = 0; i < plan.per_turn && near.sent < plan.messages; i++, near.sent++)
        if (!uv_pair_post(1, uv_receive, NULL))
            break;
}

static void uv_do_nothing(void)
{
}

static void uv_come_home(void *arg);

static void uv_answer(void *arg)
{
    uv_pair_post(0, uv_come_home, NULL);
    if (++far.received == plan.messages)
        uv_pair_stop(1);
}

static void uv_come_home(void *arg)
{
    if (++near.sent < plan.messages) {
        uv_pair_post(1, uv_answer, NULL);
        return;
    }
    far.ended = measure_now();
    uv_pair_stop(0);
}

static void uv_first_ping(void)
{
    uv_idle_stop(&uv_sides[0].idle);
    uv_pair_post(1, uv_answer, NULL);
}

static void uv_first_ping_awake(void)
{
    uv_sides[0].turn = uv_do_nothing;
    uv_pair_post(1, uv_answer, NULL);
}

static double run_uv(struct plan next)
{
    begin(next);
    if (plan.per_turn)
        uv_pair_run(uv_post_each_turn, NULL);
    else if (plan.awake)
        uv_pair_run(uv_first_ping_awake, uv_do_nothing);
    else
        uv_pair_run(uv_first_ping, NULL);
    return nanoseconds_each();
}

/* ---- the questions ---- */

static struct plan batched(void)
{
    return (struct plan){.messages = one_way * 4, .per_turn = BATCH};
}

static struct plan unbatched(void)
{
    return (struct plan){.messages = one_way, .per_turn = 1};
}

static struct plan asleep(void)
{
    return (struct plan){.messages = one_way / MESSAGES_PER_ROUND_TRIP};
}

static struct plan awake(void)
{
    return (struct plan){.messages = one_way / MESSAGES_PER_ROUND_TRIP * 4, .awake = true};
}

static double batched_gyre(void)
{
    return run_gyre(batched());
}

static double batched_uv(void)
{
    return run_uv(batched());
}

static double unbatched_gyre(void)
{
    return run_gyre(unbatched());
}

static double unbatched_uv(void)
{
    return run_uv(unbatched());
}

static double asleep_gyre(void)
{
    return run_gyre(asleep());
}

static double asleep_uv(void)
{
    return run_uv(asleep());
}

static double awake_gyre(void)
{
    return run_gyre(awake());
}

static double awake_uv(void)
{
    return run_uv(awake());
}

static double batched_wakes(void)
{
    run_gyre(batched());
    return wakes;
}

static double unbatched_wakes(void)
{
    run_gyre(unbatched());
    return wakes;
}

static const struct measure_question questions[] = {
    {"message to a shard, 64 a turn", "ns", batched_gyre, "uv_async + mutex", batched_uv},
    {"message to a shard, 1 a turn", "ns", unbatched_gyre, "uv_async + mutex", unbatched_uv},
    {"wakes for 1000 messages, 64 a turn", "wakes", batched_wakes, NULL, NULL},
    {"wakes for 1000 messages, 1 a turn", "wakes", unbatched_wakes, NULL, NULL},
    {"round trip to a shard asleep", "ns", asleep_gyre, "uv_async + mutex", asleep_uv},
    {"round trip to a shard awake", "ns", awake_gyre, "uv_async + mutex", awake_uv},
};

int main(int argc, char **argv)
{
    if (argc > 1)
        one_way = atol(argv[1]);
    if (one_way < MESSAGES_PER_ROUND_TRIP)
        return 2;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (strstr(questions[i].what, argc > 2 ? argv[2] : ""))
            measure(questions[i]);
    return 0;
}
