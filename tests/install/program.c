/* program.c - a program outside the tree: a task that sleeps, a call from another thread, and an answer. */
#include <gyre/gyre.h>

static void finish(void *arg)
{
    gyre_future_set_result(arg, NULL);
}

static int wait_for_a_turn(void *arg)
{
    gyre_future *finished = gyre_loop_create_future(gyre_get_event_loop());
    int err = gyre_sleep(0.001);

    gyre_loop_call_soon_threadsafe(gyre_get_event_loop(), finish, finished);
    if (!err)
        err = gyre_await(finished, arg);
    gyre_future_unref(finished);
    return err;
}

int main(void)
{
    return gyre_run(wait_for_a_turn, NULL);
}
