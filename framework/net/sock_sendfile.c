/* net/sock_sendfile.c - a file on a socket of the program's: sendfile(2) and a wait between two chunks, or,
 * where the system cannot, pieces that a thread reads.
 */
#include "base/error.h"
#include "base/options.h"
#include "net/sendfile.h"
#include "net/sock.h"
#include <errno.h>
#include <gyre/sock.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, PIECE = 64 * 1024 };

/* One file on its way. */
struct file {
    struct gyre__sock sock;
    int fd;
    int64_t offset; /* of the next byte */
    int64_t left;   /* bytes to go */
    int64_t sent;   /* bytes that went */
};

static void count(struct file *file, int64_t len)
{
    file->sent += len;
    file->offset += len;
    file->left -= len;
}

static ssize_t send_chunk(struct file *file)
{
    size_t len = file->left < CHUNK ? (size_t)file->left : CHUNK;
    ssize_t took = file->sock.loop->driver_class->sendfile(file->sock.fd, file->fd, file->offset, len);

    count(file, took > 0 ? took : 0);
    return took;
}

/* Between two chunks others have their turn. */
static int send_native(struct file *file)
{
    while (file->left) {
        ssize_t took = send_chunk(file);
        int err = took < 0 && took != -EAGAIN ? (int)took : 0;

        if (took == 0 || err || !file->left)
            return err;
        err = gyre__sock_wait(&file->sock, GYRE__WRITABLE);
        if (err)
            return err;
    }
    return 0;
}

static int copy(struct file *file, char *data)
{
    int err = 0;

    while (!err && file->left) {
        size_t len = file->left < PIECE ? (size_t)file->left : PIECE;
        int got = gyre__sendfile_read(file->fd, data, len);
        size_t sent;

        if (got <= 0)
            return got;
        err = gyre__sock_send(&file->sock, data, (size_t)got, &sent);
        count(file, (int64_t)sent);
    }
    return err;
}

/* Pipes and the like have no position, and are read from where they are. The thread's reads are long: the
 * program may close its socket meanwhile. */
static int send_by_reading(struct file *file)
{
    int err = gyre__sock_own(&file->sock);
    char *data;

    if (err)
        return err;
    if (lseek(file->fd, file->offset, SEEK_SET) < 0 && (errno != ESPIPE || file->offset))
        return -errno;
    data = malloc(PIECE);
    if (!data)
        return -ENOMEM;
    err = copy(file, data);
    free(data);
    return err;
}

static int send_file(struct file *file, bool fallback)
{
    int err = send_native(file);

    if (!gyre__sendfile_unavailable(file->sent, err))
        return err;
    if (!fallback)
        return gyre_error_set(GYRE_ERUNTIME, "os.sendfile call failed");
    return send_by_reading(file);
}

static int check_type(const gyre_loop *loop, int fd)
{
    int type = 0;
    int err = loop->driver_class->getsockopt(fd, SOL_SOCKET, SO_TYPE, &type);

    if (err == -EBADF || err == -ENOTSUP)
        return gyre__error_plain(err);
    if (err || type != SOCK_STREAM)
        return gyre_error_set(GYRE_EVALUE, "only SOCK_STREAM type sockets are supported");
    return 0;
}

int(gyre_loop_sock_sendfile)(gyre_loop *loop, int64_t *sent, int sock, int fd,
                             const gyre_sendfile_options *options)
{
    gyre_sendfile_options filled = {0};
    struct file file = {.fd = fd};
    int err = gyre__sock_begin(&file.sock, loop, sock);

    gyre__options_fill(&filled, sizeof filled, options);
    if (!err)
        err = check_type(loop, sock);
    if (!err)
        err = gyre__sendfile_check(&filled);
    if (err)
        return err;
    file.offset = filled.offset;
    file.left = filled.count ? filled.count : INT64_MAX;
    err = (int)gyre__sock_end(&file.sock, send_file(&file, filled.fallback != GYRE_NO));
    lseek(fd, file.offset, SEEK_SET);
    if (!err && sent)
        *sent = file.sent;
    return err;
}
