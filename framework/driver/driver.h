/* driver/driver.h - the seam to the system: wait, wake, now, watch, sockets. All policy stays above it.
 *
 * A driver is a class of these functions; a loop is made with one. Called by loop/ and net/ only. Readiness
 * comes back by callback, inside poll. Every call but wake belongs to the loop's thread.
 */
#ifndef GYRE__DRIVER_H
#define GYRE__DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

struct gyre__driver;
struct gyre__watch;

/* What a descriptor can be ready for. An error or a hang-up makes it ready for all that is watched: the next
 * call on it will tell. */
enum { GYRE__READABLE = 1, GYRE__WRITABLE = 2 };

/* Among the events of a watch: the descriptor is the program's, who may close it too early. Then the watch is
 * told this in place of an event, when the driver finds out, and is good for nothing but its end. With any
 * other descriptor the process ends. */
enum { GYRE__GUEST = 4 };

/* Deadlines that are no time. */
#define GYRE__NO_WAIT INT64_MIN
#define GYRE__FOREVER INT64_MAX

/* What a watch calls when its descriptor is ready. It may unwatch itself and others. */
typedef void (*gyre__ready)(void *arg, int events);

/* One kind of driver. */
struct gyre__driver_class {
    /* Makes a driver; `awake(arg)` is called before the first readiness callback of each poll that waited.
     * NULL: errno says why. */
    struct gyre__driver *(*make)(void (*awake)(void *arg), void *arg);
    /* Frees the driver; all watches must be gone. */
    void (*close)(struct gyre__driver *driver);
    /* Waits until something is ready, the deadline (nanoseconds on now's clock) has come, or a wake; then
     * calls the ready ones. It may return early, never late by more than its clock's grain. */
    void (*poll)(struct gyre__driver *driver, int64_t deadline);
    /* The monotonic clock, in nanoseconds. */
    int64_t (*now)(const struct gyre__driver *driver);
    /* Its clock moves only in poll, at once to the deadline or to what comes first. The loop then sleeps for
     * other threads alone. */
    bool virtual_time;
    /* In virtual time: when something comes by itself. GYRE__NO_WAIT: it is there; GYRE__FOREVER: never. */
    int64_t (*due)(struct gyre__driver *driver);
    /* Watches a descriptor, one watch each; level-triggered. The first watch is the loop's own, for its wake;
     * in virtual time all others are of the driver's own sockets. NULL: errno says why. */
    struct gyre__watch *(*watch)(struct gyre__driver *driver, int fd, int events, gyre__ready fn, void *arg);
    /* Changes what is watched for; 0 is nothing for now. */
    void (*change)(struct gyre__watch *watch, int events);
    /* Ends a watch, also inside its own callback; no callback comes after. The descriptor may be closed next.
     */
    void (*unwatch)(struct gyre__watch *watch);

    /* The socket calls: as the system's, but -errno in place of errno, never EINTR, new descriptors
     * close-on-exec and non-blocking. A socket knows its driver. */
    int (*socket)(struct gyre__driver *driver, int domain, int type, int protocol);
    int (*duplicate)(int fd);
    int (*bind)(int fd, const struct sockaddr *address, socklen_t size);
    int (*listen)(int fd, int backlog);
    /* A listening socket takes no part in new handshakes; those that have begun end in its queue. Where the
     * system cannot, nothing happens. */
    int (*deafen)(int fd);
    int (*accept)(int fd, struct sockaddr_storage *peer, socklen_t *size);
    int (*connect)(int fd, const struct sockaddr *address, socklen_t size);
    ssize_t (*recv)(int fd, void *buffer, size_t len);
    ssize_t (*send)(int fd, const struct iovec *pieces, int count);
    /* One datagram: its own length, which may be more than fits, and who sent it. */
    ssize_t (*recvmsg)(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size);
    /* One datagram; `to` NULL and size 0: to whom the socket is connected. */
    ssize_t (*sendmsg)(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                       socklen_t size);
    /* Several datagrams in one call, as the system's: how many came or went, or why the first did not. May be
     * NULL: then they come and go one by one. */
    int (*recvmmsg)(int fd, struct mmsghdr *messages, unsigned count);
    int (*sendmmsg)(int fd, struct mmsghdr *messages, unsigned count);
    ssize_t (*read)(int fd, void *buffer, size_t len);
    ssize_t (*write)(int fd, const struct iovec *pieces, int count);
    ssize_t (*recvfrom)(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size);
    ssize_t (*sendto)(int fd, const void *data, size_t len, const struct sockaddr *address, socklen_t size);
    ssize_t (*sendfile)(int fd, int file, int64_t offset, size_t count);
    int (*shutdown)(int fd, int how);
    int (*close_socket)(int fd);
    int (*getsockname)(int fd, struct sockaddr_storage *address, socklen_t *size);
    int (*getpeername)(int fd, struct sockaddr_storage *address, socklen_t *size);
    int (*getsockopt)(int fd, int level, int name, int *value);
    int (*setsockopt)(int fd, int level, int name, int value);
};

/* The drivers over the system's sockets: Linux's epoll; libuv's poller, which is epoll or kqueue. */
extern const struct gyre__driver_class gyre__epoll_driver, gyre__uv_driver;

/* The driver in virtual time. */
extern const struct gyre__driver_class gyre__sim_driver;

/* A descriptor that becomes readable when any thread wakes it; -errno. */
int gyre__wake_open(void);

/* Makes it readable. [any thread, any signal handler] */
void gyre__wake_send(int fd);

/* Makes it unreadable again. */
void gyre__wake_clear(int fd);

#endif
