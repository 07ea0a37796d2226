/* driver/wake.c - the descriptor with which a thread, or a signal handler, wakes a loop. */
#include "driver/driver.h"
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int gyre__wake_open(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    return fd < 0 ? -errno : fd;
}

void gyre__wake_send(int fd)
{
    uint64_t one = 1;
    int saved = errno;

    /* A full counter (EAGAIN) is as awake as it gets. */
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    errno = saved;
}

void gyre__wake_clear(int fd)
{
    uint64_t count;

    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        ;
}
