/* tls_foreign.h - a peer that is not gyre: OpenSSL on a blocking socket, in a thread of its own. */
#ifndef GYRE_TESTS_TLS_FOREIGN_H
#define GYRE_TESTS_TLS_FOREIGN_H

#include <gyre/loop.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Zeroed, then filled in by the test. Its SSL is there when `play` is called, without a handshake. */
struct tls_foreign {
    void (*play)(struct tls_foreign *foreign); /* what it does, in its thread */
    int fd;                                    /* its socket; closed afterwards */
    bool client;                               /* default: it is the server, as "server.pem" */
    int version;                               /* the newest that it speaks; default: any */
    SSL *ssl;                                  /* what play uses */
    atomic_long count;                         /* for play and the test */
    atomic_bool go;                            /* the same: tls_foreign_await waits for it */
    atomic_bool wrong;                         /* a call that should do did not */
    atomic_bool over;                          /* play has returned */
    pthread_t thread;
};

/* Starts its thread. */
void tls_foreign_begin(struct tls_foreign *foreign);

/* Runs the loop until play has returned and joins the thread; nothing may have gone wrong. */
void tls_foreign_end(struct tls_foreign *foreign, gyre_loop *loop);

/* --- for play --- */

/* Notes that something went wrong unless `right`. */
void tls_foreign_expect(struct tls_foreign *foreign, bool right);

/* Shakes hands. */
void tls_foreign_shake(struct tls_foreign *foreign);

/* Reads exactly so many bytes, into nowhere; counts them. */
void tls_foreign_take(struct tls_foreign *foreign, long bytes);

/* Reads until TLS's own end, or any other; counts. True: it was TLS's. */
bool tls_foreign_drain(struct tls_foreign *foreign);

/* Writes a text, or so many bytes. */
void tls_foreign_say(struct tls_foreign *foreign, const char *text);
void tls_foreign_fill(struct tls_foreign *foreign, long bytes);

/* Waits until the test sets `go`. */
void tls_foreign_await(struct tls_foreign *foreign);

#endif
