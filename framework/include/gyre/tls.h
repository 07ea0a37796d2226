/* gyre/tls.h - TLS: contexts, that say who we are and whom we trust, and the keys of session tickets.
 *
 * asyncio: ssl.SSLContext and ssl.create_default_context. Errors are GYRE_ESSL, GYRE_ESSLCERT and
 * GYRE_ESSLEOF; gyre_error_text() has OpenSSL's words. Renegotiation, compression and early data are off.
 */
#ifndef GYRE_TLS_H
#define GYRE_TLS_H

#include <gyre/named.h>
#include <gyre/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: one side's certificate, trust and rules, for any number of connections. One thread at a time uses
 * a context and its connections, and gives the last reference back: each shard makes its own, or a copy. */
typedef struct gyre_tls_context gyre_tls_context;

/* counted: the secrets that session tickets are sealed with; shared by any number of contexts, of any
 * thread, so that each shard resumes what another began. */
typedef struct gyre_tls_ticket_keys gyre_tls_ticket_keys;

/* Versions, as minimum_version and maximum_version. asyncio: ssl.TLSVersion */
enum { GYRE_TLS_1_2 = 0x0303, GYRE_TLS_1_3 = 0x0304 };

/* What is asked of the peer's certificate: nothing; it is checked if there is one; there must be one that
 * passes. asyncio: ssl.VerifyMode */
enum { GYRE_CERT_NONE = 1, GYRE_CERT_OPTIONAL = 2, GYRE_CERT_REQUIRED = 3 };

/* What a context is made of. Zero means ssl.create_default_context's choice. Strings are copied. */
typedef struct gyre_tls_context_options {
    size_t size;              /* sizeof this struct, filled in by the macro */
    bool server_side;         /* for servers; default: for clients */
    const char *certfile;     /* PEM: the certificate, then its chain */
    const char *keyfile;      /* PEM: its private key; default: it is in certfile */
    const char *cafile;       /* PEM: whom to trust */
    const char *capath;       /* a folder of such files, by hash, in place of cafile or beside it */
    int verify_mode;          /* GYRE_CERT_x; default: REQUIRED for clients, NONE for servers */
    int check_hostname;       /* GYRE_NO: a client takes any name; default GYRE_YES, with verification */
    const char *ciphers;      /* the suites of TLS 1.2, as openssl-ciphers(1) writes them; default: those with
                                 forward secrecy and without SHA-1 */
    const char *ciphersuites; /* the suites of TLS 1.3 */
    int minimum_version;      /* default GYRE_TLS_1_2 */
    int maximum_version;      /* default: the newest */
    const char *const *alpn_protocols; /* names by preference, NULL at the end; default: none are spoken of */
    int session_tickets;               /* GYRE_NO: sessions are not resumed; default GYRE_YES */
    gyre_tls_ticket_keys *ticket_keys; /* for servers; default: keys of its own */

    /* For servers: picks another context by the name that the client asks for (NULL: none); NULL keeps this
     * one. What it returns is lent, and must live as long as this context. asyncio: sni_callback */
    gyre_tls_context *(*sni_callback)(void *arg, const char *server_name);
    void *sni_arg;        /* for sni_callback; the same in all copies */
    const char *password; /* of the private key; default: it has none. Nobody is asked at a terminal */
} gyre_tls_context_options;

/* Makes a context and reads its files. GYRE_ESSL with OpenSSL's words, -errno for a file that cannot be read,
 * GYRE_EVALUE for options that contradict each other. Without cafile and capath a context that verifies
 * trusts whom the system trusts. [any thread] [new ref] asyncio: ssl.create_default_context */
int gyre_tls_context_new(gyre_tls_context **context, const gyre_tls_context_options *options);
#define gyre_tls_context_new(...) \
    gyre_tls_context_new(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_tls_context_options, __VA_ARGS__))

/* Makes a context like another one, for the calling thread: settings, ticket keys and names are the same, and
 * the files are shared, so that a reload of either is a reload of both. How each shard comes to its own. The
 * other one may be in use meanwhile; names must not be added to it. GYRE_ESSL, -ENOMEM. [any thread]
 * [new ref] */
int gyre_tls_context_copy(gyre_tls_context **copy, const gyre_tls_context *context);

/* Takes one more reference and returns the context; NULL stays NULL. [any thread] [new ref] */
gyre_tls_context *gyre_tls_context_ref(gyre_tls_context *context);

/* Gives a reference back; NULL does nothing. Connections hold one of their own. [any thread] */
void gyre_tls_context_unref(gyre_tls_context *context);

/* For servers: connections that ask for `server_name` get `other`, which is held; "*.example.org" stands for
 * one more word, NULL for the names in the certificate of `other`, also after a reload. An exact name goes
 * before a star, that before a certificate, all before sni_callback. GYRE_EVALUE for a context of clients.
 * asyncio: SSLContext.sni_callback */
int gyre_tls_context_add_name(gyre_tls_context *context, const char *server_name, gyre_tls_context *other);

/* Reads the files of the context, and of those added by name, again: new connections get what is in them now,
 * on the threads of all copies, and those that are there stay as they are. When anything is wrong with a
 * file, all go on with the old ones, and the code and gyre_error_text() say what, as gyre_tls_context_new. It
 * reads from the disk in the caller's time. */
int gyre_tls_context_reload(gyre_tls_context *context);

/* Makes a set of keys, with one random key. GYRE_ESSL: no randomness. [any thread] [new ref] */
int gyre_tls_ticket_keys_new(gyre_tls_ticket_keys **keys);

/* Takes one more reference; NULL stays NULL. [any thread] [new ref] */
gyre_tls_ticket_keys *gyre_tls_ticket_keys_ref(gyre_tls_ticket_keys *keys);

/* Gives a reference back; NULL does nothing. [any thread] */
void gyre_tls_ticket_keys_unref(gyre_tls_ticket_keys *keys);

enum { GYRE_TLS_TICKET_KEY = 80 /* bytes of one key */ };

/* New tickets are sealed with a new key from now on; those of the two keys before are still opened, and
 * renewed. `secret` is GYRE_TLS_TICKET_KEY bytes, so that several machines may have the same, or NULL for a
 * random one. One thread at a time rotates; others go on using the keys meanwhile. GYRE_ESSL: no randomness.
 */
int gyre_tls_ticket_keys_rotate(gyre_tls_ticket_keys *keys, const void *secret);

/* The certificate that the peer showed. asyncio: get_extra_info("peercert") */
typedef struct gyre_tls_peercert {
    const char *subject; /* whose it is: "/CN=localhost" */
    const char *issuer;  /* who signed it */
    const void *der;     /* the whole of it, for a library that reads certificates */
    size_t der_len;      /* bytes of it */
    bool verified;       /* it was asked for, and passed; false: anybody may have written what it says */
} gyre_tls_peercert;

/* What is known of a connection of TLS since its handshake. Lent while the transport lives. asyncio:
 * get_extra_info("ssl_object") */
typedef struct gyre_tls_object {
    const char *version;                /* "TLSv1.3" */
    const char *cipher;                 /* "TLS_AES_256_GCM_SHA384" */
    int secret_bits;                    /* 256 */
    const char *selected_alpn_protocol; /* "h2"; NULL: none was agreed upon */
    const char *server_hostname;        /* what the client asked for; NULL: nothing */
    bool server_side;                   /* we are the server */
    bool session_reused;                /* the handshake was a short one */
    bool truncated;                     /* the peer left without TLS's own end: bytes may be missing */
    const gyre_tls_peercert *peercert;  /* NULL: the peer showed none */
} gyre_tls_object;

/* How a connection turns to TLS. */
typedef struct gyre_start_tls_options {
    size_t size;                  /* sizeof this struct, filled in by the macro */
    bool server_side;             /* we are the server; default: the client */
    const char *server_hostname;  /* for a client: whom to expect; "": anybody; it has no default where the
                                     context checks names */
    void *self;                   /* the protocol's state; default: the transport's present one */
    double ssl_handshake_timeout; /* seconds; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30. With a limit on stalls (see
                                     gyre_transport_set_timeouts) they begin when all bytes are sent */
} gyre_start_tls_options;

/* Turns a connection to TLS and returns when the handshake is done: what comes from then on goes to
 * `protocol` (NULL: the present one) by a new transport; connection_made is not called again. The old
 * transport is TLS's own and must not be used any more. After a failure, and when cancelled, the connection
 * is lost. GYRE_ETYPE: no context, or a kind of transport that cannot; GYRE_ERUNTIME: it is closing,
 * sends a file, has ended its writing, or turns to TLS already;
 * GYRE_EVALUE: no server_hostname, or a negative timeout; GYRE_ESSL and its like; -ECONNABORTED: the
 * handshake took too long. [suspends] [new ref] in *new_transport (may be NULL). asyncio: loop.start_tls */
int gyre_loop_start_tls(gyre_loop *loop, gyre_transport **new_transport, gyre_transport *transport,
                        const gyre_protocol *protocol, gyre_tls_context *context,
                        const gyre_start_tls_options *options);
#define gyre_loop_start_tls(loop, new_transport, transport, protocol, ...)                  \
    gyre_loop_start_tls(loop, new_transport, transport, protocol, GYRE__FIRST(__VA_ARGS__), \
                        GYRE__OPTIONS(gyre_start_tls_options, __VA_ARGS__))

#ifdef __cplusplus
}
#endif

#endif
