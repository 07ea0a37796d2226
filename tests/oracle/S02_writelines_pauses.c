/* S02: writelines does what write() of each piece would do: it pauses, fails after write_eof, and is dropped
 * after close. */
#include "oracle.h"
#include <unistd.h>

enum { SIZE = 1 << 20, HIGH = 65536 };

static char bytes[SIZE];

static void pause_writing(void *self)
{
    puts("pause_writing");
}

static const gyre_protocol protocol = {.pause_writing = pause_writing};

static int write_x(gyre_transport *transport)
{
    struct iovec piece = {"x", 1};

    return gyre_transport_writelines(transport, &piece, 1);
}

static void write_much(gyre_transport *transport)
{
    struct iovec pieces[] = {{bytes, SIZE}, {bytes, SIZE}, {bytes, SIZE}, {bytes, SIZE}};
    struct iovec empty[] = {{"", 0}, {"", 0}};

    gyre_transport_writelines(transport, pieces, 4);
    printf("over high: %s\n", py_bool(gyre_transport_get_write_buffer_size(transport) > HIGH));
    gyre_transport_writelines(transport, NULL, 0);
    gyre_transport_writelines(transport, empty, 2);
}

static void write_after_eof(gyre_transport *transport)
{
    int err;

    write_much(transport);
    gyre_transport_write_eof(transport);
    err = write_x(transport);
    if (err)
        printf("%s after write_eof\n", oracle_name(err));
    gyre_transport_abort(transport);
}

static void write_after_close(gyre_transport *transport)
{
    int err;

    gyre_transport_close(transport);
    err = write_x(transport);
    printf("after close: %s\n", err ? oracle_name(err) : "dropped like write()");
}

static void with_connection(void (*fn)(gyre_transport *transport))
{
    gyre_transport *transport;
    int peer = oracle_connect(&transport, &protocol, NULL);

    fn(transport);
    gyre_sleep(.01);
    gyre_transport_unref(transport);
    close(peer);
}

static int run(void *arg)
{
    with_connection(write_after_eof);
    with_connection(write_after_close);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
