/* driver/sim.h - the inside of the driver in virtual time: its clock, its watches, and a network in memory.
 *
 * The network is one machine, which no packet leaves. What a socket sends is an event with the time at which
 * it arrives; poll jumps from one to the next. Included by the files sim*.c alone.
 */
#ifndef GYRE__SIM_H
#define GYRE__SIM_H

#include "base/heap.h"
#include "base/list.h"
#include "driver/driver.h"
#include "driver/network.h"
#include "driver/sim_address.h"
#include <stdatomic.h>

struct gyre__sim_socket;

/* What a descriptor is watched for. */
struct gyre__watch {
    struct gyre__driver *driver;     /* whose */
    struct gyre__sim_socket *socket; /* NULL: the loop's own descriptor, which is the system's */
    gyre__ready fn;                  /* whom to tell */
    void *arg;                       /* for fn */
    struct gyre__list link;          /* in socket->watches */
    struct gyre__list ready;         /* in driver->ready, or not linked */
    int fd;                          /* the descriptor */
    int events;                      /* what is watched for */
    bool lost;                       /* a guest's descriptor was closed, and it does not know yet */
};

/* Something on its way. */
struct gyre__sim_event {
    void (*arrive)(struct gyre__sim_event *event); /* what it does when its time has come */
    struct gyre__sim_socket *from, *to;            /* one reference each; may be NULL */
    struct gyre__sim_address source, target;       /* a datagram's */
    int64_t sent;                                  /* when a handshake's beginning was sent */
    int number;                                    /* which try that was */
    size_t len;                                    /* bytes of data */
    char data[];                                   /* what it carries */
};

struct gyre__driver {
    atomic_int_fast64_t now;         /* the clock, from 0; other threads may read it */
    void (*awake)(void *);           /* told before the callback of a poll that waited */
    void *awake_arg;                 /* for awake */
    struct gyre__watch wake;         /* the loop's own */
    struct gyre__list ready;         /* watches that may be ready */
    struct gyre__list sockets;       /* all there are, in the order of their making */
    struct gyre__heap deadlines;     /* of what is on its way; item: its place in events */
    struct gyre__sim_event **events; /* what is on its way */
    uint32_t *vacant;                /* a stack of the places in events that are free */
    uint32_t room, vacancies;        /* entries of events and vacant; of vacant, in use */
    uint32_t sequence;               /* the last event's */
    struct gyre__network network;    /* what happens on it */
    uint64_t chance;                 /* the state of its dice */
    unsigned numbered;               /* sockets so far */
    uint16_t port;                   /* the last port that was chosen */
    unsigned busy;                   /* polls that told watches since the clock moved */
};

static inline int64_t gyre__sim_now(const struct gyre__driver *driver)
{
    return atomic_load_explicit(&driver->now, memory_order_relaxed);
}

/* sim_fate.c: what is left to chance. Nothing is drawn for what never happens. */
bool gyre__sim_happens(struct gyre__driver *driver, double share);
/* A number below `end`, which is not 0. */
uint64_t gyre__sim_draw(struct gyre__driver *driver, uint64_t end);
/* Nanoseconds for one way. */
int64_t gyre__sim_latency(struct gyre__driver *driver);

/* sim_trace.c: tells of an event, when somebody listens: "<time> <socket> <words>". */
#define GYRE__SIM_TRACE_FORMAT __attribute__((format(printf, 3, 4)))
void gyre__sim_trace(struct gyre__driver *driver, const struct gyre__sim_socket *socket, const char *words,
                     ...) GYRE__SIM_TRACE_FORMAT;

/* sim_event.c: what is on its way. An event with room for `len` bytes; takes references to both sockets. */
struct gyre__sim_event *gyre__sim_event_new(void (*arrive)(struct gyre__sim_event *event),
                                            struct gyre__sim_socket *from, struct gyre__sim_socket *to,
                                            size_t len);
void gyre__sim_event_free(struct gyre__sim_event *event);
/* Lets it arrive at this time. */
void gyre__sim_schedule(struct gyre__driver *driver, struct gyre__sim_event *event, int64_t when);
/* When the next one arrives; GYRE__FOREVER: none is on its way. */
int64_t gyre__sim_next_arrival(const struct gyre__driver *driver);
/* Lets everything arrive whose time has come. */
void gyre__sim_arrive(struct gyre__driver *driver);
/* Drops what is on its way. */
void gyre__sim_drop_events(struct gyre__driver *driver);

/* sim_watch.c: the class's functions; what a socket's change means for those who watch it. */
struct gyre__watch *gyre__sim_watch(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                    void *arg);
void gyre__sim_change(struct gyre__watch *watch, int events);
void gyre__sim_unwatch(struct gyre__watch *watch);
/* The socket may be ready for more than before. */
void gyre__sim_notify(struct gyre__sim_socket *socket);
/* The descriptor is closed: whoever watches it is a guest, and will be told. */
void gyre__sim_lose_watches(struct gyre__sim_socket *socket, int fd);
/* True when a watch would be told now. */
bool gyre__sim_any_ready(struct gyre__driver *driver);
/* Tells the watches that are ready; false: there is none. */
bool gyre__sim_hand_out(struct gyre__driver *driver);

#endif
