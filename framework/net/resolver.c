/* net/resolver.c - getaddrinfo on threads of its own, so that slow names delay no other blocking work.
 *
 * Numbers are answered at once. A question belongs to the one who waits and to the thread that works on it;
 * the last of the two frees it, so that a late answer to a cancelled wait is dropped.
 */
#include "net/resolver.h"
#include "base/memory.h"
#include "loop/loop.h"
#include <gyre/thread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4 };

struct query {
    atomic_uint references; /* the waiter's, the work's */
    char *node, *service;   /* copies; may be NULL */
    struct addrinfo hints;  /* a copy */
    bool hinted;            /* hints were given */
    struct addrinfo *list;  /* the answer, until somebody takes it */
};

static void unref_query(void *arg)
{
    struct query *query = arg;

    if (atomic_fetch_sub(&query->references, 1) != 1)
        return;
    if (query->list)
        freeaddrinfo(query->list);
    free(query->node);
    free(query->service);
    free(query);
}

static struct query *make_query(const char *node, const char *service, const struct addrinfo *hints)
{
    struct query *query = gyre__calloc(sizeof *query);

    atomic_init(&query->references, 2);
    query->node = gyre__strdup(node);
    query->service = gyre__strdup(service);
    query->hinted = hints != NULL;
    if (hints)
        query->hints = *hints;
    return query;
}

/* The code of an answer, with words. */
static int code_of(int eai, const char *node, const char *service)
{
    int err = eai == EAI_SYSTEM ? -errno : GYRE_EGAI + eai;

    if (!eai)
        return 0;
    return gyre_error_set(err, "%s ('%s', '%s')", gyre_strerror(err), node ? node : "",
                          service ? service : "");
}

static int work(void *arg)
{
    struct query *query = arg;

    return code_of(
        getaddrinfo(query->node, query->service, query->hinted ? &query->hints : NULL, &query->list),
        query->node, query->service);
}

static void close_executor(gyre_loop *loop, void *executor)
{
    gyre_executor_shutdown(executor, false, true);
    gyre_executor_unref(executor);
}

static gyre_executor *executor_of(gyre_loop *loop)
{
    struct gyre__floor_state *floor = &loop->floors[GYRE__FLOOR_RESOLVER];
    gyre_executor *executor = floor->state;

    if (executor)
        return executor;
    executor = gyre_executor_new(.threads = THREADS, .name = "gyre-dns", .spin = -1);
    if (executor)
        gyre__loop_attach(loop, GYRE__FLOOR_RESOLVER,
                          (struct gyre__floor_state){.state = executor, .close = close_executor});
    return executor;
}

static int wait_for_answer(gyre_loop *loop, struct query *query, gyre_executor *executor)
{
    gyre_future *future;
    int err = gyre_loop_run_in_executor(loop, &future, executor, work, query, .release = unref_query);

    if (err)
        return err;
    err = gyre_await(future, NULL);
    /* A wait that was refused, or stopped, leaves the work behind. */
    if (!gyre_future_done(future))
        gyre_future_cancel(future);
    gyre_future_unref(future);
    return err;
}

static int ask(gyre_loop *loop, struct addrinfo **list, const char *node, const char *service,
               const struct addrinfo *hints)
{
    gyre_executor *executor = executor_of(loop);
    struct query *query;
    int err;

    if (!executor)
        return -errno;
    query = make_query(node, service, hints);
    err = wait_for_answer(loop, query, executor);
    if (!err) {
        *list = query->list;
        query->list = NULL;
    }
    unref_query(query);
    return err;
}

static bool is_decimal(const char *service)
{
    return *service && strspn(service, "0123456789") == strlen(service);
}

/* The C library would cut a port to 16 bits. */
static bool fits_port(const char *service)
{
    return strlen(service) <= 10 && strtoul(service, NULL, 10) <= 65535;
}

/* True when it took no name to answer: *err is the answer. */
static bool answer_literal(struct addrinfo **list, const char *node, const char *service,
                           const struct addrinfo *hints, int *err)
{
    struct addrinfo numeric = {0};
    int eai;

    if (service && !is_decimal(service))
        return false;
    if (hints)
        numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST | (service ? AI_NUMERICSERV : 0);
    eai = service && !fits_port(service) ? EAI_SERVICE : getaddrinfo(node, service, &numeric, list);
    if (eai == EAI_NONAME && node)
        return false;
    *err = code_of(eai, node, service);
    return true;
}

int gyre_loop_getaddrinfo(gyre_loop *loop, struct addrinfo **list, const char *node, const char *service,
                          const struct addrinfo *hints)
{
    struct addrinfo *found = NULL;
    int err;

    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (!answer_literal(&found, node, service, hints, &err))
        err = ask(loop, &found, node, service, hints);
    if (err)
        return err;
    *list = found;
    return 0;
}

int gyre__resolve(gyre_loop *loop, struct addrinfo **list, const struct gyre__question *question)
{
    struct addrinfo hints = {.ai_family = question->family,
                             .ai_socktype = SOCK_STREAM,
                             .ai_protocol = question->proto,
                             .ai_flags = question->flags};
    const char *host = question->host && *question->host ? question->host : NULL;
    char port[16];
    int err;

    if (question->port < 0 || question->port > 65535)
        return gyre_error_set(GYRE_EVALUE, "port must be 0-65535, not %d", question->port);
    snprintf(port, sizeof port, "%d", question->port);
    err = gyre_loop_getaddrinfo(loop, list, host, question->service ? question->service : port, &hints);
    if (!err && !*list)
        return gyre_error_set(-EADDRNOTAVAIL, "getaddrinfo() returned empty list");
    return err;
}
