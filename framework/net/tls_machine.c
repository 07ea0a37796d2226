/* net/tls_machine.c - one connection: handshake, bytes, and the end that each side announces. */
#include "base/memory.h"
#include "net/tls.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>

enum {
    AROUND = 40,          /* bytes that a record of today's ciphers has around the program's */
    IDLE_TALK = 64 * 1024 /* most bytes of the wire in a row that bring nothing for the program, such as
                             requests for new keys: more than a record and all tickets */
};

/* An address has no server name to send, and is checked as what it is. */
static bool set_address(SSL *ssl, const char *name, bool check)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);

    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    if (address && check)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
    return address != NULL;
}

static int set_name(struct gyre__tls *tls, const char *name)
{
    bool check = tls->context->settings.check_hostname == GYRE_YES;

    if (!name || !*name)
        return 0;
    tls->name = gyre__strdup(name);
    gyre__tls_offer(tls->context, tls->ssl, name);
    if (set_address(tls->ssl, name, check))
        return 0;
    SSL_set_hostflags(tls->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!SSL_set_tlsext_host_name(tls->ssl, name) || (check && !SSL_set1_host(tls->ssl, name)))
        return gyre__tls_error("server_hostname");
    return 0;
}

static int set_up(struct gyre__tls *tls, bool server_side, const char *server_hostname)
{
    BIO *bio = gyre__tls_bio(tls);

    if (!bio)
        return gyre__tls_error("BIO");
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_app_data(tls->ssl, tls);
    if (server_side)
        SSL_set_accept_state(tls->ssl);
    else
        SSL_set_connect_state(tls->ssl);
    return server_side ? 0 : set_name(tls, server_hostname);
}

int gyre__tls_init(struct gyre__tls *tls, gyre_tls_context *context, bool server_side,
                   const char *server_hostname)
{
    if (server_side != context->settings.server_side)
        return gyre_error_set(GYRE_ESSL, "Cannot create a %s socket with a %s context",
                              server_side ? "server" : "client", server_side ? "client" : "server");
    tls->ssl = SSL_new(gyre__tls_fresh(context));
    if (!tls->ssl)
        return gyre__tls_error("SSL");
    tls->context = gyre_tls_context_ref(context);
    return set_up(tls, server_side, server_hostname);
}

void gyre__tls_free(struct gyre__tls *tls)
{
    /* Else OpenSSL takes a connection that was cut off for a reason never to resume its session. */
    if (tls->ssl)
        SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls->ssl);
    tls->ssl = NULL;
    gyre_tls_context_unref(tls->context);
    tls->context = NULL;
    free(tls->name);
    tls->name = NULL;
}

/* 0 when it only needs more of the wire. */
static int judge(struct gyre__tls *tls, int result)
{
    int reason = SSL_get_error(tls->ssl, result);

    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
        return 0;
    return reason == SSL_ERROR_ZERO_RETURN ? GYRE__TLS_END : gyre__tls_failed(tls->ssl, reason);
}

/* Before TLS 1.3 OpenSSL does not tell of a ticket that came in place of the one that was used. */
static int be_done(struct gyre__tls *tls)
{
    SSL_SESSION *session;

    if (SSL_is_server(tls->ssl) || !SSL_session_reused(tls->ssl) || SSL_version(tls->ssl) >= TLS1_3_VERSION)
        return 1;
    session = SSL_get1_session(tls->ssl);
    if (!gyre__tls_keep(tls->ssl, session))
        SSL_SESSION_free(session);
    return 1;
}

int gyre__tls_handshake(struct gyre__tls *tls)
{
    int result, err;

    ERR_clear_error();
    result = SSL_do_handshake(tls->ssl);
    if (result == 1)
        return be_done(tls);
    err = judge(tls, result);
    return err == GYRE__TLS_END ? gyre_error_set(GYRE_ESSLEOF, "EOF occurred in violation of protocol") : err;
}

/* A message that is not the program's, such as a ticket, makes OpenSSL keep a buffer that it does not need.
 * That there was one shows in what a read took of the wire. */
static void tidy_up(struct gyre__tls *tls, size_t taken, size_t got)
{
    if (tls->untidy || taken > got + AROUND)
        tls->untidy = !SSL_free_buffers(tls->ssl);
}

/* Old errors of others would be taken for the next call's. Clearing costs a fifth of reading a small record,
 * looking almost nothing. */
static void forget_errors(void)
{
    if (ERR_peek_error())
        ERR_clear_error();
}

/* The read brought nothing for the program. */
static ptrdiff_t rest(struct gyre__tls *tls, int result, size_t taken)
{
    ptrdiff_t err = judge(tls, result);

    tls->idle_talk += taken;
    if (err || tls->idle_talk <= IDLE_TALK)
        return err;
    return gyre_error_set(GYRE_ESSL, "the peer sends messages of TLS and no data");
}

ptrdiff_t gyre__tls_read(struct gyre__tls *tls, void *data, size_t len)
{
    size_t before = tls->in_len, got = 0, taken;
    int result;

    forget_errors();
    result = SSL_read_ex(tls->ssl, data, len, &got);
    taken = before - tls->in_len;
    tidy_up(tls, taken, got);
    if (result != 1)
        return rest(tls, result, taken);
    tls->idle_talk = 0;
    return (ptrdiff_t)got;
}

bool gyre__tls_is_dry(const struct gyre__tls *tls)
{
    return !tls->in_len && !SSL_has_pending(tls->ssl);
}

int gyre__tls_write(struct gyre__tls *tls, const void *data, size_t len)
{
    const char *from = data;
    size_t sent;

    while (len) {
        if (SSL_write_ex(tls->ssl, from, len, &sent) != 1)
            return gyre__tls_failed(tls->ssl, SSL_ERROR_SSL);
        from += sent;
        len -= sent;
    }
    return 0;
}

/* What still comes of the program's is dropped. */
static int read_away(struct gyre__tls *tls)
{
    char away[4096];
    ptrdiff_t got;

    do
        got = gyre__tls_read(tls, away, sizeof away);
    while (got > 0);
    return got == GYRE__TLS_END ? 1 : (int)got;
}

int gyre__tls_shutdown(struct gyre__tls *tls)
{
    ERR_clear_error();
    if (!(SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) && SSL_shutdown(tls->ssl) < 0)
        return gyre__tls_failed(tls->ssl, SSL_ERROR_SSL);
    return SSL_get_shutdown(tls->ssl) & SSL_RECEIVED_SHUTDOWN ? 1 : read_away(tls);
}
