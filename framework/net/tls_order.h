/* net/tls_order.h - how a connection is to speak TLS, if at all; from the options of a server or a client. */
#ifndef GYRE__TLS_ORDER_H
#define GYRE__TLS_ORDER_H

#include <gyre/tls.h>

struct gyre__tls_order {
    gyre_tls_context *context;   /* NULL: without TLS */
    bool server_side;            /* which side we are */
    const char *server_hostname; /* whom a client wants to reach; NULL or "": nobody in particular */
    double handshake, shutdown;  /* seconds, 0 for the default */
};

/* 0, or what is wrong with the order; words of asyncio's. */
int gyre__tls_check(const struct gyre__tls_order *order);

#endif
