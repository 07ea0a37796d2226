/* fake_transport.c - a connection without a socket. */
#include "fake_transport.h"
#include <stdlib.h>
#include <string.h>

enum { HIGH = 4096, LOW = 1024, MOST = 64 << 20 };

void fake_open(gyre_transport *transport, gyre_loop *loop, const gyre_protocol *protocol, void *arg)
{
    transport->loop = loop;
    transport->arg = arg;
    transport->protocol = protocol;
    transport->self = calloc(1, protocol->size);
    protocol->connection_made(transport->self, transport);
}

void fake_lose(gyre_transport *transport, int err)
{
    transport->closing = true;
    transport->lost = true;
    transport->protocol->connection_lost(transport->self, err);
}

static void sent(gyre_transport *transport, size_t len)
{
    transport->unsent -= len;
    if (transport->stalled && transport->unsent <= LOW) {
        transport->stalled = false;
        transport->protocol->resume_writing(transport->self);
    }
}

void fake_pump(gyre_transport *transport)
{
    size_t all = transport->unsent;

    if (transport->lost)
        return;
    sent(transport, transport->thirst && transport->thirst < all ? transport->thirst : all);
    if (transport->closing && !transport->unsent)
        fake_lose(transport, 0);
}

void fake_free(gyre_transport *transport)
{
    free(transport->out);
    free(transport->self);
}

static void keep(gyre_transport *transport, const void *data, size_t len)
{
    if (!len)
        return;
    transport->out = realloc(transport->out, transport->out_len + len);
    memcpy(transport->out + transport->out_len, data, len);
    transport->out_len += len;
    transport->unsent += len;
    if (transport->out_len > MOST)
        abort();
}

int __wrap_gyre_transport_writelines(gyre_transport *transport, const struct iovec *pieces, size_t count);

int __wrap_gyre_transport_writelines(gyre_transport *transport, const struct iovec *pieces, size_t count)
{
    if (transport->closing)
        return 0;
    for (size_t i = 0; i < count; i++)
        keep(transport, pieces[i].iov_base, pieces[i].iov_len);
    if (!transport->thirst)
        transport->unsent = 0;
    if (transport->unsent > HIGH && !transport->stalled) {
        transport->stalled = true;
        transport->protocol->pause_writing(transport->self);
    }
    return 0;
}

int __wrap_gyre_transport_write(gyre_transport *transport, const void *data, size_t len);

int __wrap_gyre_transport_write(gyre_transport *transport, const void *data, size_t len)
{
    return __wrap_gyre_transport_writelines(transport, &(struct iovec){(void *)(uintptr_t)data, len}, 1);
}

bool __wrap_gyre_transport_can_write_eof(const gyre_transport *transport);

bool __wrap_gyre_transport_can_write_eof(const gyre_transport *transport)
{
    return true;
}

void __wrap_gyre_transport_close(gyre_transport *transport);

void __wrap_gyre_transport_close(gyre_transport *transport)
{
    transport->closing = true;
}

void __wrap_gyre_transport_abort(gyre_transport *transport);

void __wrap_gyre_transport_abort(gyre_transport *transport)
{
    transport->closing = true;
    transport->unsent = 0;
}

void __wrap_gyre_transport_fail(gyre_transport *transport, int err);

void __wrap_gyre_transport_fail(gyre_transport *transport, int err)
{
    __wrap_gyre_transport_abort(transport);
}

void *__wrap_gyre_transport_get_arg(const gyre_transport *transport);

void *__wrap_gyre_transport_get_arg(const gyre_transport *transport)
{
    return transport->arg;
}

gyre_loop *__wrap_gyre_transport_get_loop(const gyre_transport *transport);

gyre_loop *__wrap_gyre_transport_get_loop(const gyre_transport *transport)
{
    return transport->loop;
}

int __wrap_gyre_transport_get_socket(const gyre_transport *transport);

int __wrap_gyre_transport_get_socket(const gyre_transport *transport)
{
    return -1;
}

bool __wrap_gyre_transport_is_closing(const gyre_transport *transport);

bool __wrap_gyre_transport_is_closing(const gyre_transport *transport)
{
    return transport->closing;
}

bool __wrap_gyre_transport_is_draining(const gyre_transport *transport);

bool __wrap_gyre_transport_is_draining(const gyre_transport *transport)
{
    return transport->draining;
}

void __wrap_gyre_transport_pause_reading(gyre_transport *transport);

void __wrap_gyre_transport_pause_reading(gyre_transport *transport)
{
    transport->paused = true;
}

void __wrap_gyre_transport_resume_reading(gyre_transport *transport);

void __wrap_gyre_transport_resume_reading(gyre_transport *transport)
{
    transport->paused = false;
}

void __wrap_gyre_transport_set_busy(gyre_transport *transport, bool busy);

void __wrap_gyre_transport_set_busy(gyre_transport *transport, bool busy)
{
}

int __wrap_gyre_transport_set_timeouts(gyre_transport *transport, const gyre_transport_timeouts *timeouts);

int __wrap_gyre_transport_set_timeouts(gyre_transport *transport, const gyre_transport_timeouts *timeouts)
{
    return 0;
}
