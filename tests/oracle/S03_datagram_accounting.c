/* S03: the buffer of a datagram endpoint is exactly empty when all is sent, so that pausing stays paired. */
#include "oracle.h"
#include <unistd.h>

enum { DATAGRAMS = 3000, SIZE = 1000 };

static char history[64];

static void note(const char *what)
{
    size_t used = strlen(history);

    snprintf(history + used, sizeof history - used, "%s'%s'", used ? ", " : "", what);
}

static void pause_writing(void *self)
{
    note("pause");
}

static void resume_writing(void *self)
{
    note("resume");
}

static const gyre_datagram_protocol protocol = {.pause_writing = pause_writing,
                                                .resume_writing = resume_writing};

static void read_all(int sock)
{
    char block[2 * SIZE];

    for (int got = 0; got < DATAGRAMS;)
        if (recv(sock, block, sizeof block, MSG_DONTWAIT) >= 0)
            got++;
        else
            gyre_sleep(.001);
}

static int send_and_read(void *arg)
{
    static const char block[SIZE];
    gyre_transport *transport;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
        return -1;
    gyre_loop_create_datagram_endpoint(gyre_get_running_loop(), &transport, &protocol, .sock = pair[0]);
    gyre_transport_set_write_buffer_limits(transport, 100000, 0);
    for (int i = 0; i < DATAGRAMS; i++)
        gyre_transport_sendto(transport, block, sizeof block, NULL, 0);
    printf("queued %s [%s]\n", py_bool(gyre_transport_get_write_buffer_size(transport) > 0), history);
    read_all(pair[1]);
    gyre_sleep(.05);
    printf("size %zu [%s]\n", gyre_transport_get_write_buffer_size(transport), history);
    gyre_transport_abort(transport);
    gyre_transport_unref(transport);
    gyre_sleep(.01);
    close(pair[1]);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, send_and_read);
}
