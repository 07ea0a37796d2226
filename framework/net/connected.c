/* net/connected.c - a connected socket becomes a transport: connect_accepted_socket, and how every connecting
 * ends.
 *
 * The caller goes on only when connection_made has run and reading is armed. Cut short before, nothing is
 * left.
 */
#include "base/check.h"
#include "base/options.h"
#include "net/connect.h"
#include "net/kind.h"
#include "net/socket.h"
#include "net/tls_transport.h"

static void wake(void *arg)
{
    if (!gyre_future_done(arg))
        gyre_future_set_result(arg, NULL);
}

static void release(void *future)
{
    gyre_future_unref(future);
}

/* Made, start reading, and this, are three calls queued in a row. */
static int wait_made(gyre_transport *transport)
{
    gyre_loop *loop = transport->net->loop;
    gyre_future *future = gyre_loop_create_future(loop);
    int err;

    gyre__transport_begin(transport);
    gyre_loop_call_soon(loop, wake, gyre_future_ref(future), .release = release);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}

int gyre__connect_begin(gyre_transport **transport, gyre_transport *made)
{
    int err;

    gyre__transport_hold(made);
    err = made->kind == &gyre__tls_kind ? gyre__tls_wait(made) : wait_made(made);
    if (err)
        gyre_transport_close(made);
    else if (transport)
        *transport = gyre_transport_ref(made);
    gyre_transport_unref(made);
    return err;
}

static gyre_transport *make_transport(gyre_loop *loop, int fd, const gyre_protocol *protocol, void *arg,
                                      const struct gyre__tls_order *order)
{
    if (order->context)
        return gyre__tls_new(gyre__net(loop), fd, protocol, arg, NULL, order);
    return gyre__transport_new(gyre__net(loop), &gyre__stream_kind, fd, protocol, arg, NULL);
}

int gyre__connect_open(gyre_transport **transport, gyre_loop *loop, int fd, const gyre_protocol *protocol,
                       void *arg, const struct gyre__tls_order *order, bool *taken)
{
    gyre_transport *made = make_transport(loop, fd, protocol, arg, order);
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    *taken = made != NULL;
    if (!made)
        return gyre_error_set(GYRE_ERUNTIME, "the protocol's create refused the connection");
    if (!loop->driver_class->getpeername(fd, &peer, &size))
        gyre__address_set(&made->peer, (struct sockaddr *)&peer, size);
    return gyre__connect_begin(transport, made);
}

int gyre__connect_check(gyre_loop *loop)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (gyre_loop_is_running(loop) && !gyre_current_task())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    return 0;
}

int(gyre_loop_connect_accepted_socket)(gyre_loop *loop, gyre_transport **transport,
                                       const gyre_protocol *protocol, int sock,
                                       const gyre_accepted_options *options)
{
    gyre_accepted_options filled = {0};
    struct gyre__tls_order order;
    bool taken;
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    order = (struct gyre__tls_order){.context = filled.ssl,
                                     .server_side = true,
                                     .handshake = filled.ssl_handshake_timeout,
                                     .shutdown = filled.ssl_shutdown_timeout};
    GYRE__CHECK(protocol, "connect_accepted_socket wants a protocol");
    err = gyre__connect_check(loop);
    if (!err)
        err = gyre__tls_check(&order);
    if (!err)
        err = gyre__socket_check(loop, sock);
    if (err)
        return err;
    gyre__socket_adopt(loop, sock);
    return gyre__connect_open(transport, loop, sock, protocol, filled.arg, &order, &taken);
}
