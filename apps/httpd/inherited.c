/* httpd/inherited.c - LISTEN_FDS: the protocol of sd_listen_fds(3), without its library. */
#include "httpd/inherited.h"
#include "httpd/number.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST = 3 };

static int option(int fd, int name)
{
    int value = -1;
    socklen_t size = sizeof value;

    return getsockopt(fd, SOL_SOCKET, name, &value, &size) ? -1 : value;
}

static bool take(struct inherited_socket *taken, int fd)
{
    if (option(fd, SO_TYPE) != SOCK_STREAM || option(fd, SO_ACCEPTCONN) != 1) {
        fprintf(stderr, "gyre-httpd: LISTEN_FDS: descriptor %d is no listening stream socket\n", fd);
        return false;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    taken->fd = fd;
    taken->local = option(fd, SO_DOMAIN) == AF_UNIX;
    return true;
}

/* "one:two": in the order of the descriptors. */
static void take_names(struct inherited *inherited, const char *names)
{
    for (int i = 0; names && i < inherited->count; i++) {
        size_t len = strcspn(names, ":");

        snprintf(inherited->sockets[i].name, sizeof inherited->sockets[i].name, "%.*s",
                 (int)(len < INT_MAX ? len : INT_MAX), names);
        names = names[len] ? names + len + 1 : NULL;
    }
}

/* Those of a process before this one are not for us. */
static long count_sockets(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    long value;

    if (!pid || !count || !number_read(pid, 1, INT_MAX, &value) || value != getpid())
        return 0;
    return number_read(count, 0, INT_MAX - FIRST, &value) ? value : 0;
}

static bool take_all(struct inherited *inherited, long count)
{
    if (count > MOST_INHERITED) {
        fprintf(stderr, "gyre-httpd: LISTEN_FDS: at most %d sockets, not %ld\n", MOST_INHERITED, count);
        return false;
    }
    for (int i = 0; i < count; i++)
        if (!take(&inherited->sockets[inherited->count++], FIRST + i))
            return false;
    return true;
}

bool inherited_read(struct inherited *inherited)
{
    bool well;

    memset(inherited, 0, sizeof *inherited);
    well = take_all(inherited, count_sockets());
    take_names(inherited, getenv("LISTEN_FDNAMES"));
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return well;
}
