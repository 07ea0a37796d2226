/* net/tls_identity.c - who we are, and whom we trust: certificates and keys from texts into an SSL_CTX. */
#include "net/tls.h"
#include "net/tls_files.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

/* Nobody is asked at a terminal. */
static int tell_password(char *room, int size, int writing, void *arg)
{
    const gyre_tls_context_options *settings = arg;
    size_t len = settings->password ? strlen(settings->password) : 0;

    if (!settings->password || len > (size_t)size)
        return -1;
    memcpy(room, settings->password, len);
    return (int)len;
}

static BIO *open_text(const struct gyre__tls_text *text)
{
    return BIO_new_mem_buf(text->data ? text->data : "", (int)text->len);
}

/* NULL: there is none, or it is broken. */
static X509 *next_certificate(gyre_tls_context *context, BIO *from)
{
    X509 *made = X509_new_ex(gyre__tls_library_state(context->library), NULL);

    if (made && PEM_read_bio_X509(from, &made, tell_password, &context->settings))
        return made;
    X509_free(made);
    return NULL;
}

/* The text ended where a certificate could have begun. */
static bool was_all(void)
{
    unsigned long code = ERR_peek_last_error();
    bool all = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;

    if (all)
        ERR_clear_error();
    return all;
}

static bool use_chain(gyre_tls_context *context, SSL_CTX *ssl, BIO *from)
{
    X509 *certificate = next_certificate(context, from);
    bool used = certificate && SSL_CTX_use_certificate(ssl, certificate) == 1;

    X509_free(certificate);
    while (used && (certificate = next_certificate(context, from)))
        if (SSL_CTX_add0_chain_cert(ssl, certificate) != 1) {
            X509_free(certificate);
            return false;
        }
    return used && was_all();
}

static bool use_key(gyre_tls_context *context, SSL_CTX *ssl, BIO *from)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey_ex(from, NULL, tell_password, &context->settings,
                                               gyre__tls_library_state(context->library), NULL);
    bool used = key && SSL_CTX_use_PrivateKey(ssl, key) == 1;

    EVP_PKEY_free(key);
    return used;
}

static bool trust(gyre_tls_context *context, SSL_CTX *ssl, X509 *certificate)
{
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl), certificate) == 1 &&
           (!context->settings.server_side || SSL_CTX_add_client_CA(ssl, certificate) == 1);
}

static bool use_authorities(gyre_tls_context *context, SSL_CTX *ssl, BIO *from)
{
    X509 *certificate;
    bool used = false;

    while ((certificate = next_certificate(context, from))) {
        used = trust(context, ssl, certificate);
        X509_free(certificate);
        if (!used)
            return false;
    }
    return used && was_all();
}

typedef bool use(gyre_tls_context *context, SSL_CTX *ssl, BIO *from);

static int use_text(gyre_tls_context *context, SSL_CTX *ssl, use *fn, const struct gyre__tls_text *text,
                    const char *path)
{
    BIO *from = open_text(text);
    int err;

    ERR_clear_error();
    err = from && fn(context, ssl, from) ? 0 : gyre__tls_error(path);
    BIO_free(from);
    return err;
}

static int load_own(gyre_tls_context *context, SSL_CTX *ssl, const struct gyre__tls_texts *texts)
{
    const gyre_tls_context_options *settings = &context->settings;
    int err;

    if (!settings->certfile)
        return 0;
    err = use_text(context, ssl, use_chain, &texts->certificate, settings->certfile);
    return err ? err : use_text(context, ssl, use_key, &texts->key, settings->keyfile);
}

static int load_trusted(gyre_tls_context *context, SSL_CTX *ssl, const struct gyre__tls_texts *texts)
{
    const gyre_tls_context_options *settings = &context->settings;
    int err = 0;

    if (settings->cafile)
        err = use_text(context, ssl, use_authorities, &texts->authorities, settings->cafile);
    if (!err && settings->capath && SSL_CTX_load_verify_dir(ssl, settings->capath) != 1)
        err = gyre__tls_error(settings->capath);
    if (gyre__tls_verifies(settings) && !settings->cafile && !settings->capath)
        SSL_CTX_set_default_verify_paths(ssl);
    ERR_clear_error();
    return err;
}

int gyre__tls_identify(gyre_tls_context *context, SSL_CTX *ssl, const struct gyre__tls_texts *texts)
{
    int err = load_own(context, ssl, texts);

    return err ? err : load_trusted(context, ssl, texts);
}
