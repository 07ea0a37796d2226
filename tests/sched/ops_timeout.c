/* ops_timeout.c - operations under a deadline that has passed, or never comes. */
#include "op.h"
#include "say.h"
#include <math.h>

static int await_within(struct act *act, double seconds)
{
    gyre_timeout timeout;
    void *value = NULL;
    int code;

    gyre_timeout_begin(&timeout, seconds);
    code = gyre_await(future_of(act, 0), &value);
    code = limit_end(&timeout, code);
    return say_value(act, code, value);
}

static int timeout0(struct act *act)
{
    return await_within(act, 0);
}

static int timeoutn(struct act *act)
{
    return await_within(act, INFINITY);
}

static int timeout2(struct act *act)
{
    gyre_timeout outer;

    gyre_timeout_begin(&outer, 0);
    return limit_end(&outer, await_within(act, 0));
}

static int timeouty(struct act *act)
{
    gyre_timeout timeout;
    int code;

    gyre_timeout_begin(&timeout, 0);
    code = gyre_sleep(0);
    if (code >= 0)
        code = gyre_sleep(0);
    return limit_end(&timeout, code);
}

static int timeoutr(struct act *act)
{
    gyre_timeout timeout;
    void *value = NULL;
    int code;

    gyre_timeout_begin(&timeout, INFINITY);
    code = gyre_sleep(0);
    if (code >= 0)
        code = gyre_timeout_reschedule(&timeout, 0);
    if (code >= 0)
        code = gyre_await(future_of(act, 0), &value);
    code = limit_end(&timeout, code);
    return say_value(act, code, value);
}

static int timeoutj(struct act *act)
{
    struct player *player = player_of(act, 0);
    gyre_timeout timeout;

    if (!player->task)
        return say(act, "none");
    gyre_timeout_begin(&timeout, 0);
    return say_player(act, limit_end(&timeout, gyre_await(player->task, NULL)), player);
}

static int lock0(struct act *act)
{
    gyre_timeout timeout;
    int code;

    gyre_timeout_begin(&timeout, 0);
    code = gyre_lock_acquire(&act->world->objects.locks[act->step->numbers[0]]);
    return say_value(act, limit_end(&timeout, code), "True");
}

static int sem0(struct act *act)
{
    gyre_timeout timeout;
    int code;

    gyre_timeout_begin(&timeout, 0);
    code = gyre_semaphore_acquire(&act->world->objects.semaphores[act->step->numbers[0]]);
    return say_value(act, limit_end(&timeout, code), "True");
}

static int evwait0(struct act *act)
{
    gyre_timeout timeout;
    int code;

    gyre_timeout_begin(&timeout, 0);
    code = gyre_event_wait(&act->world->objects.events[act->step->numbers[0]]);
    return say_value(act, limit_end(&timeout, code), "True");
}

static int get0(struct act *act)
{
    gyre_timeout timeout;
    void *item = NULL;
    int code;

    gyre_timeout_begin(&timeout, 0);
    code = gyre_queue_get(&act->world->objects.queues[act->step->numbers[0]], &item);
    code = limit_end(&timeout, code);
    return say_value(act, code, item);
}

const struct op ops_of_timeouts[] = {
    {"timeout0", "o", timeout0}, {"timeoutn", "o", timeoutn}, {"timeout2", "o", timeout2},
    {"timeouty", "o", timeouty}, {"timeoutr", "o", timeoutr}, {"timeoutj", "u", timeoutj},
    {"lock0", "o", lock0},       {"sem0", "o", sem0},         {"evwait0", "o", evwait0},
    {"get0", "o", get0},         {NULL, NULL, NULL},
};
