/* net/tls_names.c - several certificates: the context for the name that a client asks for. */
#include "base/memory.h"
#include "net/tls.h"
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

static void add(struct gyre__tls_name **place, const char *text, gyre_tls_context *other)
{
    size_t size = strlen(text) + 1;
    struct gyre__tls_name *name = gyre__malloc(sizeof *name + size);

    name->next = *place;
    name->other = other;
    memcpy(name->text, text, size);
    *place = name;
}

int gyre_tls_context_add_name(gyre_tls_context *context, const char *server_name, gyre_tls_context *other)
{
    if (!context->settings.server_side || !other->settings.server_side || other == context)
        return gyre_error_set(GYRE_EVALUE, "names are for other contexts of servers");
    add(&context->names, server_name ? server_name : "", gyre_tls_context_ref(other));
    return 0;
}

void gyre__tls_names_free(struct gyre__tls_name *name)
{
    while (name) {
        struct gyre__tls_name *next = name->next;

        gyre_tls_context_unref(name->other);
        free(name);
        name = next;
    }
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

/* Those that were added without a name go by what their certificates say now. */
static gyre_tls_context *find_certified(const gyre_tls_context *context, const char *text)
{
    for (const struct gyre__tls_name *name = context->names; name; name = name->next) {
        X509 *shown = *name->text ? NULL : SSL_CTX_get0_certificate(gyre__tls_fresh(name->other));

        if (shown && X509_check_host(shown, text, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1)
            return name->other;
    }
    return NULL;
}

static gyre_tls_context *pick(gyre_tls_context *context, const char *name)
{
    gyre_tls_context *other = name ? find(context, name) : NULL;

    if (!other && name)
        other = find_star(context, name);
    if (!other && name)
        other = find_certified(context, name);
    if (!other && context->settings.sni_callback)
        other = context->settings.sni_callback(context->settings.sni_arg, name);
    return other ? other : context;
}

/* The name in a ClientHello: a list of one, a byte of kind, two of length. False: there is none. */
static bool hello_name(SSL *ssl, char *name, size_t size)
{
    const unsigned char *data;
    size_t len, text;

    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &len) || len < 5 || data[2])
        return false;
    text = (size_t)data[3] << 8 | data[4];
    if (text > len - 5 || text >= size || memchr(data + 5, '\0', text))
        return false;
    memcpy(name, data + 5, text);
    name[text] = '\0';
    return true;
}

/* Before anything else in the hello is looked at: also a session is resumed by the rules of the context that
 * was picked. */
int gyre__tls_pick_by_name(SSL *ssl, int *alert, void *arg)
{
    gyre_tls_context *context = arg;
    char name[TLSEXT_MAXLEN_host_name + 1];
    gyre_tls_context *other = pick(context, hello_name(ssl, name, sizeof name) ? name : NULL);

    if (other != context) {
        SSL_CTX *fresh = gyre__tls_fresh(other);

        SSL_set_SSL_CTX(ssl, fresh);
        SSL_set_verify(ssl, SSL_CTX_get_verify_mode(fresh), NULL);
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* One context with several names is copied once: the copies stand in the same order. */
static gyre_tls_context *find_copy(const struct gyre__tls_name *copies, const struct gyre__tls_name *names,
                                   const gyre_tls_context *other)
{
    for (; copies; copies = copies->next, names = names->next)
        if (names->other == other)
            return gyre_tls_context_ref(copies->other);
    return NULL;
}

int gyre__tls_names_copy(gyre_tls_context *to, const gyre_tls_context *from)
{
    struct gyre__tls_name **place = &to->names;

    for (const struct gyre__tls_name *name = from->names; name; name = name->next) {
        gyre_tls_context *other = find_copy(to->names, from->names, name->other);
        int err = other ? 0 : gyre__tls_copy(&other, name->other);

        if (err)
            return err;
        add(place, name->text, other);
        place = &(*place)->next;
    }
    return 0;
}
