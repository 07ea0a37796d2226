/* say.c - see say.h. */
#include "say.h"
#include <stdio.h>

int say(struct act *act, const char *words)
{
    text_add(&act->outcome, "%s", words);
    return 0;
}

int say_number(struct act *act, int number)
{
    text_add(&act->outcome, "%d", number);
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

static bool is_label(const char *words)
{
    int length = 0;

    return sscanf(words, "%*1[0-9].%*[0-9]%n", &length) == 0 && length > 0 && !words[length];
}

void add_exception(struct text *text, int code)
{
    const char *words = gyre_error_text();

    text_add(text, "%s", code == GYRE_ECANCELLED ? "CANCELLED" : gyre_error_name(code));
    if (is_label(words))
        text_add(text, " %s", words);
}

void add_result(struct text *text, gyre_future *future)
{
    void *value = NULL;
    int code = gyre_future_result(future, &value);

    if (code < 0)
        add_exception(text, code);
    else
        text_add(text, "%s", (const char *)value);
}

void add_return(struct text *text, const struct player *player)
{
    int code = gyre_future_result(player->task, NULL);

    if (code < 0)
        add_exception(text, code);
    else
        text_add(text, "ret%d", player->number);
}

int limit_end(gyre_timeout *timeout, int code)
{
    code = (int)gyre_timeout_end(timeout, code);
    if (code < 0 && code != GYRE_ECANCELLED && gyre_timeout_expired(timeout))
        gyre_error_set(code, "%s", "");
    return code;
}

gyre_future *future_of(const struct act *act, int number)
{
    return act->world->objects.futures[act->step->numbers[number]];
}

struct player *player_of(const struct act *act, int number)
{
    return &act->world->players[act->step->numbers[number]];
}
