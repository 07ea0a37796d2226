/* net/getaddrinfo.c - names to addresses: numbers at once, anything else on the resolver's threads. In
 * virtual time nobody is asked.
 *
 * A question belongs to the one who waits and to the thread that works on it; the last of the two frees it,
 * so that a late answer to a cancelled wait is dropped.
 */
#include "base/memory.h"
#include "loop/loop.h"
#include "net/resolver.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static int answer(int eai, const char *node, const char *service)
{
    int err = gyre__resolver_code(eai);

    if (!err)
        return 0;
    return gyre_error_set(err, "%s ('%s', '%s')", gyre_strerror(err), node ? node : "",
                          service ? service : "");
}

static int work(void *arg)
{
    struct query *query = arg;

    return answer(
        getaddrinfo(query->node, query->service, query->hinted ? &query->hints : NULL, &query->list),
        query->node, query->service);
}

static int ask_nobody(struct addrinfo **list, const char *node, const char *service,
                      const struct addrinfo *hints)
{
    int eai = gyre__localhost(list, node, service, hints);

    if (eai != EAI_NONAME)
        return answer(eai, node, service);
    return gyre_error_set(gyre__resolver_code(eai),
                          "a loop in virtual time knows addresses and \"localhost\", but no name '%s'",
                          node ? node : "");
}

static int ask(gyre_loop *loop, struct addrinfo **list, const char *node, const char *service,
               const struct addrinfo *hints)
{
    struct query *query = make_query(node, service, hints);
    int err = gyre__resolver_run(loop, work, query, unref_query);

    if (!err) {
        *list = query->list;
        query->list = NULL;
    }
    unref_query(query);
    return err;
}

static bool is_decimal(const char *service)
{
    return strspn(service, "0123456789") == strlen(service);
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
    if (eai == EAI_NONAME && node && *node && !(hints && hints->ai_flags & AI_NUMERICHOST))
        return false;
    *err = answer(eai, node, service);
    return true;
}

int gyre_loop_getaddrinfo(gyre_loop *loop, struct addrinfo **list, const char *node, const char *service,
                          const struct addrinfo *hints)
{
    struct addrinfo *found = NULL;
    int err;

    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (service && !*service)
        service = "0";
    if (!answer_literal(&found, node, service, hints, &err))
        err = gyre__loop_is_virtual(loop) ? ask_nobody(&found, node, service, hints)
                                          : ask(loop, &found, node, service, hints);
    if (err)
        return err;
    *list = found;
    return 0;
}

int gyre__resolve(gyre_loop *loop, struct addrinfo **list, const struct gyre__question *question)
{
    struct addrinfo hints = {.ai_family = question->family,
                             .ai_socktype = question->type ? question->type : SOCK_STREAM,
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
