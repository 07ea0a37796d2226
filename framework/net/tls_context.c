/* net/tls_context.c - what connections share: a context is made, copied for another thread, referred to. */
#include "base/memory.h"
#include "net/tls.h"
#include "net/tls_files.h"
#include <errno.h>

static void free_context(gyre_tls_context *context)
{
    gyre__tls_forget(context);
    gyre__tls_names_free(context->names);
    SSL_CTX_free(context->ssl);
    gyre__tls_settings_free(context);
    gyre__tls_files_unref(context->files);
    gyre__tls_library_give(context->library);
    free(context);
}

static gyre_tls_context *make(void)
{
    gyre_tls_context *made = gyre__calloc(sizeof *made);

    made->references = 1;
    return made;
}

static int build(gyre_tls_context *context, const struct gyre__tls_texts *texts)
{
    context->library = gyre__tls_library_take();
    return context->library ? gyre__tls_build(context, texts, &context->ssl) : -ENOMEM;
}

static int fill(gyre_tls_context *context, const gyre_tls_context_options *options)
{
    struct gyre__tls_texts *texts;
    int err = gyre__tls_settle(context, options);

    if (!err)
        err = gyre__tls_texts_read(&context->settings, &texts);
    if (err)
        return err;
    context->files = gyre__tls_files_new(texts);
    err = build(context, texts);
    gyre__tls_texts_unref(texts);
    return err;
}

static int finish(gyre_tls_context **context, gyre_tls_context *made, int err)
{
    if (err)
        free_context(made);
    else
        *context = made;
    return err;
}

int(gyre_tls_context_new)(gyre_tls_context **context, const gyre_tls_context_options *options)
{
    gyre_tls_context *made = make();

    return finish(context, made, fill(made, options));
}

static int fill_like(gyre_tls_context *context, const gyre_tls_context *other)
{
    struct gyre__tls_texts *texts;
    int err;

    gyre__tls_settle_like(context, other);
    context->files = gyre__tls_files_ref(other->files);
    context->version = gyre__tls_files_take(context->files, &texts);
    err = build(context, texts);
    gyre__tls_texts_unref(texts);
    return err;
}

int gyre__tls_copy(gyre_tls_context **copy, const gyre_tls_context *context)
{
    gyre_tls_context *made = make();

    return finish(copy, made, fill_like(made, context));
}

int gyre_tls_context_copy(gyre_tls_context **copy, const gyre_tls_context *context)
{
    gyre_tls_context *made;
    int err = gyre__tls_copy(&made, context);

    return err ? err : finish(copy, made, gyre__tls_names_copy(made, context));
}

gyre_tls_context *gyre_tls_context_ref(gyre_tls_context *context)
{
    if (context)
        atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

void gyre_tls_context_unref(gyre_tls_context *context)
{
    if (context && atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) == 1)
        free_context(context);
}
