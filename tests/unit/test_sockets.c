/* test_sockets.c - the system's socket calls in the driver's form. */
#include "unit.h"

#include "driver/sockets.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>

static void assert_flags(int fd)
{
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void wait_for(int fd, short events)
{
    struct pollfd question = {.fd = fd, .events = events};

    assert_int_equal(poll(&question, 1, 30000), 1);
}

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_locally(struct sockaddr_in *address)
{
    int fd = gyre__sys_socket(NULL, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;

    *address = local(0);
    assert_int_equal(gyre__sys_bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    assert_int_equal(gyre__sys_listen(fd, 10), 0);
    assert_int_equal(gyre__sys_getsockname(fd, &bound, &size), 0);
    memcpy(address, &bound, sizeof *address);
    return fd;
}

static int dial(const struct sockaddr_in *address)
{
    int fd = gyre__sys_socket(NULL, AF_INET, SOCK_STREAM, 0);
    int err = gyre__sys_connect(fd, (const struct sockaddr *)address, sizeof *address);

    assert_flags(fd);
    assert_true(err == 0 || err == -EINPROGRESS);
    wait_for(fd, POLLOUT);
    return fd;
}

static void test_a_connection(void **state)
{
    struct sockaddr_in address;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int listener = listen_locally(&address), client, served, value;
    char heard[16];

    assert_flags(listener);
    assert_int_equal(gyre__sys_accept(listener, &peer, &size), -EAGAIN);
    client = dial(&address);
    wait_for(listener, POLLIN);
    size = sizeof peer;
    served = gyre__sys_accept(listener, &peer, &size);
    assert_flags(served);
    assert_int_equal(peer.ss_family, AF_INET);
    size = sizeof peer;
    assert_int_equal(gyre__sys_getpeername(client, &peer, &size), 0);
    assert_int_equal(((struct sockaddr_in *)&peer)->sin_port, address.sin_port);
    assert_int_equal(gyre__sys_setsockopt(client, IPPROTO_TCP, TCP_NODELAY, 1), 0);
    assert_int_equal(gyre__sys_getsockopt(client, IPPROTO_TCP, TCP_NODELAY, &value), 0);
    assert_true(value);
    assert_int_equal(gyre__sys_recv(served, heard, sizeof heard), -EAGAIN);
    assert_int_equal(gyre__sys_send(client, (struct iovec[]){{"one", 3}}, 1), 3);
    assert_int_equal(gyre__sys_send(client, (struct iovec[]){{"two", 3}, {"three", 5}}, 2), 8);
    assert_int_equal(gyre__sys_shutdown(client, SHUT_WR), 0);
    wait_for(served, POLLIN);
    while (recv(served, heard, sizeof heard, MSG_PEEK) < 11)
        nap(0.001);
    assert_int_equal(gyre__sys_recv(served, heard, sizeof heard), 11);
    assert_memory_equal(heard, "onetwothree", 11);
    assert_int_equal(gyre__sys_recv(served, heard, sizeof heard), 0);
    assert_int_equal(gyre__sys_close(served), 0);
    assert_int_equal(gyre__sys_close(client), 0);
    assert_int_equal(gyre__sys_close(listener), 0);
}

static void test_refused(void **state)
{
    struct sockaddr_in address;
    int listener = listen_locally(&address), fd = gyre__sys_socket(NULL, AF_INET, SOCK_STREAM, 0);
    int err, value = 0;

    gyre__sys_close(listener);
    err = gyre__sys_connect(fd, (struct sockaddr *)&address, sizeof address);
    if (err == -EINPROGRESS) {
        wait_for(fd, POLLOUT);
        assert_int_equal(gyre__sys_getsockopt(fd, SOL_SOCKET, SO_ERROR, &value), 0);
        err = -value;
    }
    assert_int_equal(err, -ECONNREFUSED);
    gyre__sys_close(fd);
}

/* T34: a dead peer is an error, not a signal. */
static void test_no_sigpipe(void **state)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[1]);
    assert_int_equal(gyre__sys_send(pair[0], (struct iovec[]){{"x", 1}}, 1), -EPIPE);
    assert_int_equal(gyre__sys_send(pair[0], (struct iovec[]){{"x", 1}, {"y", 1}}, 2), -EPIPE);
    gyre__sys_close(pair[0]);
}

static void test_errors_are_negative_codes(void **state)
{
    struct sockaddr_storage address = {.ss_family = AF_INET};
    socklen_t size = sizeof address;
    int value;

    assert_int_equal(gyre__sys_socket(NULL, -1, SOCK_STREAM, 0), -EAFNOSUPPORT);
    assert_int_equal(gyre__sys_bind(-1, (struct sockaddr *)&address, size), -EBADF);
    assert_int_equal(gyre__sys_listen(-1, 1), -EBADF);
    assert_int_equal(gyre__sys_accept(-1, &address, &size), -EBADF);
    assert_int_equal(gyre__sys_connect(-1, (struct sockaddr *)&address, size), -EBADF);
    assert_int_equal(gyre__sys_recv(-1, &value, sizeof value), -EBADF);
    assert_int_equal(gyre__sys_send(-1, (struct iovec[]){{"x", 1}}, 1), -EBADF);
    assert_int_equal(gyre__sys_shutdown(-1, SHUT_RD), -EBADF);
    assert_int_equal(gyre__sys_close(-1), -EBADF);
    assert_int_equal(gyre__sys_getsockname(-1, &address, &size), -EBADF);
    assert_int_equal(gyre__sys_getpeername(-1, &address, &size), -EBADF);
    assert_int_equal(gyre__sys_getsockopt(-1, SOL_SOCKET, SO_ERROR, &value), -EBADF);
    assert_int_equal(gyre__sys_setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, 1), -EBADF);
}

static int answer_on;
static volatile sig_atomic_t ticks;

/* The first tick interrupts for nothing, the second brings what is waited for. */
static void tick(int signal)
{
    if (++ticks == 2 && write(answer_on, "x", 1) != 1)
        abort();
}

static void test_an_interrupted_call_goes_on(void **state)
{
    struct sigaction action = {.sa_handler = tick}, before;
    struct itimerval often = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
    int pair[2];
    char heard;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    answer_on = pair[1];
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    assert_int_equal(gyre__sys_recv(pair[0], &heard, 1), 1);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_true(ticks >= 2);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_connection),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_sigpipe),
        cmocka_unit_test(test_errors_are_negative_codes),
        cmocka_unit_test(test_an_interrupted_call_goes_on),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
