/* gyre/sync.h - tasks that wait for each other: locks, events, conditions, semaphores, barriers.
 *
 * asyncio: Lock, Event, Condition, Semaphore, BoundedSemaphore, Barrier. They lie in your memory, allocate
 * nothing, and are for the tasks of one loop: the loop of the first task that had to wait. None of them is
 * for threads. Who waits is served in the order of coming; a cancelled wait passes its turn on.
 */
#ifndef GYRE_SYNC_H
#define GYRE_SYNC_H

#include <gyre/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gyre__waiter;

/* yours: one task at a time. Not reentrant, and whoever likes may release it. Zeroed memory is an unlocked
 * one. The fields are gyre's; it may move while nobody waits. asyncio: Lock */
typedef struct gyre_lock {
    struct gyre__waiter *waiters; /* who waits for it, oldest first; NULL: nobody */
    gyre_loop *loop;              /* whose tasks wait for it; NULL before the first one had to */
    bool locked;                  /* somebody has it */
} gyre_lock;

/* Makes an unlocked lock. asyncio: Lock */
void gyre_lock_init(gyre_lock *lock);

/* Ends a lock, locked or not. A lock that a task waits for must not end. */
void gyre_lock_destroy(gyre_lock *lock);

/* Takes the lock: at once when it is free and nobody waits for it, else after those who came before.
 * GYRE_ECANCELLED: the lock is not yours; GYRE_EWRONGLOOP: tasks of another loop have waited for it.
 * [suspends] asyncio: Lock.acquire */
int gyre_lock_acquire(gyre_lock *lock);

/* Unlocks, and wakes the first who waits: it takes the lock when it runs, nobody who comes meanwhile does.
 * GYRE_ERUNTIME "Lock is not acquired." asyncio: Lock.release */
int gyre_lock_release(gyre_lock *lock);

/* True while somebody has it. asyncio: Lock.locked */
bool gyre_lock_locked(const gyre_lock *lock);

/* yours: a flag that tasks wait for. Zeroed memory is one that is not set. The fields are gyre's. asyncio:
 * Event */
typedef struct gyre_event {
    struct gyre__waiter *waiters; /* who waits for it, oldest first; NULL: nobody */
    gyre_loop *loop;              /* whose tasks wait for it; NULL before the first one had to */
    bool is_set;                  /* the flag */
} gyre_event;

/* Makes an event that is not set. asyncio: Event */
void gyre_event_init(gyre_event *event);

/* Ends an event. One that a task waits for must not end. */
void gyre_event_destroy(gyre_event *event);

/* Sets the flag and wakes all who wait, in their order. asyncio: Event.set */
void gyre_event_set(gyre_event *event);

/* Takes the flag down; who was woken before stays woken. asyncio: Event.clear */
void gyre_event_clear(gyre_event *event);

/* The flag. asyncio: Event.is_set */
bool gyre_event_is_set(const gyre_event *event);

/* Waits until the flag is set; returns at once when it is. GYRE_EWRONGLOOP. [suspends] asyncio: Event.wait */
int gyre_event_wait(gyre_event *event);

/* yours: tasks that have a lock and wait for news about what it guards. Zeroed memory is one with a lock of
 * its own. The fields are gyre's. asyncio: Condition */
typedef struct gyre_condition {
    gyre_lock *lock;              /* the lock that it was given, lent; NULL: its own */
    gyre_lock own;                /* its own */
    struct gyre__waiter *waiters; /* who waits for news, oldest first; NULL: nobody */
    gyre_loop *loop;              /* whose tasks wait for it; NULL before the first one had to */
} gyre_condition;

/* Makes a condition on a lock, which several may share and which must outlive it, or, with NULL, on a lock of
 * its own. asyncio: Condition(lock) */
void gyre_condition_init(gyre_condition *condition, gyre_lock *lock);

/* Ends a condition. One that a task waits for must not end. */
void gyre_condition_destroy(gyre_condition *condition);

/* Takes the lock, as gyre_lock_acquire does. [suspends] asyncio: Condition.acquire */
int gyre_condition_acquire(gyre_condition *condition);

/* Releases the lock, as gyre_lock_release does. asyncio: Condition.release */
int gyre_condition_release(gyre_condition *condition);

/* True while somebody has the lock. asyncio: Condition.locked */
bool gyre_condition_locked(const gyre_condition *condition);

/* Releases the lock, waits for a notification, and takes the lock again; also when it is cancelled, so that
 * the lock is yours whatever comes back (but on a loop that closes, where nobody can wait for it). May return
 * without cause: look again. GYRE_ERUNTIME when nobody has the lock, GYRE_EWRONGLOOP. [suspends] asyncio:
 * Condition.wait */
int gyre_condition_wait(gyre_condition *condition);

/* What wait_for asks: 0 for not yet; anything else ends the waiting and is what it returns. */
typedef int (*gyre_predicate)(void *arg);

/* Waits, as gyre_condition_wait does, until predicate(arg) is not 0, and returns that; at once when it is so
 * already. [suspends] asyncio: Condition.wait_for */
int gyre_condition_wait_for(gyre_condition *condition, gyre_predicate predicate, void *arg);

/* Wakes the `n` tasks that have waited longest, or all when they are fewer. They run once the lock, which you
 * keep, is theirs. GYRE_ERUNTIME when nobody has the lock. asyncio: Condition.notify */
int gyre_condition_notify(gyre_condition *condition, size_t n);

/* Wakes all who wait. asyncio: Condition.notify_all */
int gyre_condition_notify_all(gyre_condition *condition);

/* yours: a number of places. The fields are gyre's. asyncio: Semaphore */
typedef struct gyre_semaphore {
    struct gyre__waiter *waiters; /* who waits for a place, oldest first; NULL: nobody */
    gyre_loop *loop;              /* whose tasks wait for it; NULL before the first one had to */
    ptrdiff_t value;              /* places that are free; one that somebody was woken for is not */
} gyre_semaphore;

/* Makes a semaphore with `value` free places. GYRE_EVALUE when that is negative. asyncio: Semaphore(value) */
int gyre_semaphore_init(gyre_semaphore *semaphore, ptrdiff_t value);

/* Ends a semaphore. One that a task waits for must not end. */
void gyre_semaphore_destroy(gyre_semaphore *semaphore);

/* Takes a place: at once when one is free and nobody waits, else after those who came before.
 * GYRE_ECANCELLED: none was taken; GYRE_EWRONGLOOP. [suspends] asyncio: Semaphore.acquire */
int gyre_semaphore_acquire(gyre_semaphore *semaphore);

/* Gives a place back, or adds one: to the first who waits. asyncio: Semaphore.release */
void gyre_semaphore_release(gyre_semaphore *semaphore);

/* True when acquire would wait: no place is free, or others wait already. asyncio: Semaphore.locked */
bool gyre_semaphore_locked(const gyre_semaphore *semaphore);

/* yours: a semaphore that never has more free places than at its beginning. The fields are gyre's. asyncio:
 * BoundedSemaphore */
typedef struct gyre_bounded_semaphore {
    gyre_semaphore semaphore; /* its places */
    ptrdiff_t bound;          /* how many there are */
} gyre_bounded_semaphore;

/* Makes one with `value` places, all free. GYRE_EVALUE when that is negative. asyncio: BoundedSemaphore */
int gyre_bounded_semaphore_init(gyre_bounded_semaphore *bounded, ptrdiff_t value);

/* Ends one. One that a task waits for must not end. */
void gyre_bounded_semaphore_destroy(gyre_bounded_semaphore *bounded);

/* Takes a place, as gyre_semaphore_acquire does. [suspends] asyncio: BoundedSemaphore.acquire */
int gyre_bounded_semaphore_acquire(gyre_bounded_semaphore *bounded);

/* Gives a place back. GYRE_EVALUE when all are free already. asyncio: BoundedSemaphore.release */
int gyre_bounded_semaphore_release(gyre_bounded_semaphore *bounded);

/* True when acquire would wait. asyncio: BoundedSemaphore.locked */
bool gyre_bounded_semaphore_locked(const gyre_bounded_semaphore *bounded);

/* yours: a place where tasks wait until enough are there, as often as you like. The fields are gyre's.
 * asyncio: Barrier */
typedef struct gyre_barrier {
    gyre_condition condition; /* tells of its state */
    int parties;              /* how many are enough */
    int count;                /* how many are inside: waiting, or let go and not out yet */
    int state;                /* filling, draining, resetting, broken */
} gyre_barrier;

/* Makes a barrier for `parties` tasks. GYRE_EVALUE when that is less than 1. asyncio: Barrier(parties) */
int gyre_barrier_init(gyre_barrier *barrier, int parties);

/* Ends a barrier. One that a task waits at must not end. */
void gyre_barrier_destroy(gyre_barrier *barrier);

/* Waits until all parties are there, and returns how many had come before: 0 to parties - 1, a different
 * number for each. Who comes while the last round still leaves waits for the next one. GYRE_EBROKENBARRIER:
 * it was aborted, or reset meanwhile; GYRE_ECANCELLED: and it waits for another; GYRE_EWRONGLOOP. [suspends]
 * asyncio: Barrier.wait */
int gyre_barrier_wait(gyre_barrier *barrier);

/* Makes it as new; those who wait get GYRE_EBROKENBARRIER. [suspends] asyncio: Barrier.reset */
int gyre_barrier_reset(gyre_barrier *barrier);

/* Breaks it: GYRE_EBROKENBARRIER to those who wait, and to all who come before a reset. [suspends] asyncio:
 * Barrier.abort */
int gyre_barrier_abort(gyre_barrier *barrier);

/* How many it is for. asyncio: Barrier.parties */
int gyre_barrier_parties(const gyre_barrier *barrier);

/* How many wait for the others to come; 0 while they leave. asyncio: Barrier.n_waiting */
int gyre_barrier_n_waiting(const gyre_barrier *barrier);

/* True when it was aborted and not reset since. asyncio: Barrier.broken */
bool gyre_barrier_broken(const gyre_barrier *barrier);

#ifdef __cplusplus
}
#endif

#endif
