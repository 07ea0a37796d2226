/* net/sendfile.c - the bytes of a file, from the kernel to the kernel.
 *
 * The task that asked waits once: while the file is on its way, the socket's readiness sends the next chunk,
 * and the transport neither reads nor takes writes. Where the system cannot send a file, copyfile.c does.
 */
#include "net/sendfile.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "net/kind.h"
#include <errno.h>
#include <gyre/task.h>
#include <unistd.h>

enum {
    CHUNK = 256 * 1024 /* bytes before other connections have their turn */
};

static void wake(struct gyre__sendfile *sendfile)
{
    if (sendfile->waiter && !gyre_future_done(sendfile->waiter))
        gyre_future_set_result(sendfile->waiter, NULL);
}

static void finish(struct gyre__sendfile *sendfile, int err)
{
    if (!sendfile->over)
        sendfile->err = err;
    sendfile->over = true;
    wake(sendfile);
}

static bool breaks_connection(int err)
{
    return err == -EPIPE || err == -ECONNRESET || err == -ENOTCONN || err == -ETIMEDOUT;
}

static void fail(struct gyre__sendfile *sendfile, int err)
{
    finish(sendfile, err);
    if (breaks_connection(err))
        gyre__transport_lose(sendfile->transport, err);
}

void gyre__sendfile_count(struct gyre__sendfile *sendfile, int64_t len)
{
    sendfile->sent += len;
    sendfile->offset += len;
    sendfile->left -= len;
}

static void send_chunk(struct gyre__sendfile *sendfile)
{
    gyre_transport *transport = sendfile->transport;
    size_t len = sendfile->left < CHUNK ? (size_t)sendfile->left : CHUNK;
    ssize_t took =
        transport->net->loop->driver_class->sendfile(transport->fd, sendfile->file, sendfile->offset, len);

    gyre__sendfile_count(sendfile, took > 0 ? took : 0);
    if (took == 0 || !sendfile->left)
        finish(sendfile, 0);
    else if (took > 0 || took == -EAGAIN)
        gyre__transport_block(transport);
    else
        fail(sendfile, (int)took);
}

void gyre__sendfile_advance(gyre_transport *transport)
{
    struct gyre__sendfile *sendfile = transport->sending;

    if (transport->state != GYRE__OPEN)
        finish(sendfile, transport->err ? transport->err : -ECONNABORTED);
    else if (sendfile->native && !sendfile->over)
        send_chunk(sendfile);
    else
        wake(sendfile);
}

int gyre__sendfile_wait(struct gyre__sendfile *sendfile)
{
    int err;

    sendfile->waiter = gyre_loop_create_future(sendfile->transport->net->loop);
    err = gyre_await(sendfile->waiter, NULL);
    gyre_future_unref(sendfile->waiter);
    sendfile->waiter = NULL;
    return err ? err : sendfile->err;
}

void gyre__sendfile_stop_reading(struct gyre__sendfile *sendfile)
{
    if (!gyre_transport_is_reading(sendfile->transport))
        return;
    sendfile->resume = true;
    gyre_transport_pause_reading(sendfile->transport);
}

/* What goes at once needs no waiting, and then reading was never stopped. */
static int send_native(struct gyre__sendfile *sendfile)
{
    sendfile->native = true;
    if (!sendfile->transport->blocked)
        send_chunk(sendfile);
    if (sendfile->over)
        return sendfile->err;
    gyre__sendfile_stop_reading(sendfile);
    return gyre__sendfile_wait(sendfile);
}

bool gyre__sendfile_unavailable(int64_t sent, int err)
{
    return !sent && (err == -EINVAL || err == -ENOSYS || err == -ESPIPE || err == -EOPNOTSUPP);
}

static int send_file(struct gyre__sendfile *sendfile, bool fallback)
{
    bool native = sendfile->transport->kind->sendfile == GYRE__SENDFILE_NATIVE;
    int err = native ? send_native(sendfile) : -EOPNOTSUPP;

    if (!gyre__sendfile_unavailable(sendfile->sent, err))
        return err;
    if (!fallback)
        return gyre_error_set(GYRE_ERUNTIME, "os.sendfile call failed");
    return gyre__sendfile_copy(sendfile);
}

static int check_transport(const gyre_transport *transport)
{
    if (transport->kind->sendfile == GYRE__SENDFILE_NOT)
        return gyre_error_set(GYRE_ERUNTIME, "sendfile is not supported for this kind of transport");
    if (transport->state != GYRE__OPEN)
        return gyre_error_set(GYRE_ERUNTIME, "Transport is closing");
    if (transport->ending)
        return gyre_error_set(GYRE_ERUNTIME, "Cannot call sendfile() after write_eof()");
    return transport->sending ? gyre_error_set(GYRE_ERUNTIME, "Empty waiter is already set") : 0;
}

int gyre__sendfile_check(const gyre_sendfile_options *options)
{
    if (options->offset < 0)
        return gyre_error_set(GYRE_EVALUE, "offset must be a non-negative integer (got %lld)",
                              (long long)options->offset);
    if (options->count < 0)
        return gyre_error_set(GYRE_EVALUE, "count must be a positive integer (got %lld)",
                              (long long)options->count);
    return 0;
}

static int check(gyre_loop *loop, const gyre_transport *transport, const gyre_sendfile_options *options)
{
    int err = gyre__sendfile_check(options);

    if (err)
        return err;
    if (transport->net->loop != loop)
        return gyre_error_set(GYRE_EWRONGLOOP, "the transport belongs to another loop");
    if (gyre_loop_is_running(loop) && !gyre_current_task())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    return check_transport(transport);
}

static void begin(struct gyre__sendfile *sendfile)
{
    gyre_transport *transport = gyre__transport_hold(sendfile->transport);

    gyre__transport_flush(transport);
    transport->sending = sendfile;
    if (transport->state != GYRE__OPEN)
        gyre__sendfile_advance(transport);
}

/* Gives the transport back as it was; what the kernel did not take of a file is no bytes that wait. */
static void end(struct gyre__sendfile *sendfile)
{
    gyre_transport *transport = sendfile->transport;

    transport->sending = NULL;
    lseek(sendfile->file, sendfile->offset, SEEK_SET);
    if (transport->state == GYRE__OPEN && !transport->out.size)
        transport->blocked = false;
    if (sendfile->resume)
        gyre_transport_resume_reading(transport);
    if (transport->state < GYRE__LOSING)
        gyre__transport_rewatch(transport);
    gyre__transport_flush(transport);
    gyre_transport_unref(transport);
}

static int explain(int err)
{
    return gyre__error_is_os(err) ? gyre__error_plain(err) : err;
}

int(gyre_loop_sendfile)(gyre_loop *loop, int64_t *sent, gyre_transport *transport, int file,
                        const gyre_sendfile_options *options)
{
    gyre_sendfile_options filled = {0};
    struct gyre__sendfile sendfile = {.transport = transport, .file = file};
    int err;

    GYRE__CHECK(transport, "sendfile wants a transport");
    gyre__options_fill(&filled, sizeof filled, options);
    err = check(loop, transport, &filled);
    if (err)
        return err;
    sendfile.offset = filled.offset;
    sendfile.left = filled.count ? filled.count : INT64_MAX;
    begin(&sendfile);
    err = sendfile.over ? sendfile.err : send_file(&sendfile, filled.fallback != GYRE_NO);
    end(&sendfile);
    if (!err && sent)
        *sent = sendfile.sent;
    return explain(err);
}
