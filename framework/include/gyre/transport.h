/* gyre/transport.h - one connection: writing, flow control, pausing, closing, timeouts.
 *
 * asyncio: BaseTransport, ReadTransport, WriteTransport. Nothing here blocks or suspends. After the loss of
 * the connection every call does nothing, or returns an error, as long as a reference is held.
 */
#ifndef GYRE_TRANSPORT_H
#define GYRE_TRANSPORT_H

#include <gyre/loop.h>
#include <gyre/protocol.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Takes one more reference to a transport (counted; lent in protocol methods) and returns it; NULL stays
 * NULL. [new ref] */
gyre_transport *gyre_transport_ref(gyre_transport *transport);

/* Gives a reference back. The loop holds one of its own until connection_lost has returned. */
void gyre_transport_unref(gyre_transport *transport);

/* Sends bytes: at once, or from a copy when the kernel takes no more; while the loop runs, writes
 * below 8 KiB, up to 16 KiB together, may wait for the end of the method or turn. 0, and silently nothing
 * after close or loss; GYRE_ERUNTIME after write_eof. asyncio: write */
int gyre_transport_write(gyre_transport *transport, const void *data, size_t len);

/* As write of each piece in turn, in one system call where that is possible; any count, empty pieces too.
 * asyncio: writelines */
int gyre_transport_writelines(gyre_transport *transport, const struct iovec *pieces, size_t count);

/* As write, without a copy: the bytes must stay until release(arg) is called, once, when they are sent or
 * dropped, also when this call fails. release may be NULL for bytes that live for good. */
int gyre_transport_write_owned(gyre_transport *transport, const void *data, size_t len, gyre_release release,
                               void *arg);

/* How a file is sent. */
typedef struct gyre_sendfile_options {
    size_t size;    /* sizeof this struct, filled in by the macro */
    int64_t offset; /* the first byte of the file; default 0 */
    int64_t count;  /* most bytes; default 0: up to the end of the file */
    int fallback; /* GYRE_NO: GYRE_ERUNTIME where sendfile(2) cannot read the file; default GYRE_YES: then it
                     is read and sent piece by piece */
} gyre_sendfile_options;

/* Sends bytes of an open file behind what is buffered, without a copy, and says how many in *sent (may be
 * NULL): fewer than `count` where the file ends. Nothing is read from the peer meanwhile, and write returns
 * GYRE_ERUNTIME. The file's position is behind what was sent, also after a failure. GYRE_EVALUE: a negative
 * offset or count; GYRE_ERUNTIME: the transport is closing, after write_eof, or is sending a file already;
 * -ECONNABORTED: it was closed meanwhile; the code of the connection's loss; -errno of the file. [suspends]
 * asyncio: loop.sendfile */
int gyre_loop_sendfile(gyre_loop *loop, int64_t *sent, gyre_transport *transport, int file,
                       const gyre_sendfile_options *options);
#define gyre_loop_sendfile(loop, sent, transport, ...)                  \
    gyre_loop_sendfile(loop, sent, transport, GYRE__FIRST(__VA_ARGS__), \
                       GYRE__OPTIONS(gyre_sendfile_options, __VA_ARGS__))

/* Closes the writing side after what is buffered; reading goes on. 0, also when repeated or closing;
 * GYRE_ENOTIMPLEMENTED where can_write_eof is false. asyncio: write_eof */
int gyre_transport_write_eof(gyre_transport *transport);

/* True when the transport can close its writing side alone. asyncio: can_write_eof */
bool gyre_transport_can_write_eof(const gyre_transport *transport);

/* Stops reading, sends what is buffered, then calls connection_lost(0), never inside this call. Idempotent.
 * Input that the program left unread is drained for a moment (at most .linger of the server, 2 s) so that the
 * kernel does not reset the peer before it has read the answer. asyncio: close */
void gyre_transport_close(gyre_transport *transport);

/* Drops what is buffered and calls connection_lost(0) in the next turn, or, when the connection is broken
 * already, with the reason. Idempotent, also after close. asyncio: abort */
void gyre_transport_abort(gyre_transport *transport);

/* Raises from a protocol method: tells the exception handler, then aborts with connection_lost(err). In
 * connection_made, pause_writing and resume_writing it is reported only and the connection goes on, as in
 * asyncio. err must be negative. */
void gyre_transport_fail(gyre_transport *transport, int err);

/* True from close, abort or loss on. asyncio: is_closing */
bool gyre_transport_is_closing(const gyre_transport *transport);

/* Delivers no data and no EOF until resume_reading; at once, also inside data_received. Idempotent. asyncio:
 * pause_reading */
void gyre_transport_pause_reading(gyre_transport *transport);

/* Delivers again, never inside this call. Idempotent, harmless when closing. asyncio: resume_reading */
void gyre_transport_resume_reading(gyre_transport *transport);

/* True while data may be delivered: not paused, not closing, not after EOF. asyncio: is_reading */
bool gyre_transport_is_reading(const gyre_transport *transport);

/* Sets the marks of flow control in bytes; -1 leaves a mark to its default (high 64 KiB or 4 x low; low
 * high/4). GYRE_EVALUE, and nothing changed, unless high >= low >= 0. asyncio: set_write_buffer_limits(high,
 * low) */
int gyre_transport_set_write_buffer_limits(gyre_transport *transport, ptrdiff_t high, ptrdiff_t low);

/* Reads the marks; each output may be NULL. asyncio: get_write_buffer_limits */
void gyre_transport_get_write_buffer_limits(const gyre_transport *transport, size_t *low, size_t *high);

/* Bytes accepted and not yet given to the kernel. asyncio: get_write_buffer_size */
size_t gyre_transport_get_write_buffer_size(gyre_transport *transport);

/* Replaces the protocol and its self, without made or lost calls; only the current one hears of the loss.
 * self NULL: the state that the transport was made with. asyncio: set_protocol */
void gyre_transport_set_protocol(gyre_transport *transport, const gyre_protocol *protocol, void *self);

/* The current protocol, and its self in *self (may be NULL). asyncio: get_protocol */
const gyre_protocol *gyre_transport_get_protocol(const gyre_transport *transport, void **self);

/* The .arg of the create_server or create_connection that made this transport. */
void *gyre_transport_get_arg(const gyre_transport *transport);

/* The transport's loop, lent. */
gyre_loop *gyre_transport_get_loop(const gyre_transport *transport);

/* "peername", "sockname", "socket": a pointer to const struct sockaddr_storage, the same, to const int (the
 * descriptor); else, or where it is not known, default_value. Lent while the transport lives; still answers
 * while closing. asyncio: get_extra_info */
const void *gyre_transport_get_extra_info(const gyre_transport *transport, const char *name,
                                          const void *default_value);

/* The peer's address, as numeric text "127.0.0.1:8888" or "[::1]:8888" (a unix path as it is) into `text`;
 * -ENOTCONN when there is none, -ENOSPC when text is too short (INET6_ADDRSTRLEN + 8 always fits an internet
 * address). */
int gyre_transport_get_peername(const gyre_transport *transport, char *text, size_t size);

/* The transport's own address, as get_peername. */
int gyre_transport_get_sockname(const gyre_transport *transport, char *text, size_t size);

/* The socket, -1 after the loss. Lent: never close it; watch it with care. */
int gyre_transport_get_socket(const gyre_transport *transport);

/* Limits on silence, in seconds; 0 switches one off. */
typedef struct gyre_transport_timeouts {
    size_t size;        /* sizeof this struct, filled in by the macro */
    double idle;        /* nothing read and nothing written for so long: connection_lost(-ETIMEDOUT) */
    double read;        /* nothing read for so long while reading: connection_lost(-ETIMEDOUT) */
    double write_stall; /* bytes are waiting and the peer took none for so long, also while closing:
                           connection_lost(-ETIMEDOUT) */
} gyre_transport_timeouts;

/* Sets all limits at once, counted from now, on every kind of transport. Each event costs one store; one
 * timer serves all. After the loss it does nothing. GYRE_ENOTIMPLEMENTED, and nothing changed: `read` for the
 * writing end of a pipe, `write_stall` for the reading end. Handshakes and ends of TLS have limits of their
 * own, in the options that ask for it. */
int gyre_transport_set_timeouts(gyre_transport *transport, const gyre_transport_timeouts *timeouts);
#define gyre_transport_set_timeouts(...) \
    gyre_transport_set_timeouts(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_transport_timeouts, __VA_ARGS__))

/* Says whether a request is being served on this connection: a draining server lets busy connections finish
 * and closes idle ones. A new connection is idle. Going idle while the server drains closes the transport. */
void gyre_transport_set_busy(gyre_transport *transport, bool busy);

/* True once the transport's server drains: answer, and announce the end. */
bool gyre_transport_is_draining(const gyre_transport *transport);

#ifdef __cplusplus
}
#endif

#endif
