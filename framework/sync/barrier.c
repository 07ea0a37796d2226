/* sync/barrier.c - waiting until enough tasks are there.
 *
 *   filling ──► the last one comes ──► draining ──► the last one leaves ──► filling
 *
 * A reset with tasks inside is a draining in which they fail (resetting). Only abort leads to broken, and
 * only reset out of it. Every change of state is told to all through the condition.
 */
#include <gyre/sync.h>

enum { FILLING, DRAINING, RESETTING, BROKEN };

int gyre_barrier_init(gyre_barrier *barrier, int parties)
{
    if (parties < 1)
        return gyre_error_set(GYRE_EVALUE, "parties must be > 0");
    *barrier = (gyre_barrier){.parties = parties, .state = FILLING};
    return 0;
}

void gyre_barrier_destroy(gyre_barrier *barrier)
{
    gyre_condition_destroy(&barrier->condition);
}

static int lets_in(void *arg)
{
    const gyre_barrier *barrier = arg;

    return barrier->state != DRAINING && barrier->state != RESETTING;
}

static int lets_out(void *arg)
{
    const gyre_barrier *barrier = arg;

    return barrier->state != FILLING;
}

static int come_in(gyre_barrier *barrier)
{
    int err = gyre_condition_wait_for(&barrier->condition, lets_in, barrier);

    if (err < 0)
        return err;
    return barrier->state == BROKEN ? gyre_error_set(GYRE_EBROKENBARRIER, "Barrier aborted") : 0;
}

static int wait_for_the_others(gyre_barrier *barrier)
{
    int err = gyre_condition_wait_for(&barrier->condition, lets_out, barrier);

    if (err < 0 || barrier->state == DRAINING)
        return err < 0 ? err : 0;
    return gyre_error_set(GYRE_EBROKENBARRIER, "Abort or reset of barrier");
}

static void let_all_go(gyre_barrier *barrier)
{
    barrier->state = DRAINING;
    gyre_condition_notify_all(&barrier->condition);
}

static void leave(gyre_barrier *barrier)
{
    if (--barrier->count > 0)
        return;
    if (barrier->state == RESETTING || barrier->state == DRAINING)
        barrier->state = FILLING;
    gyre_condition_notify_all(&barrier->condition);
}

static int pass(gyre_barrier *barrier)
{
    int err = come_in(barrier), index;

    if (err)
        return err;
    index = barrier->count++;
    if (barrier->count == barrier->parties)
        let_all_go(barrier);
    else
        err = wait_for_the_others(barrier);
    leave(barrier);
    return err ? err : index;
}

int gyre_barrier_wait(gyre_barrier *barrier)
{
    int result = gyre_condition_acquire(&barrier->condition);

    if (result)
        return result;
    result = pass(barrier);
    gyre_condition_release(&barrier->condition);
    return result;
}

/* Changes the state, and tells all. */
static int change(gyre_barrier *barrier, int state)
{
    int err = gyre_condition_acquire(&barrier->condition);

    if (err)
        return err;
    barrier->state = state == FILLING && barrier->count > 0 ? RESETTING : state;
    gyre_condition_notify_all(&barrier->condition);
    gyre_condition_release(&barrier->condition);
    return 0;
}

int gyre_barrier_reset(gyre_barrier *barrier)
{
    return change(barrier, FILLING);
}

int gyre_barrier_abort(gyre_barrier *barrier)
{
    return change(barrier, BROKEN);
}

int gyre_barrier_parties(const gyre_barrier *barrier)
{
    return barrier->parties;
}

int gyre_barrier_n_waiting(const gyre_barrier *barrier)
{
    return barrier->state == FILLING ? barrier->count : 0;
}

bool gyre_barrier_broken(const gyre_barrier *barrier)
{
    return barrier->state == BROKEN;
}
