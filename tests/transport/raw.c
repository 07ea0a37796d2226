/* raw.c - an end that is no transport: a socket, with OpenSSL over it or not, that keeps to no rules. */
#include "fuzz.h"
#include <openssl/err.h>
#include <sys/socket.h>

enum { RECORD = 16 * 1024 };

static char input[LONGEST];

static void be_over(struct end *end)
{
    end->lost = true;
    trace("%s is over", end->name);
}

void raw_close(struct end *end, bool reset)
{
    struct linger linger = {.l_onoff = 1};

    if (end->fd < 0)
        return;
    trace("%s %s", end->name, reset ? "resets" : "closes");
    if (reset)
        setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    SSL_free(end->ssl);
    end->ssl = NULL;
    close(end->fd);
    end->fd = -1;
    end->closed = true;
    end->aborted = end->aborted || reset;
}

void raw_start_tls(struct end *end, bool server_side)
{
    end->rules.tls = true;
    end->ssl = SSL_new(tls_raw_context());
    SSL_set_fd(end->ssl, end->fd);
    SSL_set_mode(end->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (server_side)
        SSL_set_accept_state(end->ssl);
    else
        SSL_set_connect_state(end->ssl);
}

/* What OpenSSL said: more is wanted, or it is the end, or it is broken. */
static void judge(struct end *end, int result)
{
    int reason = SSL_get_error(end->ssl, result);

    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
        return;
    end->eof = true;
    end->truncated = reason != SSL_ERROR_ZERO_RETURN;
    if (end->truncated)
        be_over(end);
    trace("%s hears TLS's %s", end->name, end->truncated ? "break" : "end");
}

static void greet(struct end *end)
{
    int result;

    ERR_clear_error();
    result = SSL_do_handshake(end->ssl);
    end->greeted = result == 1;
    if (result != 1)
        judge(end, result);
}

static size_t receive_tls(struct end *end, size_t most)
{
    size_t got = 0;
    int result;

    if (!end->greeted)
        greet(end);
    if (!end->greeted || end->lost)
        return 0;
    ERR_clear_error();
    result = SSL_read_ex(end->ssl, input, most, &got);
    if (result != 1)
        judge(end, result);
    return result == 1 ? got : 0;
}

static size_t receive_plain(struct end *end, size_t most)
{
    ssize_t got = read(end->fd, input, most);

    if (got > 0)
        return (size_t)got;
    if (got == 0)
        end->eof = true;
    else if (errno != EAGAIN)
        be_over(end);
    return 0;
}

bool raw_read(struct end *end, size_t most)
{
    size_t got;

    if (end->fd < 0 || end->eof || end->lost || !most || !end->rules.reads)
        return false;
    got = end->ssl ? receive_tls(end, most) : receive_plain(end, most);
    if (!got)
        return false;
    trace("%s reads %zu", end->name, got);
    expect(end->received + got <= end->other->most, "a raw end got more than was sent");
    expect(pattern_is(end->received, input, got), "a raw end got other bytes than were sent");
    end->received += got;
    return true;
}

/* One record; if it went in part it is to be tried again as it is. */
static size_t send_tls(struct end *end, const char *data, size_t len)
{
    size_t sent = 0;
    int result;

    if (!end->greeted || end->silent || !len)
        return 0;
    len = end->stuck ? end->stuck : len < RECORD ? len : RECORD;
    ERR_clear_error();
    result = SSL_write_ex(end->ssl, data, len, &sent);
    end->stuck = result == 1 ? 0 : len;
    if (result != 1)
        judge(end, result);
    return sent;
}

static void raw_write(struct end *end)
{
    size_t len = roll(one_in(4) ? 100000 : 200);
    const char *data = pattern_at(end->accepted);
    ssize_t sent;

    if (end->fd < 0 || end->ended || end->garbled || end->lost || !end->rules.writes)
        return;
    sent = end->ssl ? (ssize_t)send_tls(end, data, len) : write(end->fd, data, len);
    if (sent < 0 && errno != EAGAIN)
        be_over(end);
    if (sent <= 0)
        return;
    end->most = end->accepted += (uint64_t)sent;
    trace("%s sends %zd, %llu in all", end->name, sent, (unsigned long long)end->accepted);
}

/* Bytes that are no TLS: at random, or a record that is cut off or has a wrong seal. */
static void garble(struct end *end)
{
    unsigned char bytes[300];
    size_t len = 1 + roll(sizeof bytes);

    if (end->fd < 0 || !end->ssl || end->ended)
        return;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)roll(256);
    if (!one_in(3))
        memcpy(bytes, "\x17\x03\x03\x00\x80", len < 5 ? len : 5);
    if (write(end->fd, bytes, len) > 0)
        end->garbled = true;
    trace("%s sends garbage", end->name);
}

static void say_end(struct end *end)
{
    int result;

    ERR_clear_error();
    result = SSL_shutdown(end->ssl);
    end->silent = result >= 0;
    if (result < 0)
        judge(end, result);
}

static void end_writing(struct end *end)
{
    if (end->fd < 0 || !end->rules.writes || end->lost)
        return;
    if (end->ssl && end->greeted && !end->stuck && !end->silent && one_in(2))
        say_end(end);
    if (!end->ssl || one_in(2)) {
        shutdown(end->fd, SHUT_WR);
        end->ended = true;
    }
    trace("%s says %s", end->name, end->ended ? "EOF" : "goodbye");
}

void raw_act(struct end *end)
{
    unsigned what = roll(40);

    if (what < 16)
        raw_read(end, roll(one_in(3) ? LONGEST : 300));
    else if (what < 34)
        raw_write(end);
    else if (what < 36)
        end_writing(end);
    else if (what == 36)
        garble(end);
    else if (what == 37 && one_in(2))
        raw_close(end, one_in(2));
}
