/* net/tls_info.c - what a connection of TLS tells about itself: version, cipher, protocol, certificate. */
#include "base/memory.h"
#include "net/tls_transport.h"
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

struct gyre__tls_info {
    gyre_tls_object object; /* as the program sees it */
    char protocol[256];     /* the chosen one, as text */
    char subject[256];      /* of the peer's certificate */
    char issuer[256];       /* the same */
    unsigned char *der;     /* the certificate itself, OpenSSL's memory */
    gyre_tls_peercert cert; /* as the program sees it */
};

static void fill_protocol(struct gyre__tls_info *info, SSL *ssl)
{
    const unsigned char *name;
    unsigned len;

    SSL_get0_alpn_selected(ssl, &name, &len);
    if (!len)
        return;
    memcpy(info->protocol, name, len);
    info->object.selected_alpn_protocol = info->protocol;
}

static bool passed(const SSL *ssl)
{
    return SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) == X509_V_OK;
}

static void fill_certificate(struct gyre__tls_info *info, SSL *ssl)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    int len = certificate ? i2d_X509(certificate, &info->der) : 0;

    if (len <= 0)
        return;
    X509_NAME_oneline(X509_get_subject_name(certificate), info->subject, sizeof info->subject);
    X509_NAME_oneline(X509_get_issuer_name(certificate), info->issuer, sizeof info->issuer);
    info->cert = (gyre_tls_peercert){info->subject, info->issuer, info->der, (size_t)len, passed(ssl)};
    info->object.peercert = &info->cert;
}

static void fill(struct gyre__tls_info *info, const struct gyre__tls_transport *over)
{
    SSL *ssl = over->tls.ssl;

    info->object.version = SSL_get_version(ssl);
    info->object.cipher = SSL_get_cipher_name(ssl);
    info->object.secret_bits = SSL_get_cipher_bits(ssl, NULL);
    info->object.server_hostname =
        SSL_is_server(ssl) ? SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) : over->tls.name;
    info->object.server_side = SSL_is_server(ssl);
    info->object.session_reused = SSL_session_reused(ssl);
    fill_protocol(info, ssl);
    fill_certificate(info, ssl);
}

static const gyre_tls_object *object_of(struct gyre__tls_transport *over)
{
    if (!over->info && (over->broken || !SSL_is_init_finished(over->tls.ssl)))
        return NULL;
    if (!over->info) {
        over->info = gyre__calloc(sizeof *over->info);
        fill(over->info, over);
    }
    over->info->object.truncated = over->truncated;
    return &over->info->object;
}

const void *gyre__tls_ask(const gyre_transport *transport, const char *name)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);
    const gyre_tls_object *object;

    if (!strcmp(name, "sslcontext"))
        return over->tls.context;
    object = object_of(over);
    if (object && !strcmp(name, "ssl_object"))
        return object;
    if (object && !strcmp(name, "cipher"))
        return object->cipher;
    return object && !strcmp(name, "peercert") ? object->peercert : NULL;
}

void gyre__tls_info_free(struct gyre__tls_transport *over)
{
    if (over->info)
        OPENSSL_free(over->info->der);
    free(over->info);
}
