/* net/tls_start.c - start_tls: a connection that is there turns to TLS.
 *
 * A new transport takes its protocol and its place at its server, and becomes its protocol. What somebody has
 * read of the wire already, and not used, belongs to TLS.
 */
#include "base/memory.h"
#include "base/options.h"
#include "net/connect.h"
#include "net/server.h"
#include "net/tls_transport.h"
#include <gyre/task.h>
#include <string.h>

static const gyre_protocol nobody = {.size = 1};

static void swap_places(gyre_transport *over, gyre_transport *below)
{
    gyre_server *server = below->server;

    if (!server)
        return;
    gyre__list_remove(&over->link);
    gyre__list_remove(&below->link);
    gyre__list_append(&server->transports, &over->link);
    gyre__list_append(&below->net->transports, &below->link);
    over->server = server;
    below->server = NULL;
}

/* The protocol, its state and the place at the server are the upper one's now. */
static void take_over(gyre_transport *over, gyre_transport *below)
{
    over->protocol = below->protocol;
    over->self = below->self;
    over->made_with = below->made_with;
    over->own = below->own;
    over->arg = below->arg;
    over->peer = below->peer;
    over->busy = below->busy;
    over->fd = below->fd;
    over->made = true;
    over->held_back = over->blocked = gyre__tls_of(over)->full = below->held_back;
    gyre__tls_of(over)->cut = below->eof;
    below->made_with = &gyre__tls_wire_taken;
    below->own = over;
    swap_places(over, below);
}

static void keep_wire(struct gyre__tls_transport *over, const void *wire, size_t len)
{
    if (!len)
        return;
    over->tls.in = over->kept = memcpy(gyre__malloc(len), wire, len);
    over->tls.in_len = len;
    over->dry = false;
}

gyre_transport *gyre__tls_put_over(gyre_transport *below, const struct gyre__tls_order *order,
                                   const void *wire, size_t len)
{
    gyre_transport *transport = gyre__transport_new(below->net, &gyre__tls_kind, -1, &nobody, NULL, NULL);
    struct gyre__tls_transport *over = gyre__tls_of(transport);

    gyre__tls_set_up(over, order);
    over->below = gyre__transport_hold(below);
    take_over(transport, below);
    keep_wire(over, wire, len);
    gyre_transport_pause_reading(below);
    gyre_transport_set_protocol(below, &gyre__tls_wire_taken, gyre__transport_hold(transport));
    return gyre__transport_hold(transport);
}

static void start(void *arg)
{
    struct gyre__tls_transport *over = arg;

    if (over->phase == GYRE__TLS_SHAKING)
        gyre__tls_wire_taken.connection_made(over, over->below);
}

static int wait_taken(gyre_transport *transport)
{
    gyre_future *future = gyre_loop_create_future(transport->net->loop);
    int err;

    gyre__tls_of(transport)->waiter = gyre_future_ref(future);
    gyre__transport_soon(transport, start);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}

/* Cancelled: what went to the one below in the clear is still sent. */
static void give_up(gyre_transport *over)
{
    if (over->state >= GYRE__LOSING)
        return;
    over->graceful = true;
    gyre__transport_lose(over, 0);
}

int gyre__tls_start(gyre_transport *over)
{
    int err = wait_taken(over);

    if (err)
        give_up(over);
    return err;
}

/* ssl: a client that checks names wants to know which. */
static int check_name(const struct gyre__tls_order *order)
{
    bool checks = order->context->settings.check_hostname == GYRE_YES;

    if (order->server_side || order->server_hostname || !checks)
        return 0;
    return gyre_error_set(GYRE_EVALUE, "check_hostname requires server_hostname");
}

/* A handshake wants both directions, for itself. */
static int check_free(const gyre_transport *below)
{
    if (below->state != GYRE__OPEN)
        return gyre_error_set(GYRE_ERUNTIME, "start_tls() on a transport that is closing");
    if (below->sending)
        return gyre_error_set(GYRE_ERUNTIME, "unable to start TLS; sendfile is in progress");
    if (below->ending)
        return gyre_error_set(GYRE_ERUNTIME, "Cannot call start_tls() after write_eof()");
    if (below->kind == &gyre__tls_kind && gyre__tls_of(below)->phase == GYRE__TLS_SHAKING)
        return gyre_error_set(GYRE_ERUNTIME, "start_tls() is under way already");
    return 0;
}

int gyre__tls_check_start(gyre_loop *loop, const gyre_transport *below, const struct gyre__tls_order *order)
{
    int err = gyre__connect_check(loop);

    if (err)
        return err;
    if (!order->context)
        return gyre_error_set(GYRE_ETYPE, "start_tls wants a context");
    if (below->kind != &gyre__stream_kind && below->kind != &gyre__tls_kind)
        return gyre_error_set(GYRE_ETYPE, "this kind of transport is not supported by start_tls()");
    err = check_free(below);
    if (!err)
        err = gyre__tls_check(order);
    return err ? err : check_name(order);
}

static int start_over(gyre_transport **new_transport, gyre_transport *below, const gyre_protocol *protocol,
                      const gyre_start_tls_options *options, const struct gyre__tls_order *order)
{
    gyre_transport *made = gyre__tls_put_over(below, order, NULL, 0);
    int err;

    if (protocol)
        gyre_transport_set_protocol(made, protocol, options->self ? options->self : made->self);
    err = gyre__tls_start(made);
    if (!err && new_transport)
        *new_transport = gyre_transport_ref(made);
    gyre_transport_unref(made);
    return err;
}

int(gyre_loop_start_tls)(gyre_loop *loop, gyre_transport **new_transport, gyre_transport *transport,
                         const gyre_protocol *protocol, gyre_tls_context *context,
                         const gyre_start_tls_options *options)
{
    gyre_start_tls_options filled = {0};
    struct gyre__tls_order order;
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    order = (struct gyre__tls_order){context, filled.server_side, filled.server_hostname,
                                     filled.ssl_handshake_timeout, filled.ssl_shutdown_timeout};
    err = gyre__tls_check_start(loop, transport, &order);
    return err ? err : start_over(new_transport, transport, protocol, &filled, &order);
}
