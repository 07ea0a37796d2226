/* Three ways to wait for a slow answer, but not for long: an error when the time is up; to move on with what
 * there is by then; and a cleanup that has a time of its own. */
#include <gyre/gyre.h>
#include <stdio.h>

static int answers;

/* One answer every tenth of a second. */
static int ask(void)
{
    int err;

    while (!(err = gyre_sleep(.1)))
        answers++;
    return err;
}

/* asyncio's way: the body is cancelled, and its end returns -ETIMEDOUT. */
static void insist(void)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, .25);
    err = (int)gyre_timeout_end(&timeout, ask());
    printf("insist: %s\n", gyre_error_name(err));
}

/* A cancel scope: the body is cancelled, and its end returns 0. */
static void move_on(void)
{
    gyre_cancel_scope scope;

    answers = 0;
    gyre_move_on_after_begin(&scope, .25);
    if (gyre_cancel_scope_end(&scope, ask()) == 0)
        printf("move on: with %s answers\n", answers ? "some" : "no");
}

/* Inside a cancelled scope every wait is cancelled, but behind a shield. */
static void clean_up(void)
{
    gyre_cancel_scope scope, shield;
    int err;

    gyre_move_on_after_begin(&scope, .05);
    err = ask();
    printf("clean up: %s\n", gyre_error_name(gyre_sleep(.1)));
    gyre_move_on_after_begin(&shield, 10, .shield = GYRE_YES);
    printf("behind the shield: %s\n", gyre_error_name(gyre_sleep(.1)));
    gyre_cancel_scope_end(&shield, 0);
    gyre_cancel_scope_end(&scope, err);
}

static int wait_in_three_ways(void *arg)
{
    insist();
    move_on();
    clean_up();
    return 0;
}

int main(void)
{
    return gyre_run(wait_in_three_ways, NULL);
}
