/* net_mail.c - the diary of datagrams. */
#include "net_mail.h"
#include <fcntl.h>
#include <gyre/transport.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void write_down(struct mail *mail, const char *format, int value)
{
    size_t used = strlen(mail->text);

    snprintf(mail->text + used, sizeof mail->text - used, format, value);
}

static void *create(void *arg)
{
    return arg;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct mail *mail = self;

    mail->transport = transport;
    write_down(mail, "made ", 0);
}

static void datagram_received(void *self, const void *data, size_t len, const struct sockaddr *addr,
                              socklen_t size)
{
    struct mail *mail = self;

    mail->got++;
    snprintf(mail->data, sizeof mail->data, "%.*s", (int)(len < 60 ? len : 60), (const char *)data);
    memcpy(&mail->from, addr, size);
    mail->size = size;
    write_down(mail, "got:%d ", (int)len);
    if (mail->on_got)
        mail->on_got(mail);
}

static void error_received(void *self, int err)
{
    struct mail *mail = self;

    mail->errors++;
    mail->err = err;
    write_down(mail, "error:%d ", err);
    if (mail->on_error)
        mail->on_error(mail);
}

static void connection_lost(void *self, int err)
{
    struct mail *mail = self;

    mail->lost++;
    write_down(mail, "lost:%d ", err);
}

static void pause_writing(void *self)
{
    ((struct mail *)self)->pauses++;
}

static void resume_writing(void *self)
{
    ((struct mail *)self)->resumes++;
}

const gyre_datagram_protocol net_mail = {
    .create = create,
    .connection_made = connection_made,
    .datagram_received = datagram_received,
    .error_received = error_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

void net_endpoint(gyre_loop *loop, struct mail *mail)
{
    assert_int_equal(
        gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1", .arg = mail), 0);
}

void net_endpoint_to(gyre_loop *loop, struct mail *mail, const struct mail *remote)
{
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .remote_host = "127.0.0.1",
                                                        .remote_port = net_mail_port(remote), .arg = mail),
                     0);
}

int net_mail_pair(gyre_loop *loop, struct mail *mail)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = ends[0], .arg = mail),
                     0);
    return ends[1];
}

const struct sockaddr *net_mail_address(const struct mail *mail)
{
    const struct sockaddr *address = gyre_transport_get_extra_info(mail->transport, "sockname", NULL);

    assert_non_null(address);
    return address;
}

int net_mail_port(const struct mail *mail)
{
    return ntohs(((const struct sockaddr_in *)(const void *)net_mail_address(mail))->sin_port);
}

int net_send(struct mail *mail, const char *text, const struct sockaddr *to)
{
    return gyre_transport_sendto(mail->transport, text, strlen(text), to,
                                 to ? (socklen_t)sizeof(struct sockaddr_in) : 0);
}

void net_until_got(gyre_loop *loop, const struct mail *mail, int count)
{
    while (mail->got < count)
        net_step(loop);
}

void net_mail_end(gyre_loop *loop, struct mail *mail)
{
    if (!mail->lost)
        gyre_transport_abort(mail->transport);
    while (!mail->lost)
        net_turns(loop, 1);
    net_turns(loop, 1);
}
