/* net/tls_settings.c - what a context was asked for: completed, checked, and kept as copies. */
#include "base/memory.h"
#include "base/options.h"
#include "net/tls.h"
#include <string.h>

/* Only with forward secrecy, and without SHA-1: what OpenSSL takes by itself includes suites for peers that
 * are long gone. */
static const char suites[] =
    "@SECLEVEL=2:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:DHE+AES:!aNULL:!aDSS:!SHA1:!AESCCM";

/* ssl.create_default_context's choices. */
static void choose(gyre_tls_context_options *settings)
{
    if (!settings->verify_mode)
        settings->verify_mode = settings->server_side ? GYRE_CERT_NONE : GYRE_CERT_REQUIRED;
    if (!settings->check_hostname)
        settings->check_hostname =
            settings->server_side || !gyre__tls_verifies(settings) ? GYRE_NO : GYRE_YES;
    if (!settings->minimum_version)
        settings->minimum_version = GYRE_TLS_1_2;
    if (!settings->keyfile)
        settings->keyfile = settings->certfile;
    if (!settings->ciphers)
        settings->ciphers = suites;
}

static void copy(const char **text)
{
    *text = gyre__strdup(*text);
}

static void copy_texts(gyre_tls_context_options *settings)
{
    copy(&settings->certfile);
    copy(&settings->keyfile);
    copy(&settings->cafile);
    copy(&settings->capath);
    copy(&settings->ciphers);
    copy(&settings->ciphersuites);
    copy(&settings->password);
}

static void drop(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void drop_secret(const char *text)
{
    if (text)
        OPENSSL_cleanse((void *)(uintptr_t)text, strlen(text));
    drop(text);
}

void gyre__tls_settings_free(gyre_tls_context *context)
{
    gyre_tls_context_options *settings = &context->settings;

    drop(settings->certfile);
    drop(settings->keyfile);
    drop(settings->cafile);
    drop(settings->capath);
    drop(settings->ciphers);
    drop(settings->ciphersuites);
    drop_secret(settings->password);
    gyre_tls_ticket_keys_unref(settings->ticket_keys);
    free(context->alpn);
}

/* The names as on the wire: each behind a byte with its length. */
static int pack_alpn(gyre_tls_context *context, const char *const *names)
{
    for (; names && *names; names++) {
        size_t len = strlen(*names);

        if (!len || len > 255)
            return gyre_error_set(GYRE_EVALUE, "ALPN protocols must be 1 to 255 bytes long");
        context->alpn = gyre__realloc(context->alpn, context->alpn_len + 1 + len);
        context->alpn[context->alpn_len] = (char)len;
        memcpy(context->alpn + context->alpn_len + 1, *names, len);
        context->alpn_len += (unsigned)len + 1;
    }
    return 0;
}

static int check(const gyre_tls_context_options *settings)
{
    if (settings->verify_mode < 0 || settings->verify_mode > GYRE_CERT_REQUIRED)
        return gyre_error_set(GYRE_EVALUE, "verify_mode must be GYRE_CERT_NONE, _OPTIONAL or _REQUIRED");
    if (settings->check_hostname == GYRE_YES && !gyre__tls_verifies(settings))
        return gyre_error_set(GYRE_EVALUE, "check_hostname needs a verify_mode that verifies");
    if (settings->server_side && !settings->certfile)
        return gyre_error_set(GYRE_EVALUE, "a server needs a certificate");
    return 0;
}

static int settle_keys(gyre_tls_context_options *settings)
{
    if (settings->ticket_keys || !settings->server_side) {
        gyre_tls_ticket_keys_ref(settings->ticket_keys);
        return 0;
    }
    return gyre_tls_ticket_keys_new(&settings->ticket_keys);
}

int gyre__tls_settle(gyre_tls_context *context, const gyre_tls_context_options *options)
{
    gyre_tls_context_options *settings = &context->settings;
    gyre_tls_context_options filled = {0};
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    choose(&filled);
    err = check(&filled);
    if (!err)
        err = pack_alpn(context, filled.alpn_protocols);
    if (!err)
        err = settle_keys(&filled);
    if (err)
        return err;
    filled.alpn_protocols = NULL;
    copy_texts(&filled);
    *settings = filled;
    return 0;
}

void gyre__tls_settle_like(gyre_tls_context *context, const gyre_tls_context *other)
{
    context->settings = other->settings;
    copy_texts(&context->settings);
    gyre_tls_ticket_keys_ref(context->settings.ticket_keys);
    if (!other->alpn)
        return;
    context->alpn_len = other->alpn_len;
    context->alpn = memcpy(gyre__malloc(other->alpn_len), other->alpn, other->alpn_len);
}
