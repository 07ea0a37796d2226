/* 055: protocol callbacks of one connection see the context in which the transport was created, not the
 * writer's. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

static gyre_context_var v = {.name = "v", .default_value = "none"};

static void see(const char *what)
{
    printf("%s %s\n", what, (char *)gyre_context_var_get(&v));
}

static void connection_made(void *self, gyre_transport *transport)
{
    see("made");
}

static void data_received(void *self, const void *data, size_t len)
{
    see("data");
}

static void connection_lost(void *self, int err)
{
    see("lost");
}

static const gyre_protocol protocol = {
    .connection_made = connection_made,
    .data_received = data_received,
    .connection_lost = connection_lost,
};

static int run(void *arg)
{
    gyre_transport *transport;
    int pair[2], err;

    gyre_context_var_set(&v, "creator");
    oracle_socketpair(pair);
    err = gyre_loop_create_connection(gyre_get_running_loop(), &transport, &protocol, .sock = pair[0]);
    if (err)
        return err;
    gyre_context_var_set(&v, "changed later");
    send(pair[1], "x", 1, 0);
    gyre_sleep(.02);
    close(pair[1]);
    gyre_sleep(.02);
    gyre_transport_unref(transport);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
