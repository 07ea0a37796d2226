/* gyre/pipe.h - reading from and writing to pipes, terminals and other descriptors that go one way.
 *
 * asyncio: loop.connect_read_pipe, loop.connect_write_pipe, and StreamReader and StreamWriter upon them. The
 * transports are those of gyre/transport.h.
 */
#ifndef GYRE_PIPE_H
#define GYRE_PIPE_H

#include <gyre/stream.h>

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

/* How a pipe is read. */
typedef struct gyre_read_pipe_options {
    size_t size;     /* sizeof this struct, filled in by the macro */
    ptrdiff_t limit; /* the limit of the reader, in bytes; default 64 KiB */
} gyre_read_pipe_options;

/* Reads from a pipe by a gyre_reader, as if it blocked: takes the descriptor over as
 * gyre_loop_connect_read_pipe does, on this thread's loop. The reader is the caller's until
 * gyre_stream_close(reader, NULL), which closes the pipe. [suspends] asyncio: connect_read_pipe of a
 * StreamReaderProtocol */
int gyre_open_read_pipe(gyre_reader **reader, int pipe, const gyre_read_pipe_options *options);
#define gyre_open_read_pipe(reader, ...) \
    gyre_open_read_pipe(reader, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_read_pipe_options, __VA_ARGS__))

/* Writes to a pipe by a gyre_writer, the same way, until gyre_stream_close(NULL, writer). When who reads has
 * gone, gyre_writer_drain is -ECONNRESET, and gyre_writer_wait_closed returns. [suspends] asyncio: a
 * StreamWriter over connect_write_pipe */
int gyre_open_write_pipe(gyre_writer **writer, int pipe);

#ifdef __cplusplus
}
#endif

#endif
