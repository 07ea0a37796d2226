/* gyre/protocol.h - what a connection calls.
 *
 * asyncio: Protocol and BufferedProtocol. A protocol is a const table of methods; NULL is asyncio's empty
 * default. Per connection: connection_made, then data_received any number of times, then eof_received at most
 * once, then connection_lost, exactly once for each connection_made. All on the loop's thread. Inside a
 * method anything may be closed, aborted or replaced. A method "raises" with gyre_transport_fail.
 */
#ifndef GYRE_PROTOCOL_H
#define GYRE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gyre_transport gyre_transport;

/* The class of a connection's handler. Const, and alive as long as any connection of it. */
typedef struct gyre_protocol {
    size_t size; /* bytes of zeroed state, the methods' `self`, that live as long as the transport; used when
                    create is NULL */

    /* asyncio's protocol_factory, for state that the program owns: gets the .arg of create_server or
     * create_connection and returns `self`. NULL refuses the connection. */
    void *(*create)(void *arg);

    /* Told last of all, when the transport will not call again; only after create. */
    void (*destroy)(void *self);

    /* The connection is there. The transport is lent until connection_lost returns; ref it to keep it longer.
     * asyncio: BaseProtocol.connection_made */
    void (*connection_made)(void *self, gyre_transport *transport);

    /* Bytes have come: at least one, valid during the call. asyncio: Protocol.data_received */
    void (*data_received)(void *self, const void *data, size_t len);

    /* The peer will send no more. False (and the NULL default) closes the transport; true keeps the writing
     * side open. asyncio: Protocol.eof_received */
    bool (*eof_received)(void *self);

    /* The connection is gone: 0 after EOF, close or abort, else the negative code of what broke it, with its
     * words in gyre_error_text(). asyncio: connection_lost */
    void (*connection_lost)(void *self, int err);

    /* The write buffer went strictly over the high mark; called inside write, once. asyncio:
     * BaseProtocol.pause_writing */
    void (*pause_writing)(void *self);

    /* The write buffer fell to the low mark or below; pairs with pause_writing. asyncio:
     * BaseProtocol.resume_writing */
    void (*resume_writing)(void *self);

    /* A BufferedProtocol has this in place of data_received: sets where the next bytes shall go and how many
     * may (hint: how many are wanted, -1 for any). Leaving *len 0 is fatal to the connection. asyncio:
     * BufferedProtocol.get_buffer */
    void (*get_buffer)(void *self, ptrdiff_t hint, void **buffer, size_t *len);

    /* `len` bytes were written at the start of the buffer. asyncio: BufferedProtocol.buffer_updated */
    void (*buffer_updated)(void *self, size_t len);
} gyre_protocol;

#ifdef __cplusplus
}
#endif

#endif
