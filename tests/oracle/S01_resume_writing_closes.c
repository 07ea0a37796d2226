/* S01: resume_writing that closes the transport: connection_lost comes exactly once all the same, and nothing
 * fails inside. */
#include "oracle.h"
#include <unistd.h>

enum { SIZE = 4 << 20 };

static char bytes[SIZE], story[256];

static void tell(const char *event)
{
    size_t len = strlen(story);

    snprintf(story + len, sizeof story - len, "%s%s", len ? ", " : "", event);
}

static void connection_made(void *self, gyre_transport *transport)
{
    *(gyre_transport **)self = transport;
}

static void resume_writing(void *self)
{
    tell("'resume'");
    gyre_transport_close(*(gyre_transport **)self);
}

static void connection_lost(void *self, int err)
{
    tell(err ? "('lost', an error)" : "('lost', None)");
}

static const gyre_protocol protocol = {
    .size = sizeof(gyre_transport *),
    .connection_made = connection_made,
    .resume_writing = resume_writing,
    .connection_lost = connection_lost,
};

static int print_context(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    printf("HANDLER %s\n", oracle_name(context->exception));
    return 0;
}

static void drain_peer(gyre_loop *loop, int peer)
{
    gyre_future *drained;

    gyre_loop_run_in_executor(loop, &drained, NULL, oracle_drain, &peer);
    oracle_await(drained);
    gyre_sleep(.05);
    close(peer);
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_transport *transport;
    int peer;

    gyre_loop_set_exception_handler(loop, print_context, NULL);
    peer = oracle_connect(&transport, &protocol, NULL);
    gyre_transport_set_write_buffer_limits(transport, 0, -1);
    gyre_transport_write(transport, bytes, SIZE);
    drain_peer(loop, peer);
    printf("[%s]\n", story);
    gyre_transport_unref(transport);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
