/* wire.c - sockets of 127.0.0.1, and OpenSSL upon them: TLS 1.3 with AES-128, whoever is asked. The
 * certificate is not looked at.
 */
#include "wire.h"
#include "exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *context;
static SSL_SESSION *session; /* the newest, for the next connection */

static int keep_session(SSL *ssl, SSL_SESSION *fresh)
{
    SSL_SESSION_free(session);
    session = fresh;
    return 1;
}

static void make_context(bool resume)
{
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
        !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256"))
        quit("OpenSSL refuses TLS 1.3");
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    if (resume)
        SSL_CTX_sess_set_new_cb(context, keep_session);
}

static void begin_tls(struct wire *wire, bool resume)
{
    if (!context)
        make_context(resume);
    wire->ssl = SSL_new(context);
    if (!wire->ssl || !SSL_set_fd(wire->ssl, wire->fd))
        quit("no memory for TLS");
    if (session)
        SSL_set_session(wire->ssl, session);
    SSL_set_connect_state(wire->ssl);
}

static int dial(int port, int type)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
        die("connect");
    if (type == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void wire_open(struct wire *wire, const struct plan *plan)
{
    *wire = (struct wire){.fd = dial(plan->port, plan->datagrams ? SOCK_DGRAM : SOCK_STREAM)};
    if (plan->tls)
        begin_tls(wire, plan->resume);
}

/* What OpenSSL says, as a system call would. */
static ssize_t judge(struct wire *wire)
{
    int reason = SSL_get_error(wire->ssl, 0);

    wire->wants_room = reason == SSL_ERROR_WANT_WRITE;
    errno = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

ssize_t wire_write(struct wire *wire, const void *data, size_t len)
{
    size_t sent;
    ssize_t n;

    if (!wire->ssl)
        n = write(wire->fd, data, len);
    else if (SSL_write_ex(wire->ssl, data, len, &sent))
        n = (ssize_t)sent;
    else
        return judge(wire);
    wire->wants_room = n < (ssize_t)len;
    return n;
}

ssize_t wire_read(struct wire *wire, void *data, size_t len)
{
    size_t got;

    if (wire->ssl)
        return SSL_read_ex(wire->ssl, data, len, &got) ? (ssize_t)got : judge(wire);
    return read(wire->fd, data, len);
}

void wire_reset(struct wire *wire)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    /* Else OpenSSL never resumes the session of a connection that was cut off. */
    if (wire->ssl)
        SSL_set_shutdown(wire->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(wire->ssl);
    wire->ssl = NULL;
    setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(wire->fd);
    wire->fd = -1;
}
