/* test_sim_socket.c - sockets in virtual time answer as the system's do: each test runs on both. */
#include "unit.h"

#include "driver/driver.h"
#include "loop/loop.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/un.h>

static const struct gyre__driver_class *on; /* whose sockets */
static struct gyre__driver *driver;

static void ignore_wake(void *arg)
{
}

static int make_driver(void **state)
{
    driver = on->make(ignore_wake, NULL);
    return driver ? 0 : -1;
}

static int close_driver(void **state)
{
    on->close(driver);
    return 0;
}

static int open_socket(int domain, int type)
{
    int fd = on->socket(driver, domain, type, 0);

    assert_true(fd >= 0);
    return fd;
}

static struct sockaddr_in here(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int bind_to(int fd, int port)
{
    struct sockaddr_in address = here(port);

    return on->bind(fd, (struct sockaddr *)&address, sizeof address);
}

static int connect_to(int fd, int port)
{
    struct sockaddr_in address = here(port);

    return on->connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int port_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;

    assert_int_equal(on->getsockname(fd, &name, &size), 0);
    return ntohs(((struct sockaddr_in *)(void *)&name)->sin_port);
}

static int option(int fd, int name)
{
    int value = -1;

    assert_int_equal(on->getsockopt(fd, SOL_SOCKET, name, &value), 0);
    return value;
}

static ssize_t say(int fd, const char *words)
{
    return on->send(fd, &(struct iovec){(void *)(uintptr_t)words, strlen(words)}, 1);
}

/* The words that came, or a code. */
static ssize_t hear(int fd, char *words)
{
    ssize_t got = on->recv(fd, words, 64);

    words[got > 0 ? got : 0] = '\0';
    return got;
}

#define assert_heard(fd, expected)                           \
    do {                                                     \
        char words[65];                                      \
        assert_int_equal(hear(fd, words), strlen(expected)); \
        assert_string_equal(words, expected);                \
    } while (0)

static void assert_fails(int fd, ssize_t code)
{
    char words[65];

    assert_int_equal(hear(fd, words), code);
}

static void see(void *arg, int events)
{
    *(int *)arg |= events;
}

/* What a descriptor is ready for. */
static int readiness(int fd)
{
    int events = 0;
    struct gyre__watch *watch = on->watch(driver, fd, GYRE__READABLE | GYRE__WRITABLE, see, &events);

    assert_non_null(watch);
    on->poll(driver, GYRE__NO_WAIT);
    on->unwatch(watch);
    return events;
}

static void wait_for(int fd, int wanted)
{
    int events = 0;
    struct gyre__watch *watch = on->watch(driver, fd, wanted, see, &events);

    for (int i = 0; i < 100 && !events; i++)
        on->poll(driver, on->now(driver) + 100000000);
    assert_true(events);
    on->unwatch(watch);
}

static int listen_somewhere(int backlog)
{
    int fd = open_socket(AF_INET, SOCK_STREAM);

    assert_int_equal(bind_to(fd, 0), 0);
    assert_int_equal(on->listen(fd, backlog), 0);
    return fd;
}

static int accept_one(int listener)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int fd;

    wait_for(listener, GYRE__READABLE);
    fd = on->accept(listener, &peer, &size);
    assert_true(fd >= 0);
    return fd;
}

/* Two ends of a connection. */
static void connect_pair(int pair[2])
{
    int listener = listen_somewhere(5);

    pair[0] = open_socket(AF_INET, SOCK_STREAM);
    assert_int_equal(connect_to(pair[0], port_of(listener)), -EINPROGRESS);
    wait_for(pair[0], GYRE__WRITABLE);
    pair[1] = accept_one(listener);
    on->close_socket(listener);
}

static void close_pair(int pair[2])
{
    on->close_socket(pair[0]);
    on->close_socket(pair[1]);
}

static void test_names(void **state)
{
    int one = open_socket(AF_INET, SOCK_STREAM), other = open_socket(AF_INET, SOCK_STREAM);
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc6336401)};

    assert_int_equal(port_of(one), 0);
    assert_int_equal(on->bind(one, (struct sockaddr *)&far, sizeof far), -EADDRNOTAVAIL);
    assert_int_equal(on->bind(one, (struct sockaddr *)&far, 3), -EINVAL);
    assert_int_equal(bind_to(one, 0), 0);
    assert_true(port_of(one) > 0);
    assert_int_equal(bind_to(one, 0), -EINVAL);
    assert_int_equal(bind_to(other, port_of(one)), -EADDRINUSE);
    on->setsockopt(one, SOL_SOCKET, SO_REUSEPORT, 1);
    on->setsockopt(other, SOL_SOCKET, SO_REUSEPORT, 1);
    assert_int_equal(bind_to(other, port_of(one)), 0);
    on->close_socket(one);
    on->close_socket(other);
    assert_true(on->socket(driver, -1, SOCK_STREAM, 0) == -EAFNOSUPPORT);
}

static void test_reuse_address(void **state)
{
    int one = open_socket(AF_INET, SOCK_STREAM), other = open_socket(AF_INET, SOCK_STREAM);

    on->setsockopt(one, SOL_SOCKET, SO_REUSEADDR, 1);
    on->setsockopt(other, SOL_SOCKET, SO_REUSEADDR, 1);
    assert_int_equal(bind_to(one, 0), 0);
    assert_int_equal(bind_to(other, port_of(one)), 0);
    assert_int_equal(on->listen(one, 5), 0);
    assert_int_equal(on->listen(other, 5), -EADDRINUSE);
    on->close_socket(other);
    other = open_socket(AF_INET, SOCK_STREAM);
    on->setsockopt(other, SOL_SOCKET, SO_REUSEADDR, 1);
    assert_int_equal(bind_to(other, port_of(one)), -EADDRINUSE);
    on->close_socket(one);
    on->close_socket(other);
}

static void test_options(void **state)
{
    int fd = open_socket(AF_INET, SOCK_STREAM), local = open_socket(AF_UNIX, SOCK_STREAM);

    assert_int_equal(option(fd, SO_TYPE), SOCK_STREAM);
    assert_int_equal(option(fd, SO_DOMAIN), AF_INET);
    assert_int_equal(option(fd, SO_ERROR), 0);
    assert_int_equal(option(fd, SO_ACCEPTCONN), 0);
    assert_int_equal(option(fd, SO_KEEPALIVE), 0);
    assert_int_equal(on->setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
    assert_int_equal(option(fd, SO_KEEPALIVE), 1);
    assert_int_equal(on->setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 10000), 0);
    assert_int_equal(option(fd, SO_SNDBUF), 20000);
    assert_int_equal(on->setsockopt(local, IPPROTO_TCP, 1, 1), -EOPNOTSUPP);
    on->close_socket(fd);
    on->close_socket(local);
}

static void test_unconnected(void **state)
{
    int fd = open_socket(AF_INET, SOCK_STREAM);
    struct sockaddr_storage name;
    socklen_t size = sizeof name;

    assert_int_equal(readiness(fd), GYRE__READABLE | GYRE__WRITABLE);
    assert_fails(fd, -ENOTCONN);
    assert_int_equal(say(fd, "x"), -EPIPE);
    assert_int_equal(on->shutdown(fd, SHUT_WR), -ENOTCONN);
    assert_int_equal(on->getpeername(fd, &name, &size), -ENOTCONN);
    assert_int_equal(on->accept(fd, &name, &size), -EINVAL);
    on->close_socket(fd);
    assert_int_equal(on->getsockname(fd, &name, &size), -EBADF);
}

static void test_refused(void **state)
{
    int fd = open_socket(AF_INET, SOCK_STREAM), free = listen_somewhere(5), port = port_of(free);

    on->close_socket(free);
    assert_int_equal(connect_to(fd, port), -EINPROGRESS);
    wait_for(fd, GYRE__WRITABLE);
    assert_int_equal(option(fd, SO_ERROR), ECONNREFUSED);
    assert_int_equal(option(fd, SO_ERROR), 0);
    on->close_socket(fd);
}

static void test_connect_and_accept(void **state)
{
    int listener = listen_somewhere(5), fd = open_socket(AF_INET, SOCK_STREAM), accepted;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    assert_int_equal(option(listener, SO_ACCEPTCONN), 1);
    assert_int_equal(readiness(listener), 0);
    assert_int_equal(on->accept(listener, &peer, &size), -EAGAIN);
    on->setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    assert_int_equal(connect_to(fd, port_of(listener)), -EINPROGRESS);
    wait_for(fd, GYRE__WRITABLE);
    assert_int_equal(option(fd, SO_ERROR), 0);
    wait_for(listener, GYRE__READABLE);
    size = sizeof peer;
    accepted = on->accept(listener, &peer, &size);
    assert_true(accepted >= 0);
    assert_int_equal(size, sizeof(struct sockaddr_in));
    assert_int_equal(ntohs(((struct sockaddr_in *)(void *)&peer)->sin_port), port_of(fd));
    assert_int_equal(option(accepted, SO_KEEPALIVE), 1);
    assert_int_equal(port_of(accepted), port_of(listener));
    assert_int_equal(connect_to(fd, port_of(listener)), 0);
    assert_int_equal(connect_to(fd, port_of(listener)), -EISCONN);
    assert_int_equal(readiness(fd), GYRE__WRITABLE);
    on->close_socket(fd);
    on->close_socket(accepted);
    on->close_socket(listener);
}

static void test_bytes_and_ends(void **state)
{
    int pair[2];

    connect_pair(pair);
    assert_fails(pair[1], -EAGAIN);
    assert_int_equal(say(pair[0], "hello"), 5);
    wait_for(pair[1], GYRE__READABLE);
    assert_heard(pair[1], "hello");
    assert_int_equal(say(pair[0], "bye"), 3);
    assert_int_equal(on->shutdown(pair[0], SHUT_WR), 0);
    assert_int_equal(on->shutdown(pair[0], SHUT_WR), 0);
    assert_int_equal(say(pair[0], "x"), -EPIPE);
    wait_for(pair[1], GYRE__READABLE);
    assert_heard(pair[1], "bye");
    assert_heard(pair[1], "");
    assert_heard(pair[1], "");
    assert_int_equal(readiness(pair[1]), GYRE__READABLE | GYRE__WRITABLE);
    assert_int_equal(say(pair[1], "more"), 4);
    wait_for(pair[0], GYRE__READABLE);
    assert_heard(pair[0], "more");
    close_pair(pair);
}

/* What came before a reset can be read. */
static void test_close_with_unread_bytes(void **state)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    int pair[2];

    connect_pair(pair);
    say(pair[0], "unread");
    say(pair[1], "before");
    wait_for(pair[1], GYRE__READABLE);
    on->close_socket(pair[1]);
    wait_for(pair[0], GYRE__READABLE);
    assert_heard(pair[0], "before");
    assert_fails(pair[0], -ECONNRESET);
    assert_fails(pair[0], 0);
    assert_int_equal(say(pair[0], "x"), -EPIPE);
    assert_int_equal(on->shutdown(pair[0], SHUT_WR), -ENOTCONN);
    assert_int_equal(on->getpeername(pair[0], &name, &size), -ENOTCONN);
    on->close_socket(pair[0]);
}

static void test_reset_is_told_to_send(void **state)
{
    int pair[2];

    connect_pair(pair);
    say(pair[0], "unread");
    wait_for(pair[1], GYRE__READABLE);
    on->close_socket(pair[1]);
    wait_for(pair[0], GYRE__READABLE);
    assert_int_equal(say(pair[0], "x"), -ECONNRESET);
    assert_int_equal(say(pair[0], "x"), -EPIPE);
    assert_fails(pair[0], 0);
    on->close_socket(pair[0]);
}

/* The first bytes to somebody who has left bring a reset; the end that was heard stays the end. */
static void test_send_to_who_has_left(void **state)
{
    int pair[2];

    connect_pair(pair);
    on->close_socket(pair[1]);
    wait_for(pair[0], GYRE__READABLE);
    assert_int_equal(say(pair[0], "x"), 1);
    wait_for(pair[0], GYRE__READABLE);
    assert_int_equal(say(pair[0], "x"), -EPIPE);
    assert_fails(pair[0], 0);
    on->close_socket(pair[0]);
}

static void test_full(void **state)
{
    static char much[1 << 20];
    size_t sent = 0, got = 0;
    ssize_t step;
    int pair[2];

    connect_pair(pair);
    while ((step = on->send(pair[0], &(struct iovec){much, sizeof much}, 1)) > 0)
        sent += (size_t)step;
    assert_int_equal(step, -EAGAIN);
    assert_int_equal(readiness(pair[0]), 0);
    while (got < sent) {
        wait_for(pair[1], GYRE__READABLE);
        step = on->recv(pair[1], much, sizeof much);
        assert_true(step > 0);
        got += (size_t)step;
    }
    wait_for(pair[0], GYRE__WRITABLE);
    assert_int_equal(say(pair[0], "x"), 1);
    close_pair(pair);
}

static void test_duplicates(void **state)
{
    int pair[2], twin;

    connect_pair(pair);
    twin = on->duplicate(pair[0]);
    assert_true(twin >= 0 && twin != pair[0]);
    on->close_socket(pair[0]);
    assert_fails(pair[1], -EAGAIN);
    assert_int_equal(say(twin, "still here"), 10);
    wait_for(pair[1], GYRE__READABLE);
    assert_heard(pair[1], "still here");
    on->close_socket(twin);
    wait_for(pair[1], GYRE__READABLE);
    assert_heard(pair[1], "");
    on->close_socket(pair[1]);
}

/* Who is in the queue of a listener that closes is reset. */
static void test_closed_with_a_queue(void **state)
{
    int listener = listen_somewhere(5), fd = open_socket(AF_INET, SOCK_STREAM);

    assert_int_equal(connect_to(fd, port_of(listener)), -EINPROGRESS);
    wait_for(fd, GYRE__WRITABLE);
    wait_for(listener, GYRE__READABLE);
    on->close_socket(listener);
    wait_for(fd, GYRE__READABLE);
    assert_fails(fd, -ECONNRESET);
    on->close_socket(fd);
}

static void test_deaf(void **state)
{
    int listener = listen_somewhere(5), early = open_socket(AF_INET, SOCK_STREAM);
    int late = open_socket(AF_INET, SOCK_STREAM);

    assert_int_equal(connect_to(early, port_of(listener)), -EINPROGRESS);
    wait_for(listener, GYRE__READABLE);
    assert_int_equal(on->deafen(listener), 0);
    assert_int_equal(connect_to(late, port_of(listener)), -EINPROGRESS);
    assert_int_equal(connect_to(late, port_of(listener)), -EALREADY);
    assert_int_equal(readiness(late), 0);
    on->close_socket(accept_one(listener));
    on->close_socket(listener);
    on->close_socket(early);
    on->close_socket(late);
}

/* --- sockets of this machine --- */

static struct sockaddr_un abstract_name(socklen_t *size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                        (size_t)snprintf(address.sun_path + 1, 40, "gyre-sim-%d", (int)getpid()));
    return address;
}

static int listen_locally(int backlog)
{
    socklen_t size;
    struct sockaddr_un address = abstract_name(&size);
    int fd = open_socket(AF_UNIX, SOCK_STREAM);

    assert_int_equal(on->listen(fd, backlog), -EINVAL);
    assert_int_equal(on->bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(on->listen(fd, backlog), 0);
    return fd;
}

static int connect_locally(int fd)
{
    socklen_t size;
    struct sockaddr_un address = abstract_name(&size);

    return on->connect(fd, (struct sockaddr *)&address, size);
}

static void test_unix_names(void **state)
{
    int fd = open_socket(AF_UNIX, SOCK_STREAM), listener, other = open_socket(AF_UNIX, SOCK_STREAM);
    struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "/nowhere/at/all"};
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    struct sockaddr_un address;

    assert_int_equal(connect_locally(fd), -ECONNREFUSED);
    assert_int_equal(on->connect(fd, (struct sockaddr *)&nowhere, sizeof nowhere), -ENOENT);
    listener = listen_locally(5);
    address = abstract_name(&size);
    assert_int_equal(on->bind(other, (struct sockaddr *)&address, size), -EADDRINUSE);
    assert_int_equal(connect_locally(fd), 0);
    assert_int_equal(connect_locally(fd), -EISCONN);
    size = sizeof name;
    assert_int_equal(on->getsockname(fd, &name, &size), 0);
    assert_int_equal(size, sizeof name.ss_family);
    size = sizeof name;
    assert_int_equal(on->getpeername(fd, &name, &size), 0);
    assert_memory_equal(&name, &address, size);
    on->close_socket(fd);
    on->close_socket(other);
    on->close_socket(listener);
}

static void test_unix_queue(void **state)
{
    int listener = listen_locally(0), one = open_socket(AF_UNIX, SOCK_STREAM);
    int other = open_socket(AF_UNIX, SOCK_STREAM);
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    assert_int_equal(connect_locally(one), 0);
    assert_int_equal(connect_locally(other), -EAGAIN);
    assert_int_equal(on->deafen(listener), 0);
    assert_int_equal(connect_locally(other), -ECONNREFUSED);
    on->close_socket(accept_one(listener));
    assert_int_equal(on->accept(listener, &peer, &size), -EAGAIN);
    assert_int_equal(readiness(listener), GYRE__READABLE);
    on->close_socket(one);
    on->close_socket(other);
    on->close_socket(listener);
}

static void test_unix_ends(void **state)
{
    int listener = listen_locally(5), one = open_socket(AF_UNIX, SOCK_STREAM), other;

    assert_fails(one, -EINVAL);
    assert_int_equal(say(one, "x"), -ENOTCONN);
    assert_int_equal(connect_locally(one), 0);
    other = accept_one(listener);
    assert_int_equal(say(one, "hello"), 5);
    assert_heard(other, "hello");
    on->close_socket(other);
    assert_int_equal(readiness(one), GYRE__READABLE | GYRE__WRITABLE);
    assert_heard(one, "");
    assert_int_equal(say(one, "x"), -EPIPE);
    on->close_socket(one);
    one = open_socket(AF_UNIX, SOCK_STREAM);
    assert_int_equal(connect_locally(one), 0);
    other = accept_one(listener);
    say(one, "unread");
    on->close_socket(other);
    assert_fails(one, -ECONNRESET);
    assert_fails(one, 0);
    on->close_socket(one);
    on->close_socket(listener);
}

/* --- datagrams --- */

static ssize_t send_to(int fd, const char *words, int port)
{
    struct sockaddr_in address = here(port);

    return on->sendto(fd, words, strlen(words), (struct sockaddr *)&address, sizeof address);
}

static void test_datagrams(void **state)
{
    int one = open_socket(AF_INET, SOCK_DGRAM), other = open_socket(AF_INET, SOCK_DGRAM);
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    char byte;

    assert_int_equal(bind_to(one, 0), 0);
    assert_int_equal(readiness(one), GYRE__WRITABLE);
    assert_int_equal(say(other, "to whom?"), -EDESTADDRREQ);
    assert_int_equal(send_to(other, "hello", port_of(one)), 5);
    assert_int_equal(send_to(other, "", port_of(one)), 0);
    wait_for(one, GYRE__READABLE);
    assert_int_equal(on->recvmsg(one, &byte, 1, &from, &size), 5);
    assert_int_equal(byte, 'h');
    assert_int_equal(ntohs(((struct sockaddr_in *)(void *)&from)->sin_port), port_of(other));
    assert_int_equal(on->recvfrom(one, &byte, 1, (struct sockaddr *)&from, &size), 0);
    assert_int_equal(on->recvfrom(one, &byte, 1, (struct sockaddr *)&from, &size), -EAGAIN);
    on->close_socket(one);
    on->close_socket(other);
}

static void test_datagram_sizes(void **state)
{
    static char much[65536];
    int one = open_socket(AF_INET, SOCK_DGRAM);
    struct sockaddr_in address;

    assert_int_equal(bind_to(one, 0), 0);
    address = here(port_of(one));
    assert_int_equal(on->sendto(one, much, 65508, (struct sockaddr *)&address, sizeof address), -EMSGSIZE);
    assert_int_equal(on->sendto(one, much, 65507, (struct sockaddr *)&address, sizeof address), 65507);
    wait_for(one, GYRE__READABLE);
    assert_int_equal(on->recv(one, much, sizeof much), 65507);
    on->close_socket(one);
}

/* Who is connected hears only one, and hears when he is not there. */
static void test_connected_datagrams(void **state)
{
    int one = open_socket(AF_INET, SOCK_DGRAM), other = open_socket(AF_INET, SOCK_DGRAM);
    int third = open_socket(AF_INET, SOCK_DGRAM);

    assert_int_equal(bind_to(one, 0) + bind_to(other, 0) + bind_to(third, 0), 0);
    assert_int_equal(connect_to(one, port_of(other)), 0);
    assert_int_equal(send_to(third, "not heard", port_of(one)), 9);
    assert_int_equal(send_to(other, "heard", port_of(one)), 5);
    wait_for(one, GYRE__READABLE);
    assert_heard(one, "heard");
    assert_fails(one, -EAGAIN);
    on->close_socket(other);
    assert_int_equal(say(one, "anybody?"), 8);
    wait_for(one, GYRE__READABLE);
    assert_fails(one, -ECONNREFUSED);
    assert_fails(one, -EAGAIN);
    on->close_socket(one);
    on->close_socket(third);
}

static void test_broadcast(void **state)
{
    int one = open_socket(AF_INET, SOCK_DGRAM);
    struct sockaddr_in all = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_BROADCAST)};

    assert_int_equal(on->sendto(one, "x", 1, (struct sockaddr *)&all, sizeof all), -EACCES);
    on->close_socket(one);
}

/* --- IPv6 --- */

static void test_both_versions(void **state)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    int listener = open_socket(AF_INET6, SOCK_STREAM), four = open_socket(AF_INET, SOCK_STREAM), accepted;
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    int port;

    assert_int_equal(on->bind(listener, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(on->listen(listener, 5), 0);
    port = port_of(listener);
    assert_int_equal(bind_to(four, port), -EADDRINUSE);
    assert_int_equal(connect_to(four, port), -EINPROGRESS);
    wait_for(four, GYRE__WRITABLE);
    accepted = accept_one(listener);
    assert_int_equal(on->getpeername(accepted, &name, &size), 0);
    assert_int_equal(size, sizeof any);
    assert_true(IN6_IS_ADDR_V4MAPPED(&((struct sockaddr_in6 *)(void *)&name)->sin6_addr));
    on->close_socket(four);
    on->close_socket(accepted);
    on->close_socket(listener);
}

static void test_one_version(void **state)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    int six = open_socket(AF_INET6, SOCK_STREAM), four = open_socket(AF_INET, SOCK_STREAM);

    assert_int_equal(on->setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, 1), 0);
    assert_int_equal(on->bind(six, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(bind_to(four, port_of(six)), 0);
    assert_int_equal(bind_to(six, 0), -EINVAL);
    on->close_socket(six);
    on->close_socket(four);
}

#define ON_BOTH(test) cmocka_unit_test_setup_teardown(test, make_driver, close_driver)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(test_names),
        ON_BOTH(test_reuse_address),
        ON_BOTH(test_options),
        ON_BOTH(test_unconnected),
        ON_BOTH(test_refused),
        ON_BOTH(test_connect_and_accept),
        ON_BOTH(test_bytes_and_ends),
        ON_BOTH(test_close_with_unread_bytes),
        ON_BOTH(test_reset_is_told_to_send),
        ON_BOTH(test_send_to_who_has_left),
        ON_BOTH(test_full),
        ON_BOTH(test_duplicates),
        ON_BOTH(test_closed_with_a_queue),
        ON_BOTH(test_deaf),
        ON_BOTH(test_unix_names),
        ON_BOTH(test_unix_queue),
        ON_BOTH(test_unix_ends),
        ON_BOTH(test_datagrams),
        ON_BOTH(test_datagram_sizes),
        ON_BOTH(test_connected_datagrams),
        ON_BOTH(test_broadcast),
        ON_BOTH(test_both_versions),
        ON_BOTH(test_one_version),
    };
    int failures;

    on = gyre__driver_find(GYRE_DRIVER_SIM);
    failures = cmocka_run_group_tests_name("sim", tests, begin_group, end_group);
    on = gyre__driver_find(GYRE_DRIVER_DEFAULT);
    return failures + cmocka_run_group_tests_name("the system", tests, begin_group, end_group);
}
