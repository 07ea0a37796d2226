/* loop/inbox.c - push, sleep, wake. The order of the lines is the proof; tests/model checks it. */
#include "loop/inbox.h"
#include "base/memory.h"
#include "driver/driver.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { AWAKE, SLEEPING };

/* How long a loop looks out for the next letter: less than the price of waking it up. */
enum { SPINS = 100, LONGEST_SPIN_GAP = 255 };

/* The head of a closed mailbox's stack. */
static ck_stack_entry_t closed_mark;

struct gyre__inbox *gyre__inbox_new(void)
{
    struct gyre__inbox *inbox;
    int fd = gyre__wake_open();

    if (fd < 0) {
        errno = -fd;
        return NULL;
    }
    inbox = gyre__calloc(sizeof *inbox);
    ck_stack_init(&inbox->stack);
    atomic_init(&inbox->references, 1);
    inbox->wake_fd = fd;
    return inbox;
}

struct gyre__inbox *gyre__inbox_ref(struct gyre__inbox *inbox)
{
    atomic_fetch_add_explicit(&inbox->references, 1, memory_order_relaxed);
    return inbox;
}

void gyre__inbox_unref(struct gyre__inbox *inbox)
{
    if (atomic_fetch_sub_explicit(&inbox->references, 1, memory_order_acq_rel) != 1)
        return;
    close(inbox->wake_fd);
    free(inbox);
}

static void wake(struct gyre__inbox *inbox)
{
    /* The cheap look first: the exchange would take the line from a loop that is awake. */
    if (atomic_load_explicit(&inbox->state, memory_order_relaxed) != SLEEPING)
        return;
    if (atomic_exchange_explicit(&inbox->state, AWAKE, memory_order_relaxed) != SLEEPING)
        return;
    atomic_fetch_add_explicit(&inbox->wakes, 1, memory_order_relaxed);
    gyre__wake_send(inbox->wake_fd);
}

int gyre__inbox_push_chain(struct gyre__inbox *inbox, struct gyre__call *first, struct gyre__call *last)
{
    ck_stack_entry_t *head = ck_pr_load_ptr(&inbox->stack.head);

    do {
        if (head == &closed_mark)
            return GYRE_ELOOPCLOSED;
        last->next = (struct gyre__call *)head;
        ck_pr_fence_store();
    } while (!ck_pr_cas_ptr_value(&inbox->stack.head, head, first, &head));
    /* The letter must be there before the state is read: a loop that goes to sleep either sees the letter or
     * is seen asleep. */
    atomic_thread_fence(memory_order_seq_cst);
    wake(inbox);
    return 0;
}

int gyre__inbox_push(struct gyre__inbox *inbox, struct gyre__call *letter)
{
    return gyre__inbox_push_chain(inbox, letter, letter);
}

bool gyre__inbox_pending(const struct gyre__inbox *inbox)
{
    ck_stack_entry_t *head = ck_pr_load_ptr(&inbox->stack.head);

    return head && head != &closed_mark;
}

static struct gyre__call *reverse(struct gyre__call *newest)
{
    struct gyre__call *oldest = NULL;

    while (newest) {
        struct gyre__call *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

static struct gyre__call *take(struct gyre__inbox *inbox, ck_stack_entry_t *left)
{
    ck_stack_entry_t *head = ck_pr_fas_ptr(&inbox->stack.head, left);

    ck_pr_fence_load();
    inbox->read = true;
    return head == &closed_mark ? NULL : reverse((struct gyre__call *)head);
}

struct gyre__call *gyre__inbox_drain(struct gyre__inbox *inbox)
{
    return gyre__inbox_pending(inbox) ? take(inbox, NULL) : NULL;
}

struct gyre__call *gyre__inbox_close(struct gyre__inbox *inbox)
{
    return take(inbox, &closed_mark);
}

/* Where the sender waits for this very CPU, or has nothing more to send, a look-out is in vain: each one that
 * is doubles the number of sleeps that pass without one. */
static void judge_spin(struct gyre__inbox *inbox, bool found)
{
    inbox->spin_gap = found ? 0 : 2 * inbox->spin_gap + 1;
    if (inbox->spin_gap > LONGEST_SPIN_GAP)
        inbox->spin_gap = LONGEST_SPIN_GAP;
    inbox->spin_due = inbox->spin_gap;
}

static bool spin(struct gyre__inbox *inbox)
{
    bool found = gyre__inbox_pending(inbox);

    for (int i = 0; i < SPINS && !found; i++) {
        ck_pr_stall();
        found = gyre__inbox_pending(inbox);
    }
    judge_spin(inbox, found);
    return found;
}

/* Letters of a conversation follow one another sooner than a loop falls asleep and wakes up. */
static bool look_out(struct gyre__inbox *inbox)
{
    if (!inbox->read)
        return false;
    inbox->read = false;
    if (!inbox->spin_due)
        return spin(inbox);
    inbox->spin_due--;
    return false;
}

bool gyre__inbox_sleep(struct gyre__inbox *inbox)
{
    if (look_out(inbox))
        return false;
    atomic_store_explicit(&inbox->state, SLEEPING, memory_order_relaxed);
    /* Asleep must be seen before the stack is looked at again: the other half of the fence in push. */
    atomic_thread_fence(memory_order_seq_cst);
    if (!gyre__inbox_pending(inbox))
        return true;
    gyre__inbox_awake(inbox);
    return false;
}

void gyre__inbox_awake(struct gyre__inbox *inbox)
{
    atomic_store_explicit(&inbox->state, AWAKE, memory_order_relaxed);
}

bool gyre__inbox_asleep(const struct gyre__inbox *inbox)
{
    return atomic_load_explicit(&inbox->state, memory_order_relaxed) == SLEEPING;
}

_Static_assert(offsetof(struct gyre__call, next) == 0, "a letter is an entry of the stack");
