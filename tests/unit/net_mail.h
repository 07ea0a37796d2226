/* net_mail.h - a datagram protocol that keeps a diary. */
#ifndef GYRE_TESTS_NET_MAIL_H
#define GYRE_TESTS_NET_MAIL_H

#include "net_peer.h"
#include <gyre/datagram.h>

/* A protocol's state, kept by the test. */
struct mail {
    gyre_transport *transport;           /* set by connection_made */
    char text[512];                      /* "made got:3 error:-111 lost:0 ", as far as it fits */
    char data[64];                       /* the beginning of the last datagram */
    int got, errors, lost;               /* how often */
    int pauses, resumes;                 /* the same */
    int err;                             /* the last error */
    struct sockaddr_storage from;        /* who sent the last datagram */
    socklen_t size;                      /* bytes of that address */
    void (*on_got)(struct mail *mail);   /* what to do in datagram_received */
    void (*on_error)(struct mail *mail); /* in error_received */
};

extern const gyre_datagram_protocol net_mail;

/* An endpoint on 127.0.0.1, and one that is connected to it. */
void net_endpoint(gyre_loop *loop, struct mail *mail);
void net_endpoint_to(gyre_loop *loop, struct mail *mail, const struct mail *remote);

/* An endpoint over one end of a datagram socketpair; returns the other, non-blocking. */
int net_mail_pair(gyre_loop *loop, struct mail *mail);

/* Its own address. */
const struct sockaddr *net_mail_address(const struct mail *mail);
int net_mail_port(const struct mail *mail);

/* Sends to an IPv4 or unconnected address. */
int net_send(struct mail *mail, const char *text, const struct sockaddr *to);

/* Turns until so many came. */
void net_until_got(gyre_loop *loop, const struct mail *mail, int count);

/* Aborts it, if nobody did, and turns until connection_lost. */
void net_mail_end(gyre_loop *loop, struct mail *mail);

#endif
