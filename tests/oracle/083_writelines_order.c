/* 083: write and writelines keep the order of bytes across partial sends; empty pieces are fine; the caller
 * may reuse its buffer after write(). */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCKS = 60, BLOCK = 70000, ROOM = BLOCKS * (BLOCK + 8) };

static const gyre_protocol protocol = {0};
static char expected[ROOM], got[ROOM], block[BLOCK];
static size_t expected_len;

static void expect(const char *data, size_t len)
{
    memcpy(expected + expected_len, data, len);
    expected_len += len;
}

static void write_lines(gyre_transport *transport, int i)
{
    char number[8];
    size_t len = (size_t)sprintf(number, "<%d>", i);
    struct iovec pieces[] = {{block, BLOCK}, {"", 0}, {number, len}};

    gyre_transport_writelines(transport, pieces, 3);
    expect(number, len);
}

/* The block is overwritten as soon as it was written. */
static void write_block(gyre_transport *transport, int i)
{
    memset(block, i, BLOCK);
    expect(block, BLOCK);
    if (i % 3 == 1)
        write_lines(transport, i);
    else
        gyre_transport_write(transport, block, BLOCK);
    memset(block, '#', BLOCK);
}

static int receive(void *peer)
{
    int len = 0;
    ssize_t n;

    while (len < ROOM && (n = recv(*(int *)peer, got + len, (size_t)(ROOM - len), 0)) > 0)
        len += (int)n;
    return len;
}

static void compare(gyre_loop *loop, int peer)
{
    gyre_future *received;
    size_t len;

    gyre_loop_run_in_executor(loop, &received, NULL, receive, &peer);
    len = (size_t)oracle_await(received);
    printf("lengths equal %s bytes equal %s\n", py_bool(len == expected_len),
           py_bool(len == expected_len && memcmp(got, expected, len) == 0));
    close(peer);
}

static int run(void *arg)
{
    gyre_transport *transport;
    int peer = oracle_connect(&transport, &protocol, NULL);

    for (int i = 0; i < BLOCKS; i++)
        write_block(transport, i);
    gyre_transport_write_eof(transport);
    compare(gyre_get_running_loop(), peer);
    gyre_transport_close(transport);
    gyre_sleep(.01);
    gyre_transport_unref(transport);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
