/* connection.c - bytes out, bytes in. All that is read lands in one buffer and is only counted. */
#include "connection.h"
#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 20];

static void watch(struct connection *connection, int epoll, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (connection->wants_room ? EPOLLOUT : 0),
                                .data.ptr = connection};

    epoll_ctl(epoll, operation, connection->fd, &event);
}

void connection_open(struct connection *connection, const struct plan *plan, int epoll)
{
    connection->fd = dial(plan->port);
    connection->wants_room = false;
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    watch(connection, epoll, EPOLL_CTL_ADD);
}

void connection_reset(struct connection *connection)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(connection->fd);
    connection->fd = -1;
}

/* A failed write shows again as a failed read, which counts it. */
static void send_rest(struct connection *connection, const struct plan *plan, int epoll)
{
    ssize_t n = write(connection->fd, plan->batch + connection->sent, plan->batch_len - connection->sent);
    bool wants_room;

    if (n > 0)
        connection->sent += (size_t)n;
    wants_room = connection->sent < plan->batch_len;
    if (wants_room == connection->wants_room)
        return;
    connection->wants_room = wants_room;
    watch(connection, epoll, EPOLL_CTL_MOD);
}

void connection_send(struct connection *connection, const struct plan *plan, int epoll, uint64_t begun)
{
    if (connection->fd < 0)
        connection_open(connection, plan, epoll);
    connection->busy = true;
    connection->begun = begun;
    connection->sent = 0;
    connection->awaited = plan->answer_len;
    send_rest(connection, plan, epoll);
}

static enum outcome receive(struct connection *connection)
{
    ssize_t n = read(connection->fd, buffer, sizeof buffer);

    if (n < 0 && errno == EAGAIN)
        return WAITING;
    if (n <= 0 || (size_t)n > connection->awaited)
        return LOST;
    connection->awaited -= (size_t)n;
    return connection->awaited ? WAITING : ANSWERED;
}

enum outcome connection_proceed(struct connection *connection, const struct plan *plan, int epoll,
                                uint32_t events)
{
    if (events & EPOLLOUT)
        send_rest(connection, plan, epoll);
    return events & ~(uint32_t)EPOLLOUT ? receive(connection) : WAITING;
}
