/* net_pipe.c - both ends. */
#include "net_pipe.h"
#include <fcntl.h>
#include <gyre/pipe.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int connect_end(gyre_loop *loop, struct diary *diary, int ours)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    fcntl(ends[!ours], F_SETFL, O_NONBLOCK);
    assert_int_equal((ours ? gyre_loop_connect_write_pipe
                           : gyre_loop_connect_read_pipe)(loop, NULL, &net_diary, ends[ours], diary),
                     0);
    return ends[!ours];
}

int net_read_pipe(gyre_loop *loop, struct diary *diary)
{
    return connect_end(loop, diary, 0);
}

int net_write_pipe(gyre_loop *loop, struct diary *diary)
{
    return connect_end(loop, diary, 1);
}

void net_terminal(int *main_end, int *other_end)
{
    struct termios raw;

    *main_end = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*main_end >= 0);
    assert_int_equal(grantpt(*main_end) | unlockpt(*main_end), 0);
    *other_end = open(ptsname(*main_end), O_RDWR | O_NOCTTY);
    assert_true(*other_end >= 0);
    assert_int_equal(tcgetattr(*other_end, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(*other_end, TCSANOW, &raw), 0);
}

size_t net_empty(int fd)
{
    char buffer[65536];
    size_t all = 0;
    ssize_t got;

    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        all += (size_t)got;
    return all;
}

void net_until_lost(gyre_loop *loop, struct diary *diary)
{
    while (!diary->lost)
        net_step(loop);
    net_turns(loop, 1);
}
