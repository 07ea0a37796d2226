/* net/copyfile.c - the bytes of a file that the system cannot send by itself: a thread reads them, piece by
 * piece, and each goes out before the next is read.
 */
#include "net/sendfile.h"
#include "net/transport.h"
#include <errno.h>
#include <gyre/thread.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PIECE = 64 * 1024 /* bytes that a thread reads at once */
};

/* One read on a thread. */
struct piece {
    int file;
    char *data;
    size_t len;
};

static int read_piece(void *arg)
{
    struct piece *piece = arg;
    ssize_t got;

    do
        got = read(piece->file, piece->data, piece->len);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (int)got;
}

int gyre__sendfile_read(int file, void *data, size_t len)
{
    return gyre_to_thread(read_piece, &(struct piece){file, data, len});
}

static int send_piece(struct gyre__sendfile *sendfile, char *data, int len)
{
    gyre_transport *transport = sendfile->transport;

    if (transport->state != GYRE__OPEN)
        gyre__sendfile_advance(transport);
    if (sendfile->over)
        return sendfile->err;
    gyre__transport_send(transport, &(struct iovec){data, (size_t)len}, 1);
    gyre__sendfile_count(sendfile, len);
    return transport->blocked && !sendfile->over ? gyre__sendfile_wait(sendfile) : sendfile->err;
}

static int copy(struct gyre__sendfile *sendfile, char *data)
{
    int err = 0;

    while (!err && sendfile->left) {
        size_t len = sendfile->left < PIECE ? (size_t)sendfile->left : PIECE;
        int got = gyre__sendfile_read(sendfile->file, data, len);

        if (got <= 0)
            return got;
        err = send_piece(sendfile, data, got);
    }
    return err;
}

int gyre__sendfile_copy(struct gyre__sendfile *sendfile)
{
    char *data;
    int err;

    if (lseek(sendfile->file, sendfile->offset, SEEK_SET) < 0 && (errno != ESPIPE || sendfile->offset))
        return -errno;
    data = malloc(PIECE);
    if (!data)
        return -ENOMEM;
    sendfile->native = sendfile->over = false;
    sendfile->err = 0;
    gyre__sendfile_stop_reading(sendfile);
    err = copy(sendfile, data);
    free(data);
    return err;
}
