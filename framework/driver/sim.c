/* driver/sim.c - the driver in virtual time: it jumps to its deadline, or to what arrives before.
 *
 * Of the system it watches the loop's own descriptor alone, its first watch, with which other threads wake
 * it; and that only in a wait without a deadline. A wake that comes during a jump shortens the next such
 * wait. Sockets are its own: descriptors of the program's are refused.
 */
#include "base/memory.h"
#include "driver/sim_call.h"
#include "driver/sim_socket.h"
#include <poll.h>
#include <stdlib.h>

static struct gyre__driver *make_driver(void (*awake)(void *arg), void *arg)
{
    struct gyre__driver *driver = gyre__calloc(sizeof *driver);

    driver->awake = awake;
    driver->awake_arg = arg;
    gyre__list_init(&driver->ready);
    gyre__list_init(&driver->sockets);
    return driver;
}

static void close_driver(struct gyre__driver *driver)
{
    gyre__sim_drop_events(driver);
    gyre__sim_close_sockets(driver);
    free(driver);
}

void gyre__sim_set_network(struct gyre__driver *driver, const struct gyre__network *network)
{
    driver->network = *network;
    driver->chance = network->seed;
}

static void wait_for_wake(struct gyre__driver *driver)
{
    struct pollfd wake = {.fd = driver->wake.fd, .events = POLLIN};
    int ready = poll(&wake, 1, -1);

    driver->awake(driver->awake_arg);
    if (ready > 0)
        driver->wake.fn(driver->wake.arg, GYRE__READABLE);
}

static void jump_to(struct gyre__driver *driver, int64_t deadline)
{
    if (deadline > gyre__sim_now(driver)) {
        atomic_store_explicit(&driver->now, deadline, memory_order_relaxed);
        driver->busy = 0;
    }
    driver->awake(driver->awake_arg);
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Who is told again and again, and does nothing about it, may wait for a time: which comes, in small steps.
 */
static void note_busy(struct gyre__driver *driver)
{
    enum { MANY = 1000, STEP = 1000 };

    if (++driver->busy > MANY)
        atomic_store_explicit(&driver->now, gyre__sim_now(driver) + STEP, memory_order_relaxed);
}

static void poll_events(struct gyre__driver *driver, int64_t deadline)
{
    if (deadline == GYRE__FOREVER)
        wait_for_wake(driver);
    else if (deadline != GYRE__NO_WAIT)
        jump_to(driver, earlier(deadline, gyre__sim_next_arrival(driver)));
    gyre__sim_arrive(driver);
    if (gyre__sim_hand_out(driver))
        note_busy(driver);
}

static int64_t due(struct gyre__driver *driver)
{
    return gyre__sim_any_ready(driver) ? GYRE__NO_WAIT : gyre__sim_next_arrival(driver);
}

const struct gyre__driver_class gyre__sim_driver = {
    .make = make_driver,
    .close = close_driver,
    .poll = poll_events,
    .now = gyre__sim_now,
    .virtual_time = true,
    .due = due,
    .watch = gyre__sim_watch,
    .change = gyre__sim_change,
    .unwatch = gyre__sim_unwatch,
    GYRE__SIM_SOCKETS,
};
