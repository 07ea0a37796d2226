/* driver/sim_socket.c - sockets of the network in virtual time: made, referred to, closed, freed. */
#include "driver/sim_socket.h"
#include "base/memory.h"
#include <stdlib.h>

enum { BUFFER = 1024 * 1024 };

struct gyre__sim_socket *gyre__sim_socket_new(struct gyre__driver *driver, int domain, int type, int protocol)
{
    struct gyre__sim_socket *socket = gyre__calloc(sizeof *socket);
    size_t buffer = driver->network.buffer;

    socket->driver = driver;
    socket->kind = type == SOCK_STREAM ? &gyre__sim_stream : &gyre__sim_datagram;
    socket->number = ++driver->numbered;
    socket->references = 1;
    socket->domain = domain;
    socket->type = type;
    socket->protocol = protocol;
    socket->send_room = socket->receive_room = buffer ? buffer : BUFFER;
    gyre__list_init(&socket->watches);
    gyre__list_init(&socket->queue);
    gyre__list_init(&socket->waiting);
    gyre__list_init(&socket->letters);
    gyre__list_append(&driver->sockets, &socket->link);
    return socket;
}

struct gyre__sim_socket *gyre__sim_socket_ref(struct gyre__sim_socket *socket)
{
    if (socket)
        socket->references++;
    return socket;
}

static void free_letters(struct gyre__sim_socket *socket)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&socket->letters)))
        free(GYRE__OF(link, struct gyre__sim_letter, link));
}

/* Of all that it refers to; two ends refer to each other. */
static void let_go(struct gyre__sim_socket *socket)
{
    struct gyre__sim_socket *peer = socket->peer, *listener = socket->listener;
    struct gyre__list *link;

    socket->peer = socket->listener = NULL;
    while ((link = gyre__list_pop(&socket->queue)))
        gyre__sim_socket_unref(GYRE__OF(link, struct gyre__sim_socket, waiting));
    gyre__sim_socket_unref(peer);
    gyre__sim_socket_unref(listener);
}

void gyre__sim_socket_unref(struct gyre__sim_socket *socket)
{
    if (!socket || --socket->references)
        return;
    gyre__list_remove(&socket->link);
    let_go(socket);
    free_letters(socket);
    free(socket->bytes);
    free(socket->options);
    free(socket);
}

void gyre__sim_close_sockets(struct gyre__driver *driver)
{
    struct gyre__list all;
    struct gyre__list *link;

    gyre__sim_leave_all(driver);
    gyre__list_take(&all, &driver->sockets);
    while ((link = gyre__list_pop(&all))) {
        struct gyre__sim_socket *socket = gyre__sim_socket_ref(GYRE__OF(link, struct gyre__sim_socket, link));

        let_go(socket);
        gyre__sim_socket_unref(socket);
    }
}
