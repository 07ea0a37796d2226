/* gyre/datagram.h - UDP, and datagrams of unix sockets.
 *
 * asyncio: DatagramProtocol, DatagramTransport, loop.create_datagram_endpoint. The transport is one of
 * gyre/transport.h, whose closing, marks, limits and names hold here too: close sends what is queued, abort
 * drops it, pause_reading leaves datagrams in the kernel, or keeps those that were received with the last
 * one. write is GYRE_ENOTIMPLEMENTED.
 */
#ifndef GYRE_DATAGRAM_H
#define GYRE_DATAGRAM_H

#include <gyre/loop.h>
#include <gyre/transport.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The class of an endpoint's handler. Const, and alive as long as any endpoint of it. A NULL method does
 * nothing. Methods "raise" with gyre_transport_fail: it is reported, and the endpoint goes on. */
typedef struct gyre_datagram_protocol {
    size_t size; /* bytes of zeroed state, the methods' `self`, that live as long as the transport; used when
                    create is NULL */

    /* As gyre_protocol's: gets .arg, returns `self`, or NULL to refuse. */
    void *(*create)(void *arg);

    /* Told last of all; only after create. */
    void (*destroy)(void *self);

    /* The endpoint is there. asyncio: BaseProtocol.connection_made */
    void (*connection_made)(void *self, gyre_transport *transport);

    /* One datagram has come, maybe an empty one, and from whom; valid during the call. asyncio:
     * DatagramProtocol.datagram_received */
    void (*datagram_received)(void *self, const void *data, size_t len, const struct sockaddr *addr,
                              socklen_t size);

    /* Something could not be sent or received: the negative code, -ECONNREFUSED for instance; -EMSGSIZE also
     * for a datagram that came and did not fit into 256 KiB, which is dropped. The endpoint goes on. asyncio:
     * DatagramProtocol.error_received */
    void (*error_received)(void *self, int err);

    /* The endpoint is gone: 0 after close or abort. asyncio: connection_lost */
    void (*connection_lost)(void *self, int err);

    /* What is queued went strictly over the high mark; called inside sendto, once. asyncio: pause_writing */
    void (*pause_writing)(void *self);

    /* It fell to the low mark or below; pairs with pause_writing. asyncio: resume_writing */
    void (*resume_writing)(void *self);
} gyre_datagram_protocol;

/* What an endpoint is made of. Zero means asyncio's default. */
typedef struct gyre_datagram_options {
    size_t size;            /* sizeof this struct, filled in by the macro */
    const char *local_host; /* the address to bind to; with AF_UNIX a path (asyncio: local_addr) */
    int local_port; /* the port to bind to, which all shards that ask for it share, as servers do; 0: the
                       system picks one, for this endpoint alone */
    const char
        *remote_host;    /* whom to send to alone, and hear alone; with AF_UNIX a path (asyncio: remote_addr)
                          */
    int remote_port;     /* its port */
    int family;          /* AF_INET, AF_INET6 or AF_UNIX; needed without addresses */
    int proto;           /* for the resolver */
    int flags;           /* AI_ flags for the resolver */
    int reuse_port;      /* SO_REUSEPORT: other processes of the user may take the same port; with port 0, all
                            shards get the same one; default GYRE_NO */
    int allow_broadcast; /* SO_BROADCAST; the remote address is not connected to then; default GYRE_NO */
    int sock;            /* a datagram socket, alone; taken over on success; 0: absent */
    void *arg;           /* what protocol->create gets and gyre_transport_get_arg returns */
} gyre_datagram_options;

/* Makes an endpoint, calls connection_made, and returns. GYRE_EVALUE: sock with other options, or no datagram
 * socket; no address and no family; addresses of different families. -errno of the first pair of addresses
 * that failed; GYRE_EGAI + code. [suspends] [new ref] in *transport (may be NULL). asyncio:
 * create_datagram_endpoint */
int gyre_loop_create_datagram_endpoint(gyre_loop *loop, gyre_transport **transport,
                                       const gyre_datagram_protocol *protocol,
                                       const gyre_datagram_options *options);
#define gyre_loop_create_datagram_endpoint(loop, transport, ...)                  \
    gyre_loop_create_datagram_endpoint(loop, transport, GYRE__FIRST(__VA_ARGS__), \
                                       GYRE__OPTIONS(gyre_datagram_options, __VA_ARGS__))

/* Sends one datagram, also an empty one: at once, or from a copy when the kernel takes no more. What
 * datagram_received sends by its own endpoint may leave with what is sent for the next datagrams that had
 * come already, in one system call, after which the loop goes on. `addr` NULL (size 0): to the endpoint's
 * remote address. What the system refuses is told to error_received, inside this call or later. 0, and
 * silently nothing after close; GYRE_EVALUE: the endpoint has a remote address, and this is another;
 * GYRE_ENOTIMPLEMENTED: not an endpoint of datagrams. asyncio: sendto */
int gyre_transport_sendto(gyre_transport *transport, const void *data, size_t len,
                          const struct sockaddr *addr, socklen_t size);

#ifdef __cplusplus
}
#endif

#endif
