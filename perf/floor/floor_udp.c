/* floor_udp.c - the least that a UDP echo server can do: what waits is read by one recvmmsg, and goes back by
 * one sendmmsg. With "alone", a recvfrom and a sendto for each datagram, as most are written. usage:
 * floor_udp [PORT [alone]]
 */
#include "floor.h"

#include <stdbool.h>

#define BATCH 64
#define MOST  65536

static char input[BATCH][MOST];
static struct sockaddr_storage from[BATCH];
static struct iovec pieces[BATCH];
static struct mmsghdr messages[BATCH];

static void prepare(void)
{
    for (int i = 0; i < BATCH; i++)
        messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_iov = &pieces[i], .msg_iovlen = 1};
}

static void make_room(int count)
{
    for (int i = 0; i < count; i++) {
        messages[i].msg_hdr.msg_namelen = sizeof from[i];
        pieces[i] = (struct iovec){input[i], MOST};
    }
}

static void echo_together(int fd)
{
    static int used = BATCH;
    int sent = 0;

    make_room(used);
    used = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (used < 0)
        used = 0;
    for (int i = 0; i < used; i++)
        pieces[i].iov_len = messages[i].msg_len;
    while (sent < used) {
        int n = sendmmsg(fd, messages + sent, (unsigned)(used - sent), MSG_DONTWAIT);

        sent += n > 0 ? n : 1; /* what the kernel refuses is lost */
    }
}

static void echo_alone(int fd)
{
    for (int i = 0; i < BATCH; i++) {
        socklen_t size = sizeof *from;
        ssize_t n = recvfrom(fd, input, MOST, MSG_DONTWAIT, (struct sockaddr *)from, &size);

        if (n < 0)
            return;
        sendto(fd, input, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)from, size);
    }
}

int main(int argc, char **argv)
{
    bool alone = argc > 2 && strcmp(argv[2], "alone") == 0;
    int fd = floor_bind(SOCK_DGRAM, argc > 1 ? atoi(argv[1]) : 8888);

    prepare();
    floor_epoll = epoll_create1(EPOLL_CLOEXEC);
    floor_watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    for (;;)
        if (floor_wait() > 0)
            (alone ? echo_alone : echo_together)(fd);
}
