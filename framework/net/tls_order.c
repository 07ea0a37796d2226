/* net/tls_order.c - what is refused before a connection is made. */
#include "net/tls_order.h"
#include "net/tls.h"

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
