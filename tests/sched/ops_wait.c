/* ops_wait.c - operations with wait, wait_for and as_completed. */
#include "op.h"
#include "say.h"
#include <math.h>

/* Futures are told by their numbers, tasks behind them. */
static void tell_done(struct act *act, gyre_future *future, int number)
{
    if (gyre_future_done(future))
        text_add(&act->outcome, " %d", number);
}

static int say_done(struct act *act, int code)
{
    const int *numbers = act->step->numbers;
    int low = numbers[0] < numbers[1] ? 0 : 1;

    if (code < 0)
        return code;
    text_add(&act->outcome, "done");
    tell_done(act, future_of(act, low), numbers[low]);
    if (numbers[0] != numbers[1])
        tell_done(act, future_of(act, !low), numbers[!low]);
    return 0;
}

static int wait_two(struct act *act, double timeout, gyre_return_when when)
{
    gyre_future *futures[] = {future_of(act, 0), future_of(act, 1)};

    return say_done(act, gyre_wait(futures, 2, .timeout = timeout, .return_when = when));
}

static int waitall(struct act *act)
{
    return wait_two(act, 0, GYRE_ALL_COMPLETED);
}

static int waitany(struct act *act)
{
    return wait_two(act, 0, GYRE_FIRST_COMPLETED);
}

static int waitexc(struct act *act)
{
    return wait_two(act, 0, GYRE_FIRST_EXCEPTION);
}

static int wait0(struct act *act)
{
    return wait_two(act, -1, GYRE_ALL_COMPLETED);
}

static int waitt(struct act *act)
{
    struct player *player = player_of(act, 0);
    int code;

    if (!player->task)
        return say(act, "none");
    code = gyre_wait(((gyre_future *[]){player->task, future_of(act, 1)}), 2,
                     .return_when = GYRE_FIRST_COMPLETED);
    if (code < 0)
        return code;
    text_add(&act->outcome, "done");
    tell_done(act, future_of(act, 1), act->step->numbers[1]);
    tell_done(act, player->task, OBJECTS + player->number);
    return 0;
}

static int wait_future(struct act *act, double timeout)
{
    void *value = NULL;
    int code = gyre_wait_for(future_of(act, 0), &value, timeout);

    return say_value(act, code, value);
}

static int waitfor(struct act *act)
{
    return wait_future(act, INFINITY);
}

static int waitfor0(struct act *act)
{
    return wait_future(act, 0);
}

static int wait_player(struct act *act, double timeout)
{
    struct player *player = player_of(act, 0);

    if (!player->task)
        return say(act, "none");
    return say_player(act, gyre_wait_for(player->task, NULL, timeout), player);
}

static int waitfort(struct act *act)
{
    return wait_player(act, INFINITY);
}

static int waitfort0(struct act *act)
{
    return wait_player(act, 0);
}

/* The result of each as it comes, up to the first that raises. */
static int tell_completed(struct act *act, gyre_as_completed *iterator, const struct player *player)
{
    const char *before = "[";
    struct text told = {0};
    gyre_future *future;
    int code;

    while ((code = gyre_as_completed_next(iterator, &future)) > 0) {
        code = gyre_future_result(future, NULL);
        if (code < 0)
            break;
        text_add(&told, "%s", before);
        if (player && player->task == future)
            add_return(&told, player);
        else
            add_result(&told, future);
        before = " ";
    }
    if (code >= 0)
        text_add(&act->outcome, "%s]", text_words(&told));
    text_free(&told);
    return code;
}

static int complete(struct act *act, gyre_future *const *futures, size_t count, const struct player *player,
                    double timeout)
{
    gyre_as_completed iterator;
    int code = gyre_as_completed_begin(&iterator, futures, count, .timeout = timeout);

    if (code < 0)
        return code;
    code = tell_completed(act, &iterator, player);
    gyre_as_completed_end(&iterator);
    return code;
}

/* asyncio walks over a set; the reference makes it walk by number. */
static void sort(const struct act *act, gyre_future **futures)
{
    int count = 0;

    for (int number = 0; number < OBJECTS; number++)
        for (int i = 0; i < OBJECTS; i++)
            if (act->step->numbers[i] == number)
                futures[count++] = future_of(act, i);
}

static int asc(struct act *act)
{
    gyre_future *futures[OBJECTS];

    sort(act, futures);
    return complete(act, futures, OBJECTS, NULL, 0);
}

static int asc0(struct act *act)
{
    int low = act->step->numbers[0] < act->step->numbers[1] ? 0 : 1;

    return complete(act, (gyre_future *[]){future_of(act, low), future_of(act, !low)}, 2, NULL, -1);
}

static int asct(struct act *act)
{
    struct player *player = player_of(act, 0);

    if (!player->task)
        return say(act, "none");
    return complete(act, (gyre_future *[]){future_of(act, 1), player->task}, 2, player, 0);
}

const struct op ops_of_waits[] = {
    {"waitall", "oo", waitall},  {"waitany", "oo", waitany},  {"waitexc", "oo", waitexc},
    {"wait0", "oo", wait0},      {"waitt", "uo", waitt},      {"waitfor", "o", waitfor},
    {"waitfor0", "o", waitfor0}, {"waitfort", "u", waitfort}, {"waitfort0", "u", waitfort0},
    {"asc", "ooo", asc},         {"asc0", "oo", asc0},        {"asct", "uo", asct},
    {NULL, NULL, NULL},
};
