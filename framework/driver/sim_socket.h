/* driver/sim_socket.h - a socket of the network in virtual time: one descriptor or more, one end of things.
 *
 * It lives as long as a descriptor, an event, its peer or a listener's queue refers to it. Everything here is
 * in the order of its making; nothing is found by its address in memory.
 */
#ifndef GYRE__SIM_SOCKET_H
#define GYRE__SIM_SOCKET_H

#include "driver/sim.h"

/* What a stream socket is at. A datagram's is fresh for ever. */
enum gyre__sim_state {
    GYRE__SIM_FRESH,      /* nothing yet */
    GYRE__SIM_LISTENING,  /* it has a queue */
    GYRE__SIM_CONNECTING, /* its first packet is on its way, or the answer */
    GYRE__SIM_CONNECTED,  /* also while one side, or both, have ended */
    GYRE__SIM_ENDED       /* refused, reset or closed */
};

/* What streams and datagrams differ in. As in driver.h, -errno. */
struct gyre__sim_kind {
    int (*readiness)(const struct gyre__sim_socket *socket);
    int (*connect)(struct gyre__sim_socket *socket, const struct sockaddr *address, socklen_t size);
    ssize_t (*recv)(struct gyre__sim_socket *socket, void *buffer, size_t len, struct sockaddr_storage *from,
                    socklen_t *size);
    ssize_t (*send)(struct gyre__sim_socket *socket, const struct iovec *pieces, int count,
                    const struct sockaddr *to, socklen_t size);
    int (*shutdown)(struct gyre__sim_socket *socket, int how);
    ssize_t (*sendfile)(struct gyre__sim_socket *socket, int file, int64_t offset, size_t count);
    /* Its last descriptor was closed. */
    void (*close)(struct gyre__sim_socket *socket);
};

extern const struct gyre__sim_kind gyre__sim_stream, gyre__sim_datagram;

/* What a datagram in a queue costs beside its bytes. */
enum { GYRE__SIM_OVERHEAD = 64 };

/* A datagram that came. */
struct gyre__sim_letter {
    struct gyre__list link;          /* in socket->letters */
    struct gyre__sim_address source; /* who sent it */
    size_t len;                      /* bytes of data */
    char data[];
};

/* What was set, for whoever asks. */
struct gyre__sim_option {
    int level, name, value;
};

struct gyre__sim_socket {
    struct gyre__driver *driver;       /* whose */
    const struct gyre__sim_kind *kind; /* stream or datagram */
    struct gyre__list link;            /* in driver->sockets */
    struct gyre__list watches;         /* struct gyre__watch, of its descriptors */
    unsigned number;                   /* its name in traces, from 1 */
    unsigned references;               /* who knows it */
    unsigned descriptors;              /* how many of them are descriptors */
    int domain, type, protocol;        /* as asked for */
    enum gyre__sim_state state;        /* what it is at */
    int error;                         /* what the next call is told, positive; 0: nothing */
    struct gyre__sim_address own, far; /* its names; AF_UNSPEC: none */
    size_t send_room, receive_room;    /* bytes of its two buffers */
    size_t outstanding;                /* bytes that it sent and nobody has taken */
    bool reading_ended;                /* shutdown said so */

    struct gyre__sim_option *options; /* what was set */
    size_t option_count;              /* of options */

    /* A stream. */
    struct gyre__sim_socket *peer;     /* the other end, one reference; NULL: none any more */
    struct gyre__sim_socket *listener; /* in whose queue it is, or will be, one reference */
    char *bytes;                       /* what came */
    size_t first, len, room;           /* of bytes: where the unread begin, how many; how many fit */
    size_t under_way;                  /* what it sent and did not arrive yet: events */
    int64_t latest;                    /* when the last of them arrives; the next is no earlier */
    uint64_t doom;                     /* bytes that the connection carries before it breaks */
    bool doomed;                       /* it will break */
    bool cut;                          /* it broke: nothing passes */
    bool was_connected;                /* before it ended */
    bool untold;                       /* connect has not said yet that it is connected */
    bool ended, peer_ended;            /* its side, the other side has no more to say */

    /* A listener. */
    struct gyre__list queue;   /* connections to be accepted */
    struct gyre__list waiting; /* in listener->queue */
    int backlog;               /* as asked for */
    int queued, embryos;       /* in the queue; on their way into it */
    bool deaf;                 /* takes part in no new handshake */

    /* A datagram socket. */
    struct gyre__list letters; /* what came */
    size_t held;               /* bytes of letters */
};

/* sim_socket.c */
struct gyre__sim_socket *gyre__sim_socket_new(struct gyre__driver *driver, int domain, int type,
                                              int protocol);
/* NULL stays NULL. */
struct gyre__sim_socket *gyre__sim_socket_ref(struct gyre__sim_socket *socket);
void gyre__sim_socket_unref(struct gyre__sim_socket *socket);
/* Everything goes, open or not, when the driver is closed. */
void gyre__sim_close_sockets(struct gyre__driver *driver);

/* sim_table.c: a new descriptor of the socket, or -EMFILE. */
int gyre__sim_enter(struct gyre__sim_socket *socket);
/* The socket of a descriptor, NULL when there is none. */
struct gyre__sim_socket *gyre__sim_find(int fd);
/* What a descriptor is told that has none: -ENOTSUP for one of the system's, else -EBADF. */
int gyre__sim_refuse(int fd);
/* The descriptor is no more; NULL when it was none. */
struct gyre__sim_socket *gyre__sim_leave(int fd);
/* All descriptors of this driver are no more. */
void gyre__sim_leave_all(const struct gyre__driver *driver);

/* sim_port.c: names. */
/* A port of the system's choice for a socket that has none, at this address. 0 or -EADDRINUSE. */
int gyre__sim_bind_any(struct gyre__sim_socket *socket, const struct gyre__sim_address *address);
/* Another socket has the name in such a way that this one must not. */
bool gyre__sim_conflicts(const struct gyre__sim_socket *socket, const struct gyre__sim_address *address);
/* Who listens there, deaf or not; NULL: nobody. */
struct gyre__sim_socket *gyre__sim_find_listener(struct gyre__driver *driver,
                                                 const struct gyre__sim_address *address,
                                                 const struct gyre__sim_address *from);
/* Who gets the datagram; NULL: nobody. */
struct gyre__sim_socket *gyre__sim_find_receiver(struct gyre__driver *driver,
                                                 const struct gyre__sim_address *address,
                                                 const struct gyre__sim_address *from);

/* sim_option.c: what was set; 0: nothing. */
int gyre__sim_option(const struct gyre__sim_socket *socket, int level, int name);
/* What an accepted socket has from its listener. */
void gyre__sim_inherit_options(struct gyre__sim_socket *socket, const struct gyre__sim_socket *from);
/* The error that the next call is told, which is told once. */
int gyre__sim_take_error(struct gyre__sim_socket *socket);

/* sim_listen.c */
bool gyre__sim_is_full(const struct gyre__sim_socket *listener);
/* A socket that is the other end of `client`, and will be in the listener's queue. The caller's reference. */
struct gyre__sim_socket *gyre__sim_make_child(struct gyre__sim_socket *listener,
                                              struct gyre__sim_socket *client,
                                              const struct gyre__sim_address *own);
/* The child is there: into the queue. */
void gyre__sim_enqueue(struct gyre__sim_socket *child);
/* Nobody listens any more. */
void gyre__sim_stop_listening(struct gyre__sim_socket *listener);

/* sim_connect.c */
int gyre__sim_connect_stream(struct gyre__sim_socket *socket, const struct sockaddr *address, socklen_t size);

/* sim_wire.c: what passes between two streams, in order. Lets an event arrive at the end of its way. */
void gyre__sim_carry(struct gyre__sim_event *event);
/* To be called when it has. */
void gyre__sim_landed(struct gyre__sim_event *event);
void gyre__sim_send_data(struct gyre__sim_socket *socket, const struct iovec *pieces, size_t len);
void gyre__sim_send_end(struct gyre__sim_socket *socket);
/* Ends the stream; the other side hears of a reset. */
void gyre__sim_reset(struct gyre__sim_socket *socket);
/* A reset for `to`. */
void gyre__sim_send_reset(struct gyre__sim_socket *from, struct gyre__sim_socket *to);
/* Ends the stream with this error, positive. */
void gyre__sim_fail(struct gyre__sim_socket *socket, int error);
/* Lets go of the peer when there is no more to say. */
void gyre__sim_settle(struct gyre__sim_socket *socket);

/* sim_post.c: sends a datagram on its way. */
void gyre__sim_post(struct gyre__sim_socket *socket, const struct iovec *pieces, size_t len,
                    const struct gyre__sim_address *target);

/* The program has it, or will. */
static inline bool gyre__sim_is_alive(const struct gyre__sim_socket *socket)
{
    return socket->descriptors || socket->listener;
}

/* All bytes that fit between a stream and its reader. */
size_t gyre__sim_capacity(const struct gyre__sim_socket *socket);

/* What a call takes of n bytes, at least 1, when n is not 0. */
size_t gyre__sim_part(struct gyre__driver *driver, size_t n);

/* A call says "again" for no reason. */
bool gyre__sim_balks(struct gyre__sim_socket *socket, const char *call);

static inline size_t gyre__sim_total(const struct iovec *pieces, int count)
{
    size_t total = 0;

    for (int i = 0; i < count; i++)
        total += pieces[i].iov_len;
    return total;
}

#endif
