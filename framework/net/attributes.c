/* net/attributes.c - what a transport is asked and told besides bytes: reading, protocol, arg, loop, busy. */
#include "net/server.h"
#include "net/transport.h"

void gyre_transport_pause_reading(gyre_transport *transport)
{
    gyre__transport_assert_here(transport);
    if (transport->paused || transport->state != GYRE__OPEN)
        return;
    transport->paused = true;
    gyre__transport_rewatch(transport);
}

void gyre_transport_resume_reading(gyre_transport *transport)
{
    gyre__transport_assert_here(transport);
    if (!transport->paused || transport->state != GYRE__OPEN)
        return;
    transport->paused = false;
    gyre__limits_resume(transport);
    gyre__transport_rewatch(transport);
}

bool gyre_transport_is_reading(const gyre_transport *transport)
{
    return gyre__transport_reading(transport);
}

void gyre_transport_set_protocol(gyre_transport *transport, const gyre_protocol *protocol, void *self)
{
    gyre__transport_assert_here(transport);
    transport->protocol = protocol;
    transport->self = self ? self : transport->own;
}

const gyre_protocol *gyre_transport_get_protocol(const gyre_transport *transport, void **self)
{
    if (self)
        *self = transport->self;
    return transport->protocol;
}

void *gyre_transport_get_arg(const gyre_transport *transport)
{
    return transport->arg;
}

gyre_loop *gyre_transport_get_loop(const gyre_transport *transport)
{
    return transport->net->loop;
}

void gyre_transport_set_busy(gyre_transport *transport, bool busy)
{
    transport->busy = busy;
    if (!busy && gyre_transport_is_draining(transport))
        gyre_transport_close(transport);
}

bool gyre_transport_is_draining(const gyre_transport *transport)
{
    return transport->server && transport->server->draining;
}
