/* net/tls.h - the machine of TLS: bytes of the wire in, bytes of the program out, and back, without a socket.
 *
 * tls_context.c keeps what connections share, tls_build.c makes OpenSSL's form of it from settings and files,
 * tls_machine.c is one connection's state, whose BIO (tls_bio.c) reads straight from what was received and
 * writes straight into the transport beneath. Only the files named tls_* say SSL_.
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
    char text[];                 /* "www.example.org", "*.example.org", or "": its certificate's */
};

struct gyre__tls_sessions;
struct gyre__tls_library;
struct gyre__tls_files;
struct gyre__tls_texts;

struct gyre_tls_context {
    atomic_uint references;              /* users', names', and connections' */
    gyre_tls_context_options settings;   /* its strings are copies */
    char *alpn;                          /* the protocols as on the wire, each behind its length */
    unsigned alpn_len;                   /* bytes of it */
    unsigned version;                    /* which texts of the files `ssl` was built from */
    struct gyre__tls_files *files;       /* held; its copies share them */
    struct gyre__tls_library *library;   /* OpenSSL's own state, not shared with other threads' */
    SSL_CTX *ssl;                        /* what new connections are made from */
    struct gyre__tls_name *names;        /* other contexts, the newest first */
    struct gyre__tls_sessions *sessions; /* a client's sessions to resume, NULL before the first */
};

static inline bool gyre__tls_verifies(const gyre_tls_context_options *settings)
{
    return settings->verify_mode != GYRE_CERT_NONE;
}

/* A copy for the calling thread, without its names. [any thread] */
int gyre__tls_copy(gyre_tls_context **copy, const gyre_tls_context *context);

/* --- tls_settings.c --- */

/* Fills in what was left to us, and refuses contradictions. */
int gyre__tls_settle(gyre_tls_context *context, const gyre_tls_context_options *options);

/* The same settings as another context's. */
void gyre__tls_settle_like(gyre_tls_context *context, const gyre_tls_context *other);

/* Frees the copies. */
void gyre__tls_settings_free(gyre_tls_context *context);

/* --- tls_library.c --- */

/* This thread's, made when there is none; NULL: no memory. Given back when its context goes. */
struct gyre__tls_library *gyre__tls_library_take(void);
void gyre__tls_library_give(struct gyre__tls_library *library);

/* What OpenSSL calls it, and a cipher of it, for tickets. */
OSSL_LIB_CTX *gyre__tls_library_state(const struct gyre__tls_library *library);
EVP_CIPHER *gyre__tls_library_cipher(const struct gyre__tls_library *library);

/* --- tls_build.c --- */

/* Builds what OpenSSL wants from the settings and what stands in the files. */
int gyre__tls_build(gyre_tls_context *context, const struct gyre__tls_texts *texts, SSL_CTX **made);

/* --- tls_identity.c --- */

/* The certificates and the key into an SSL_CTX; errors begin with OpenSSL's words and end with the file. */
int gyre__tls_identify(gyre_tls_context *context, SSL_CTX *ssl, const struct gyre__tls_texts *texts);

/* --- tls_reload.c --- */

/* What new connections are made from: of the newest files. */
SSL_CTX *gyre__tls_fresh(gyre_tls_context *context);

/* --- tls_names.c --- */

/* OpenSSL's callback: a client says hello, and perhaps a name. */
int gyre__tls_pick_by_name(SSL *ssl, int *alert, void *arg);

/* Copies the names, and the contexts they stand for. */
int gyre__tls_names_copy(gyre_tls_context *to, const gyre_tls_context *from);

/* Frees them. */
void gyre__tls_names_free(struct gyre__tls_name *name);

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
    size_t idle_talk;          /* how many were read since the last byte of the program's */
    char *name;                /* whom a client wants to reach, NULL: nobody in particular */
    bool untidy;               /* OpenSSL may hold a buffer that it does not need */
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

/* True when a read would find nothing. */
bool gyre__tls_is_dry(const struct gyre__tls *tls);

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
