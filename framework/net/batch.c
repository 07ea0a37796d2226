/* net/batch.c - receiving many datagrams at once, or one where the driver has no call for more.
 *
 * The rooms do not begin at the same place of their pages: else the first lines of all would compete for a
 * few places in the cache.
 */
#include "net/batch.h"
#include "base/memory.h"

enum { SMALL = 64 * 1024, APART = 1024 + 64, INPUT = GYRE__BATCH * (SMALL + APART) };

struct gyre__batch *gyre__batch(struct gyre__net *net)
{
    struct gyre__batch *batch = net->batch;

    if (batch)
        return batch;
    net->batch = batch = gyre__calloc(sizeof *batch + INPUT);
    batch->input = (char *)(batch + 1);
    for (int i = 0; i < GYRE__BATCH; i++)
        batch->messages[i].msg_hdr =
            (struct msghdr){.msg_name = &batch->from[i], .msg_iov = &batch->rooms[i], .msg_iovlen = 1};
    batch->used = GYRE__BATCH;
    return batch;
}

/* What the last call has changed is as before. */
static int make_room(struct gyre__batch *batch, bool large)
{
    size_t room = large ? GYRE__INPUT : SMALL;

    if (batch->rooms[0].iov_len != room)
        for (size_t i = 0; i < INPUT / (room + APART); i++)
            batch->rooms[i] = (struct iovec){batch->input + i * (room + APART), room};
    for (int i = 0; i < batch->used; i++) {
        batch->from[i].ss_family = AF_UNSPEC;
        batch->messages[i].msg_hdr.msg_namelen = sizeof batch->from[i];
    }
    return (int)(INPUT / (room + APART));
}

static int receive_one(const struct gyre__driver_class *class, struct gyre__batch *batch, int fd)
{
    struct mmsghdr *first = batch->messages;
    ssize_t got = class->recvmsg(fd, batch->rooms[0].iov_base, batch->rooms[0].iov_len, &batch->from[0],
                                 &first->msg_hdr.msg_namelen);

    if (got < 0)
        return (int)got;
    first->msg_len = (unsigned)got;
    return 1;
}

int gyre__batch_receive(struct gyre__net *net, int fd, bool large)
{
    const struct gyre__driver_class *class = net->loop->driver_class;
    struct gyre__batch *batch = gyre__batch(net);
    int most = make_room(batch, large);
    int got = class->recvmmsg ? class->recvmmsg(fd, batch->messages, (unsigned)most)
                              : receive_one(class, batch, fd);

    batch->used = got > 0 ? got : 0;
    return got;
}
