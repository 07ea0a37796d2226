/* net/tls.h - the machine of TLS: bytes of the wire in, bytes of the program out, and back, without a socket.
 *
 * tls_context.c keeps what connections share, tls_settings.c builds OpenSSL's form of it, tls_machine.c is
 * one connection's state, whose BIO (tls_bio.c) reads straight from what was received and writes straight
 * into the transport beneath. Only the files named tls_* say SSL_.
 */
#ifndef GYRE__TLS_H
#define GYRE__TLS_H

#include <gyre/error.h>
#include <gyre/tls.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

/* Another context for a name. */
struct gyre__tls_name {
    struct gyre__tls_name *next; /* the one added before */
    gyre_tls_context *other;     /* held */
    char text[];                 /* "www.example.org" or "*.example.org" */
};

struct gyre__tls_sessions;

struct gyre_tls_context {
    atomic_uint references;              /* users', names', and connections' */
    gyre_tls_context_options settings;   /* its strings are copies */
    char *alpn;                          /* the protocols as on the wire, each behind its length */
    unsigned alpn_len;                   /* bytes of it */
    OSSL_LIB_CTX *library;               /* OpenSSL's own state, not shared with other threads' */
    SSL_CTX *ssl;                        /* what new connections are made from */
    struct gyre__tls_name *names;        /* other contexts, the newest first */
    struct gyre__tls_sessions *sessions; /* a client's sessions to resume, NULL before the first */
};

/* Builds what OpenSSL wants from the settings. */
int gyre__tls_build(gyre_tls_context *context, SSL_CTX **made);

/* Fills in what was left to us, and refuses contradictions. */
int gyre__tls_settle(gyre_tls_context *context, const gyre_tls_context_options *options);

/* Frees the copies. */
void gyre__tls_settings_free(gyre_tls_context *context);

/* The context for the name, this one when there is no other. name may be NULL. */
gyre_tls_context *gyre__tls_pick(gyre_tls_context *context, const char *name);

/* --- tls_error.c --- */

/* What OpenSSL says went wrong, put into words: GYRE_ESSL, or the system's code. */
int gyre__tls_error(const char *doing);

/* The same for a connection whose call ended with `reason` (SSL_get_error's): GYRE_ESSLCERT when the peer's
 * certificate is why. */
int gyre__tls_failed(SSL *ssl, int reason);

/* --- tls_ticket.c --- */

/* OpenSSL's callback that seals and opens tickets. */
int gyre__tls_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int sealing);

/* --- tls_session.c --- */

/* OpenSSL's callback: the server gave a client a session to come back with. */
int gyre__tls_keep(SSL *ssl, SSL_SESSION *session);

/* Offers the server what is kept for this name. */
void gyre__tls_offer(gyre_tls_context *context, SSL *ssl, const char *name);

/* Forgets all. */
void gyre__tls_forget(gyre_tls_context *context);

/* --- tls_machine.c --- */

struct gyre__tls {
    SSL *ssl;                  /* OpenSSL's half */
    gyre_tls_context *context; /* held */
    const char *in;            /* bytes of the wire that were received and not read yet */
    size_t in_len;             /* how many */
    char *name;                /* whom a client wants to reach, NULL: nobody in particular */
    void (*out)(void *arg, const void *data, size_t len); /* takes bytes for the wire */
    void *arg;                                            /* for out */
};

/* Makes a machine; server_hostname NULL or "": no name is asked for, nor checked. GYRE_ESSL. */
int gyre__tls_init(struct gyre__tls *tls, gyre_tls_context *context, bool server_side,
                   const char *server_hostname);

/* Frees what it holds; zeroed memory is fine. */
void gyre__tls_free(struct gyre__tls *tls);

/* Goes on with the handshake: 1 it is done, 0 it needs more of the wire, or the code of the failure. */
int gyre__tls_handshake(struct gyre__tls *tls);

/* Takes up to len bytes of the program: 0 needs more of the wire, or the code of the failure; GYRE__TLS_END
 * the peer said that it sends no more. */
ptrdiff_t gyre__tls_read(struct gyre__tls *tls, void *data, size_t len);

enum { GYRE__TLS_END = -1 }; /* no code of an error that a read can have: EPERM */

/* Sends bytes of the program: 0, or the code of the failure. */
int gyre__tls_write(struct gyre__tls *tls, const void *data, size_t len);

/* Says that we send no more, and listens whether the peer does: 1 both have said so, 0 it needs more of the
 * wire, or the code of the failure. */
int gyre__tls_shutdown(struct gyre__tls *tls);

/* --- tls_bio.c --- */

/* A BIO over the machine's bytes. NULL: no memory. */
BIO *gyre__tls_bio(struct gyre__tls *tls);

#endif
