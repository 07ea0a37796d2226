/* loop/stall_stack.c - the stack of another thread, by a signal to it.
 *
 *   watchdog: ASKED, signal ──► handler: WRITING, backtrace, DONE ──► watchdog reads
 *
 * One thread is asked at a time. What the handler calls is safe there: the first backtrace of the process,
 * which loads the unwinder and allocates, was made before any loop was watched; later ones read the frames
 * and the unwind tables, which glibc finds without a lock since 2.35. (Before, it took the loader's lock,
 * which only a thread inside dlopen holds.) An answer that is late finds that nobody asks any more.
 */
#include "base/symbol.h"
#include "loop/loop.h"
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

enum { IDLE, ASKED, WRITING, DONE };

enum { PATIENCE_SECONDS = 1 };

static atomic_int state;
static _Atomic(pthread_t) asked;
static struct gyre__stack_view answer;
static sem_t answered;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Where the thread was interrupted; 0: unknown on this processor. */
static uintptr_t place_of(const void *context)
{
#if defined __x86_64__
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.pc;
#else
    return 0;
#endif
}

/* The handler's own frames, and the sanitizers', come first. */
static void drop_own(struct gyre__stack_view *view, uintptr_t place)
{
    size_t own = 0;

    while (own < view->count && view->frames[own] != place)
        own++;
    if (own == view->count)
        return;
    view->count -= own;
    memmove(view->frames, view->frames + own, view->count * sizeof *view->frames);
}

static void name_task(void)
{
    const gyre_loop *loop = gyre__running_loop();

    answer.task[0] = '\0';
    if (loop && loop->words)
        loop->words->running(answer.task, sizeof answer.task);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    int own_errno = errno, expected = ASKED;

    if (!pthread_equal(atomic_load(&asked), pthread_self()) ||
        !atomic_compare_exchange_strong(&state, &expected, WRITING))
        return;
    answer.count = gyre__backtrace(answer.frames, sizeof answer.frames / sizeof *answer.frames);
    drop_own(&answer, place_of(context));
    name_task();
    atomic_store(&state, DONE);
    sem_post(&answered);
    errno = own_errno;
}

static bool is_ours(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) && action->sa_sigaction == on_signal;
}

static bool is_free(const struct sigaction *action)
{
    return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_DFL;
}

static void set_up(void)
{
    sem_init(&answered, 0, 0);
}

/* It stays ours: a signal that is late must not meet the default action, which ends the process. On the
 * alternate stack there is room, however full the coroutine's own is. */
void gyre__stall_claim_signal(int signal)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    struct sigaction present;

    pthread_once(&once, set_up);
    sigfillset(&action.sa_mask);
    if (sigaction(signal, NULL, &present) == 0 && is_free(&present))
        sigaction(signal, &action, NULL);
}

static bool wait_for_answer(void)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_SECONDS;
    while (sem_timedwait(&answered, &until))
        if (errno != EINTR)
            return false;
    return true;
}

/* Nobody asks any more, unless the answer is being written just now. */
static bool give_up(void)
{
    int expected = ASKED;

    if (atomic_compare_exchange_strong(&state, &expected, IDLE))
        return true;
    while (sem_wait(&answered) && errno == EINTR)
        ;
    return false;
}

static const char *ask(pthread_t thread, int signal)
{
    struct sigaction present;

    if (sigaction(signal, NULL, &present) || !is_ours(&present))
        return "the program uses the signal itself: choose another one by .stall_signal";
    atomic_store(&asked, thread);
    atomic_store(&state, ASKED);
    if (pthread_kill(thread, signal) == 0 && wait_for_answer())
        return NULL;
    return give_up() ? "its thread does not answer: is the signal blocked?" : NULL;
}

void gyre__stall_view(pthread_t thread, int signal, struct gyre__stack_view *view)
{
    const char *missing = ask(thread, signal);

    *view = (struct gyre__stack_view){.missing = missing};
    if (!missing)
        *view = answer;
    atomic_store(&state, IDLE);
}
