/* driver/sim_option.c - options of sockets in virtual time: kept, told, and some of them heeded. */
#include "base/memory.h"
#include "driver/sim_call.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { LEAST_SEND = 2304, LEAST_RECEIVE = 1152 };

static struct gyre__sim_option *find(const struct gyre__sim_socket *socket, int level, int name)
{
    for (size_t i = 0; i < socket->option_count; i++)
        if (socket->options[i].level == level && socket->options[i].name == name)
            return &socket->options[i];
    return NULL;
}

int gyre__sim_option(const struct gyre__sim_socket *socket, int level, int name)
{
    const struct gyre__sim_option *option = find(socket, level, name);

    return option ? option->value : 0;
}

int gyre__sim_take_error(struct gyre__sim_socket *socket)
{
    int error = socket->error;

    socket->error = 0;
    return error;
}

/* As Linux has it, the double of what was asked for. */
static int get_known(struct gyre__sim_socket *socket, int name)
{
    switch (name) {
    case SO_ERROR:
        return gyre__sim_take_error(socket);
    case SO_TYPE:
        return socket->type;
    case SO_DOMAIN:
        return socket->domain;
    case SO_PROTOCOL:
        return socket->protocol;
    case SO_ACCEPTCONN:
        return socket->state == GYRE__SIM_LISTENING;
    case SO_SNDBUF:
        return (int)socket->send_room * 2;
    case SO_RCVBUF:
        return (int)socket->receive_room * 2;
    default:
        return gyre__sim_option(socket, SOL_SOCKET, name);
    }
}

/* The transport's options are not those of every socket. */
static bool has(const struct gyre__sim_socket *socket, int level)
{
    return level == SOL_SOCKET || socket->domain != AF_UNIX;
}

int gyre__sim_getsockopt(int fd, int level, int name, int *value)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    if (!socket)
        return gyre__sim_refuse(fd);
    if (!has(socket, level))
        return -EOPNOTSUPP;
    *value = level == SOL_SOCKET ? get_known(socket, name) : gyre__sim_option(socket, level, name);
    return 0;
}

static void keep(struct gyre__sim_socket *socket, int level, int name, int value)
{
    struct gyre__sim_option *option = find(socket, level, name);

    if (!option) {
        size_t room = (socket->option_count + 1) * sizeof *socket->options;

        socket->options = gyre__realloc(socket->options, room);
        option = &socket->options[socket->option_count++];
    }
    *option = (struct gyre__sim_option){.level = level, .name = name, .value = value};
}

static size_t at_least(int value, size_t least)
{
    return value < 0 || (size_t)value < least ? least : (size_t)value;
}

int gyre__sim_setsockopt(int fd, int level, int name, int value)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    if (!socket)
        return gyre__sim_refuse(fd);
    if (!has(socket, level))
        return -EOPNOTSUPP;
    if (level == SOL_SOCKET && name == SO_SNDBUF)
        socket->send_room = at_least(value, LEAST_SEND);
    else if (level == SOL_SOCKET && name == SO_RCVBUF)
        socket->receive_room = at_least(value, LEAST_RECEIVE);
    else
        keep(socket, level, name, value);
    return 0;
}

void gyre__sim_inherit_options(struct gyre__sim_socket *socket, const struct gyre__sim_socket *from)
{
    socket->send_room = from->send_room;
    socket->receive_room = from->receive_room;
    for (size_t i = 0; i < from->option_count; i++)
        keep(socket, from->options[i].level, from->options[i].name, from->options[i].value);
}
