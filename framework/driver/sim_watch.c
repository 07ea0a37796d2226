/* driver/sim_watch.c - readiness in virtual time: level-triggered, in the order in which it came, as epoll's.
 */
#include "base/check.h"
#include "base/memory.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <stdlib.h>

static int ready_for(const struct gyre__watch *watch)
{
    if (watch->lost)
        return GYRE__GUEST;
    return watch->socket->kind->readiness(watch->socket) & watch->events;
}

static void look(struct gyre__watch *watch)
{
    if (gyre__list_empty(&watch->ready) && ready_for(watch))
        gyre__list_append(&watch->driver->ready, &watch->ready);
}

static struct gyre__watch *watch_wake(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                      void *arg)
{
    if (driver->wake.fn) {
        errno = ENOTSUP;
        return NULL;
    }
    driver->wake = (struct gyre__watch){.driver = driver, .fn = fn, .arg = arg, .fd = fd, .events = events};
    return &driver->wake;
}

static bool is_watched(const struct gyre__sim_socket *socket, int fd)
{
    const struct gyre__list *all = &socket->watches;

    for (struct gyre__list *link = all->next; link != all; link = link->next)
        if (GYRE__OF(link, struct gyre__watch, link)->fd == fd)
            return true;
    return false;
}

struct gyre__watch *gyre__sim_watch(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                    void *arg)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);
    struct gyre__watch *watch;

    if (!socket)
        return watch_wake(driver, fd, events, fn, arg);
    if (socket->driver != driver || is_watched(socket, fd)) {
        errno = socket->driver != driver ? ENOTSUP : EEXIST;
        return NULL;
    }
    watch = gyre__malloc(sizeof *watch);
    *watch = (struct gyre__watch){
        .driver = driver, .socket = socket, .fn = fn, .arg = arg, .fd = fd, .events = events};
    gyre__list_init(&watch->ready);
    gyre__list_append(&socket->watches, &watch->link);
    look(watch);
    return watch;
}

void gyre__sim_change(struct gyre__watch *watch, int events)
{
    watch->events = events;
    if (watch->socket)
        look(watch);
}

void gyre__sim_unwatch(struct gyre__watch *watch)
{
    if (!watch->socket) {
        watch->fn = NULL;
        return;
    }
    gyre__list_remove(&watch->link);
    gyre__list_remove(&watch->ready);
    free(watch);
}

void gyre__sim_notify(struct gyre__sim_socket *socket)
{
    struct gyre__list *all = &socket->watches;

    for (struct gyre__list *link = all->next; link != all; link = link->next)
        look(GYRE__OF(link, struct gyre__watch, link));
}

void gyre__sim_lose_watches(struct gyre__sim_socket *socket, int fd)
{
    struct gyre__list *all = &socket->watches;
    struct gyre__list *next;

    for (struct gyre__list *link = all->next; link != all; link = next) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, link);

        next = link->next;
        if (watch->fd != fd)
            continue;
        GYRE__CHECK(watch->events & GYRE__GUEST, "a descriptor was closed while it was watched");
        gyre__list_remove(link);
        watch->lost = true;
        look(watch);
    }
}

bool gyre__sim_any_ready(struct gyre__driver *driver)
{
    struct gyre__list *link = driver->ready.next;

    while (link != &driver->ready) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, ready);

        if (ready_for(watch))
            return true;
        link = link->next;
        gyre__list_remove(&watch->ready);
    }
    return false;
}

/* What is ready stays in line, behind the others. A watch may end while it is told. */
bool gyre__sim_hand_out(struct gyre__driver *driver)
{
    struct gyre__list batch;
    struct gyre__list *link;
    bool any = false;

    gyre__list_take(&batch, &driver->ready);
    while ((link = gyre__list_pop(&batch))) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, ready);
        int events = ready_for(watch);

        if (!events)
            continue;
        if (!watch->lost)
            gyre__list_append(&driver->ready, link);
        any = true;
        watch->fn(watch->arg, events);
    }
    return any;
}
