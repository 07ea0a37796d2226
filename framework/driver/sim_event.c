/* driver/sim_event.c - what is on its way: a heap of arrival times. */
#include "base/memory.h"
#include "driver/sim_socket.h"
#include <stdlib.h>

struct gyre__sim_event *gyre__sim_event_new(void (*arrive)(struct gyre__sim_event *event),
                                            struct gyre__sim_socket *from, struct gyre__sim_socket *to,
                                            size_t len)
{
    struct gyre__sim_event *event = gyre__malloc(sizeof *event + len);

    *event = (struct gyre__sim_event){
        .arrive = arrive, .from = gyre__sim_socket_ref(from), .to = gyre__sim_socket_ref(to), .len = len};
    return event;
}

void gyre__sim_event_free(struct gyre__sim_event *event)
{
    gyre__sim_socket_unref(event->from);
    gyre__sim_socket_unref(event->to);
    free(event);
}

static void grow(struct gyre__driver *driver)
{
    uint32_t room = driver->room ? driver->room * 2 : 64;

    driver->events = gyre__realloc(driver->events, room * sizeof *driver->events);
    driver->vacant = gyre__realloc(driver->vacant, room * sizeof *driver->vacant);
    while (driver->room < room) {
        driver->events[driver->room] = NULL;
        driver->vacant[driver->vacancies++] = driver->room++;
    }
}

void gyre__sim_schedule(struct gyre__driver *driver, struct gyre__sim_event *event, int64_t when)
{
    uint32_t place;

    if (!driver->vacancies)
        grow(driver);
    place = driver->vacant[--driver->vacancies];
    driver->events[place] = event;
    gyre__heap_push(&driver->deadlines,
                    (struct gyre__heap_entry){.when = when, .sequence = driver->sequence++, .item = place});
}

int64_t gyre__sim_next_arrival(const struct gyre__driver *driver)
{
    return driver->deadlines.count ? driver->deadlines.entries[0].when : GYRE__FOREVER;
}

static struct gyre__sim_event *take(struct gyre__driver *driver)
{
    uint32_t place = gyre__heap_pop(&driver->deadlines).item;
    struct gyre__sim_event *event = driver->events[place];

    driver->events[place] = NULL;
    driver->vacant[driver->vacancies++] = place;
    return event;
}

void gyre__sim_arrive(struct gyre__driver *driver)
{
    while (gyre__sim_next_arrival(driver) <= gyre__sim_now(driver)) {
        struct gyre__sim_event *event = take(driver);

        event->arrive(event);
        gyre__sim_event_free(event);
    }
}

void gyre__sim_drop_events(struct gyre__driver *driver)
{
    while (driver->deadlines.count)
        gyre__sim_event_free(take(driver));
    gyre__heap_clear(&driver->deadlines);
    free(driver->events);
    free(driver->vacant);
}
