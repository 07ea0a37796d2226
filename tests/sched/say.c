/* say.c - see say.h. */
#include "say.h"

int say(struct act *act, const char *words)
{
    text_add(&act->outcome, "%s", words);
    return 0;
}

int say_truth(struct act *act, bool truth)
{
    return say(act, truth ? "True" : "False");
}

int say_value(struct act *act, int code, const char *value)
{
    return code < 0 ? code : say(act, value);
}

int say_player(struct act *act, int code, const struct player *player)
{
    if (code >= 0)
        text_add(&act->outcome, "ret%d", player->number);
    return code;
}

gyre_future *future_of(const struct act *act, int number)
{
    return act->world->futures[act->step->numbers[number]];
}

struct player *player_of(const struct act *act, int number)
{
    return &act->world->players[act->step->numbers[number]];
}
