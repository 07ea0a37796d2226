/* net/getnameinfo.c - addresses to names: numbers at once, names on the resolver's threads.
 *
 * As in getaddrinfo.c, the last of waiter and work frees the query.
 */
#include "base/error.h"
#include "base/memory.h"
#include "loop/loop.h"
#include "net/resolver.h"
#include <stdlib.h>
#include <string.h>

struct query {
    atomic_uint references;          /* the waiter's, the work's */
    struct sockaddr_storage address; /* a copy */
    socklen_t size;                  /* of the address */
    int flags;                       /* NI_ flags */
    bool wants_host, wants_service;  /* what was asked for */
    char host[NI_MAXHOST];           /* the answer */
    char service[NI_MAXSERV];        /* the same */
};

static void unref_query(void *arg)
{
    struct query *query = arg;

    if (atomic_fetch_sub(&query->references, 1) == 1)
        free(query);
}

static int answer(int eai)
{
    return gyre__error_plain(gyre__resolver_code(eai));
}

static int work(void *arg)
{
    struct query *query = arg;
    char *host = query->wants_host ? query->host : NULL;
    char *service = query->wants_service ? query->service : NULL;

    return answer(getnameinfo((struct sockaddr *)&query->address, query->size, host,
                              host ? sizeof query->host : 0, service, service ? sizeof query->service : 0,
                              query->flags));
}

/* Nothing is to be looked up. */
static bool is_numeric(const struct query *query)
{
    return (!query->wants_host || query->flags & NI_NUMERICHOST) &&
           (!query->wants_service || query->flags & NI_NUMERICSERV);
}

/* In virtual time nobody knows names. */
static int run(gyre_loop *loop, struct query *query)
{
    if (gyre__loop_is_virtual(loop))
        query->flags |= NI_NUMERICHOST | NI_NUMERICSERV;
    if (!is_numeric(query))
        return gyre__resolver_run(loop, work, query, unref_query);
    unref_query(query);
    return work(query);
}

static int copy_out(const struct query *query, char *host, size_t host_size, char *service,
                    size_t service_size)
{
    if ((host_size && strlen(query->host) >= host_size) ||
        (service_size && strlen(query->service) >= service_size))
        return answer(EAI_OVERFLOW);
    if (host_size)
        strcpy(host, query->host);
    if (service_size)
        strcpy(service, query->service);
    return 0;
}

int gyre_loop_getnameinfo(gyre_loop *loop, char *host, size_t host_size, char *service, size_t service_size,
                          const struct sockaddr *address, socklen_t size, int flags)
{
    struct query *query;
    int err;

    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (size > sizeof query->address)
        return answer(EAI_FAMILY);
    query = gyre__calloc(sizeof *query);
    atomic_init(&query->references, 2);
    memcpy(&query->address, address, query->size = size);
    query->flags = flags;
    query->wants_host = host_size > 0;
    query->wants_service = service_size > 0;
    err = run(loop, query);
    if (!err)
        err = copy_out(query, host, host_size, service, service_size);
    unref_query(query);
    return err;
}
