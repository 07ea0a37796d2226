/* gyre/pipe.h - reading from and writing to pipes, terminals and other descriptors that go one way.
 *
 * asyncio: loop.connect_read_pipe, loop.connect_write_pipe. The transports are those of gyre/transport.h.
 */
#ifndef GYRE_PIPE_H
#define GYRE_PIPE_H

#include <gyre/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a transport that reads from a pipe, a socket or a character device, and takes the descriptor over. It
 * is made non-blocking; when other processes may share it (it was blocking), it is set back before it is
 * closed. At the end of the input come eof_received, whose result is ignored, and connection_lost(0); a
 * terminal that hangs up is connection_lost(0) alone. write and write_eof are GYRE_ENOTIMPLEMENTED. `arg` is
 * for protocol->create. GYRE_EVALUE: another kind of file; -EBADF. A descriptor that was refused is still the
 * caller's, as it was. [suspends] [new ref] in *transport (may be NULL). asyncio: loop.connect_read_pipe */
int gyre_loop_connect_read_pipe(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                                int pipe, void *arg);

/* The same for writing. write_eof is close: what is buffered is sent, then connection_lost(0). A reader that
 * goes is noticed at once, also while nothing is written (not on terminals): connection_lost(0), or
 * connection_lost(-EPIPE) when bytes were waiting. Nothing is read. [suspends] [new ref] in *transport (may
 * be NULL). asyncio: loop.connect_write_pipe */
int gyre_loop_connect_write_pipe(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                                 int pipe, void *arg);

#ifdef __cplusplus
}
#endif

#endif
