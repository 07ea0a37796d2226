/* gyre/stream.h - reading and writing a connection from a coroutine, as if it blocked.
 *
 * asyncio: StreamReader, StreamWriter, open_connection, start_server. A read lends: it sets a pointer to
 * bytes inside the reader, valid until the next read of that reader, and returns how many there are; 0 is the
 * end of the stream, a negative code a failure. The forms that end in _into copy instead. A reader may also
 * stand alone: whoever gets bytes from elsewhere feeds it, and tasks read them.
 */
#ifndef GYRE_STREAM_H
#define GYRE_STREAM_H

#include <gyre/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A buffer of bytes that tasks wait for. Lent in a start_server handler until it returns; the caller's, from
 * gyre_open_connection until gyre_stream_close and from gyre_reader_new until gyre_reader_free. asyncio:
 * StreamReader */
typedef struct gyre_reader gyre_reader;

/* The writing half of a connection; lent, or the caller's, together with its reader. asyncio: StreamWriter */
typedef struct gyre_writer gyre_writer;

/* --- connections --- */

/* Serves one connection, as a task of its own. The pair is lent until it returns; then the stream is closed
 * as gyre_stream_close does. A negative code other than GYRE_ECANCELLED is told to the exception handler:
 * "Unhandled exception in client_connected_cb". */
typedef int (*gyre_client_connected)(gyre_reader *reader, gyre_writer *writer, void *arg);

/* Listens as gyre_loop_create_server does, on this thread's loop, with all its options but .arg; .limit is
 * that of the readers. While a handler waits for the first byte of something its connection counts as idle to
 * a server that drains, else as busy. [suspends] [new ref] in *server. asyncio: start_server */
int gyre_start_server(gyre_server **server, gyre_client_connected client_connected_cb, void *arg,
                      const gyre_server_options *options);
#define gyre_start_server(server, client_connected_cb, ...)                  \
    gyre_start_server(server, client_connected_cb, GYRE__FIRST(__VA_ARGS__), \
                      GYRE__OPTIONS(gyre_server_options, __VA_ARGS__))

/* Connects as gyre_loop_create_connection does, with all its options; .limit is that of the reader. Both
 * outputs belong to the caller until gyre_stream_close. [suspends] asyncio: open_connection */
int gyre_open_connection(gyre_reader **reader, gyre_writer **writer, const gyre_connection_options *options);
#define gyre_open_connection(reader, ...)                  \
    gyre_open_connection(reader, GYRE__FIRST(__VA_ARGS__), \
                         GYRE__OPTIONS(gyre_connection_options, __VA_ARGS__))

/* Options of gyre_stream_close. */
typedef struct gyre_stream_close_options {
    size_t size;    /* sizeof this struct, filled in by the macro */
    double timeout; /* seconds for the peer to take what was written; then the connection is aborted; default
                       30, negative: 0 */
} gyre_stream_close_options;

/* Gives a pair back and closes its connection: what was written is sent in the background. Never suspends.
 * A task that still waits in the pair gets GYRE_ERUNTIME or the end. One of the two is enough, and all there
 * is of a pipe's; both NULL: nothing. On a lent pair it only closes. */
void gyre_stream_close(gyre_reader *reader, gyre_writer *writer, const gyre_stream_close_options *options);
#define gyre_stream_close(reader, ...) \
    gyre_stream_close(reader, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_stream_close_options, __VA_ARGS__))

/* --- reading --- */

/* Options of every read. */
typedef struct gyre_read_options {
    size_t size;    /* sizeof this struct, filled in by the macro */
    double timeout; /* seconds to wait at most for the whole read, then -ETIMEDOUT; 0: no limit; negative: do
                       not wait */
} gyre_read_options;

/* What all reads have in common. A failure that was stored (gyre_reader_set_exception) is returned first. One
 * task may wait at a time: for a second one GYRE_ERUNTIME. After a timeout or a cancellation the bytes that
 * came are still in the reader. Outputs may be NULL, and are untouched on failure. When a connection of TLS
 * is cut off without TLS's own end, a read that would meet the end, and one that wants all or more than came,
 * is GYRE_ESSLEOF (gyre_reader_get_failure has what came). All of them: [suspends] */

/* Lends up to n bytes, at least one, as soon as there are any; n negative: all until the end of the stream. 0
 * at the end, and at once when n is 0. asyncio: StreamReader.read */
ptrdiff_t gyre_reader_read(gyre_reader *reader, const char **data, ptrdiff_t n,
                           const gyre_read_options *options);
#define gyre_reader_read(reader, data, ...) \
    gyre_reader_read(reader, data, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_read_options, __VA_ARGS__))

/* Lends exactly n bytes, also more than the limit. GYRE_EVALUE: n is negative; GYRE_EINCOMPLETEREAD: the
 * stream ended before (gyre_reader_get_failure has what came). asyncio: StreamReader.readexactly */
ptrdiff_t gyre_reader_readexactly(gyre_reader *reader, const char **data, ptrdiff_t n,
                                  const gyre_read_options *options);
#define gyre_reader_readexactly(reader, data, ...)                  \
    gyre_reader_readexactly(reader, data, GYRE__FIRST(__VA_ARGS__), \
                            GYRE__OPTIONS(gyre_read_options, __VA_ARGS__))

/* Lends a line with its '\n'; at the end of the stream what is left, without one. GYRE_EVALUE: the line is
 * longer than the limit; it is thrown away, or all that is buffered if its end has not come. asyncio:
 * StreamReader.readline */
ptrdiff_t gyre_reader_readline(gyre_reader *reader, const char **line, const gyre_read_options *options);
#define gyre_reader_readline(reader, ...) \
    gyre_reader_readline(reader, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_read_options, __VA_ARGS__))

/* Options of gyre_reader_readuntil. */
typedef struct gyre_readuntil_options {
    size_t size;                    /* sizeof this struct, filled in by the macro */
    double timeout;                 /* as in every read */
    const struct iovec *separators; /* several separators, any of which ends the read, in place of the one */
    size_t count;                   /* how many */
} gyre_readuntil_options;

/* Lends everything up to and including `separator` (a C string; NULL with .separators): of several, the match
 * that ends first. GYRE_EVALUE: no separator, or an empty one; GYRE_EINCOMPLETEREAD: the stream ended before
 * (gyre_reader_get_failure has what came); GYRE_ELIMITOVERRUN: more than the limit before the separator; the
 * bytes stay. asyncio: StreamReader.readuntil */
ptrdiff_t gyre_reader_readuntil(gyre_reader *reader, const char **data, const char *separator,
                                const gyre_readuntil_options *options);
#define gyre_reader_readuntil(reader, data, ...)                  \
    gyre_reader_readuntil(reader, data, GYRE__FIRST(__VA_ARGS__), \
                          GYRE__OPTIONS(gyre_readuntil_options, __VA_ARGS__))

/* As gyre_reader_read of at most n bytes, copied into `buffer`. */
ptrdiff_t gyre_reader_read_into(gyre_reader *reader, void *buffer, size_t n,
                                const gyre_read_options *options);
#define gyre_reader_read_into(reader, buffer, ...)                  \
    gyre_reader_read_into(reader, buffer, GYRE__FIRST(__VA_ARGS__), \
                          GYRE__OPTIONS(gyre_read_options, __VA_ARGS__))

/* As gyre_reader_readexactly, copied into `buffer`. */
ptrdiff_t gyre_reader_readexactly_into(gyre_reader *reader, void *buffer, size_t n,
                                       const gyre_read_options *options);
#define gyre_reader_readexactly_into(reader, buffer, ...)                  \
    gyre_reader_readexactly_into(reader, buffer, GYRE__FIRST(__VA_ARGS__), \
                                 GYRE__OPTIONS(gyre_read_options, __VA_ARGS__))

/* As gyre_reader_readline, copied into `buffer` of `room` bytes. -ENOSPC: the line is longer; it stays. */
ptrdiff_t gyre_reader_readline_into(gyre_reader *reader, void *buffer, size_t room,
                                    const gyre_read_options *options);
#define gyre_reader_readline_into(reader, buffer, ...)                  \
    gyre_reader_readline_into(reader, buffer, GYRE__FIRST(__VA_ARGS__), \
                              GYRE__OPTIONS(gyre_read_options, __VA_ARGS__))

/* As gyre_reader_readuntil, copied into `buffer` of `room` bytes. -ENOSPC: they are more; they stay. */
ptrdiff_t gyre_reader_readuntil_into(gyre_reader *reader, void *buffer, size_t room, const char *separator,
                                     const gyre_readuntil_options *options);
#define gyre_reader_readuntil_into(reader, buffer, room, ...)                  \
    gyre_reader_readuntil_into(reader, buffer, room, GYRE__FIRST(__VA_ARGS__), \
                               GYRE__OPTIONS(gyre_readuntil_options, __VA_ARGS__))

/* What asyncio's IncompleteReadError and LimitOverrunError carry. */
typedef struct gyre_reader_failure {
    const char *partial; /* after GYRE_EINCOMPLETEREAD and GYRE_ESSLEOF: what came before the end, lent until
                            the next read */
    size_t len;          /* bytes of it */
    ptrdiff_t expected;  /* how many were asked for, -1 when that is not known (readuntil) */
    size_t consumed;     /* after GYRE_ELIMITOVERRUN: bytes that were looked at in vain; read them to go on */
} gyre_reader_failure;

/* What the last read's failure carried; zeroes after any other read. */
void gyre_reader_get_failure(const gyre_reader *reader, gyre_reader_failure *failure);

/* True when the stream has ended and everything was read. asyncio: StreamReader.at_eof */
bool gyre_reader_at_eof(const gyre_reader *reader);

/* The failure that was stored, 0 for none. asyncio: StreamReader.exception */
int gyre_reader_exception(const gyre_reader *reader);

/* Bytes that were fed and not read yet. */
size_t gyre_reader_get_size(const gyre_reader *reader);

/* --- a reader that stands alone --- */

/* How a reader is made. */
typedef struct gyre_reader_options {
    size_t size;     /* sizeof this struct, filled in by the macro */
    ptrdiff_t limit; /* longest line, in bytes, and half of what may be buffered; default 64 KiB */
    gyre_loop *loop; /* whose tasks read it; default this thread's */
} gyre_reader_options;

/* Makes an empty reader; it owns no memory for bytes until it is fed. NULL and GYRE_EVALUE's text for a
 * negative limit. asyncio: StreamReader() */
gyre_reader *gyre_reader_new(const gyre_reader_options *options);
#define gyre_reader_new(...) \
    gyre_reader_new(&(gyre_reader_options){.size = sizeof(gyre_reader_options), __VA_ARGS__})

/* Frees a reader of gyre_reader_new, and what it lent. A task that still waits in it gets GYRE_ERUNTIME when
 * it is woken, and must not touch it again. NULL is fine. */
void gyre_reader_free(gyre_reader *reader);

/* Appends a copy of the bytes and wakes the waiting task, which runs in the next turn. A reader that holds
 * more than twice its limit pauses its transport, and resumes it at the limit, or when a read waits for more.
 * 0; -ENOMEM; GYRE_ERUNTIME after feed_eof. asyncio: StreamReader.feed_data */
int gyre_reader_feed_data(gyre_reader *reader, const void *data, size_t len);

/* The stream ends after what was fed. Idempotent. asyncio: StreamReader.feed_eof */
void gyre_reader_feed_eof(gyre_reader *reader);

/* Stores a failure, a negative code, with the text of gyre_error_text(): a waiting task gets it, and every
 * later read. asyncio: StreamReader.set_exception */
void gyre_reader_set_exception(gyre_reader *reader, int err);

/* Makes the transport the one to pause and resume; the reader takes a reference. It must have none yet.
 * asyncio: StreamReader.set_transport */
void gyre_reader_set_transport(gyre_reader *reader, gyre_transport *transport);

/* Where a reader's bytes come from, when it is no transport. NULL for a method that is not needed. */
typedef struct gyre_reader_source {
    size_t size;                       /* sizeof this struct */
    void (*pause_reading)(void *arg);  /* enough is buffered: feed no more, if you can */
    void (*resume_reading)(void *arg); /* go on; follows each pause_reading, unless nobody reads on */
    void (*wanted)(void *arg);         /* a read begins to wait for bytes; called before resume_reading */
} gyre_reader_source;

/* Sets the source, const and alive as long as the reader, in place of set_transport; NULL: none any more. Its
 * methods are called inside reads and inside feed_data; they may feed the reader, and must not free it. */
void gyre_reader_set_source(gyre_reader *reader, const gyre_reader_source *source, void *arg);

/* --- writing --- */

/* Sends bytes, or buffers a copy; never waits: await gyre_writer_drain after it. 0, also, and silently, when
 * the connection is closing or lost; GYRE_ERUNTIME after write_eof. asyncio: StreamWriter.write */
int gyre_writer_write(gyre_writer *writer, const void *data, size_t len);

/* As write of each piece in turn. asyncio: StreamWriter.writelines */
int gyre_writer_writelines(gyre_writer *writer, const struct iovec *pieces, size_t count);

/* Waits while the write buffer is above its high mark, until it has fallen to the low one; else returns at
 * once, without a turn. The reader's stored failure comes first; -ECONNRESET "Connection lost" after the
 * loss. Any number of tasks may wait. [suspends] asyncio: StreamWriter.drain */
int gyre_writer_drain(gyre_writer *writer);

/* Closes the writing side after what is buffered. asyncio: StreamWriter.write_eof */
int gyre_writer_write_eof(gyre_writer *writer);

/* True when write_eof is possible. asyncio: StreamWriter.can_write_eof */
bool gyre_writer_can_write_eof(const gyre_writer *writer);

/* Closes the connection after what is buffered; the pair stays. Idempotent. asyncio: StreamWriter.close */
void gyre_writer_close(gyre_writer *writer);

/* True from close or loss on. asyncio: StreamWriter.is_closing */
bool gyre_writer_is_closing(const gyre_writer *writer);

/* Waits until the connection is gone: 0, or the code of what broke it. Any number of tasks may wait.
 * [suspends] asyncio: StreamWriter.wait_closed */
int gyre_writer_wait_closed(gyre_writer *writer);

/* How a stream turns to TLS. */
typedef struct gyre_writer_start_tls_options {
    size_t size;                  /* sizeof this struct, filled in by the macro */
    const char *server_hostname;  /* for a client: whom to expect; "": anybody; it has no default where the
                                     context checks names */
    double ssl_handshake_timeout; /* seconds; default 60 */
    double ssl_shutdown_timeout;  /* seconds that the end may take; default 30 */
} gyre_writer_start_tls_options;

/* Drains, turns the connection to TLS, and returns when the handshake is done: the server's side in a
 * start_server handler, else the client's. The pair stays; its transport is another one. What was unread in
 * the reader is taken for the peer's handshake, so that nothing sent in the clear is ever read as if it had
 * come by TLS; what is written meanwhile waits. After a failure, and when cancelled, the connection is lost.
 * Codes of gyre_loop_start_tls and of gyre_writer_drain. [suspends] asyncio: StreamWriter.start_tls */
int gyre_writer_start_tls(gyre_writer *writer, gyre_tls_context *context,
                          const gyre_writer_start_tls_options *options);
#define gyre_writer_start_tls(writer, ...)                  \
    gyre_writer_start_tls(writer, GYRE__FIRST(__VA_ARGS__), \
                          GYRE__OPTIONS(gyre_writer_start_tls_options, __VA_ARGS__))

/* The connection's transport, lent until gyre_writer_start_tls: its typed forms of get_extra_info, its marks,
 * its timeouts. asyncio: StreamWriter.transport */
gyre_transport *gyre_writer_get_transport(const gyre_writer *writer);

/* As gyre_transport_get_extra_info. asyncio: StreamWriter.get_extra_info */
const void *gyre_writer_get_extra_info(const gyre_writer *writer, const char *name,
                                       const void *default_value);

/* The peer's address as text, as gyre_transport_get_peername. */
int gyre_writer_get_peername(const gyre_writer *writer, char *text, size_t size);

/* The own address as text, as gyre_transport_get_sockname. */
int gyre_writer_get_sockname(const gyre_writer *writer, char *text, size_t size);

/* The socket, as gyre_transport_get_socket. */
int gyre_writer_get_socket(const gyre_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
