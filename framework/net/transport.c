/* net/transport.c - a transport is born, referred to, lost, and freed.
 *
 * connection_made and connection_lost come in pairs: both are queued calls, so that made is first whatever
 * happens in between, and a transport whose made never ran (the loop closed) never hears lost.
 */
#include "net/transport.h"
#include "base/memory.h"
#include "net/kind.h"
#include "net/server.h"
#include <stdlib.h>

enum { HIGH = 64 * 1024, LOW = 16 * 1024 };

/* The protocol's state lies behind the transport, aligned for anything. */
static size_t head_size(const struct gyre__kind *kind)
{
    size_t align = _Alignof(max_align_t);

    return (kind->size + align - 1) & ~(align - 1);
}

static void flush_later(struct gyre__flush *flush)
{
    gyre__transport_flush(GYRE__OF(flush, gyre_transport, flush));
}

static void set_up(gyre_transport *transport, const gyre_protocol *protocol, void *self)
{
    transport->protocol = transport->made_with = protocol;
    transport->self = transport->own = self;
    transport->references = 1;
    transport->ending = transport->shut = !transport->kind->send;
    transport->high = HIGH;
    transport->low = LOW;
    transport->flush.fn = flush_later;
    gyre__list_init(&transport->flush.link);
    transport->heard = transport->wrote = gyre__net_now(transport->net);
    transport->heard_poll = gyre__net_poll(transport->net) - 1;
}

static void count_transports(struct gyre__net *net, size_t change)
{
    atomic_size_t *counter = &net->loop->counters.transports;

    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + change,
                          memory_order_relaxed);
}

/* The program's half of a birth. False: refused. */
static bool make_protocol(gyre_transport *transport, const gyre_protocol *protocol)
{
    void *self =
        protocol->create ? protocol->create(transport->arg) : (char *)transport + head_size(transport->kind);

    if (self)
        set_up(transport, protocol, self);
    return self != NULL;
}

static void register_here(gyre_transport *transport, gyre_server *server)
{
    gyre__loop_hold(transport->net->loop);
    if (transport->fd >= 0)
        gyre__descriptor_take(transport->net->loop, transport->fd);
    gyre__source_note(transport->net->loop, transport);
    transport->vars = gyre__vars_capture();
    count_transports(transport->net, 1);
    if (server)
        gyre__server_begin(server, transport);
    else
        gyre__list_append(&transport->net->transports, &transport->link);
}

gyre_transport *gyre__transport_new(struct gyre__net *net, const struct gyre__kind *kind, int fd,
                                    const gyre_protocol *protocol, void *arg, gyre_server *server)
{
    gyre_transport *transport = gyre__calloc(head_size(kind) + (protocol->create ? 0 : protocol->size));

    transport->kind = kind;
    transport->net = net;
    transport->fd = fd;
    transport->arg = arg;
    if (!make_protocol(transport, protocol)) {
        free(transport);
        return NULL;
    }
    register_here(transport, server);
    return transport;
}

gyre_transport *gyre__transport_hold(gyre_transport *transport)
{
    transport->references++;
    return transport;
}

gyre_transport *gyre_transport_ref(gyre_transport *transport)
{
    if (!transport)
        return NULL;
    transport->kept = true;
    return gyre__transport_hold(transport);
}

/* Apart, so that giving a reference back is three instructions wherever it is done. */
static void __attribute__((noinline)) free_transport(gyre_transport *transport)
{
    gyre_loop *loop = transport->net->loop;

    if (transport->kind->clear)
        transport->kind->clear(transport);
    free(transport->names);
    free(transport->words);
    gyre__vars_clear(&transport->vars);
    free(transport);
    gyre__loop_let_go(loop);
}

void gyre_transport_unref(gyre_transport *transport)
{
    if (transport && --transport->references == 0)
        free_transport(transport);
}

static void release(void *transport)
{
    gyre_transport_unref(transport);
}

void gyre__transport_soon(gyre_transport *transport, gyre_callback fn)
{
    gyre_loop_call_soon(transport->net->loop, fn, gyre__transport_hold(transport), .release = release);
}

static void made(void *arg)
{
    gyre_transport *transport = arg;

    if (transport->state == GYRE__LOST)
        return;
    transport->made = true;
    gyre__upcall_made(transport);
}

static void start(void *arg)
{
    gyre_transport *transport = arg;

    gyre__limits_resume(transport);
    gyre__transport_rewatch(transport);
}

void gyre__transport_begin(gyre_transport *transport)
{
    gyre__transport_soon(transport, made);
    gyre__transport_soon(transport, start);
}

static void end_soon(void *arg)
{
    gyre__transport_end(arg);
}

void gyre__transport_lose(gyre_transport *transport, int err)
{
    if (transport->state >= GYRE__LOSING)
        return;
    transport->state = GYRE__LOSING;
    transport->err = err;
    gyre__limits_end(transport);
    gyre__transport_rewatch(transport);
    gyre__transport_soon(transport, end_soon);
    gyre__buffer_clear(&transport->out, &transport->net->pool);
    transport->framing = 0;
    if (transport->sending)
        gyre__sendfile_advance(transport);
}

int gyre__transport_reason(gyre_transport *transport)
{
    if (transport->state >= GYRE__LOSING)
        return transport->err;
    return transport->kind->broken ? transport->kind->broken(transport) : 0;
}

int gyre__transport_note(gyre_transport *transport, int err)
{
    const char *words = gyre_error_text();

    if (transport->state >= GYRE__LOSING)
        return err;
    free(transport->words);
    transport->words = *words ? gyre__strdup(words) : NULL;
    return err;
}

static void destroy_protocol(gyre_transport *transport)
{
    transport->self = NULL;
    if (transport->made_with->create && transport->made_with->destroy)
        transport->made_with->destroy(transport->own);
}

/* After connection_lost returned. */
static void let_go(gyre_transport *transport)
{
    gyre_server *server = transport->server;

    gyre__list_remove(&transport->flush.link);
    if (transport->kept)
        gyre__names_keep(transport);
    transport->kind->release(transport);
    destroy_protocol(transport);
    gyre__list_remove(&transport->link);
    count_transports(transport->net, (size_t)-1);
    transport->server = NULL;
    if (server)
        gyre__server_gone(server);
}

void gyre__transport_end(gyre_transport *transport)
{
    if (transport->state == GYRE__LOST)
        return;
    transport->state = GYRE__LOST;
    gyre__transport_hold(transport);
    if (transport->made)
        gyre__upcall_lost(transport, transport->err);
    let_go(transport);
    /* Ours, and then the loop's. */
    transport->references--;
    gyre_transport_unref(transport);
}

/* The program left it open, and lets the loop close it. */
static void report_unclosed(gyre_transport *transport)
{
    gyre_loop *loop = transport->net->loop;

    if (transport->state == GYRE__OPEN && gyre_loop_get_debug(loop))
        gyre_loop_call_exception_handler(loop, .message = "unclosed transport", .transport = transport,
                                         .protocol = transport->protocol);
}

void gyre__transport_drop(gyre_transport *transport)
{
    gyre__transport_hold(transport);
    report_unclosed(transport);
    gyre__transport_flush(transport);
    gyre__transport_lose(transport, 0);
    gyre__transport_end(transport);
    gyre_transport_unref(transport);
}
