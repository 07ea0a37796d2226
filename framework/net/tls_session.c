/* net/tls_session.c - a client's sessions: the newest of each server, offered when it is called again.
 *
 * As many as a client usually has partners; the one that was got first goes first.
 */
#include "base/memory.h"
#include "net/tls.h"
#include <string.h>
#include <strings.h>

enum { KEPT = 64 };

struct gyre__tls_sessions {
    unsigned next; /* the place that is filled next */
    struct {
        char *name;           /* whose */
        SSL_SESSION *session; /* held */
    } kept[KEPT];
};

static int find(const struct gyre__tls_sessions *sessions, const char *name)
{
    for (int i = 0; i < KEPT; i++)
        if (sessions->kept[i].name && !strcasecmp(sessions->kept[i].name, name))
            return i;
    return -1;
}

static void put(struct gyre__tls_sessions *sessions, int i, const char *name, SSL_SESSION *session)
{
    free(sessions->kept[i].name);
    SSL_SESSION_free(sessions->kept[i].session);
    sessions->kept[i].name = gyre__strdup(name);
    sessions->kept[i].session = session;
}

/* 1: it is ours now. */
int gyre__tls_keep(SSL *ssl, SSL_SESSION *session)
{
    const struct gyre__tls *tls = SSL_get_app_data(ssl);
    gyre_tls_context *context = tls->context;
    int i;

    if (!tls->name || !SSL_SESSION_is_resumable(session))
        return 0;
    if (!context->sessions)
        context->sessions = gyre__calloc(sizeof *context->sessions);
    i = find(context->sessions, tls->name);
    put(context->sessions, i >= 0 ? i : (int)(context->sessions->next++ % KEPT), tls->name, session);
    return 1;
}

void gyre__tls_offer(gyre_tls_context *context, SSL *ssl, const char *name)
{
    int i = context->sessions ? find(context->sessions, name) : -1;

    if (i >= 0)
        SSL_set_session(ssl, context->sessions->kept[i].session);
}

void gyre__tls_forget(gyre_tls_context *context)
{
    for (int i = 0; context->sessions && i < KEPT; i++)
        put(context->sessions, i, NULL, NULL);
    free(context->sessions);
    context->sessions = NULL;
}
