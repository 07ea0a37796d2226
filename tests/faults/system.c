/* system.c - system calls beneath the drivers, and beside them, that the linker sends through here.
 *
 * Those that a driver repeats when a signal comes are interrupted once, when the seam has said so. The others
 * are made by nobody but the library, so that they ask the plan themselves.
 */
#include "fault.h"
#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

static __thread bool interrupt;

void fault_interrupt(void)
{
    interrupt = true;
}

/* True once after fault_interrupt; errno is set. */
static bool interrupted(void)
{
    if (!interrupt)
        return false;
    interrupt = false;
    errno = EINTR;
    return true;
}

/* True when the call is to fail; errno is set. */
static bool fails(enum fault_call call)
{
    int error = fault_ask(call, -1);

    if (error)
        errno = error;
    return error != 0;
}

int __real_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    return interrupted() ? -1 : __real_accept4(fd, address, size, flags);
}

/* Only a connect that takes its time knows interruption: not one to a name of this machine, or of datagrams.
 */
static bool takes_time(int fd, const struct sockaddr *address)
{
    int type = 0;
    socklen_t size = sizeof type;

    return address->sa_family != AF_UNIX && !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) &&
           type == SOCK_STREAM;
}

/* An interrupted one goes on in the background. */
int __real_connect(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    bool signal = interrupted() && takes_time(fd, address);
    int code = __real_connect(fd, address, size);

    if (!signal || (code < 0 && errno != EINPROGRESS))
        return code;
    errno = EINTR;
    return -1;
}

ssize_t __real_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags)
{
    return interrupted() ? -1 : __real_recv(fd, buffer, len, flags);
}

ssize_t __real_send(int fd, const void *data, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t len, int flags)
{
    return interrupted() ? -1 : __real_send(fd, data, len, flags);
}

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return interrupted() ? -1 : __real_sendmsg(fd, message, flags);
}

ssize_t __real_recvfrom(int fd, void *buffer, size_t len, int flags, struct sockaddr *from, socklen_t *size);
ssize_t __wrap_recvfrom(int fd, void *buffer, size_t len, int flags, struct sockaddr *from, socklen_t *size);
ssize_t __wrap_recvfrom(int fd, void *buffer, size_t len, int flags, struct sockaddr *from, socklen_t *size)
{
    return interrupted() ? -1 : __real_recvfrom(fd, buffer, len, flags, from, size);
}

ssize_t __real_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
                      socklen_t size);
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
                      socklen_t size);
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
                      socklen_t size)
{
    return interrupted() ? -1 : __real_sendto(fd, data, len, flags, to, size);
}

ssize_t __real_read(int fd, void *buffer, size_t len);
ssize_t __wrap_read(int fd, void *buffer, size_t len);
ssize_t __wrap_read(int fd, void *buffer, size_t len)
{
    return interrupted() ? -1 : __real_read(fd, buffer, len);
}

ssize_t __real_writev(int fd, const struct iovec *pieces, int count);
ssize_t __wrap_writev(int fd, const struct iovec *pieces, int count);
ssize_t __wrap_writev(int fd, const struct iovec *pieces, int count)
{
    return interrupted() ? -1 : __real_writev(fd, pieces, count);
}

ssize_t __real_sendfile(int to, int from, off_t *offset, size_t count);
ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t count);
ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t count)
{
    return interrupted() ? -1 : __real_sendfile(to, from, offset, count);
}

int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_create1(int flags)
{
    return fails(FAULT_DRIVER) ? -1 : __real_epoll_create1(flags);
}

/* Linux needs memory for a new one alone. */
int __real_epoll_ctl(int fd, int operation, int target, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int operation, int target, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int operation, int target, struct epoll_event *event)
{
    if (operation == EPOLL_CTL_ADD && fails(FAULT_WATCH))
        return -1;
    return __real_epoll_ctl(fd, operation, target, event);
}

int __real_epoll_wait(int fd, struct epoll_event *events, int most, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
    return fails(FAULT_POLL) ? -1 : __real_epoll_wait(fd, events, most, timeout);
}

int __real_eventfd(unsigned value, int flags);
int __wrap_eventfd(unsigned value, int flags);
int __wrap_eventfd(unsigned value, int flags)
{
    return fails(FAULT_WAKE) ? -1 : __real_eventfd(value, flags);
}

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags)
{
    return fails(FAULT_PIPE) ? -1 : __real_pipe2(ends, flags);
}

int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags);
int __wrap_inotify_init1(int flags)
{
    return fails(FAULT_NOTIFY) ? -1 : __real_inotify_init1(flags);
}

int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    return fails(FAULT_NOTIFY) ? -1 : __real_inotify_add_watch(fd, path, mask);
}

int __real_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
    return interrupted() ? -1 : __real_recvmmsg(fd, messages, count, flags, timeout);
}

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    return interrupted() ? -1 : __real_sendmmsg(fd, messages, count, flags);
}

void *__real_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    return fails(FAULT_STACK) ? MAP_FAILED : __real_mmap(address, size, protection, flags, fd, offset);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *options, void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *options, void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *options, void *(*fn)(void *), void *arg)
{
    int error = fault_ask(FAULT_THREAD, -1);

    return error ? error : __real_pthread_create(thread, options, fn, arg);
}

int __real_uv_loop_init(uv_loop_t *loop);
int __wrap_uv_loop_init(uv_loop_t *loop);
int __wrap_uv_loop_init(uv_loop_t *loop)
{
    int error = fault_ask(FAULT_DRIVER, -1);

    return error ? -error : __real_uv_loop_init(loop);
}

int __real_uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd)
{
    int error = fault_ask(FAULT_WATCH, fd);

    return error ? -error : __real_uv_poll_init(loop, handle, fd);
}

/* The handle is in use also when it has failed, as libuv leaves it: so it is begun, with nothing to run. */
int __real_uv_spawn(uv_loop_t *loop, uv_process_t *handle, const uv_process_options_t *options);
int __wrap_uv_spawn(uv_loop_t *loop, uv_process_t *handle, const uv_process_options_t *options);
int __wrap_uv_spawn(uv_loop_t *loop, uv_process_t *handle, const uv_process_options_t *options)
{
    int error = fault_ask(FAULT_SPAWN, -1);
    uv_process_options_t nothing = *options;

    if (!error)
        return __real_uv_spawn(loop, handle, options);
    nothing.file = "/dev/null/nothing";
    __real_uv_spawn(loop, handle, &nothing);
    return -error;
}
