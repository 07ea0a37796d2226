/* gyre/unix.h - stream sockets of this machine: listening, connecting, and who is at the other end.
 *
 * asyncio: loop.create_unix_server, loop.create_unix_connection; streams: start_unix_server,
 * open_unix_connection. Servers and transports are those of server.h and transport.h. In virtual time all of
 * it is -ENOTSUP.
 */
#ifndef GYRE_UNIX_H
#define GYRE_UNIX_H

#include <gyre/server.h>
#include <gyre/stream.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a unix server listens. Zero means asyncio's default. */
typedef struct gyre_unix_server_options {
    size_t size;      /* sizeof this struct, filled in by the macro */
    const char *path; /* the socket's file, at most 107 bytes; a socket that is left there is removed first */
    int abstract; /* GYRE_YES: path is a name of Linux's abstract namespace, without the NUL that the kernel
                     wants before it (what tools show as '@'); default GYRE_NO */
    int sock;     /* a bound unix stream socket to listen on, without path; taken over on success; of shards
                     that give the same one the first takes it over and accepts for all; 0: absent */
    int cleanup_socket; /* close() removes the file, if it is still the server's; default GYRE_YES */
    int backlog;        /* connections that may wait in the kernel, and most accepted in a row; default 100 */
    int start_serving;  /* GYRE_NO: do not listen before gyre_server_start_serving; default GYRE_YES */
    size_t max_connections; /* accepting pauses at so many connections of this server; default no limit */
    double drain;  /* seconds that a cancelled serve_forever lets busy connections finish; default 10,
                      negative: 0 */
    double linger; /* most seconds that close() drains unread input; default 2, negative: 0 */
    int balance;   /* GYRE_NO: never hand connections to other shards; default GYRE_YES in sharded runs */
    void *arg;     /* what protocol->create gets and gyre_transport_get_arg returns */
    gyre_tls_context *ssl;        /* connections speak TLS, as this context of a server says; default: not */
    double ssl_handshake_timeout; /* seconds that a handshake may take; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30 */
    ptrdiff_t limit; /* gyre_start_unix_server alone: the limit of its readers, in bytes; default 64 KiB */
} gyre_unix_server_options;

/* Binds, listens, and accepts connections for `protocol`. In a sharded run the shards that give the same path
 * share it: the first one accepts for all, until its server closes, and the least loaded gets the connection.
 * GYRE_EVALUE: path together with sock, neither, an empty path, sock is no unix stream socket, a timeout of
 * TLS without it; GYRE_ESSL: a client's context; -EADDRINUSE: a
 * file that is no socket is in the way; -ENAMETOOLONG; other -errno of bind(2). [suspends] [new ref] asyncio:
 * create_unix_server */
int gyre_loop_create_unix_server(gyre_loop *loop, gyre_server **server, const gyre_protocol *protocol,
                                 const gyre_unix_server_options *options);
#define gyre_loop_create_unix_server(loop, server, ...)                  \
    gyre_loop_create_unix_server(loop, server, GYRE__FIRST(__VA_ARGS__), \
                                 GYRE__OPTIONS(gyre_unix_server_options, __VA_ARGS__))

/* How a unix connection is made. Zero means asyncio's default. */
typedef struct gyre_unix_connection_options {
    size_t size;      /* sizeof this struct, filled in by the macro */
    const char *path; /* the socket's file, at most 107 bytes */
    int abstract;     /* GYRE_YES: path is a name of Linux's abstract namespace, as in the server's options */
    int sock;         /* a connected unix stream socket, alone; taken over on success; 0: absent */
    void *arg;        /* what protocol->create gets and gyre_transport_get_arg returns */
    gyre_tls_context *ssl;        /* speaks TLS, as this context of a client says; default: not */
    const char *server_hostname;  /* whom to expect there: with ssl there is no default; "": anybody */
    double ssl_handshake_timeout; /* seconds that the handshake may take; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30 */
    ptrdiff_t limit; /* gyre_open_unix_connection alone: the limit of its reader, in bytes; default 64 KiB */
} gyre_unix_connection_options;

/* Connects, makes the transport, then the protocol, calls connection_made, and returns. While the server's
 * queue is full, it waits. GYRE_EVALUE as for the server, and for ssl without server_hostname or the reverse;
 * -ENOENT, -ECONNREFUSED and the like with the path in gyre_error_text(). [suspends] [new ref] in *transport
 * (may be NULL). asyncio: create_unix_connection */
int gyre_loop_create_unix_connection(gyre_loop *loop, gyre_transport **transport,
                                     const gyre_protocol *protocol,
                                     const gyre_unix_connection_options *options);
#define gyre_loop_create_unix_connection(loop, transport, ...)                  \
    gyre_loop_create_unix_connection(loop, transport, GYRE__FIRST(__VA_ARGS__), \
                                     GYRE__OPTIONS(gyre_unix_connection_options, __VA_ARGS__))

/* Who made the other end, as the kernel noted it when the connection began. */
typedef struct gyre_peercred {
    pid_t pid; /* the process */
    uid_t uid; /* its effective user */
    gid_t gid; /* its effective group */
} gyre_peercred;

/* The peer's credentials. -ENOTCONN after the loss, -ENOTSUP where the transport is over no unix socket.
 * asyncio: get_extra_info("socket").getsockopt(SOL_SOCKET, SO_PEERCRED) */
int gyre_transport_get_peercred(const gyre_transport *transport, gyre_peercred *cred);

/* Listens as gyre_loop_create_unix_server does, on this thread's loop, with all its options but .arg; .limit
 * is that of the readers. Each connection is served as gyre_start_server's. [suspends] [new ref] in *server.
 * asyncio: start_unix_server */
int gyre_start_unix_server(gyre_server **server, gyre_client_connected client_connected_cb, void *arg,
                           const gyre_unix_server_options *options);
#define gyre_start_unix_server(server, client_connected_cb, ...)                  \
    gyre_start_unix_server(server, client_connected_cb, GYRE__FIRST(__VA_ARGS__), \
                           GYRE__OPTIONS(gyre_unix_server_options, __VA_ARGS__))

/* Connects as gyre_loop_create_unix_connection does, with all its options but .arg; .limit is that of the
 * reader. Both outputs belong to the caller until gyre_stream_close. [suspends] asyncio: open_unix_connection
 */
int gyre_open_unix_connection(gyre_reader **reader, gyre_writer **writer,
                              const gyre_unix_connection_options *options);
#define gyre_open_unix_connection(reader, ...)                  \
    gyre_open_unix_connection(reader, GYRE__FIRST(__VA_ARGS__), \
                              GYRE__OPTIONS(gyre_unix_connection_options, __VA_ARGS__))

#ifdef __cplusplus
}
#endif

#endif
