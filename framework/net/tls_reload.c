/* net/tls_reload.c - new files for a context and its names: all are read and tried first, then all are taken.
 *
 * What the files said is shared with the copies of the context, which build from it when their next
 * connection comes. It was tried with the same settings, so they cannot fail where this one did not.
 */
#include "base/memory.h"
#include "net/tls.h"
#include "net/tls_files.h"

/* One context with new files, on trial. */
struct trial {
    gyre_tls_context *context;
    struct gyre__tls_texts *texts; /* held */
    SSL_CTX *ssl;                  /* built from them */
};

static int try_one(struct trial *trial, gyre_tls_context *context)
{
    int err = gyre__tls_texts_read(&context->settings, &trial->texts);

    trial->context = context;
    return err ? err : gyre__tls_build(context, trial->texts, &trial->ssl);
}

static int try_all(struct trial *trials, gyre_tls_context *context)
{
    int err = try_one(trials++, context);

    for (struct gyre__tls_name *name = context->names; name && !err; name = name->next)
        err = try_one(trials++, name->other);
    return err;
}

static void use(gyre_tls_context *context, SSL_CTX *ssl)
{
    SSL_CTX_free(context->ssl);
    context->ssl = ssl;
}

static void take(struct trial *trial)
{
    use(trial->context, trial->ssl);
    trial->ssl = NULL;
    trial->context->version = gyre__tls_files_put(trial->context->files, trial->texts);
}

static size_t count(const gyre_tls_context *context)
{
    size_t count = 1;

    for (const struct gyre__tls_name *name = context->names; name; name = name->next)
        count++;
    return count;
}

static void drop(struct trial *trials, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gyre__tls_texts_unref(trials[i].texts);
        SSL_CTX_free(trials[i].ssl);
    }
    free(trials);
}

int gyre_tls_context_reload(gyre_tls_context *context)
{
    size_t n = count(context);
    struct trial *trials = gyre__calloc(n * sizeof *trials);
    int err = try_all(trials, context);

    for (size_t i = 0; i < n && !err; i++)
        take(&trials[i]);
    drop(trials, n);
    return err;
}

/* Another copy has new files. */
static void renew(gyre_tls_context *context)
{
    struct gyre__tls_texts *texts;
    SSL_CTX *ssl;

    context->version = gyre__tls_files_take(context->files, &texts);
    if (!gyre__tls_build(context, texts, &ssl))
        use(context, ssl);
    gyre__tls_texts_unref(texts);
}

SSL_CTX *gyre__tls_fresh(gyre_tls_context *context)
{
    if (gyre__tls_files_version(context->files) != context->version)
        renew(context);
    return context->ssl;
}
