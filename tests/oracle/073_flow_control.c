/* 073: pause_writing comes inline, once, only strictly over the high mark; resume_writing once, at the low
 * mark or below.
 *
 * A mark of -1 is "not given" in C: -2 stands for Python's negative one. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 4 << 20, MEGA = 1 << 20, ABSENT = -1, NEGATIVE = -2 };

static char bytes[SIZE];
static gyre_transport *connection;
static gyre_future *resumed;

static void print_limits(const char *label, const gyre_transport *transport)
{
    size_t low, high;

    gyre_transport_get_write_buffer_limits(transport, &low, &high);
    printf("%s (%zu, %zu)\n", label, low, high);
}

static void connection_made(void *self, gyre_transport *transport)
{
    connection = transport;
    print_limits("defaults (low, high)", transport);
}

static void pause_writing(void *self)
{
    puts("pause_writing");
}

static void resume_writing(void *self)
{
    printf("resume_writing, size %zu\n", gyre_transport_get_write_buffer_size(connection));
    gyre_future_set_result(resumed, NULL);
}

static const gyre_protocol protocol = {
    .connection_made = connection_made,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

static void set_high_mark(gyre_transport *transport)
{
    size_t low, high;

    gyre_transport_set_write_buffer_limits(transport, 64 * MEGA, ABSENT);
    gyre_transport_get_write_buffer_limits(transport, &low, &high);
    puts(py_bool(low == 16 * MEGA && high == 64 * MEGA));
}

static void write_over_the_mark(gyre_transport *transport)
{
    size_t size;

    gyre_transport_write(transport, bytes, SIZE);
    size = gyre_transport_get_write_buffer_size(transport);
    printf("kernel full, not paused %s\n", py_bool(size > 0));
    gyre_transport_set_write_buffer_limits(transport, (ptrdiff_t)size, 0);
    puts("size == high: not paused");
    gyre_transport_write(transport, "y", 1);
    puts("write returned");
    gyre_transport_write(transport, bytes, 1000);
    puts("second write: no second pause");
}

static void refuse(gyre_transport *transport, const char *arguments, ptrdiff_t high, ptrdiff_t low)
{
    int err = gyre_transport_set_write_buffer_limits(transport, high, low);

    if (err)
        printf("%s %s\n", oracle_name(err), arguments);
}

static int drain(void *peer)
{
    static char data[MEGA];
    ssize_t left = SIZE + 1001;

    while (left > 0)
        left -= recv(*(int *)peer, data, sizeof data, 0);
    return 0;
}

static void await_resume(int peer)
{
    gyre_future *drained, *both[2], *all;

    gyre_loop_run_in_executor(gyre_get_running_loop(), &drained, NULL, drain, &peer);
    both[0] = drained;
    both[1] = resumed;
    gyre_gather(&all, both, 2);
    oracle_await(all);
    gyre_future_unref(drained);
    gyre_future_unref(resumed);
}

static void set_one_mark(gyre_transport *transport)
{
    gyre_transport_set_write_buffer_limits(transport, 0, ABSENT);
    print_limits("high=0 forces low=0:", transport);
    gyre_transport_set_write_buffer_limits(transport, ABSENT, 100);
    print_limits("low only:", transport);
}

static void end(gyre_transport *transport, int peer)
{
    gyre_transport_abort(transport);
    gyre_sleep(.01);
    gyre_transport_unref(transport);
    close(peer);
}

static int run(void *arg)
{
    gyre_transport *transport;
    int peer;

    resumed = gyre_loop_create_future(gyre_get_running_loop());
    peer = oracle_connect(&transport, &protocol, NULL);
    set_high_mark(transport);
    write_over_the_mark(transport);
    refuse(transport, "{'high': 1, 'low': 2}", 1, 2);
    refuse(transport, "{'high': -1}", NEGATIVE, ABSENT);
    refuse(transport, "{'low': -1}", ABSENT, NEGATIVE);
    await_resume(peer);
    set_one_mark(transport);
    end(transport, peer);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
