/* net/tls_open.c - a connection of TLS is made, over a socket or over a connection that is there. */
#include "base/check.h"
#include "base/memory.h"
#include "base/options.h"
#include "net/connect.h"
#include "net/server.h"
#include "net/tls_transport.h"
#include <errno.h>
#include <gyre/server.h>
#include <gyre/task.h>

enum { HIGH = 512 * 1024, LOW = 128 * 1024, HANDSHAKE = 60, SHUTDOWN = 30 };

static int check_seconds(const char *name, double seconds)
{
    if (seconds >= 0)
        return 0;
    return gyre_error_set(GYRE_EVALUE, "%s should be a positive number, got %g", name, seconds);
}

static int check_plain(const struct gyre__tls_order *order)
{
    if (order->server_hostname)
        return gyre_error_set(GYRE_EVALUE, "server_hostname is only meaningful with ssl");
    if (order->handshake != 0)
        return gyre_error_set(GYRE_EVALUE, "ssl_handshake_timeout is only meaningful with ssl");
    if (order->shutdown != 0)
        return gyre_error_set(GYRE_EVALUE, "ssl_shutdown_timeout is only meaningful with ssl");
    return 0;
}

int gyre__tls_check(const struct gyre__tls_order *order)
{
    int err;

    if (!order->context)
        return check_plain(order);
    if (order->context->settings.server_side != order->server_side)
        return gyre_error_set(GYRE_ESSL, "a %s wants a context of its own side",
                              order->server_side ? "server" : "client");
    err = check_seconds("ssl_handshake_timeout", order->handshake);
    return err ? err : check_seconds("ssl_shutdown_timeout", order->shutdown);
}

static void send_below(void *arg, const void *data, size_t len)
{
    struct gyre__tls_transport *over = arg;

    gyre_transport_write(over->below, data, len);
}

static void set_up(struct gyre__tls_transport *over, const struct gyre__tls_order *order)
{
    over->base.high = HIGH;
    over->base.low = LOW;
    over->handshake = order->handshake > 0 ? order->handshake : HANDSHAKE;
    over->shutdown = order->shutdown > 0 ? order->shutdown : SHUTDOWN;
    over->dry = true;
    over->tls.out = send_below;
    over->tls.arg = over;
    over->broken = gyre__tls_init(&over->tls, order->context, order->server_side, order->server_hostname);
    if (over->broken)
        over->text = gyre__strdup(gyre_error_text());
}

gyre_transport *gyre__tls_new(struct gyre__net *net, int fd, const gyre_protocol *protocol, void *arg,
                              gyre_server *server, const struct gyre__tls_order *order)
{
    gyre_transport *transport = gyre__transport_new(net, &gyre__tls_kind, -1, protocol, arg, server);
    struct gyre__tls_transport *over = gyre__tls_of(transport);

    if (!transport)
        return NULL;
    set_up(over, order);
    transport->fd = fd;
    /* One reference is the one below's, until it is destroyed. */
    over->below = gyre__transport_hold(gyre__transport_new(net, &gyre__stream_kind, fd, &gyre__tls_wire,
                                                           gyre__transport_hold(transport), NULL));
    return transport;
}

void gyre__tls_begin(gyre_transport *transport)
{
    gyre_transport *below = gyre__tls_of(transport)->below;

    below->peer = transport->peer;
    gyre__transport_begin(below);
}

int gyre__tls_wait(gyre_transport *transport)
{
    gyre_future *future = gyre_loop_create_future(transport->net->loop);
    int err;

    gyre__tls_of(transport)->waiter = gyre_future_ref(future);
    gyre__tls_begin(transport);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}

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
    below->made_with = &gyre__tls_wire_taken;
    below->own = over;
    swap_places(over, below);
}

static gyre_transport *put_over(gyre_transport *below, const struct gyre__tls_order *order)
{
    gyre_transport *transport = gyre__transport_new(below->net, &gyre__tls_kind, -1, &nobody, NULL, NULL);
    struct gyre__tls_transport *over = gyre__tls_of(transport);

    set_up(over, order);
    over->below = gyre__transport_hold(below);
    take_over(transport, below);
    gyre_transport_pause_reading(below);
    gyre_transport_set_protocol(below, &gyre__tls_wire_taken, gyre__transport_hold(transport));
    return transport;
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

static int check_below(gyre_loop *loop, const gyre_transport *below, const struct gyre__tls_order *order)
{
    int err = gyre__connect_check(loop);

    if (err)
        return err;
    if (!order->context)
        return gyre_error_set(GYRE_ETYPE, "start_tls wants a context");
    if (below->kind != &gyre__stream_kind && below->kind != &gyre__tls_kind)
        return gyre_error_set(GYRE_ETYPE, "this kind of transport is not supported by start_tls()");
    if (below->state != GYRE__OPEN)
        return gyre_error_set(GYRE_ERUNTIME, "start_tls() on a transport that is closing");
    return gyre__tls_check(order);
}

static int start_over(gyre_transport **new_transport, gyre_transport *below, const gyre_protocol *protocol,
                      const gyre_start_tls_options *options, const struct gyre__tls_order *order)
{
    gyre_transport *made = put_over(below, order);
    int err;

    if (protocol)
        gyre_transport_set_protocol(made, protocol, options->self ? options->self : made->self);
    gyre__transport_hold(made);
    err = wait_taken(made);
    if (err)
        gyre_transport_close(made);
    else if (new_transport)
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
    err = check_below(loop, transport, &order);
    return err ? err : start_over(new_transport, transport, protocol, &filled, &order);
}
