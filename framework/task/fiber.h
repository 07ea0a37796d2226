/* task/fiber.h - what the sanitizers and Valgrind must be told about stacks; nothing is left of it without
 * them.
 *
 * Called by stack.c when a stack is made and unmapped, and by coro.c around each visit to one. All is said on
 * the side of the visitor, who comes back to the very frame that he left from, so that a coroutine may end or
 * suspend without a word.
 */
#ifndef GYRE__FIBER_H
#define GYRE__FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined __SANITIZE_ADDRESS__
#define GYRE__ASAN 1
#elif defined __SANITIZE_THREAD__
#define GYRE__TSAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define GYRE__ASAN 1
#elif __has_feature(thread_sanitizer)
#define GYRE__TSAN 1
#endif
#endif

/* Where a visitor came from. */
struct gyre__visit {
    void *fiber;        /* his own record */
    const void *bottom; /* his stack */
    size_t size;        /* its size */
};

#if defined GYRE__ASAN
#include <sanitizer/asan_interface.h>

/* A stack is new: the record that goes with it. */
static inline void *gyre__fiber_new(char *base, size_t size)
{
    return NULL;
}

/* The stack is about to be unmapped. */
static inline void gyre__fiber_free(void *fiber)
{
}

/* The next instruction enters the stack. */
static inline void gyre__fiber_enter(void **fiber, char *base, size_t size, struct gyre__visit *visit)
{
    __sanitizer_start_switch_fiber(&visit->fiber, base, size);
    __sanitizer_finish_switch_fiber(*fiber, &visit->bottom, &visit->size);
    *fiber = NULL;
}

/* The last instruction came back from the stack; frames are left on it if there is more to run. */
static inline void gyre__fiber_leave(void **fiber, bool more, struct gyre__visit *visit)
{
    __sanitizer_start_switch_fiber(more ? fiber : NULL, visit->bottom, visit->size);
    __sanitizer_finish_switch_fiber(visit->fiber, NULL, NULL);
}

/* These bytes of a stack are about to be read, whatever the frames left there. */
static inline void gyre__fiber_expose(const void *bytes, size_t size)
{
    __asan_unpoison_memory_region(bytes, size);
}

#elif defined GYRE__TSAN
#include <poll.h>
#include <sanitizer/tsan_interface.h>
#include <signal.h>

/* The sanitizer keeps a signal back until the fiber that it came to does something that it watches. No fiber
 * may be left with one in its keep: what has come is delivered here, and what comes now waits in the kernel.
 */
static inline void gyre__fiber_switch(void *fiber)
{
    sigset_t all, mine;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mine);
    __tsan_switch_to_fiber(fiber, 0);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
}

/* The sanitizer makes a fiber's keep for signals at its first call that may block, and loses a signal that
 * comes meanwhile: it is made here, while none can come.
 */
static inline void *gyre__fiber_new(char *base, size_t size)
{
    void *self = __tsan_get_current_fiber(), *fiber = __tsan_create_fiber(0);
    sigset_t all, mine;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mine);
    gyre__fiber_switch(fiber);
    poll(NULL, 0, 0);
    gyre__fiber_switch(self);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
    return fiber;
}

static inline void gyre__fiber_free(void *fiber)
{
    __tsan_destroy_fiber(fiber);
}

static inline void gyre__fiber_enter(void **fiber, char *base, size_t size, struct gyre__visit *visit)
{
    visit->fiber = __tsan_get_current_fiber();
    gyre__fiber_switch(*fiber);
}

static inline void gyre__fiber_leave(void **fiber, bool more, struct gyre__visit *visit)
{
    gyre__fiber_switch(visit->fiber);
}

static inline void gyre__fiber_expose(const void *bytes, size_t size)
{
}

#else

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_STACK_REGISTER(start, end)     0
#define VALGRIND_STACK_DEREGISTER(id)           ((void)(id))
#define VALGRIND_MAKE_MEM_DEFINED(memory, size) ((void)(memory), (void)(size))
#endif

static inline void *gyre__fiber_new(char *base, size_t size)
{
    return (void *)(uintptr_t)VALGRIND_STACK_REGISTER(base, base + size - 1);
}

static inline void gyre__fiber_free(void *fiber)
{
    VALGRIND_STACK_DEREGISTER((uintptr_t)fiber);
}

static inline void gyre__fiber_enter(void **fiber, char *base, size_t size, struct gyre__visit *visit)
{
}

static inline void gyre__fiber_leave(void **fiber, bool more, struct gyre__visit *visit)
{
}

static inline void gyre__fiber_expose(const void *bytes, size_t size)
{
    VALGRIND_MAKE_MEM_DEFINED(bytes, size);
}

#endif
#endif
