/* The inbox's sleep and wake protocol under C11's weak memory. check.sh explores it exhaustively: two threads
   push two letters each; one loop sleeps, is woken by them or by something else, drains, and may close at any
   turn. Whoever changes the protocol changes it here first.

   [push]   gyre__inbox_push_chain and wake  in framework/loop/inbox.c
   [drain]  gyre__inbox_drain                the same
   [sleep]  gyre__inbox_sleep                the same; called by wait_driver in turn.c
   [awake]  gyre__inbox_awake                called by be_awake in loop.c (the first callback) and wait_driver
   [clear]  on_wake                          in loop.c
   [close]  gyre__inbox_close                called by close_inbox in loop.c

   The memory. Sequential consistency, which is spin's own, hides a missing fence. So the two shared words are
   kept with their histories: a thread may read any value that is not older than what it must know of (its
   view). Only two things order. A seq_cst fence lets its thread know what was known at every earlier fence. A
   CAS that releases (in C: ck's store fence before it) hands the plain fields written earlier to whom the
   letters go. All else is as relaxed as C11 allows, or more so; the eventfd's system calls order nothing.
     head   is written by read-modify-writes alone, which read the newest value. Since the last drain it was
            empty once and then held letters, so a view is one bit: does it know of a push?
     state  is stored by the loop, and exchanged by producers. Store k has time 2k; the exchange that read it
            SLEEPING follows at once, at time 2k + 1, even if the loop has stored since (that store was still
            on its way). A producer's view lasts from its fence to the end of that push: weaker than C11.

   Not modelled: the look-out before [sleep] (it reads and passes time), a chain of letters (it goes in as one), reuse
   of a letter's address (a push needs no more than the address of the letter below it, a drain takes all), the
   references that keep the mailbox alive.

   Each macro that check.sh names takes a part of the protocol out; SEQUENTIAL: reads see the newest value. */

#define PRODUCERS 2
#define EACH      2 /* letter me * EACH + n is the n-th, from 1, of producer me */
#define LETTERS   4
#define EMPTY     0
#define CLOSED    9
#ifndef OTHER_EVENTS
#define OTHER_EVENTS 2 /* how often a wait may end without a push */
#endif

/* The verdicts. The loop must never ... */
bool lost_wakeup;      /* ... block for ever while a letter lies in its inbox */
bool lost_letter;      /* ... let a letter end neither run, nor dropped, nor refused */
bool double_letter;    /* ... see a letter twice */
bool wrong_order;      /* ... run one thread's letters in another order than they were pushed */
bool data_race;        /* ... read a letter's plain fields when it need not know them */
bool pushed_to_closed; /* ... take a letter after it was closed */
bool second_wake;      /* ... be woken twice for one sleep */
bool needless_wake;    /* ... be woken for a sleep that it has visibly left */
bool stale_wake;       /* ... leave poll for a wake that it has seen before */
bool dead_wake_fd;     /* ... have its wake fd written to when that is gone */
#define NEVER(verdict, condition) verdict = (condition); assert(!verdict)

/* The mailbox. */
byte head = EMPTY;
byte next[LETTERS + 1];
bool released[LETTERS + 1]; /* the plain fields were written before a release */
bool eventfd = false;       /* its counter is not zero */
bool eventfd_open = true;

/* head's views: who knows of a push since the last drain. */
bool producer_knows[PRODUCERS];
bool fences_know = false;
bool loop_knows = false;

/* state's history, from the oldest store that can still be read: bit k is store k's, `stores` the newest. */
int sleeping = 0;
int exchanged = 0;
int woken = 0;
byte stores = 0;
byte fences_view = 0;
byte view[PRODUCERS];
bool reading[PRODUCERS]; /* the view is in use */
byte k = 0;              /* scratch */
#define BIT(word, k)      (((word) >> (k)) & 1)
#define NEWEST            (2 * stores + BIT(exchanged, stores))
#define EXISTS(t)         (((t) & 1) == 0 || BIT(exchanged, (t) >> 1))
#define IS_SLEEPING(t)    (((t) & 1) == 0 && BIT(sleeping, (t) >> 1))
#ifdef NO_PRODUCER_FENCE
#define OLDEST(p)         0
#else
#define OLDEST(p)         (reading[p] -> view[p] : fences_view)
#endif
#define min(a, b)         ((a) < (b) -> (a) : (b))
#define max(a, b)         ((a) > (b) -> (a) : (b))

/* What only the verdicts need. */
bool settled[LETTERS + 1]; /* run, dropped or refused */
byte finished = 0;
bool closed = false;
bool asleep = false; /* from SLEEPING until AWAKE is due */
bool unseen = false; /* the eventfd was written to, and no poll has reported it */
byte other_events = OTHER_EVENTS;

inline settle(which)
{
    NEVER(double_letter, settled[which]);
    settled[which] = true
}

/* ---- memory ---- */

inline store_state(value)
{
    stores++;
    assert(stores < 31);
    sleeping = sleeping | (value << stores)
}

/* Any value from the view on; the thread then knows it. */
inline read_state()
{
#ifdef SEQUENTIAL
    view[me] = NEWEST;
#endif
    do
    :: view[me] < NEWEST -> view[me]++
    :: EXISTS(view[me]) -> break
    od
}

/* Drops the history that nobody can read any more: who is not reading will pass a fence first. */
inline forget()
{
    k = min(OLDEST(0), OLDEST(1)) >> 1;
    sleeping = sleeping >> k;
    exchanged = exchanged >> k;
    woken = woken >> k;
    stores = stores - k;
    fences_view = max(fences_view, 2 * k) - 2 * k;
    view[0] = max(view[0], 2 * k) - 2 * k;
    view[1] = max(view[1], 2 * k) - 2 * k;
    k = 0
}

inline loop_fence()
{
    d_step {
        loop_knows = loop_knows || fences_know;
        fences_view = 2 * stores;
        forget()
    }
}

inline producer_fence()
{
    d_step {
        fences_know = fences_know || producer_knows[me];
        producer_knows[me] = false;
        view[me] = fences_view;
        reading[me] = true
    }
}

/* ---- a thread that pushes ---- */

/* [push] up to the CAS that succeeds, or CLOSED */
inline add_letter()
{
    h = head;
    do
#ifndef NO_CLOSED_CHECK
    :: h == CLOSED -> atomic { settle(letter); h = 0; refused = true; break }
#endif
    :: else ->
        atomic {
            next[letter] = h;
            if
            :: head == h ->
                NEVER(pushed_to_closed, closed);
                head = letter;
                producer_knows[me] = true;
#ifndef NO_RELEASE
                released[letter] = true;
#endif
                h = 0;
                break
            :: else -> h = head
            fi
        }
    od
}

inline done_reading()
{
    d_step { view[me] = 0; reading[me] = false; forget() }
}

/* [push] the load of state */
inline load_state()
{
    atomic {
        read_state();
        saw_sleeping = IS_SLEEPING(view[me]);
        if
        :: saw_sleeping
        :: else -> done_reading()
        fi
    }
}

/* [push] exchange(state, AWAKE) */
inline exchange_state()
{
    atomic {
#ifndef NO_EXCHANGE
        read_state();
        view[me] = view[me] | BIT(exchanged, view[me] >> 1);
#endif
        won = IS_SLEEPING(view[me]);
        if
        :: won ->
            k = view[me] >> 1;
            NEVER(second_wake, BIT(woken, k));
            NEVER(needless_wake, k == stores && !asleep);
            woken = woken | (1 << k);
#ifndef NO_EXCHANGE
            exchanged = exchanged | (1 << k);
#endif
            k = 0
        :: else
        fi;
        saw_sleeping = false;
        done_reading()
    }
}

/* [push] the write that wakes */
inline write_eventfd()
{
    d_step {
        NEVER(dead_wake_fd, !eventfd_open);
        eventfd = true;
        unseen = true;
        won = false
    }
}

inline wake_if_sleeping()
{
#ifdef NO_PRODUCER_FENCE
    d_step { view[me] = 0; reading[me] = true };
#else
    producer_fence();
#endif
    load_state();
    if
    :: saw_sleeping ->
        exchange_state();
        if
        :: won -> write_eventfd()
        :: else
        fi
    :: else
    fi
}

proctype producer(byte me)
{
    byte letter = me * EACH + 1;
    byte h;
    bool saw_sleeping, won, refused;

    do
    :: letter <= me * EACH + EACH ->
#ifdef WAKE_BEFORE_PUSH
        wake_if_sleeping();
        add_letter();
#else
        add_letter();
        if
        :: !refused -> wake_if_sleeping()
        :: else
        fi;
#endif
        atomic { refused = false; letter++ }
    :: else -> break
    od;
    finished++
}

/* ---- the loop ---- */

inline run_one(which)
{
    NEVER(wrong_order, (which - 1) % EACH != 0 && !settled[which - 1]);
    settle(which)
}

/* Turns round what an exchange of head took. The letters are the loop's own by then, so this is no step by
   itself. */
inline take_all()
{
    letter = head;
    do
    :: letter != EMPTY ->
#ifdef NO_ACQUIRE
        NEVER(data_race, true);
#endif
        NEVER(data_race, !released[letter]);
        below = next[letter];
#ifdef NO_REVERSE
        next[letter] = EMPTY;
        run_one(letter);
#else
        next[letter] = first;
        first = letter;
#endif
        letter = below
    :: else -> break
    od;
    below = 0
}

inline take_and_run()
{
    d_step {
        take_all();
        head = EMPTY;
        loop_knows = false;
        fences_know = false;
        producer_knows[0] = false;
        producer_knows[1] = false;
        do
        :: first != EMPTY ->
            run_one(first);
            letter = first;
            first = next[letter];
            next[letter] = EMPTY
        :: else -> break
        od;
        letter = 0
    }
}

/* The relaxed load of head: are there letters? Only the last drain's own value is EMPTY. */
inline load_head()
{
    if
    :: head != EMPTY -> letters = true; loop_knows = true
#ifdef SEQUENTIAL
    :: head == EMPTY -> letters = false
#else
    :: !loop_knows -> letters = false
#endif
    fi
}

/* [drain] the load that may spare the exchange; exchange(head, NULL), reverse, append to the ready list */
inline drain()
{
    atomic {
        load_head();
        if
        :: letters -> take_and_run()
        :: else
        fi;
        letters = false
    }
}

/* [close] exchange(head, CLOSED), drop what was there */
inline close_inbox()
{
    d_step {
        take_all();
        do
        :: first != EMPTY -> settle(first); first = next[first]
        :: else -> break
        od;
#ifdef CLOSE_LEAVES_EMPTY
        head = EMPTY;
#else
        head = CLOSED;
#endif
#ifdef FD_DIES_WITH_LOOP
        eventfd_open = false;
#endif
        closed = true
    }
}

/* [sleep] before a poll that would wait; `letters` says not to wait after all */
inline announce()
{
#ifdef RECHECK_BEFORE_SLEEPING
    loop_fence();
    atomic { load_head() };
#endif
    d_step { store_state(1); asleep = true };
#ifdef CONSUMER_FENCE_LATE
    atomic { load_head() };
#endif
#ifndef NO_CONSUMER_FENCE
    loop_fence();
#endif
#if !defined(NO_RECHECK) && !defined(RECHECK_BEFORE_SLEEPING) && !defined(CONSUMER_FENCE_LATE)
    atomic { load_head() };
#endif
#ifdef CLEAR_BEFORE_POLL
    eventfd = false;
#endif
#ifdef AWAKE_EARLY
    store_state(0);
#endif
}

/* [awake] by the first callback after a poll that waited, or when it must not wait; that the end of the poll
   stores AWAKE over AWAKE once more makes no difference to who reads it */
inline awake()
{
    d_step {
#if !defined(NO_AWAKE) && !defined(AWAKE_LATE)
        store_state(0);
#endif
        asleep = false
    }
}

/* epoll_wait without a timeout: blocks until the eventfd is readable or something else happens: I/O, a timer,
   a signal whose handler wrote to the eventfd itself */
inline wait()
{
    if
    :: atomic { eventfd -> found_wake() }
    :: other_events > 0 -> other_events--
    :: atomic { other_events > 0 -> other_events--; readable = true }
    fi
}

/* epoll_wait with timeout 0 */
inline look()
{
    atomic {
        if
        :: eventfd -> found_wake()
        :: else
        fi
    }
}

inline found_wake()
{
    NEVER(stale_wake, !unseen);
    readable = true
}

/* [clear] the eventfd's callback */
inline read_eventfd()
{
    d_step {
        if
        :: readable ->
#ifndef NO_CLEAR
            eventfd = false;
#endif
            unseen = false
        :: else
        fi;
        readable = false
    }
}

active proctype loop()
{
    byte letter, first, below;
    bool letters, readable;

    do
    :: close_inbox(); break
    :: atomic { head != EMPTY -> drain() } /* a turn that does not wait */
    :: atomic { eventfd -> look() };       /* another, which finds an old wake */
        read_eventfd();
        drain()
    :: announce();
        if
        :: atomic { letters -> letters = false };
            awake();
            look()
        :: else ->
end_wait:
            wait();
            awake()
        fi;
        read_eventfd();
        drain();
#ifdef AWAKE_LATE
        store_state(0);
#endif
    od
}

init
{
    atomic { run producer(0); run producer(1) };
    timeout; /* nothing moves any more: the loop is blocked for good, or closed */
    d_step {
        NEVER(lost_wakeup, !closed && head != EMPTY);
        NEVER(lost_letter, !(settled[1] && settled[2] && settled[3] && settled[4]));
        assert(finished == PRODUCERS)
    }
}
