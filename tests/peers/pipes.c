/* pipes.c - reads a pipe or a terminal to its end, or writes one. */
#include "peer.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static gyre_event over; /* the transport is lost */
static int lost_with;

static void data_received(void *self, const void *data, size_t len)
{
    fwrite(data, 1, len, stdout);
    fflush(stdout);
}

static void connection_lost(void *self, int err)
{
    lost_with = err;
    gyre_event_set(&over);
}

static const gyre_protocol protocol = {
    .size = 1, .data_received = data_received, .connection_lost = connection_lost};

static int wait_for_the_end(gyre_transport *transport)
{
    int err = gyre_event_wait(&over);

    gyre_transport_unref(transport);
    fprintf(stderr, "%s:\n", gyre_error_name(err ? err : lost_with));
    return err;
}

int peer_read(void *arg)
{
    const struct peer *peer = arg;
    int fd = open(peer->kind, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    gyre_transport *transport;
    int err =
        fd < 0 ? -errno : gyre_loop_connect_read_pipe(gyre_get_event_loop(), &transport, &protocol, fd, NULL);

    return err ? err : wait_for_the_end(transport);
}

int peer_write(void *arg)
{
    const struct peer *peer = arg;
    int fd = open(peer->kind, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    gyre_transport *transport;
    int err = fd < 0 ? -errno
                     : gyre_loop_connect_write_pipe(gyre_get_event_loop(), &transport, &protocol, fd, NULL);

    if (err)
        return err;
    gyre_transport_write(transport, peer->input, peer->len);
    gyre_transport_write_eof(transport);
    return wait_for_the_end(transport);
}
