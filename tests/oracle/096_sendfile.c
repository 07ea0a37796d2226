/* 096: sendfile: byte count, offset and count, writes refused meanwhile, order with writes before and after,
 * file position updated. */
#include "oracle.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 3 << 20 };

static const gyre_protocol protocol = {0};
static gyre_loop *loop;
static gyre_transport *transport;
static int file, peer;
static unsigned char got[SIZE + 64];

static void make_file(void)
{
    FILE *made = tmpfile();

    for (int i = 0; i < SIZE; i++)
        putc(i % 256, made);
    fflush(made);
    file = dup(fileno(made));
    fclose(made);
}

static void connect_to_peer(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof address;

    bind(listener, (struct sockaddr *)&address, size);
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&address, &size);
    gyre_loop_create_connection(loop, &transport, &protocol, .host = "127.0.0.1",
                                .port = ntohs(address.sin_port));
    peer = accept(listener, NULL, NULL);
    close(listener);
}

static int drain(void *arg)
{
    size_t len = 0;
    ssize_t n;

    while (len < sizeof got && (n = recv(peer, got + len, sizeof got - len, 0)) > 0)
        len += (size_t)n;
    return (int)len;
}

static int send_all(void *sent)
{
    return gyre_loop_sendfile(loop, sent, transport, file);
}

static gyre_task *begin(int64_t *sent)
{
    gyre_task *task;
    int err;

    gyre_transport_write(transport, "<pre>", 5);
    gyre_create_task(&task, send_all, sent);
    gyre_sleep(0);
    gyre_sleep(0);
    err = gyre_transport_write(transport, "x", 1);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
    return task;
}

static long position(void)
{
    return (long)lseek(file, 0, SEEK_CUR);
}

static void send_and_compare(void)
{
    int64_t sent = 0;
    gyre_task *task = begin(&sent);
    gyre_future *received;
    int len;

    gyre_loop_run_in_executor(loop, &received, NULL, drain, NULL);
    oracle_await(task);
    printf("sent %lld pos %ld\n", (long long)sent, position());
    gyre_loop_sendfile(loop, &sent, transport, file, .offset = 256, .count = 10);
    printf("part %lld pos %ld\n", (long long)sent, position());
    gyre_transport_write(transport, "<post>", 6);
    gyre_transport_close(transport);
    len = oracle_await(received);
    printf("%s %s %s %s\n", py_bool(len == SIZE + 21), py_bytes(got, 5), py_bytes(got + 5, 3),
           py_bytes(got + len - 16, 16));
}

static int run(void *arg)
{
    int err;

    loop = gyre_get_running_loop();
    make_file();
    connect_to_peer();
    send_and_compare();
    err = gyre_loop_sendfile(loop, NULL, transport, file);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
    gyre_transport_unref(transport);
    close(file);
    return close(peer);
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
