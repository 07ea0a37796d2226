/* 075: pause_reading works from connection_made on; while paused nothing is delivered, not even EOF; both
 * calls may be repeated. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

static gyre_transport *connection;
static gyre_future *lost;

static void connection_made(void *self, gyre_transport *transport)
{
    connection = transport;
    gyre_transport_pause_reading(transport);
    gyre_transport_pause_reading(transport);
    printf("made, reading %s\n", py_bool(gyre_transport_is_reading(transport)));
}

static void data_received(void *self, const void *data, size_t len)
{
    printf("data %s\n", py_bytes(data, len));
    gyre_transport_pause_reading(connection);
}

static bool eof_received(void *self)
{
    puts("eof");
    return false;
}

static void connection_lost(void *self, int err)
{
    printf("lost %s\n", oracle_str(err));
    gyre_future_set_result(lost, NULL);
}

static const gyre_protocol protocol = {
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

static void resume_twice(gyre_transport *transport)
{
    gyre_sleep(.05);
    puts("nothing yet");
    gyre_transport_resume_reading(transport);
    gyre_transport_resume_reading(transport);
    puts("resume returned");
}

static void send_the_rest(int peer)
{
    gyre_sleep(.05);
    send(peer, "two", 3, 0);
    close(peer);
    gyre_sleep(.05);
    puts("paused again");
}

static void resume_to_the_end(gyre_transport *transport)
{
    gyre_transport_resume_reading(transport);
    gyre_sleep(.05);
    printf("no EOF while paused; lost %s\n", py_bool(gyre_future_done(lost)));
    gyre_transport_resume_reading(transport);
    oracle_await(lost);
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_transport *transport;
    int pair[2];

    lost = gyre_loop_create_future(loop);
    oracle_socketpair(pair);
    send(pair[1], "one", 3, 0);
    gyre_loop_create_connection(loop, &transport, &protocol, .sock = pair[0]);
    resume_twice(transport);
    send_the_rest(pair[1]);
    resume_to_the_end(transport);
    gyre_transport_pause_reading(transport);
    gyre_transport_resume_reading(transport);
    puts("harmless after close");
    gyre_transport_unref(transport);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
