/* run.c - the course of a run: turns of the loop, steps at both ends, and the end. */
#include "fuzz.h"
#include <time.h>

enum {
    PATIENCE = 30 /* seconds after which something is stuck */,
    NAPS = 20000 /* the same in virtual time */
};

static void stop(void *loop)
{
    gyre_loop_stop(loop);
}

void turn(void)
{
    gyre_loop_call_soon(run.loop, stop, run.loop);
    gyre_loop_run_forever(run.loop);
}

void turns(unsigned count)
{
    while (count-- > 0)
        turn();
}

static void nap(void)
{
    gyre_loop_call_later(run.loop, run.kind->virtual ? 0.005 : 0.0003, stop, run.loop);
    gyre_loop_run_forever(run.loop);
}

/* Time goes on in both worlds. */
static void pass(void)
{
    if (run.kind->virtual)
        nap();
    else
        turn();
}

static void read_raw(void)
{
    for (int i = 0; i < 2; i++) {
        while (raw_read(&run.ends[i], LONGEST))
            ;
        if (run.ends[i].fd >= 0 && run.ends[i].lost)
            raw_close(&run.ends[i], false);
    }
}

/* Nobody waits for who reads nothing. */
static void unpause(struct end *end)
{
    if (!end->paused || !end->transport || end->upgrading || end->sending)
        return;
    end->paused = false;
    gyre_transport_resume_reading(end->transport);
}

void wait_for(bool (*holds)(void), const char *words)
{
    time_t begun = time(NULL);

    for (int i = 0; !holds(); i++) {
        read_raw();
        unpause(&run.ends[0]);
        unpause(&run.ends[1]);
        if (i < 20 && !run.kind->virtual)
            turn();
        else
            nap();
        expect(run.kind->virtual ? i < NAPS : time(NULL) - begun < PATIENCE, words);
    }
}

static bool task_is_done;

static void note_done(gyre_future *future, void *arg)
{
    task_is_done = true;
}

static bool is_done(void)
{
    return task_is_done;
}

int task(gyre_coroutine fn, void *arg)
{
    gyre_task *made;
    int err;

    task_is_done = false;
    gyre_loop_create_task(run.loop, &made, fn, arg);
    gyre_future_add_done_callback(made, note_done, NULL);
    wait_for(is_done, "a coroutine never ends");
    err = gyre_await(made, NULL);
    gyre_future_unref(made);
    return err;
}

static void step(struct end *end)
{
    if (end->fd >= 0)
        raw_act(end);
    else if (one_in(4))
        act(end);
    else
        act_soon(end);
}

void play_steps(unsigned count)
{
    while (count-- > 0 && run.fuel) {
        step(&run.ends[roll(2)]);
        turns(roll(3));
        if (run.kind->virtual && one_in(3))
            nap();
    }
}

static bool quiet(const struct end *end)
{
    return end->received == end->other->accepted && !end->tasks;
}

static bool one_goes(void)
{
    return end_is_going(&run.ends[0]) || end_is_going(&run.ends[1]);
}

static bool is_quiet(void)
{
    return (quiet(&run.ends[0]) && quiet(&run.ends[1])) || one_goes();
}

void quiesce(void)
{
    unsigned fuel = run.fuel;

    run.fuel = 0;
    wait_for(is_quiet, "bytes are lost on their way");
    for (int i = 0; i < 2 && !one_goes(); i++) {
        expect(!run.ends[i].held, "nothing waits, and resume_writing was not called");
        end_check(&run.ends[i]);
    }
    run.fuel = fuel;
}

static bool nobody_works(void)
{
    return !run.ends[0].tasks && !run.ends[1].tasks;
}

static bool is_over(const struct end *end)
{
    return end->lost || !end->made;
}

static bool both_are_over(void)
{
    return (run.ends[0].fd >= 0 || is_over(&run.ends[0])) && (run.ends[1].fd >= 0 || is_over(&run.ends[1])) &&
           nobody_works();
}

static void end_one(struct end *end, unsigned how)
{
    if (!end->transport || end->upgrading)
        return;
    trace("%s ends by %u", end->name, how);
    end->closed = end->closed || how == 0 || (how == 2 && end->rules.whole);
    end->aborted = end->aborted || how == 1;
    if (how == 0)
        gyre_transport_close(end->transport);
    else if (how == 1)
        gyre_transport_abort(end->transport);
    else if (how == 2) {
        end->ended = end->ended || (end->rules.half && !gyre_transport_is_closing(end->transport));
        gyre_transport_write_eof(end->transport);
    }
    end_check(end);
}

/* A raw end that reads on hears of it when the other one has gone. */
static bool raw_has_heard(void)
{
    for (int i = 0; i < 2; i++) {
        const struct end *end = &run.ends[i];

        if (end->fd >= 0 && end->rules.reads && !end->eof && !end->lost)
            return false;
    }
    return true;
}

static bool is_stuck(const struct end *end)
{
    return end->transport && !end->lost &&
           (end->sending || gyre_transport_get_write_buffer_size(end->transport));
}

/* Who closes or sends a file does not read: two that both have something to say wait for each other. */
static void untie(void)
{
    if (is_stuck(&run.ends[0]) && is_stuck(&run.ends[1]))
        end_one(&run.ends[roll(2)], 1);
}

void play_end(void)
{
    if (one_in(25))
        return;
    run.fuel = run.fuel < 8 ? run.fuel : 8;
    for (int i = 0; i < 2; i++)
        end_one(&run.ends[(run.seed + (uint64_t)i) & 1], roll(5));
    for (unsigned i = roll(20); i > 0 && !both_are_over(); i--) {
        read_raw();
        pass();
    }
    run.fuel = 0;
    end_one(&run.ends[0], 0);
    end_one(&run.ends[1], 0);
    for (int i = 0; i < 60 && !both_are_over(); i++)
        pass();
    untie();
    wait_for(both_are_over, "connection_lost is never called");
    wait_for(raw_has_heard, "a raw end never hears of the end");
    turns(roll(3));
}

void play_pair(void)
{
    play_steps(5 + roll(60));
    if (one_in(3)) {
        quiesce();
        play_steps(roll(30));
    }
    play_end();
}
