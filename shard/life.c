/* life.c - one shard from its birth to its end.
 *
 * How shards close together, so that no call is lost and none hangs:
 *  1. Each shard runs its main. One whose main is done serves calls as before.
 *  2. The last main that ends orders FINISH. From its arrival on, a shard starts no calls and refuses those
 * that come in; a refused envelope goes home at once.
 *  3. It cancels and awaits the tasks that are left, among them those that run calls for others: their
 * envelopes go home when they end. A task that waits for a call of its own passes its cancel on to the far
 * task, and stays until the envelope is here. It waits for its jobs in the executor, too.
 *  4. It runs its loop until all its envelopes are home. Every other shard still runs its loop, so they come.
 * From now on it has nothing under way, and cannot start anything: it is quiet for good.
 *  5. The last shard that gets quiet orders CLOSE. No mailbox holds anybody's envelope any more; what may be
 * left in one are posts and connections, and whoever drops them, the receiver that closes or the sender that
 * finds it closed, releases or closes them.
 *  6. Each shard closes its loop on its own thread. The run's memory outlives them all.
 */
#include "base/memory.h"
#include "base/options.h"
#include "outbox.h"
#include <gyre/thread.h>
#include <stdlib.h>

/* Seconds that jobs of a shard may take after its mains are done. */
static const double PATIENCE = 300.0;

static void obey_cancel(void *arg)
{
    struct gyre__shard *shard = arg;

    if (shard->main)
        gyre_task_cancel(shard->main);
}

static void obey_finish(void *arg)
{
    struct gyre__shard *shard = arg;

    shard->stage = GYRE__FINISHING;
    shard->told[GYRE__ORDER_FINISH] = true;
    gyre__loop_end(shard->loop);
}

static void obey_close(void *arg)
{
    struct gyre__shard *shard = arg;

    shard->told[GYRE__ORDER_CLOSE] = true;
    gyre__loop_end(shard->loop);
}

static void write_orders(struct gyre__shard *shard)
{
    static const gyre_callback obey[GYRE__ORDERS] = {obey_cancel, obey_finish, obey_close};

    for (int i = 0; i < GYRE__ORDERS; i++)
        shard->orders[i] = (struct gyre__call){.fn = obey[i], .arg = shard, .kind = GYRE__CALL_EMBEDDED};
}

static void end_main(struct gyre__shard *shard, int code)
{
    gyre_future_unref(shard->main);
    shard->main = NULL;
    gyre__run_main_done(shard->run, code);
}

static void main_done(gyre_future *future, void *shard)
{
    end_main(shard, gyre_future_result(future, NULL));
}

static void begin_main(struct gyre__shard *shard)
{
    int err =
        gyre_loop_create_task(shard->loop, &shard->main, shard->run->fn, shard->run->arg, .name = "main");

    if (err)
        gyre__run_main_done(shard->run, err);
    else
        gyre_future_add_done_callback(shard->main, main_done, shard);
}

/* The program has stopped the loop under its main: that main has failed. */
static void main_stopped(struct gyre__shard *shard)
{
    if (!shard->main)
        return;
    gyre_future_remove_done_callback(shard->main, main_done, shard);
    end_main(shard, gyre_error_set(GYRE_ESTOPPED, "Event loop stopped before Future completed."));
}

static void serve(struct gyre__shard *shard)
{
    while (!shard->told[GYRE__ORDER_FINISH]) {
        gyre_loop_run_forever(shard->loop);
        if (!shard->told[GYRE__ORDER_FINISH])
            main_stopped(shard);
    }
}

static void join_jobs(struct gyre__shard *shard)
{
    struct gyre__run *run = shard->run;

    if (gyre_loop_shutdown_default_executor(shard->loop, PATIENCE) != -ETIMEDOUT)
        return;
    pthread_mutex_lock(&run->lock);
    run->impatient = true;
    pthread_mutex_unlock(&run->lock);
}

static void finish(struct gyre__shard *shard)
{
    gyre__cancel_leftovers(shard->loop);
    join_jobs(shard);
    shard->waiting_home = true;
    while (shard->away > 0)
        gyre_loop_run_forever(shard->loop);
    gyre__run_quiet(shard->run);
    while (!shard->told[GYRE__ORDER_CLOSE])
        gyre_loop_run_forever(shard->loop);
}

static void run(struct gyre__shard *shard)
{
    begin_main(shard);
    serve(shard);
    finish(shard);
}

static gyre_loop_options loop_options(const gyre_sharded_options *asked)
{
    gyre_loop_options options = {0};

    gyre__options_fill(&options, sizeof options, asked->loop);
    if (asked->debug)
        options.debug = asked->debug;
    if (asked->stall_limit > 0)
        options.stall_limit = asked->stall_limit;
    return options;
}

static int make_loop(struct gyre__shard *shard)
{
    gyre_loop_options options = loop_options(&shard->run->options);

    if (options.driver == GYRE_DRIVER_SIM)
        return gyre_error_set(GYRE_ERUNTIME, "a shard cannot run in virtual time");
    shard->loop = (gyre_loop_new)(&options);
    if (!shard->loop)
        return GYRE_ERUNTIME;
    /* Shard 0's thread is the caller's, and may have a loop of its own. */
    if (shard->id > 0)
        gyre_set_event_loop(shard->loop);
    write_orders(shard);
    gyre_loop_set_default_executor(shard->loop, shard->run->executor);
    gyre__outboxes_open(shard);
    gyre__shard_connect(shard);
    return 0;
}

/* Signals are heard before any main runs: who finds a server up may end it. */
static int open_shard(struct gyre__shard *shard)
{
    struct gyre__run *run = shard->run;
    int err = make_loop(shard);

    if (!err && shard->id == 0 && run->options.signals != GYRE_NO)
        gyre__interrupt_begin(&run->interrupt, shard->loop, gyre__run_interrupted, run);
    return err;
}

static void close_shard(struct gyre__shard *shard)
{
    if (shard->id == 0)
        gyre__interrupt_end(&shard->run->interrupt);
    shard->stage = GYRE__CLOSING;
    if (shard->loop)
        gyre_loop_close(shard->loop);
}

void gyre__shard_live(struct gyre__shard *shard)
{
    int arena = gyre__arena_enter();

    if (shard->run->pin)
        gyre__pin(&shard->run->mask, shard->id);
    gyre__shard_set_here(shard);
    if (gyre__run_arrive(shard->run, open_shard(shard)) == 0)
        run(shard);
    close_shard(shard);
    gyre__shard_set_here(NULL);
    gyre__arena_leave(arena);
}
