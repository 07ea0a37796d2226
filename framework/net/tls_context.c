/* net/tls_context.c - what connections share: a context is made, referred to, asked for a name, read again.
 */
#include "base/memory.h"
#include "net/tls.h"
#include <string.h>
#include <strings.h>

static void free_names(struct gyre__tls_name *name)
{
    while (name) {
        struct gyre__tls_name *next = name->next;

        gyre_tls_context_unref(name->other);
        free(name);
        name = next;
    }
}

static void free_context(gyre_tls_context *context)
{
    gyre__tls_forget(context);
    free_names(context->names);
    SSL_CTX_free(context->ssl);
    gyre__tls_settings_free(context);
    OSSL_LIB_CTX_free(context->library);
    free(context);
}

static int fill(gyre_tls_context *context, const gyre_tls_context_options *options)
{
    int err = gyre__tls_settle(context, options);

    if (err)
        return err;
    context->library = OSSL_LIB_CTX_new();
    return context->library ? gyre__tls_build(context, &context->ssl) : -ENOMEM;
}

int(gyre_tls_context_new)(gyre_tls_context **context, const gyre_tls_context_options *options)
{
    gyre_tls_context *made = gyre__calloc(sizeof *made);
    int err;

    made->references = 1;
    err = fill(made, options);
    if (err)
        free_context(made);
    else
        *context = made;
    return err;
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

int gyre_tls_context_reload(gyre_tls_context *context)
{
    SSL_CTX *fresh;
    int err = gyre__tls_build(context, &fresh);

    if (err)
        return err;
    SSL_CTX_free(context->ssl);
    context->ssl = fresh;
    return 0;
}

int gyre_tls_context_add_name(gyre_tls_context *context, const char *server_name, gyre_tls_context *other)
{
    size_t size = strlen(server_name) + 1;
    struct gyre__tls_name *name;

    if (!context->settings.server_side || !other->settings.server_side || other == context)
        return gyre_error_set(GYRE_EVALUE, "names are for other contexts of servers");
    name = gyre__malloc(sizeof *name + size);
    name->next = context->names;
    name->other = gyre_tls_context_ref(other);
    memcpy(name->text, server_name, size);
    context->names = name;
    return 0;
}

static gyre_tls_context *find(const gyre_tls_context *context, const char *text)
{
    for (const struct gyre__tls_name *name = context->names; name; name = name->next)
        if (!strcasecmp(name->text, text))
            return name->other;
    return NULL;
}

/* "*.example.org" for "www.example.org". */
static gyre_tls_context *find_star(const gyre_tls_context *context, const char *text)
{
    const char *rest = strchr(text, '.');

    for (const struct gyre__tls_name *name = context->names; name && rest; name = name->next)
        if (name->text[0] == '*' && !strcasecmp(name->text + 1, rest))
            return name->other;
    return NULL;
}

gyre_tls_context *gyre__tls_pick(gyre_tls_context *context, const char *name)
{
    gyre_tls_context *other = name ? find(context, name) : NULL;

    if (!other && name)
        other = find_star(context, name);
    if (!other && context->settings.sni_callback)
        other = context->settings.sni_callback(context->settings.sni_arg, name);
    return other ? other : context;
}
