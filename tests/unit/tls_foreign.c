/* tls_foreign.c - the thread, and the words it is made of. */
#include "tests/unit/tls_foreign.h"
#include "tests/unit/net_peer.h"
#include "tests/unit/tls_bed.h"
#include <string.h>
#include <unistd.h>

static SSL_CTX *make_context(const struct tls_foreign *foreign)
{
    SSL_CTX *context = SSL_CTX_new(foreign->client ? TLS_client_method() : TLS_server_method());

    SSL_CTX_set_max_proto_version(context, foreign->version);
    if (foreign->client)
        return context;
    SSL_CTX_use_certificate_chain_file(context, tls_file("server.pem"));
    SSL_CTX_use_PrivateKey_file(context, tls_file("server.pem"), SSL_FILETYPE_PEM);
    return context;
}

static void *run(void *arg)
{
    struct tls_foreign *foreign = arg;

    foreign->play(foreign);
    close(foreign->fd);
    atomic_store(&foreign->over, true);
    return NULL;
}

void tls_foreign_begin(struct tls_foreign *foreign)
{
    SSL_CTX *context = make_context(foreign);

    foreign->ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(foreign->ssl, foreign->fd);
    assert_int_equal(pthread_create(&foreign->thread, NULL, run, foreign), 0);
}

void tls_foreign_end(struct tls_foreign *foreign, gyre_loop *loop)
{
    while (!atomic_load(&foreign->over))
        net_step(loop);
    pthread_join(foreign->thread, NULL);
    SSL_free(foreign->ssl);
    assert_false(atomic_load(&foreign->wrong));
}

void tls_foreign_expect(struct tls_foreign *foreign, bool right)
{
    if (!right)
        atomic_store(&foreign->wrong, true);
}

void tls_foreign_shake(struct tls_foreign *foreign)
{
    int done = foreign->client ? SSL_connect(foreign->ssl) : SSL_accept(foreign->ssl);

    tls_foreign_expect(foreign, done == 1);
}

static int read_some(struct tls_foreign *foreign, size_t most)
{
    char bytes[16384];
    int got = SSL_read(foreign->ssl, bytes, (int)(most < sizeof bytes ? most : sizeof bytes));

    if (got > 0)
        atomic_fetch_add(&foreign->count, got);
    return got;
}

void tls_foreign_take(struct tls_foreign *foreign, long bytes)
{
    int got = 1;

    for (; bytes > 0 && got > 0; bytes -= got)
        got = read_some(foreign, (size_t)bytes);
    tls_foreign_expect(foreign, bytes == 0);
}

bool tls_foreign_drain(struct tls_foreign *foreign)
{
    int got;

    do
        got = read_some(foreign, 16384);
    while (got > 0);
    return SSL_get_error(foreign->ssl, got) == SSL_ERROR_ZERO_RETURN;
}

void tls_foreign_say(struct tls_foreign *foreign, const char *text)
{
    tls_foreign_expect(foreign, SSL_write(foreign->ssl, text, (int)strlen(text)) == (int)strlen(text));
}

void tls_foreign_fill(struct tls_foreign *foreign, long bytes)
{
    static const char zeros[16384];

    for (; bytes > 0; bytes -= (long)sizeof zeros) {
        int some = bytes < (long)sizeof zeros ? (int)bytes : (int)sizeof zeros;

        tls_foreign_expect(foreign, SSL_write(foreign->ssl, zeros, some) == some);
    }
}

void tls_foreign_await(struct tls_foreign *foreign)
{
    while (!atomic_load(&foreign->go))
        usleep(1000);
}
