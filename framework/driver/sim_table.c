/* driver/sim_table.c - descriptors of the network in virtual time: numbers that the system never gives.
 *
 * One table for all drivers of the process, so that a number alone says whose it is. As in the system, the
 * lowest free one is next.
 */
#include "driver/sim_socket.h"
#include <errno.h>
#include <pthread.h>

enum { FIRST = 1 << 20, MOST = 1 << 16 };

static _Atomic(struct gyre__sim_socket *) places[MOST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int lowest; /* no place below is free */

static int take_place(struct gyre__sim_socket *socket)
{
    int place = lowest;

    while (place < MOST && atomic_load_explicit(&places[place], memory_order_relaxed))
        place++;
    lowest = place;
    if (place == MOST)
        return -EMFILE;
    atomic_store_explicit(&places[place], socket, memory_order_release);
    return FIRST + place;
}

int gyre__sim_enter(struct gyre__sim_socket *socket)
{
    int fd;

    pthread_mutex_lock(&lock);
    fd = take_place(socket);
    pthread_mutex_unlock(&lock);
    if (fd < 0)
        return fd;
    socket->descriptors++;
    gyre__sim_socket_ref(socket);
    return fd;
}

struct gyre__sim_socket *gyre__sim_find(int fd)
{
    if (fd < FIRST || fd >= FIRST + MOST)
        return NULL;
    return atomic_load_explicit(&places[fd - FIRST], memory_order_acquire);
}

int gyre__sim_refuse(int fd)
{
    return fd >= 0 && fd < FIRST ? -ENOTSUP : -EBADF;
}

struct gyre__sim_socket *gyre__sim_leave(int fd)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    if (!socket)
        return NULL;
    pthread_mutex_lock(&lock);
    atomic_store_explicit(&places[fd - FIRST], NULL, memory_order_release);
    if (fd - FIRST < lowest)
        lowest = fd - FIRST;
    pthread_mutex_unlock(&lock);
    return socket;
}

void gyre__sim_leave_all(const struct gyre__driver *driver)
{
    for (int fd = FIRST; fd < FIRST + MOST; fd++) {
        struct gyre__sim_socket *socket = gyre__sim_find(fd);

        if (!socket || socket->driver != driver)
            continue;
        gyre__sim_leave(fd);
        socket->descriptors--;
        gyre__sim_socket_unref(socket);
    }
}
