/* tls_raw.h - a machine of TLS on a socket of the test's own: the test says when what is sent, and spoils it.
 */
#ifndef GYRE_TESTS_TLS_RAW_H
#define GYRE_TESTS_TLS_RAW_H

#include "tests/unit/tls_both.h"

struct raw {
    struct gyre__tls tls;
    int fd;
    char out[128 * 1024]; /* for the wire, not sent yet */
    size_t out_len;
    char in[64 * 1024];
    int err; /* how its handshake ended: 1 well, 0 not yet */
};

static inline void raw_keep(void *arg, const void *data, size_t len)
{
    struct raw *raw = arg;

    assert_true(raw->out_len + len <= sizeof raw->out);
    memcpy(raw->out + raw->out_len, data, len);
    raw->out_len += len;
}

static inline void raw_begin(struct raw *raw, bool server_side, int fd)
{
    memset(raw, 0, sizeof *raw);
    raw->fd = fd;
    raw->tls.out = raw_keep;
    raw->tls.arg = raw;
    assert_int_equal(gyre__tls_init(&raw->tls, server_side ? of_server : of_client, server_side, "localhost"),
                     0);
}

static inline void raw_end(struct raw *raw)
{
    gyre__tls_free(&raw->tls);
    close(raw->fd);
}

/* Bytes to the wire, whatever they are; false: the peer takes none now, or never. */
static inline bool raw_send(struct raw *raw, const void *data, size_t len)
{
    return send(raw->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

static inline void raw_flush(struct raw *raw)
{
    if (raw->out_len)
        assert_true(raw_send(raw, raw->out, raw->out_len));
    raw->out_len = 0;
}

/* What has come is for the machine; false: the peer has closed. */
static inline bool raw_receive(struct raw *raw)
{
    ssize_t got = recv(raw->fd, raw->in, sizeof raw->in, MSG_DONTWAIT);

    raw->tls.in = raw->in;
    raw->tls.in_len = got > 0 ? (size_t)got : 0;
    return got > 0 || (got < 0 && errno == EAGAIN);
}

/* Shakes hands to the end, whose last flight is not sent yet. */
static inline void raw_shake(struct raw *raw)
{
    while (!raw->err) {
        raw_flush(raw);
        net_step(loop);
        assert_true(raw_receive(raw));
        raw->err = gyre__tls_handshake(&raw->tls);
    }
}

/* Runs the loop until the peer has closed the connection, and drops what comes. */
static inline void raw_wait_closed(struct raw *raw)
{
    while (raw_receive(raw))
        net_step(loop);
}

#endif
