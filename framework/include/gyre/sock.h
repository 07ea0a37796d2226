/* gyre/sock.h - the program's own sockets, awaited: asyncio's loop.sock_* functions.
 *
 * Each call tries at once, and waits for readiness only when the system says so. The socket must be
 * non-blocking (debug mode: GYRE_EVALUE when it is not) and may not be a transport's (GYRE_ERUNTIME). A wait
 * goes on upon a duplicate of the descriptor, as each wait of another task does: closing the socket meanwhile
 * does not end it, cancelling does, and consumes nothing. A negative number is GYRE_EVALUE, what the system
 * says -errno, in virtual time -ENOTSUP. In a plain callback GYRE_EAWAIT.
 */
#ifndef GYRE_SOCK_H
#define GYRE_SOCK_H

#include <gyre/loop.h>
#include <gyre/transport.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Receives at most `len` bytes into the caller's buffer; how many, 0 at the end of a stream. C has no bytes
 * object to return, so that this is asyncio's sock_recv and sock_recv_into in one. [suspends] asyncio:
 * sock_recv, sock_recv_into */
ptrdiff_t gyre_loop_sock_recv(gyre_loop *loop, int sock, void *buffer, size_t len);

/* Receives one datagram, as much of it as fits, and says in *address and *size (both may be NULL; else *size
 * is the room on entry) who sent it; its bytes. [suspends] asyncio: sock_recvfrom, sock_recvfrom_into */
ptrdiff_t gyre_loop_sock_recvfrom(gyre_loop *loop, struct sockaddr_storage *address, socklen_t *size,
                                  int sock, void *buffer, size_t len);

/* Sends all of it: 0. After a failure, or a cancel, nobody knows how much was sent. The bytes must stay until
 * it returns. [suspends] asyncio: sock_sendall */
int gyre_loop_sock_sendall(gyre_loop *loop, int sock, const void *data, size_t len);

/* Sends one datagram to this address; its bytes. [suspends] asyncio: sock_sendto */
ptrdiff_t gyre_loop_sock_sendto(gyre_loop *loop, int sock, const void *data, size_t len,
                                const struct sockaddr *address, socklen_t size);

/* Where to connect to: an address, or a host and its port. */
typedef struct gyre_sock_connect_options {
    size_t size;                    /* sizeof this struct, filled in by the macro */
    const struct sockaddr *address; /* the address; default: host and port */
    socklen_t address_size;         /* its bytes */
    const char *host; /* a literal, or a name that is resolved for the socket's family and type */
    int port;         /* its port */
} gyre_sock_connect_options;

/* Connects: 0, or -errno with the address in gyre_error_text(); GYRE_EGAI + code. [suspends] asyncio:
 * sock_connect */
int gyre_loop_sock_connect(gyre_loop *loop, int sock, const gyre_sock_connect_options *options);
#define gyre_loop_sock_connect(loop, ...)                  \
    gyre_loop_sock_connect(loop, GYRE__FIRST(__VA_ARGS__), \
                           GYRE__OPTIONS(gyre_sock_connect_options, __VA_ARGS__))

/* Accepts a connection of a listening socket: its descriptor, non-blocking and yours to close; who it is in
 * *address and *size, as in gyre_loop_sock_recvfrom. [suspends] asyncio: sock_accept */
int gyre_loop_sock_accept(gyre_loop *loop, struct sockaddr_storage *address, socklen_t *size, int sock);

/* Sends bytes of an open file on a stream socket, and says how many in *sent (may be NULL): fewer than .count
 * where the file ends. Its position is behind what was sent, also after a failure. GYRE_EVALUE: a negative
 * offset or count, no stream socket; GYRE_ERUNTIME: asyncio's SendfileNotAvailableError, where sendfile(2)
 * cannot read the file and .fallback is GYRE_NO. [suspends] asyncio: sock_sendfile */
int gyre_loop_sock_sendfile(gyre_loop *loop, int64_t *sent, int sock, int file,
                            const gyre_sendfile_options *options);
#define gyre_loop_sock_sendfile(loop, sent, sock, ...)                  \
    gyre_loop_sock_sendfile(loop, sent, sock, GYRE__FIRST(__VA_ARGS__), \
                            GYRE__OPTIONS(gyre_sendfile_options, __VA_ARGS__))

#ifdef __cplusplus
}
#endif

#endif
