/* httpd/notify.c - sd_notify(3)'s protocol, without its library: one datagram a message. */
#include "httpd/notify.h"
#include "httpd/number.h"
#include <gyre/gyre.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Whom to tell, and how often. */
static struct {
    struct sockaddr_un address; /* NOTIFY_SOCKET */
    socklen_t size;             /* 0: nobody */
    double interval;            /* seconds between two signs of life, 0 for none */
    gyre_handle timer;          /* the next one */
} manager;

/* "@name" is an abstract one. */
static void read_address(const char *path)
{
    size_t len = strlen(path);

    if ((path[0] != '/' && path[0] != '@') || len < 2 || len >= sizeof manager.address.sun_path)
        return;
    manager.address.sun_family = AF_UNIX;
    memcpy(manager.address.sun_path, path, len);
    if (path[0] == '@')
        manager.address.sun_path[0] = '\0';
    manager.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* Half of what it may take. A WATCHDOG_PID of another process means that one. */
static void read_interval(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    long value;

    if (pid && (!number_read(pid, 1, INT_MAX, &value) || value != getpid()))
        return;
    if (usec && number_read(usec, 1, LONG_MAX, &value))
        manager.interval = (double)value / 2e6;
}

bool notify_begin(void)
{
    const char *path = getenv("NOTIFY_SOCKET");

    if (path)
        read_address(path);
    if (manager.size)
        read_interval();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return manager.size > 0;
}

void notify(const char *message)
{
    int fd;

    if (!manager.size)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&manager.address, manager.size);
    close(fd);
}

static void be_alive(void *arg);

static void be_alive_later(void)
{
    manager.timer = gyre_loop_call_later(gyre_get_event_loop(), manager.interval, be_alive, NULL);
}

static void be_alive(void *arg)
{
    notify("WATCHDOG=1");
    be_alive_later();
}

int notify_run(void *arg)
{
    int err;

    if (manager.interval > 0)
        be_alive_later();
    do
        err = gyre_sleep(3600);
    while (!err);
    notify("STOPPING=1");
    return err;
}

void notify_end(void)
{
    gyre_handle_cancel(&manager.timer);
}
