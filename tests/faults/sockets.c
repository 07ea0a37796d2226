/* sockets.c - sockets of the program's, awaited. */
#include "scenario.h"
#include <arpa/inet.h>
#include <gyre/sock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MUCH = 400 * 1024 };

static char much[MUCH];

static gyre_loop *here(void)
{
    return gyre_get_running_loop();
}

static int make(int type)
{
    int made = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    scenario_check(made >= 0, "the test has no socket");
    return made;
}

/* 127.0.0.1, and a port that the system chooses. */
static struct sockaddr_in bind_here(int sock)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    scenario_check(!bind(sock, (struct sockaddr *)&address, size) &&
                       !getsockname(sock, (struct sockaddr *)&address, &size),
                   "the test has no address");
    return address;
}

/* Takes one connection, reads all of it, and says how much that was. */
static int take_all(void *listener)
{
    static char taken[64 * 1024];
    ptrdiff_t got, all = 0;
    int sock = gyre_loop_sock_accept(here(), NULL, NULL, *(int *)listener);

    if (sock < 0)
        return sock;
    while ((got = gyre_loop_sock_recv(here(), sock, taken, sizeof taken)) > 0)
        all += got;
    close(sock);
    return got < 0 ? (int)got : (int)all;
}

static int send_all(const struct sockaddr_in *address)
{
    int sock = make(SOCK_STREAM);
    int err = gyre_loop_sock_connect(here(), sock, .address = (const struct sockaddr *)address,
                                     .address_size = sizeof *address);

    if (!err)
        err = gyre_loop_sock_sendall(here(), sock, much, MUCH);
    close(sock);
    return err;
}

/* Who accepts may have failed, and who connects: neither may wait for the other then. */
static int streams(void *arg)
{
    int listener = make(SOCK_STREAM);
    struct sockaddr_in address = bind_here(listener);
    gyre_task *taker;
    int err, got = 0;

    scenario_check(!listen(listener, 10), "the test cannot listen");
    err = gyre_create_task(&taker, take_all, &listener);
    if (!err) {
        err = send_all(&address);
        got = gyre_wait_for(taker, NULL, err ? 0.02 : 5);
        gyre_future_unref(taker);
    }
    close(listener);
    if (err || got < 0)
        return worse(err, got);
    return got == MUCH ? 0 : -EIO;
}

static int hear_one(void *sock)
{
    char text[8];
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    ptrdiff_t got = gyre_loop_sock_recvfrom(here(), &from, &size, *(int *)sock, text, sizeof text);

    return got < 0 ? (int)got : got == 5 && from.ss_family == AF_INET ? 0 : -EIO;
}

static int datagrams(void *arg)
{
    int ends[2] = {make(SOCK_DGRAM), make(SOCK_DGRAM)};
    struct sockaddr_in address = bind_here(ends[0]);
    gyre_task *task;
    ptrdiff_t sent;
    int err = gyre_create_task(&task, hear_one, &ends[0]);

    if (!err) {
        sent =
            gyre_loop_sock_sendto(here(), ends[1], "hello", 5, (struct sockaddr *)&address, sizeof address);
        err = gyre_wait_for(task, NULL, sent < 0 ? 0.02 : 5);
        err = worse(sent < 0 ? (int)sent : 0, err);
        gyre_future_unref(task);
    }
    close(ends[0]);
    close(ends[1]);
    return err;
}

const struct scenario fault_sockets[] = {
    {.name = "sock_streams", .run = streams}, {.name = "sock_datagrams", .run = datagrams}, {0}};
