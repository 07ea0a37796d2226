/* net/writable.c - what is below takes more: the buffer goes on, then a file, then the end. */
#include "net/kind.h"

/* The last byte after close() has left: connection_lost may follow directly. */
static void end_gracefully(gyre_transport *transport)
{
    if (transport->kind->farewell && transport->kind->farewell(transport))
        return;
    transport->state = GYRE__LOSING;
    transport->graceful = true;
    gyre__limits_end(transport);
    gyre__transport_end(transport);
}

void gyre__transport_writable(gyre_transport *transport)
{
    if (!transport->blocked || transport->state >= GYRE__LOSING)
        return;
    transport->blocked = false;
    gyre__transport_flush(transport);
    gyre__flow_shrunk(transport);
    if (transport->sending && !transport->blocked)
        gyre__sendfile_advance(transport);
    if (transport->state == GYRE__CLOSING && !transport->out.size)
        end_gracefully(transport);
    else
        gyre__transport_rewatch(transport);
}
