/* sock_bed.h - what the tests of the sock_* functions have in common: sockets of the program's, and a call in
 * a task of its own. */
#ifndef GYRE_TESTS_SOCK_BED_H
#define GYRE_TESTS_SOCK_BED_H

#include "unit.h"

#include "loop/loop.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gyre/server.h>
#include <gyre/sock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static inline int make_socket(int domain, int type)
{
    int made = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(made >= 0);
    return made;
}

/* 127.0.0.1, and a port that the system chose. */
static inline struct sockaddr_in bind_here(int sock)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    assert_int_equal(bind(sock, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(sock, (struct sockaddr *)&address, &size), 0);
    return address;
}

static inline int listen_here(struct sockaddr_in *address)
{
    int listener = make_socket(AF_INET, SOCK_STREAM);

    *address = bind_here(listener);
    assert_int_equal(listen(listener, 10), 0);
    return listener;
}

static inline int connect_sock(int sock, const struct sockaddr_in *address)
{
    return gyre_loop_sock_connect(loop, sock, .address = (const struct sockaddr *)address,
                                  .address_size = sizeof *address);
}

/* A TCP connection: pair[0] connects, pair[1] is what was accepted. */
static inline void connect_pair(int pair[2])
{
    struct sockaddr_in address;
    int listener = listen_here(&address);

    pair[0] = make_socket(AF_INET, SOCK_STREAM);
    assert_int_equal(connect_sock(pair[0], &address), 0);
    pair[1] = gyre_loop_sock_accept(loop, NULL, NULL, listener);
    assert_true(pair[1] >= 0);
    close(listener);
}

static inline void close_both(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

/* A recv, in a task. */
struct intake {
    int sock;
    char text[64];
    ptrdiff_t got;
    gyre_task *task;
};

static inline int take(void *arg)
{
    struct intake *intake = arg;

    intake->got = gyre_loop_sock_recv(loop, intake->sock, intake->text, sizeof intake->text);
    return intake->got < 0 ? (int)intake->got : 0;
}

static inline void start_taking(struct intake *intake, int sock)
{
    *intake = (struct intake){.sock = sock};
    assert_int_equal(gyre_create_task(&intake->task, take, intake), 0);
    assert_int_equal(gyre_sleep(0), 0);
}

static inline int finish_taking(struct intake *intake)
{
    int err = gyre_await(intake->task, NULL);

    gyre_future_unref(intake->task);
    return err;
}

/* Runs the coroutine as the test's task. */
#define RUN(coroutine) assert_int_equal(run_main(coroutine, NULL), 0)

#endif
