/* datagrams.c - endpoints that send to each other; what is lost is not sent again. */
#include "scenario.h"
#include <gyre/datagram.h>
#include <stdlib.h>

/* Both ends' account; there is one of each at a time. */
struct end {
    gyre_transport *transport;
    int made, lost, destroyed, errors, got;
    gyre_event changed;
};

static struct end ends[2];

static void *create(void *end)
{
    return end;
}

static void destroy(void *self)
{
    ((struct end *)self)->destroyed++;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct end *end = self;

    end->made++;
    end->transport = transport;
}

static void datagram_received(void *self, const void *data, size_t len, const struct sockaddr *from,
                              socklen_t size)
{
    struct end *end = self;

    scenario_check(end->made && !end->lost, "a datagram before made, or after lost");
    end->got++;
    gyre_event_set(&end->changed);
    if (end == &ends[0])
        gyre_transport_sendto(end->transport, data, len, from, size);
}

static void error_received(void *self, int err)
{
    struct end *end = self;

    scenario_check(end->made && !end->lost && err < 0, "an error before made, or after lost");
    end->errors++;
    gyre_event_set(&end->changed);
}

static void connection_lost(void *self, int err)
{
    struct end *end = self;

    scenario_check(end->made == 1 && end->lost++ == 0, "lost twice, or never made");
    end->transport = NULL;
    gyre_event_set(&end->changed);
}

static const gyre_datagram_protocol protocol = {.create = create,
                                                .destroy = destroy,
                                                .connection_made = connection_made,
                                                .datagram_received = datagram_received,
                                                .error_received = error_received,
                                                .connection_lost = connection_lost};

static int open_both(void)
{
    gyre_loop *loop = gyre_get_running_loop();
    const struct sockaddr_storage *name;
    int err =
        gyre_loop_create_datagram_endpoint(loop, NULL, &protocol, .local_host = "127.0.0.1", .arg = &ends[0]);

    if (err || !ends[0].transport)
        return err;
    name = gyre_transport_get_extra_info(ends[0].transport, "sockname", NULL);
    if (!name)
        return -ENOTCONN;
    return gyre_loop_create_datagram_endpoint(
        loop, NULL, &protocol, .remote_host = "127.0.0.1",
        .remote_port = ntohs(((const struct sockaddr_in *)(const void *)name)->sin_port), .arg = &ends[1]);
}

static int hear_all(void *arg)
{
    struct end *end = &ends[1];
    int err = 0;

    while (!err && !end->errors && !end->lost && end->got < 3) {
        gyre_event_clear(&end->changed);
        err = gyre_event_wait(&end->changed);
    }
    return err;
}

static int wait_a_while(void)
{
    gyre_task *task;
    int err = gyre_create_task(&task, hear_all, NULL);

    if (err)
        return err;
    err = gyre_wait_for(task, NULL, 0.05);
    gyre_future_unref(task);
    return err;
}

/* What a broken call has lost does not come; without one, all of it does. */
static int talk(void)
{
    int err;

    for (int i = 0; i < 3 && ends[1].transport; i++)
        gyre_transport_sendto(ends[1].transport, "hello", 5, NULL, 0);
    do
        err = wait_a_while();
    while (err == -ETIMEDOUT && !fault_broken());
    return err ? err : -ends[1].errors;
}

static void end(struct end *end)
{
    if (end->transport)
        gyre_transport_close(end->transport);
    while (end->made && !end->lost) {
        gyre_event_clear(&end->changed);
        gyre_event_wait(&end->changed);
    }
    gyre_event_destroy(&end->changed);
    scenario_check(end->made == end->lost, "made, and never lost");
}

static int echo(void *arg)
{
    int err;

    memset(ends, 0, sizeof ends);
    gyre_event_init(&ends[0].changed);
    gyre_event_init(&ends[1].changed);
    err = open_both();
    if (!err && ends[1].transport)
        err = talk();
    end(&ends[0]);
    end(&ends[1]);
    gyre_sleep(0);
    scenario_check(ends[0].destroyed <= 1 && ends[1].destroyed <= 1, "destroyed twice");
    return err;
}

const struct scenario fault_datagrams[] = {{.name = "udp_echo", .run = echo}, {0}};
