/* task/overflow.c - what happens when a coroutine runs out of its stack: its name and the stack's size on
 * stderr, then abort.
 *
 * One SIGSEGV handler for the process, on an alternate stack of each thread that runs coroutines, because the
 * one that overflowed has no room for it. Faults on no guard go to the handler that was there before. Nothing
 * but signal-safe calls in the handler.
 */
#include "task/coro.h"
#include "task/fiber.h"
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef GYRE__ASAN

enum { ALTERNATE_SIZE = 64 * 1024 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t alternate;
static struct sigaction earlier;

static struct iovec part(const char *text)
{
    return (struct iovec){(void *)text, strlen(text)};
}

/* Fills the field from its end. */
static struct iovec part_of_number(char field[24], uint64_t number)
{
    char *digit = field + 23;

    *digit = '\0';
    do
        *--digit = (char)('0' + number % 10);
    while (number /= 10);
    return part(digit);
}

static _Noreturn void report(const struct gyre__coro *coro)
{
    char number[24], size[24];
    struct iovec line[] = {
        part("gyre: "),
        part(coro->name ? coro->name : "Task-"),
        coro->name ? part("") : part_of_number(number, coro->number),
        part(" overflowed its stack of "),
        part_of_number(size, coro->stack->size),
        part(" bytes: raise stack_size, or keep large buffers off the stack\n"),
    };

    if (writev(STDERR_FILENO, line, sizeof line / sizeof *line) < 0)
        _exit(128 + SIGABRT);
    abort();
}

/* A handler of nobody's: the default comes back, and with it the fault, or the signal that someone sent. */
static void fall_back(int signal, const siginfo_t *info)
{
    sigaction(signal, &earlier, NULL);
    if (info->si_code <= 0)
        raise(signal);
}

static void chain(int signal, siginfo_t *info, void *context)
{
    if (earlier.sa_flags & SA_SIGINFO)
        earlier.sa_sigaction(signal, info, context);
    else if (earlier.sa_handler != SIG_DFL && earlier.sa_handler != SIG_IGN)
        earlier.sa_handler(signal);
    else
        fall_back(signal, info);
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    for (const struct gyre__coro *coro = gyre__coro_current(); coro; coro = coro->outer)
        if (gyre__stack_guards(coro->stack, info->si_addr))
            report(coro);
    chain(signal, info, context);
}

static void drop_alternate(void *memory)
{
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    munmap(memory, ALTERNATE_SIZE);
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigemptyset(&action.sa_mask);
    pthread_key_create(&alternate, drop_alternate);
    sigaction(SIGSEGV, &action, &earlier);
}

static void add_alternate(void)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *memory = mmap(NULL, ALTERNATE_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);

    if (memory == MAP_FAILED)
        return;
    sigaltstack(&(stack_t){.ss_sp = memory, .ss_size = ALTERNATE_SIZE}, NULL);
    pthread_setspecific(alternate, memory);
}

void gyre__coro_catch_overflow(void)
{
    stack_t present;

    pthread_once(&once, install);
    if (!sigaltstack(NULL, &present) && present.ss_flags & SS_DISABLE)
        add_alternate();
}

#else

/* AddressSanitizer reports overflows itself, and better. */
void gyre__coro_catch_overflow(void)
{
}

#endif
