/* net/tls_build.c - from a context's settings and the texts of its files to an SSL_CTX. */
#include "net/tls.h"
#include "net/tls_files.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

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

    if (gyre__tls_verifies(settings))
        mode = SSL_VERIFY_PEER;
    if (settings->verify_mode == GYRE_CERT_REQUIRED)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(ssl, mode, NULL);
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

static bool digest_demands(const gyre_tls_context_options *settings, const struct gyre__tls_text *trusted,
                           EVP_MD_CTX *digest)
{
    const char *folder = settings->capath ? settings->capath : "";

    return EVP_DigestUpdate(digest, &settings->verify_mode, sizeof settings->verify_mode) &&
           EVP_DigestUpdate(digest, folder, strlen(folder) + 1) &&
           EVP_DigestUpdate(digest, trusted->data, trusted->len);
}

/* Whose sessions may be resumed: those that were made under the same demands on the client. */
static void name_sessions(gyre_tls_context *context, const struct gyre__tls_texts *texts, SSL_CTX *ssl)
{
    EVP_MD *sha = EVP_MD_fetch(gyre__tls_library_state(context->library), "SHA256", NULL);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char name[EVP_MAX_MD_SIZE];
    unsigned len;

    if (sha && digest && EVP_DigestInit_ex(digest, sha, NULL) &&
        digest_demands(&context->settings, &texts->authorities, digest) &&
        EVP_DigestFinal_ex(digest, name, &len))
        SSL_CTX_set_session_id_context(ssl, name, len);
    EVP_MD_CTX_free(digest);
    EVP_MD_free(sha);
}

static void set_server(gyre_tls_context *context, const struct gyre__tls_texts *texts, SSL_CTX *ssl)
{
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_client_hello_cb(ssl, gyre__tls_pick_by_name, context);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl, gyre__tls_ticket);
    name_sessions(context, texts, ssl);
    SSL_CTX_set_num_tickets(ssl, context->settings.session_tickets == GYRE_NO ? 0 : 2);
}

static void set_client(gyre_tls_context *context, SSL_CTX *ssl)
{
    if (context->settings.session_tickets == GYRE_NO)
        return;
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl, gyre__tls_keep);
}

static void set_up(gyre_tls_context *context, const struct gyre__tls_texts *texts, SSL_CTX *ssl)
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
        set_server(context, texts, ssl);
    else
        set_client(context, ssl);
}

static int fill(gyre_tls_context *context, const struct gyre__tls_texts *texts, SSL_CTX *ssl)
{
    int err;

    set_up(context, texts, ssl);
    err = set_rules(&context->settings, ssl);
    return err ? err : gyre__tls_identify(context, ssl, texts);
}

int gyre__tls_build(gyre_tls_context *context, const struct gyre__tls_texts *texts, SSL_CTX **made)
{
    SSL_CTX *ssl = SSL_CTX_new_ex(gyre__tls_library_state(context->library), NULL,
                                  context->settings.server_side ? TLS_server_method() : TLS_client_method());
    int err;

    if (!ssl)
        return gyre__tls_error("TLS");
    ERR_clear_error();
    err = fill(context, texts, ssl);
    if (err)
        SSL_CTX_free(ssl);
    else
        *made = ssl;
    return err;
}
