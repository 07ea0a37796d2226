/* net/datagram.c - datagrams that come in.
 *
 * Some for each readiness, so that a flood costs few polls and others have their turn. They come by one
 * system call, and what the program sends meanwhile leaves by one. After each of them it may have paused or
 * closed: the others are kept, or dropped.
 */
#include "net/datagram.h"
#include "base/memory.h"
#include "net/batch.h"
#include "net/ends.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A datagram that is kept. */
struct gyre__letter {
    struct gyre__letter *next;    /* the one that came after it */
    struct sockaddr_storage from; /* who sent it */
    socklen_t size;               /* bytes of that address */
    bool cut;                     /* it did not fit */
    size_t len;                   /* bytes of data */
    char data[];                  /* what it says */
};

static struct gyre__datagram *datagram_of(gyre_transport *transport)
{
    return GYRE__OF(transport, struct gyre__datagram, base);
}

void gyre__datagram_error(gyre_transport *transport, int err)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_ERROR);
    const gyre_datagram_protocol *class = datagram_of(transport)->class;

    if (class->error_received)
        class->error_received(transport->self, err);
    gyre__upcall_leave(transport, outer);
}

static void deliver(gyre_transport *transport, const void *data, size_t len, const struct sockaddr *from,
                    socklen_t size)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_DATAGRAM);
    const gyre_datagram_protocol *class = datagram_of(transport)->class;

    if (class->datagram_received)
        class->datagram_received(transport->self, data, len, from, size);
    gyre__upcall_leave(transport, outer);
}

static size_t fitting(const struct mmsghdr *message)
{
    size_t room = message->msg_hdr.msg_iov->iov_len;

    return message->msg_len < room ? message->msg_len : room;
}

static void hand_out(gyre_transport *transport, const struct mmsghdr *message)
{
    const struct msghdr *head = &message->msg_hdr;

    if (message->msg_len > fitting(message))
        gyre__datagram_error(transport, -EMSGSIZE);
    else
        deliver(transport, head->msg_iov->iov_base, message->msg_len, head->msg_name, head->msg_namelen);
}

static struct gyre__letter *copy(const struct mmsghdr *message)
{
    size_t len = fitting(message);
    struct gyre__letter *letter = gyre__malloc(sizeof *letter + len);

    letter->next = NULL;
    letter->size = message->msg_hdr.msg_namelen;
    letter->cut = message->msg_len > len;
    letter->len = len;
    memcpy(&letter->from, message->msg_hdr.msg_name, sizeof letter->from);
    memcpy(letter->data, message->msg_hdr.msg_iov->iov_base, len);
    return letter;
}

static void keep(struct gyre__datagram *datagram, const struct mmsghdr *messages, int count)
{
    struct gyre__letter **end = &datagram->kept;

    for (int i = 0; i < count; i++, end = &(*end)->next)
        *end = copy(&messages[i]);
}

/* True when there may be more. */
static bool receive(gyre_transport *transport)
{
    struct gyre__net *net = transport->net;
    int i = 0, got = gyre__batch_receive(net, transport->fd, datagram_of(transport)->large);

    if (got == -EAGAIN)
        return false;
    transport->heard = gyre__net_now(net);
    if (got < 0)
        gyre__datagram_error(transport, got);
    while (i < got && gyre__transport_reading(transport))
        hand_out(transport, &net->batch->messages[i++]);
    if (i < got && transport->state == GYRE__OPEN)
        keep(datagram_of(transport), &net->batch->messages[i], got - i);
    return got > 0 && !net->loop->driver_class->recvmmsg;
}

static void receive_some(gyre_transport *transport)
{
    for (int i = 0; i < GYRE__BATCH && gyre__transport_reading(transport) && receive(transport); i++)
        ;
}

static void hand_out_kept(gyre_transport *transport)
{
    struct gyre__datagram *datagram = datagram_of(transport);
    struct gyre__letter *letter;

    while ((letter = datagram->kept) && gyre__transport_reading(transport)) {
        datagram->kept = letter->next;
        if (letter->cut)
            gyre__datagram_error(transport, -EMSGSIZE);
        else
            deliver(transport, letter->data, letter->len, (const struct sockaddr *)&letter->from,
                    letter->size);
        free(letter);
    }
}

/* The methods that run meanwhile are as one: what they send leaves at their end. */
static void as_one(gyre_transport *transport, void (*fn)(gyre_transport *transport))
{
    struct gyre__datagram *datagram = datagram_of(transport);

    datagram->answering = true;
    transport->depth++;
    fn(transport);
    transport->depth--;
    datagram->answering = false;
    if (transport->out.size)
        gyre__transport_flush(transport);
}

static void be_ready(void *arg, int events)
{
    gyre_transport *transport = gyre__transport_hold(arg);

    if (events & GYRE__READABLE)
        as_one(transport, receive_some);
    if (events & GYRE__WRITABLE)
        gyre__transport_writable(transport);
    gyre_transport_unref(transport);
}

static void rewatch(gyre_transport *transport);

static void go_on(void *arg)
{
    gyre_transport *transport = arg;

    as_one(transport, hand_out_kept);
    if (transport->state < GYRE__LOSING)
        rewatch(transport);
}

/* What is kept comes before what is still in the kernel. */
static void rewatch(gyre_transport *transport)
{
    uint8_t wanted = gyre__transport_wanted(transport);

    if (datagram_of(transport)->kept && wanted & GYRE__READABLE) {
        gyre__transport_soon(transport, go_on);
        wanted &= (uint8_t)~GYRE__READABLE;
    }
    gyre__transport_watch(transport, wanted, be_ready);
}

static void close_socket(gyre_transport *transport)
{
    gyre__ends_close(transport->net->loop, gyre__transport_unwatch(transport), datagram_of(transport)->group);
}

static void clear(gyre_transport *transport)
{
    struct gyre__datagram *datagram = datagram_of(transport);
    struct gyre__letter *letter;

    while ((letter = datagram->kept)) {
        datagram->kept = letter->next;
        free(letter);
    }
}

const struct gyre__kind gyre__datagram_kind = {
    .size = sizeof(struct gyre__datagram),
    .empty = gyre__datagram_empty,
    .rewatch = rewatch,
    .release = close_socket,
    .clear = clear,
};
