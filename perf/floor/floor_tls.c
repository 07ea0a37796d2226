/* floor_tls.c - the least that an HTTP/1.1 server over TLS can do with OpenSSL: one read into a memory BIO,
 * one write of what another one holds. A request must come whole in one record; anything else ends the
 * connection. An idle connection holds no buffer of records, as with nginx.
 * usage: floor_tls PORT CERTIFICATE KEY
 */
#include "answer.h"

#include <openssl/ssl.h>
#include <stdbool.h>

#define READ_SIZE 65536

static char wire[READ_SIZE], input[READ_SIZE];
static char answers[READ_SIZE / SHORTEST_REQUEST * ANSWER_MAX];
static SSL *connections[FLOOR_MAX_FDS];
static SSL_CTX *context;

static SSL *connection_of(int fd)
{
    SSL *ssl = connections[fd];

    if (ssl)
        return ssl;
    connections[fd] = ssl = SSL_new(context);
    if (!ssl)
        floor_die("SSL_new");
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
    return ssl;
}

static void end(int fd)
{
    SSL_free(connections[fd]);
    connections[fd] = NULL;
}

/* Reads once; false when nothing came. Then the connection may be closed. */
static bool read_wire(int fd)
{
    ssize_t n = read(fd, wire, sizeof wire);

    if (n > 0)
        return BIO_write(SSL_get_rbio(connection_of(fd)), wire, (int)n) == n;
    if (n == 0 || errno != EAGAIN) {
        end(fd);
        floor_close(fd);
    }
    return false;
}

/* Whose peer has gone is closed by the next read. */
static void write_wire(int fd)
{
    BIO *out = SSL_get_wbio(connections[fd]);
    char *data;
    long len = BIO_get_mem_data(out, &data);

    ssize_t n = len > 0 ? write(fd, data, (size_t)len) : len;

    if (n < len && (n >= 0 || errno == EAGAIN))
        floor_keep_unsent(fd, data + (n > 0 ? n : 0), (size_t)(len - (n > 0 ? n : 0)));
    BIO_reset(out);
}

static bool respond(SSL *ssl, int count)
{
    if (count == 1)
        return SSL_write(ssl, answer, (int)answer_len) > 0;
    for (int i = 0; i < count; i++)
        memcpy(answers + (size_t)i * answer_len, answer, answer_len);
    return SSL_write(ssl, answers, (int)((size_t)count * answer_len)) > 0;
}

/* Answers what came; false when that was the last. */
static bool converse(SSL *ssl)
{
    size_t used;
    int n;

    while ((n = SSL_read(ssl, input, sizeof input)) > 0) {
        int count = count_requests(input, (size_t)n, &used);

        if (count < 0 || used < (size_t)n || !respond(ssl, count))
            return false;
    }
    return SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ;
}

static void serve(int fd)
{
    bool more;

    if (!read_wire(fd))
        return;
    more = converse(connections[fd]);
    write_wire(fd);
    if (more)
        return;
    end(fd);
    floor_close(fd);
}

static void set_up(char **argv)
{
    context = SSL_CTX_new(TLS_server_method());
    if (!context || SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1)
        floor_die("certificate");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    set_up(argv);
    floor_start(argc, argv);
    for (;;) {
        int count = floor_wait();

        refresh_answer();
        floor_dispatch(count, serve);
    }
}
