/* net/write.c - bytes from the program: refused, dropped, put off, or sent.
 *
 * A small write may wait for others of the same moment, so that they leave in one system call: for the end of
 * the upcall it was made in, else for the end of the turn. It is never put off while the loop does not run.
 */
#include "net/kind.h"

enum {
    BATCH = 16 * 1024, /* bytes that may be put off */
    COPIED = 8 * 1024  /* of one write: more costs less sent at once than copied */
};

static int refuse_ended(const gyre_transport *transport)
{
    if (!transport->kind->send)
        return gyre_error_set(GYRE_ENOTIMPLEMENTED, "this kind of transport has no write()");
    return gyre_error_set(GYRE_ERUNTIME, "Cannot call write() after write_eof()");
}

/* asyncio: an error after write_eof alone, also when the transport closes as well. What cannot be written to
 * has ended from birth. */
static int refuse(const gyre_transport *transport)
{
    int err = gyre__loop_check_here(transport->net->loop);

    if (err)
        return err;
    if (transport->sending)
        return gyre_error_set(GYRE_ERUNTIME, "unable to write; sendfile is in progress");
    return transport->ending ? refuse_ended(transport) : 0;
}

static bool may_defer(const gyre_transport *transport, size_t len)
{
    size_t limit = transport->high < BATCH ? transport->high : BATCH;

    return gyre_loop_is_running(transport->net->loop) && len < COPIED && transport->out.size + len < limit;
}

/* Also inside an upcall, whose end does the same earlier: one that waits in a task must not hold others'
 * bytes back. */
static void flush_later(gyre_transport *transport)
{
    gyre__loop_flush_later(transport->net->loop, &transport->flush);
}

static void take(gyre_transport *transport, const struct iovec *pieces, size_t count, size_t len)
{
    if (transport->blocked) {
        gyre__transport_store(transport, pieces, count, 0);
    } else if (may_defer(transport, len)) {
        gyre__transport_store(transport, pieces, count, 0);
        flush_later(transport);
    } else {
        gyre__transport_send(transport, pieces, count);
    }
}

static int write_pieces(gyre_transport *transport, const struct iovec *pieces, size_t count, size_t len)
{
    int err = refuse(transport);

    if (err || !len || transport->state != GYRE__OPEN)
        return err;
    gyre__transport_hold(transport);
    take(transport, pieces, count, len);
    gyre__flow_grown(transport);
    gyre_transport_unref(transport);
    return 0;
}

int gyre_transport_write(gyre_transport *transport, const void *data, size_t len)
{
    struct iovec piece = {(void *)(uintptr_t)data, len};

    return write_pieces(transport, &piece, 1, len);
}

int gyre_transport_writelines(gyre_transport *transport, const struct iovec *pieces, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += pieces[i].iov_len;
    return write_pieces(transport, pieces, count, len);
}

static void take_owned(gyre_transport *transport, const void *data, size_t len, gyre_release release,
                       void *arg)
{
    bool defer = may_defer(transport, len);

    gyre__buffer_append_owned(&transport->out, &transport->net->pool, data, len, release, arg);
    if (transport->blocked)
        return;
    if (defer)
        flush_later(transport);
    else
        gyre__transport_flush(transport);
}

int gyre_transport_write_owned(gyre_transport *transport, const void *data, size_t len, gyre_release release,
                               void *arg)
{
    int err = refuse(transport);

    if (err || !len || transport->state != GYRE__OPEN) {
        if (release)
            release(arg);
        return err;
    }
    gyre__transport_hold(transport);
    take_owned(transport, data, len, release, arg);
    gyre__flow_grown(transport);
    gyre_transport_unref(transport);
    return 0;
}

size_t gyre_transport_get_write_buffer_size(gyre_transport *transport)
{
    gyre__transport_flush(transport);
    return gyre__transport_waiting(transport);
}
