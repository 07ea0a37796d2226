/* connection.c - bytes out, bytes in. All that is read lands in one buffer and is only counted. */
#include "connection.h"
#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

static char buffer[1 << 20];

static void watch(struct connection *connection, int epoll, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (connection->wants_room ? EPOLLOUT : 0),
                                .data.ptr = connection};

    epoll_ctl(epoll, operation, connection->wire.fd, &event);
}

void connection_open(struct connection *connection, const struct plan *plan, int epoll)
{
    wire_open(&connection->wire, plan);
    connection->wants_room = false;
    fcntl(connection->wire.fd, F_SETFL, O_NONBLOCK);
    watch(connection, epoll, EPOLL_CTL_ADD);
}

/* A failed write shows again as a failed read, which counts it. */
static void send_rest(struct connection *connection, const struct plan *plan, int epoll)
{
    struct wire *wire = &connection->wire;
    ssize_t n = wire_write(wire, plan->batch + connection->sent, plan->batch_len - connection->sent);
    bool wants_room;

    if (n > 0)
        connection->sent += (size_t)n;
    wants_room = connection->sent < plan->batch_len && wire->wants_room;
    if (wants_room == connection->wants_room)
        return;
    connection->wants_room = wants_room;
    watch(connection, epoll, EPOLL_CTL_MOD);
}

void connection_send(struct connection *connection, const struct plan *plan, int epoll, uint64_t begun)
{
    if (connection->wire.fd < 0)
        connection_open(connection, plan, epoll);
    connection->busy = true;
    connection->begun = begun;
    connection->sent = 0;
    connection->awaited = plan->answer_len;
    send_rest(connection, plan, epoll);
}

static enum outcome receive(struct connection *connection)
{
    ssize_t n = wire_read(&connection->wire, buffer, sizeof buffer);

    if (n < 0 && errno == EAGAIN)
        return WAITING;
    if (n <= 0 || (size_t)n > connection->awaited)
        return LOST;
    connection->awaited -= (size_t)n;
    return connection->awaited ? WAITING : ANSWERED;
}

/* Over TLS what comes in may let something out. */
enum outcome connection_proceed(struct connection *connection, const struct plan *plan, int epoll,
                                uint32_t events)
{
    if (connection->busy && connection->sent < plan->batch_len)
        send_rest(connection, plan, epoll);
    return events & ~(uint32_t)EPOLLOUT ? receive(connection) : WAITING;
}
