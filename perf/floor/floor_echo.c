/* floor_echo.c - the least that a TCP echo server can do: one read, one write.
 * usage: floor_echo [PORT]
 */
#include "floor.h"

static char input[256 * 1024];

static void echo(int fd)
{
    size_t len = floor_read(fd, input, sizeof input);

    if (len > 0)
        floor_send(fd, input, len);
}

int main(int argc, char **argv)
{
    floor_start(argc, argv);
    for (;;)
        floor_dispatch(floor_wait(), echo);
}
