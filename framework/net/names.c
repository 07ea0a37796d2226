/* net/names.c - who is at both ends: get_extra_info and its typed forms.
 *
 * The peer is kept from birth, since the kernel forgets it after a reset; the rest is asked for when somebody
 * wants it, and kept at the loss when the program may still ask.
 */
#include "base/memory.h"
#include "net/kind.h"
#include <errno.h>
#include <string.h>

struct gyre__names {
    struct sockaddr_storage peer, own; /* the two addresses */
    socklen_t peer_size, own_size;     /* 0: not known */
};

static struct gyre__names *names(gyre_transport *transport)
{
    if (!transport->names)
        transport->names = gyre__calloc(sizeof *transport->names);
    return transport->names;
}

typedef int (*ask)(int fd, struct sockaddr_storage *address, socklen_t *size);

static void fetch(const gyre_transport *transport, ask ask, struct sockaddr_storage *address, socklen_t *size)
{
    socklen_t room = sizeof *address;

    if (!*size && transport->fd >= 0 && !ask(transport->fd, address, &room))
        *size = room;
}

static const struct gyre__names *with_peer(const gyre_transport *transport)
{
    struct gyre__names *known = names((gyre_transport *)(uintptr_t)transport);
    socklen_t size = gyre__address_size(&transport->peer);

    if (!known->peer_size && size)
        memcpy(&known->peer, &transport->peer, known->peer_size = size);
    fetch(transport, transport->net->loop->driver_class->getpeername, &known->peer, &known->peer_size);
    return known;
}

static const struct gyre__names *with_own(const gyre_transport *transport)
{
    struct gyre__names *known = names((gyre_transport *)(uintptr_t)transport);

    fetch(transport, transport->net->loop->driver_class->getsockname, &known->own, &known->own_size);
    return known;
}

void gyre__names_keep(gyre_transport *transport)
{
    with_peer(transport);
    with_own(transport);
}

static const void *peername(const gyre_transport *transport)
{
    const struct gyre__names *known = with_peer(transport);

    return known->peer_size ? &known->peer : NULL;
}

static const void *sockname(const gyre_transport *transport)
{
    const struct gyre__names *known = with_own(transport);

    return known->own_size ? &known->own : NULL;
}

static const void *descriptor(const gyre_transport *transport)
{
    return transport->fd >= 0 ? &transport->fd : NULL;
}

static const struct {
    const char *name;
    const void *(*get)(const gyre_transport *transport);
} infos[] = {
    {"peername", peername},
    {"sockname", sockname},
    {"socket", descriptor},
};

const void *gyre_transport_get_extra_info(const gyre_transport *transport, const char *name,
                                          const void *default_value)
{
    const void *value = transport->kind->info ? transport->kind->info(transport, name) : NULL;

    for (size_t i = 0; i < sizeof infos / sizeof infos[0]; i++)
        if (!value && !strcmp(infos[i].name, name))
            value = infos[i].get(transport);
    return value ? value : default_value;
}

int gyre_transport_get_peername(const gyre_transport *transport, char *text, size_t size)
{
    const struct gyre__names *known = with_peer(transport);

    return gyre__address_print((const struct sockaddr *)&known->peer, known->peer_size, text, size);
}

int gyre_transport_get_sockname(const gyre_transport *transport, char *text, size_t size)
{
    const struct gyre__names *known = with_own(transport);

    return gyre__address_print((const struct sockaddr *)&known->own, known->own_size, text, size);
}

int gyre_transport_get_socket(const gyre_transport *transport)
{
    return transport->fd;
}
