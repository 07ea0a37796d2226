/* net/tls_wire.c - the protocol of the transport below: what comes there drives the one above.
 *
 * asyncio: SSLProtocol. Bytes of the wire land in a buffer that all connections of the loop share.
 */
#include "base/memory.h"
#include "net/tls_transport.h"
#include <errno.h>

enum { WIRE = 64 * 1024, OWN_WIRE = 17 * 1024 };

static void release(void *transport)
{
    gyre_transport_unref(transport);
}

static void *be_itself(void *arg)
{
    return arg;
}

static void connection_made(void *self, gyre_transport *below)
{
    struct gyre__tls_transport *over = self;

    if (over->base.state >= GYRE__LOSING)
        return;
    gyre__tls_arm(over, over->handshake);
    gyre__tls_pump(over);
}

static void get_buffer(void *self, ptrdiff_t hint, void **buffer, size_t *len)
{
    struct gyre__tls_transport *over = self;
    struct gyre__net *net = over->base.net;

    if (over->below->kind == &gyre__tls_kind && !over->own_wire)
        over->own_wire = gyre__malloc(OWN_WIRE);
    if (!over->own_wire && !net->wire)
        net->wire = gyre__malloc(WIRE);
    *buffer = over->own_wire ? over->own_wire : net->wire;
    *len = over->own_wire ? OWN_WIRE : WIRE;
}

static void buffer_updated(void *self, size_t len)
{
    struct gyre__tls_transport *over = self;

    over->tls.in = over->own_wire ? over->own_wire : over->base.net->wire;
    over->tls.in_len = len;
    over->dry = false;
    gyre__tls_pump(over);
}

static bool eof_received(void *self)
{
    struct gyre__tls_transport *over = self;

    over->cut = true;
    gyre__tls_pump(over);
    return true;
}

static void connection_lost(void *self, int err)
{
    struct gyre__tls_transport *over = self;

    gyre__tls_inherit(&over->base);
    if (over->phase == GYRE__TLS_SHAKING && !err)
        err = gyre__transport_note(
            &over->base, gyre_error_set(-ECONNRESET, "the connection was lost during the TLS handshake"));
    over->phase = GYRE__TLS_OVER;
    gyre__transport_lose(&over->base, err);
}

static void connection_lost_taken(void *self, int err)
{
    connection_lost(self, err);
    gyre_transport_unref(self);
}

static void pause_writing(void *self)
{
    struct gyre__tls_transport *over = self;

    over->full = true;
}

static void resume_writing(void *self)
{
    struct gyre__tls_transport *over = self;

    over->full = false;
    over->answers = 0;
    gyre__transport_writable(&over->base);
}

const gyre_protocol gyre__tls_wire = {
    .create = be_itself,
    .destroy = release,
    .connection_made = connection_made,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
    .get_buffer = get_buffer,
    .buffer_updated = buffer_updated,
};

const gyre_protocol gyre__tls_wire_taken = {
    .connection_made = connection_made,
    .eof_received = eof_received,
    .connection_lost = connection_lost_taken,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
    .get_buffer = get_buffer,
    .buffer_updated = buffer_updated,
};
