/* net/tls_settings.c - from options to an SSL_CTX. */
#include "base/memory.h"
#include "base/options.h"
#include "net/tls.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static bool verifies(const gyre_tls_context_options *settings)
{
    return settings->verify_mode != GYRE_CERT_NONE;
}

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
        settings->check_hostname = settings->server_side || !verifies(settings) ? GYRE_NO : GYRE_YES;
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
}

static void drop(const char *text)
{
    free((void *)(uintptr_t)text);
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
    if (settings->verify_mode > GYRE_CERT_REQUIRED)
        return gyre_error_set(GYRE_EVALUE, "verify_mode must be GYRE_CERT_NONE, _OPTIONAL or _REQUIRED");
    if (settings->check_hostname == GYRE_YES && !verifies(settings))
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

static int load_own(const gyre_tls_context_options *settings, SSL_CTX *ssl)
{
    if (!settings->certfile)
        return 0;
    if (SSL_CTX_use_certificate_chain_file(ssl, settings->certfile) != 1)
        return gyre__tls_error(settings->certfile);
    if (SSL_CTX_use_PrivateKey_file(ssl, settings->keyfile, SSL_FILETYPE_PEM) != 1)
        return gyre__tls_error(settings->keyfile);
    return SSL_CTX_check_private_key(ssl) == 1 ? 0 : gyre__tls_error(settings->keyfile);
}

static int load_trusted(const gyre_tls_context_options *settings, SSL_CTX *ssl)
{
    if (settings->cafile && SSL_CTX_load_verify_file(ssl, settings->cafile) != 1)
        return gyre__tls_error(settings->cafile);
    if (settings->capath && SSL_CTX_load_verify_dir(ssl, settings->capath) != 1)
        return gyre__tls_error(settings->capath);
    if (verifies(settings) && !settings->cafile && !settings->capath)
        SSL_CTX_set_default_verify_paths(ssl);
    ERR_clear_error();
    return 0;
}

static int set_rules(const gyre_tls_context_options *settings, SSL_CTX *ssl)
{
    if (!SSL_CTX_set_min_proto_version(ssl, settings->minimum_version) ||
        !SSL_CTX_set_max_proto_version(ssl, settings->maximum_version))
        return gyre_error_set(GYRE_EVALUE, "no such version of TLS");
    if (settings->ciphers && !SSL_CTX_set_cipher_list(ssl, settings->ciphers))
        return gyre__tls_error("ciphers");
    if (settings->ciphersuites && !SSL_CTX_set_ciphersuites(ssl, settings->ciphersuites))
        return gyre__tls_error("ciphersuites");
    return 0;
}

static void set_verify(const gyre_tls_context_options *settings, SSL_CTX *ssl)
{
    int mode = SSL_VERIFY_NONE;

    if (verifies(settings))
        mode = SSL_VERIFY_PEER;
    if (settings->verify_mode == GYRE_CERT_REQUIRED)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(ssl, mode, NULL);
    if (settings->server_side && settings->cafile)
        SSL_CTX_set_client_CA_list(ssl, SSL_load_client_CA_file(settings->cafile));
}

/* A name of the client's that is not on our list is no reason to refuse him, as in Python. */
static int choose_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *len,
                       const unsigned char *offered, unsigned offered_len, void *arg)
{
    const gyre_tls_context *context = arg;
    int found =
        SSL_select_next_proto((unsigned char **)(uintptr_t)chosen, len, (const unsigned char *)context->alpn,
                              context->alpn_len, offered, offered_len);

    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void set_alpn(gyre_tls_context *context, SSL_CTX *ssl)
{
    if (!context->alpn)
        return;
    if (context->settings.server_side)
        SSL_CTX_set_alpn_select_cb(ssl, choose_alpn, context);
    else
        SSL_CTX_set_alpn_protos(ssl, (const unsigned char *)context->alpn, context->alpn_len);
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
static int pick_by_name(SSL *ssl, int *alert, void *arg)
{
    gyre_tls_context *context = arg;
    char name[TLSEXT_MAXLEN_host_name + 1];
    gyre_tls_context *other = gyre__tls_pick(context, hello_name(ssl, name, sizeof name) ? name : NULL);

    if (other != context) {
        SSL_set_SSL_CTX(ssl, other->ssl);
        SSL_set_verify(ssl, SSL_CTX_get_verify_mode(other->ssl), NULL);
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* Whose sessions may be resumed: those that were made under the same demands on the client. */
static void name_sessions(const gyre_tls_context_options *settings, SSL_CTX *ssl)
{
    const char *files[] = {settings->cafile ? settings->cafile : "",
                           settings->capath ? settings->capath : ""};
    unsigned char name[EVP_MAX_MD_SIZE];
    char text[1024];
    unsigned len;

    snprintf(text, sizeof text, "%d %s %s", settings->verify_mode, files[0], files[1]);
    if (EVP_Digest(text, strlen(text), name, &len, EVP_sha256(), NULL))
        SSL_CTX_set_session_id_context(ssl, name, len);
}

static void set_server(gyre_tls_context *context, SSL_CTX *ssl)
{
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_client_hello_cb(ssl, pick_by_name, context);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl, gyre__tls_ticket);
    name_sessions(&context->settings, ssl);
    SSL_CTX_set_num_tickets(ssl, context->settings.session_tickets == GYRE_NO ? 0 : 2);
}

static void set_client(gyre_tls_context *context, SSL_CTX *ssl)
{
    if (context->settings.session_tickets == GYRE_NO)
        return;
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl, gyre__tls_keep);
}

static void set_up(gyre_tls_context *context, SSL_CTX *ssl)
{
    uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;

    if (context->settings.session_tickets == GYRE_NO)
        options |= SSL_OP_NO_TICKET;
    SSL_CTX_set_options(ssl, options);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    set_verify(&context->settings, ssl);
    set_alpn(context, ssl);
    if (context->settings.server_side)
        set_server(context, ssl);
    else
        set_client(context, ssl);
}

int gyre__tls_build(gyre_tls_context *context, SSL_CTX **made)
{
    const gyre_tls_context_options *settings = &context->settings;
    SSL_CTX *ssl = SSL_CTX_new_ex(context->library, NULL,
                                  settings->server_side ? TLS_server_method() : TLS_client_method());
    int err;

    if (!ssl)
        return gyre__tls_error("TLS");
    ERR_clear_error();
    set_up(context, ssl);
    err = set_rules(settings, ssl);
    if (!err)
        err = load_own(settings, ssl);
    if (!err)
        err = load_trusted(settings, ssl);
    if (err)
        SSL_CTX_free(ssl);
    else
        *made = ssl;
    return err;
}
