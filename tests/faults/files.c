/* files.c - a file through a transport, and through a socket of the program's. */
#include "scenario.h"
#include <fcntl.h>
#include <gyre/sock.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MUCH = 700 * 1024 };

static gyre_loop *here(void)
{
    return gyre_get_running_loop();
}

static int make_file(void)
{
    int fd = memfd_create("faults", MFD_CLOEXEC);

    scenario_check(fd >= 0 && !ftruncate(fd, MUCH), "the test has no file");
    return fd;
}

static const struct manners takes = {.enough = MUCH}, sends = {0};

static int send_file(struct party *client)
{
    gyre_transport *transport = gyre_transport_ref(client->transport);
    int file = make_file();
    int64_t sent = 0;
    int err = transport ? gyre_loop_sendfile(here(), &sent, transport, file) : -ECONNRESET;

    if (transport)
        gyre_transport_close(transport);
    gyre_transport_unref(transport);
    close(file);
    return err || sent == MUCH ? err : -EIO;
}

/* Through a transport: the peer's party counts what comes. */
static int by_transport(void *arg)
{
    gyre_server *server = NULL;
    int err = gyre_loop_create_server(here(), &server, &party_protocol, .host = "127.0.0.1",
                                      .arg = (void *)(uintptr_t)&takes);

    if (!err)
        err = gyre_loop_create_connection(here(), NULL, &party_protocol, .host = "127.0.0.1",
                                          .port = gyre_server_get_port(server),
                                          .arg = (void *)(uintptr_t)&sends);
    if (!err)
        err = send_file(party_of(&sends));
    if (!err && party_of(&takes))
        err = party_enough(party_of(&takes));
    party_end_all();
    scenario_end_server(server);
    return err;
}

static int swallow(void *sock)
{
    static char taken[64 * 1024];
    ptrdiff_t got, all = 0;

    while ((got = gyre_loop_sock_recv(here(), *(int *)sock, taken, sizeof taken)) > 0)
        all += got;
    return got < 0 ? (int)got : (int)all;
}

static int send_by_socket(int sock)
{
    int file = make_file();
    int64_t sent = 0;
    int err = gyre_loop_sock_sendfile(here(), &sent, sock, file);

    close(file);
    shutdown(sock, SHUT_WR);
    return err || sent == MUCH ? err : -EIO;
}

/* One who gives up reading tells the other. */
static int swallow_and_close(void *sock)
{
    int got = swallow(sock);

    shutdown(*(int *)sock, SHUT_RDWR);
    return got;
}

static int by_socket(void *arg)
{
    gyre_task *task;
    int ends[2], err, got = 0;

    scenario_check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
                   "the test has no pair");
    err = gyre_create_task(&task, swallow_and_close, &ends[1]);
    if (!err) {
        err = send_by_socket(ends[0]);
        got = gyre_await(task, NULL);
        gyre_future_unref(task);
    }
    close(ends[0]);
    close(ends[1]);
    if (err || got < 0)
        return worse(err, got);
    return got == MUCH ? 0 : -EIO;
}

const struct scenario fault_files[] = {
    {.name = "file_transport", .run = by_transport}, {.name = "file_socket", .run = by_socket}, {0}};
