/* More about time: a deadline that is moved, or made in one place and entered in another; and a stretch of
 * code that somebody else cancels, who need not know the task. */
#include <gyre/gyre.h>
#include <math.h>
#include <stdio.h>

static double now(void)
{
    return gyre_loop_time(gyre_get_running_loop());
}

/* The deadline is for the greeting. Whoever has greeted may take his time. */
static void greet_in_time(void)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin_at(&timeout, now() + 5);
    err = gyre_sleep(.01);
    gyre_timeout_reschedule(&timeout, INFINITY);
    if (!err)
        err = gyre_sleep(.1);
    err = (int)gyre_timeout_end(&timeout, err);
    printf("greeted: %s\n", gyre_error_name(err));
}

static int work_under(gyre_timeout *timeout)
{
    int err = gyre_timeout_enter(timeout);

    return err ? err : (int)gyre_timeout_end(timeout, gyre_sleep(10));
}

/* The clock runs from here, not from where it is entered. */
static void made_here_entered_there(void)
{
    gyre_timeout timeout;

    gyre_timeout_init(&timeout, .1);
    printf("worked: %s", gyre_error_name(work_under(&timeout)));
    printf("%s\n", gyre_timeout_expired(&timeout) && gyre_timeout_when(&timeout) <= now() ? ", expired" : "");
    gyre_timeout_init_at(&timeout, now() - 1);
    printf("worked: %s at once\n", gyre_error_name(work_under(&timeout)));
}

static int call_off(void *scope)
{
    int err = gyre_sleep(.05);

    gyre_cancel_scope_cancel(scope);
    return err;
}

/* What is inside asks how long it may take, and need not be told. */
static int inner_work(void)
{
    double left = gyre_current_effective_deadline() - now();

    printf("no more than %.0f s\n", ceil(left));
    return gyre_sleep(left * 2);
}

static void called_off(void)
{
    gyre_cancel_scope scope;
    gyre_task *caller;

    gyre_cancel_scope_begin(&scope, .deadline = now() + 60);
    gyre_create_task(&caller, call_off, &scope);
    gyre_cancel_scope_end(&scope, inner_work());
    if (gyre_cancel_scope_cancel_called(&scope) && gyre_cancel_scope_cancelled_caught(&scope))
        puts("called off");
    gyre_await(caller, NULL);
    gyre_future_unref(caller);
}

static int run(void *arg)
{
    greet_in_time();
    made_here_entered_there();
    called_off();
    return 0;
}

int main(void)
{
    return gyre_run(run, NULL);
}
