/* base/error.c - codes to words, and the last sentence of each task. */
#include "base/error.h"
#include "base/check.h"
#include "base/memory.h"
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread char *own_text;
static __thread char **place;
static __thread bool leaving_is_told;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void leave_thread(void *text)
{
    leaving_is_told = false;
    gyre__error_switch(NULL);
    gyre__error_put(NULL);
}

static void make_key(void)
{
    GYRE__CHECK(!pthread_key_create(&key, leave_thread), "no thread key is left");
}

/* The thread's own sentence goes with the thread, also when another key's destructor said it. */
static void tell_leaving(void)
{
    pthread_once(&once, make_key);
    leaving_is_told = pthread_setspecific(key, &own_text) == 0;
}

char **gyre__error_place(void)
{
    return place ? place : &own_text;
}

char **gyre__error_switch(char **next)
{
    char **before = place;

    place = next;
    return before;
}

void gyre__error_put(char *text)
{
    char **current = gyre__error_place();

    if (text && current == &own_text && !leaving_is_told)
        tell_leaving();
    free(*current);
    *current = text;
}

void gyre__error_tell(int err, const char *text)
{
    gyre__error_put(gyre__strdup(text ? text : gyre_strerror(err)));
}

const char *gyre_error_text(void)
{
    char *text = *gyre__error_place();

    return text ? text : "";
}

int gyre_error_set(int err, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gyre__error_put(gyre__strdup(text));
    return err;
}

/* asyncio's own classes. */
static const struct {
    int code;
    const char *name, *text;
} classes[] = {
    {GYRE_ECANCELLED, "CancelledError", "The task was cancelled."},
    {GYRE_EINVALIDSTATE, "InvalidStateError", "The operation is not allowed in this state."},
    {GYRE_EVALUE, "ValueError", "The value makes no sense here."},
    {GYRE_ETYPE, "TypeError", "The argument is of the wrong kind."},
    {GYRE_ERUNTIME, "RuntimeError", "The call is not allowed now."},
    {GYRE_ENOTIMPLEMENTED, "NotImplementedError", "This kind of object cannot do that."},
    {GYRE_ELOOPCLOSED, "RuntimeError", "Event loop is closed"},
    {GYRE_ELOOPRUNNING, "RuntimeError", "This event loop is already running"},
    {GYRE_ENOLOOP, "RuntimeError", "no running event loop"},
    {GYRE_EWRONGLOOP, "RuntimeError", "The object is attached to a different loop"},
    {GYRE_EWRONGTHREAD, "RuntimeError",
     "Non-thread-safe operation invoked on an event loop other than the current one"},
    {GYRE_EAWAIT, "RuntimeError", "Nothing can be awaited here"},
    {GYRE_ESTOPPED, "RuntimeError", "Event loop stopped before Future completed."},
    {GYRE_ESHUTDOWN, "RuntimeError", "Executor shutdown has been called"},
    {GYRE_EQUEUEFULL, "QueueFull", "The queue is full"},
    {GYRE_EQUEUEEMPTY, "QueueEmpty", "The queue is empty"},
    {GYRE_EQUEUESHUTDOWN, "QueueShutDown", "The queue was shut down"},
    {GYRE_EBROKENBARRIER, "BrokenBarrierError", "The barrier is broken"},
    {GYRE_EINCOMPLETEREAD, "IncompleteReadError", "The stream ended before all had come"},
    {GYRE_ELIMITOVERRUN, "LimitOverrunError", "No separator within the limit"},
    {GYRE_ESSL, "SSLError", "TLS failed"},
    {GYRE_ESSLCERT, "SSLCertVerificationError", "The peer's certificate is not good"},
    {GYRE_ESSLEOF, "SSLEOFError", "EOF occurred in violation of protocol"},
};

/* OSError's subclasses (PEP 3151). */
static const struct {
    int err;
    const char *name;
} os_classes[] = {
    {EAGAIN, "BlockingIOError"},
    {EALREADY, "BlockingIOError"},
    {EINPROGRESS, "BlockingIOError"},
    {ECHILD, "ChildProcessError"},
    {EPIPE, "BrokenPipeError"},
    {ESHUTDOWN, "BrokenPipeError"},
    {ECONNABORTED, "ConnectionAbortedError"},
    {ECONNREFUSED, "ConnectionRefusedError"},
    {ECONNRESET, "ConnectionResetError"},
    {EEXIST, "FileExistsError"},
    {ENOENT, "FileNotFoundError"},
    {EINTR, "InterruptedError"},
    {EISDIR, "IsADirectoryError"},
    {ENOTDIR, "NotADirectoryError"},
    {EACCES, "PermissionError"},
    {EPERM, "PermissionError"},
    {ESRCH, "ProcessLookupError"},
    {ETIMEDOUT, "TimeoutError"},
    {ENOMEM, "MemoryError"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool is_gai(int err)
{
    return err < GYRE_EGAI && err > GYRE_EGAI - 1000;
}

/* Where the C library has it: without translation, which takes locks that all threads share. */
static const char *system_text(int code)
{
#ifdef __GLIBC__
    const char *text = strerrordesc_np(code);

    if (text)
        return text;
#endif
    return strerror(code);
}

const char *gyre_strerror(int err)
{
    if (err >= 0)
        return "Success";
    if (gyre__error_is_os(err))
        return system_text(-err);
    for (size_t i = 0; i < COUNT(classes); i++)
        if (classes[i].code == err)
            return classes[i].text;
    if (is_gai(err))
        return gai_strerror(err - GYRE_EGAI);
    return err <= GYRE_EUSER ? "An error of the program's own" : system_text(-err);
}

static const char *os_name(int err)
{
    for (size_t i = 0; i < COUNT(os_classes); i++)
        if (os_classes[i].err == -err)
            return os_classes[i].name;
    return "OSError";
}

const char *gyre_error_name(int err)
{
    if (err >= 0)
        return "None";
    for (size_t i = 0; i < COUNT(classes); i++)
        if (classes[i].code == err)
            return classes[i].name;
    if (is_gai(err))
        return "gaierror";
    return err <= GYRE_EUSER ? "Exception" : os_name(err);
}

bool gyre_is_error(int err)
{
    return err < 0 && err != GYRE_ECANCELLED;
}
