/* gyre/server.h - listening, accepting, connecting.
 *
 * asyncio: loop.create_server and the Server object, loop.create_connection, loop.connect_accepted_socket.
 */
#ifndef GYRE_SERVER_H
#define GYRE_SERVER_H

#include <gyre/task.h>
#include <gyre/tls.h>
#include <gyre/transport.h>
#include <netdb.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: a listening server. The loop holds a reference until it is closed and its last connection is gone.
 */
typedef struct gyre_server gyre_server;

/* How a server listens. Zero means asyncio's default. */
typedef struct gyre_server_options {
    size_t size;              /* sizeof this struct, filled in by the macro */
    const char *host;         /* address or name; NULL or "": all interfaces, one socket for each family */
    const char *const *hosts; /* several hosts, ended by NULL, in place of host */
    int port; /* port; 0: the system picks one (each socket its own; in a sharded run one for all shards) */
    const char *service; /* a service name or decimal port, in place of port */
    int family;          /* AF_INET or AF_INET6 only; default AF_UNSPEC */
    int flags;           /* AI_ flags for the resolver; default AI_PASSIVE */
    int sock; /* a bound stream socket to listen on, without host and port; taken over on success; of shards
                 that give the same one the first takes it over and accepts for all; 0: absent */
    int backlog;       /* connections that may wait in the kernel, and most accepted in a row; default 100 */
    int reuse_address; /* SO_REUSEADDR; default GYRE_YES */
    int reuse_port;    /* SO_REUSEPORT without a probe; default GYRE_NO (a sharded run shares its ports by
                          itself) */
    int keep_alive;    /* SO_KEEPALIVE on accepted sockets; default GYRE_NO */
    int start_serving; /* GYRE_NO: do not listen before gyre_server_start_serving; default GYRE_YES */
    size_t max_connections; /* accepting pauses at so many connections of this server; default no limit */
    double drain;  /* seconds that a cancelled serve_forever lets busy connections finish; default 10,
                      negative: 0 */
    double linger; /* most seconds that close() drains unread input; default 2, negative: 0 */
    int balance;   /* GYRE_NO: never hand connections to other shards; default GYRE_YES in sharded runs */
    void *arg;     /* what protocol->create gets and gyre_transport_get_arg returns */
    gyre_tls_context *ssl;        /* connections speak TLS, as this context of a server says; default: not */
    double ssl_handshake_timeout; /* seconds that a handshake may take; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30 */
    ptrdiff_t limit; /* gyre_start_server alone: the limit of its readers, in bytes; default 64 KiB */
} gyre_server_options;

/* Binds, listens, and accepts connections for `protocol`. GYRE_EVALUE: host or port together with sock,
 * neither of them, sock is no stream socket; -EADDRINUSE and others with the address in gyre_error_text();
 * GYRE_EGAI + code. [suspends] [new ref] asyncio: create_server */
int gyre_loop_create_server(gyre_loop *loop, gyre_server **server, const gyre_protocol *protocol,
                            const gyre_server_options *options);
#define gyre_loop_create_server(loop, server, ...)                  \
    gyre_loop_create_server(loop, server, GYRE__FIRST(__VA_ARGS__), \
                            GYRE__OPTIONS(gyre_server_options, __VA_ARGS__))

/* Takes one more reference and returns the server; NULL stays NULL. [new ref] */
gyre_server *gyre_server_ref(gyre_server *server);

/* Gives a reference back; a server that is still open goes on serving. */
void gyre_server_unref(gyre_server *server);

/* Stops listening and closes the listening sockets; live connections stay. Cancels serve_forever. Idempotent.
 * asyncio: close */
void gyre_server_close(gyre_server *server);

/* Returns when the server is closed and its last connection is gone, in either order. [suspends] asyncio:
 * wait_closed */
int gyre_server_wait_closed(gyre_server *server);

/* Closes every live connection as gyre_transport_close does. asyncio: close_clients */
void gyre_server_close_clients(gyre_server *server);

/* Aborts every live connection. asyncio: abort_clients */
void gyre_server_abort_clients(gyre_server *server);

/* Begins to listen, if it did not yet. -errno of listen(2), GYRE_ERUNTIME when closed. [suspends] asyncio:
 * start_serving */
int gyre_server_start_serving(gyre_server *server);

/* Serves until cancelled or closed; then drains for the server's .drain seconds and passes GYRE_ECANCELLED
 * on. GYRE_ERUNTIME when called twice or when closed. [suspends] asyncio: serve_forever */
int gyre_server_serve_forever(gyre_server *server);

/* True while it accepts connections. asyncio: is_serving */
bool gyre_server_is_serving(const gyre_server *server);

/* The listening sockets, lent: fills up to `max` and returns how many there are; 0 when closed. asyncio:
 * Server.sockets */
size_t gyre_server_sockets(const gyre_server *server, int *sockets, size_t max);

/* The port of the first listening socket, -1 when there is none. */
int gyre_server_get_port(const gyre_server *server);

/* Live connections. */
size_t gyre_server_get_connections(const gyre_server *server);

/* The server's loop, lent. asyncio: get_loop */
gyre_loop *gyre_server_get_loop(const gyre_server *server);

/* Accepts whom the system has connected already, stops listening, delivers what has been received, closes
 * idle connections, lets busy ones finish (gyre_transport_set_busy) for at most `seconds`, aborts the rest,
 * and returns how many it had to abort. [suspends] */
int gyre_server_drain(gyre_server *server, double seconds);

/* How a connection is made. Zero means asyncio's default. */
typedef struct gyre_connection_options {
    size_t size;                 /* sizeof this struct, filled in by the macro */
    const char *host;            /* address or name of the peer */
    int port;                    /* its port, 1 to 65535 */
    const char *service;         /* a service name or decimal port, in place of port */
    int family;                  /* for the resolver; default AF_UNSPEC */
    int proto;                   /* for the resolver */
    int flags;                   /* AI_ flags for the resolver */
    int sock;                    /* a connected stream socket, alone; taken over on success; 0: absent */
    const char *local_host;      /* the address to bind to first (with local_port: asyncio's local_addr) */
    int local_port;              /* the port to bind to first */
    double happy_eyeballs_delay; /* seconds after which the next address is tried beside the one before it;
                                    default 0: only when that has failed; negative: all at once */
    int interleave; /* so many addresses of the first family, then one of each family in turn; default: 1
                       with a delay, else as resolved; GYRE_NO: as resolved */
    int all_errors; /* GYRE_YES: the text of a failure tells of every address, however alike; default: one
                       speaks for those that are alike */
    int keep_alive; /* SO_KEEPALIVE; default GYRE_NO */
    void *arg;      /* what protocol->create gets and gyre_transport_get_arg returns */
    gyre_tls_context *ssl;        /* speaks TLS, as this context of a client says; default: not */
    const char *server_hostname;  /* whom to expect there; default: host; "": anybody */
    double ssl_handshake_timeout; /* seconds that the handshake may take; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30 */
    ptrdiff_t limit; /* gyre_open_connection alone: the limit of its reader, in bytes; default 64 KiB */
} gyre_connection_options;

/* Connects, makes the transport, then the protocol, calls connection_made, and returns. Addresses are tried
 * in order, or race, and the first that answers is taken. GYRE_EVALUE for arguments that contradict each
 * other; the one error, or the first one, -ECONNREFUSED and the like, with all in gyre_error_text().
 * [suspends] [new ref] in *transport (may be NULL). asyncio: create_connection */
int gyre_loop_create_connection(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                                const gyre_connection_options *options);
#define gyre_loop_create_connection(loop, transport, ...)                  \
    gyre_loop_create_connection(loop, transport, GYRE__FIRST(__VA_ARGS__), \
                                GYRE__OPTIONS(gyre_connection_options, __VA_ARGS__))

/* How a socket that was accepted elsewhere is served. */
typedef struct gyre_accepted_options {
    size_t size;                  /* sizeof this struct, filled in by the macro */
    gyre_tls_context *ssl;        /* speaks TLS, as this context of a server says; default: not */
    double ssl_handshake_timeout; /* seconds that the handshake may take; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30 */
    void *arg;                    /* what protocol->create gets and gyre_transport_get_arg returns */
} gyre_accepted_options;

/* Makes a transport for a socket that was accepted elsewhere, and takes the socket over. GYRE_EVALUE: no
 * stream socket. [suspends] [new ref] in *transport (may be NULL). asyncio: connect_accepted_socket */
int gyre_loop_connect_accepted_socket(gyre_loop *loop, gyre_transport **transport,
                                      const gyre_protocol *protocol, int sock,
                                      const gyre_accepted_options *options);
#define gyre_loop_connect_accepted_socket(loop, transport, protocol, ...)                  \
    gyre_loop_connect_accepted_socket(loop, transport, protocol, GYRE__FIRST(__VA_ARGS__), \
                                      GYRE__OPTIONS(gyre_accepted_options, __VA_ARGS__))

#ifdef __cplusplus
}
#endif

#endif
