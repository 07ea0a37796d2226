/* floor.h - what the floor servers share: one thread, one level-triggered epoll, one read and one write per
 * event. A server calls floor_start once, then floor_wait and floor_dispatch for ever, with its own function
 * for readable connections. Always: a connection waits either for input or, while it has unsent output, for
 * room; never for both. Everything is static and small, so that each server compiles into one flat loop.
 */
#ifndef PERF_FLOOR_H
#define PERF_FLOOR_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOOR_MAX_FDS    32768
#define FLOOR_MAX_EVENTS 512
#define FLOOR_BACKLOG    4096

struct floor_connection {
    char *unsent;       /* output that the kernel did not take; NULL when there is none */
    size_t unsent_len;  /* bytes in unsent */
    size_t unsent_off;  /* bytes of unsent that have left since */
    char *partial;      /* for the server: a request whose end is still to come; freed on close */
    size_t partial_len; /* bytes in partial */
};

static struct floor_connection floor_connections[FLOOR_MAX_FDS];
static struct epoll_event floor_events[FLOOR_MAX_EVENTS];
static int floor_epoll, floor_listener;

static inline void floor_die(const char *what)
{
    perror(what);
    exit(1);
}

static inline void floor_watch(int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    epoll_ctl(floor_epoll, operation, fd, &event);
}

/* A socket of 127.0.0.1. */
static inline int floor_bind(int type, int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address))
        floor_die("bind");
    return fd;
}

static inline int floor_listen(int port)
{
    int on = 1, fd = floor_bind(SOCK_STREAM, port);

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets inherit it */
    if (listen(fd, FLOOR_BACKLOG))
        floor_die("listen");
    return fd;
}

/* Listens on 127.0.0.1, on the port that the first argument of the program names (8080 without one). */
static inline void floor_start(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    floor_epoll = epoll_create1(EPOLL_CLOEXEC);
    floor_listener = floor_listen(argc > 1 ? atoi(argv[1]) : 8080);
    floor_watch(EPOLL_CTL_ADD, floor_listener, EPOLLIN);
}

static inline void floor_accept(void)
{
    int fd;

    while ((fd = accept4(floor_listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd < FLOOR_MAX_FDS)
            floor_watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        else
            close(fd);
    }
}

static inline void floor_close(int fd)
{
    struct floor_connection *connection = &floor_connections[fd];

    free(connection->unsent);
    free(connection->partial);
    memset(connection, 0, sizeof *connection);
    close(fd);
}

/* Reads once and returns how much came; 0 when nothing did, and then the connection may be closed. */
static inline size_t floor_read(int fd, char *buffer, size_t size)
{
    ssize_t n = read(fd, buffer, size);

    if (n > 0)
        return (size_t)n;
    if (n == 0 || errno != EAGAIN)
        floor_close(fd);
    return 0;
}

static inline void floor_keep_unsent(int fd, const char *data, size_t len)
{
    struct floor_connection *connection = &floor_connections[fd];

    connection->unsent = malloc(len);
    if (!connection->unsent)
        floor_die("malloc");
    memcpy(connection->unsent, data, len);
    connection->unsent_len = len;
    connection->unsent_off = 0;
    floor_watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

/* Writes once; what the kernel does not take is kept and leaves before the next read. May close the
 * connection. */
static inline void floor_send(int fd, const char *data, size_t len)
{
    ssize_t n = write(fd, data, len);

    if (n == (ssize_t)len)
        return;
    if (n < 0 && errno != EAGAIN)
        floor_close(fd);
    else
        floor_keep_unsent(fd, data + (n > 0 ? n : 0), len - (size_t)(n > 0 ? n : 0));
}

static inline void floor_send_unsent(int fd)
{
    struct floor_connection *connection = &floor_connections[fd];
    size_t rest = connection->unsent_len - connection->unsent_off;
    ssize_t n = write(fd, connection->unsent + connection->unsent_off, rest);

    if (n < 0 && errno != EAGAIN) {
        floor_close(fd);
    } else if (n == (ssize_t)rest) {
        free(connection->unsent);
        connection->unsent = NULL;
        floor_watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    } else if (n > 0) {
        connection->unsent_off += (size_t)n;
    }
}

/* Sleeps until something is ready; returns how many events floor_dispatch shall deliver. */
static inline int floor_wait(void)
{
    return epoll_wait(floor_epoll, floor_events, FLOOR_MAX_EVENTS, -1);
}

static inline void floor_dispatch(int count, void (*readable)(int fd))
{
    for (int i = 0; i < count; i++) {
        int fd = floor_events[i].data.fd;

        if (fd == floor_listener)
            floor_accept();
        else if (floor_connections[fd].unsent)
            floor_send_unsent(fd);
        else
            readable(fd);
    }
}

#endif
