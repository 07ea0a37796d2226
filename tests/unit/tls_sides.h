/* tls_sides.h - two machines of TLS that talk over memory: a client and a server, and contexts for them. */
#ifndef GYRE_TESTS_TLS_SIDES_H
#define GYRE_TESTS_TLS_SIDES_H

#include "net/tls.h"
#include "tests/unit/tls_bed.h"
#include "tests/unit/unit.h"

/* One side: its machine, and what is on the wire to it. */
struct side {
    struct gyre__tls tls;
    struct side *other;
    char wire[256 * 1024];
    size_t len;
    int err; /* how its handshake ended: 1 well, 0 not yet */
};

static struct side client, server;

static inline void to_other(void *arg, const void *data, size_t len)
{
    struct side *other = ((struct side *)arg)->other;

    assert_true(other->len + len <= sizeof other->wire);
    memcpy(other->wire + other->len, data, len);
    other->len += len;
}

/* What is on the wire is received. */
static inline void receive(struct side *side)
{
    side->tls.in = side->wire;
    side->tls.in_len = side->len;
}

/* Whatever was taken of it is gone. */
static inline void received(struct side *side)
{
    memmove(side->wire, side->tls.in, side->tls.in_len);
    side->len = side->tls.in_len;
}

static inline void shake(struct side *side)
{
    receive(side);
    if (side->err == 0)
        side->err = gyre__tls_handshake(&side->tls);
    received(side);
}

static inline gyre_tls_context *make(const gyre_tls_context_options *options)
{
    gyre_tls_context *context = NULL;

    assert_int_equal((gyre_tls_context_new)(&context, options), 0);
    return context;
}

#define context_of(...) \
    make(&(gyre_tls_context_options){.size = sizeof(gyre_tls_context_options), __VA_ARGS__})

static inline gyre_tls_context *make_server(void)
{
    return context_of(.server_side = true, .certfile = tls_file("server.pem"));
}

static inline gyre_tls_context *make_client(void)
{
    return context_of(.cafile = tls_file("ca.pem"));
}

static inline void begin(gyre_tls_context *of_server, gyre_tls_context *of_client, const char *name)
{
    memset(&client, 0, sizeof client);
    memset(&server, 0, sizeof server);
    client.other = client.tls.arg = &server;
    server.other = server.tls.arg = &client;
    client.tls.arg = &client;
    server.tls.arg = &server;
    client.tls.out = server.tls.out = to_other;
    assert_int_equal(gyre__tls_init(&server.tls, of_server, true, NULL), 0);
    assert_int_equal(gyre__tls_init(&client.tls, of_client, false, name), 0);
}

static inline void end(void)
{
    gyre__tls_free(&client.tls);
    gyre__tls_free(&server.tls);
}

static inline void meet(gyre_tls_context *of_server, gyre_tls_context *of_client, const char *name)
{
    begin(of_server, of_client, name);
    for (int i = 0; i < 10; i++) {
        shake(&client);
        shake(&server);
    }
}

static inline ptrdiff_t take(struct side *side, void *data, size_t len)
{
    ptrdiff_t got;

    receive(side);
    got = gyre__tls_read(&side->tls, data, len);
    received(side);
    return got;
}

/* A word in each direction. */
static inline void talk(void)
{
    char word[8] = "";

    assert_int_equal(server.err, 1);
    assert_int_equal(client.err, 1);
    assert_int_equal(gyre__tls_write(&client.tls, "ping", 4), 0);
    assert_int_equal(take(&server, word, sizeof word), 4);
    assert_string_equal(word, "ping");
    assert_int_equal(gyre__tls_write(&server.tls, "pong", 4), 0);
    assert_int_equal(take(&client, word, sizeof word), 4);
    assert_string_equal(word, "pong");
}

static inline void part(gyre_tls_context *of_server, gyre_tls_context *of_client)
{
    end();
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
}

static inline const char *shown(void)
{
    static char name[64];
    X509 *certificate = SSL_get1_peer_certificate(client.tls.ssl);

    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
}

static inline bool resumed(gyre_tls_context *s, gyre_tls_context *c)
{
    bool is;

    meet(s, c, "localhost");
    talk();
    is = SSL_session_reused(server.tls.ssl);
    assert_int_equal(is, SSL_session_reused(client.tls.ssl));
    end();
    return is;
}

#endif
