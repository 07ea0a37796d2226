/* client.c - a connection that a coroutine reads from and writes to. */
#include "client.h"
#include <string.h>

static void wake(struct client *client)
{
    if (client->waiter && !gyre_future_done(client->waiter))
        gyre_future_set_result(client->waiter, NULL);
}

static void wait_for_news(struct client *client)
{
    client->waiter = gyre_loop_create_future(gyre_get_running_loop());
    gyre_await(client->waiter, NULL);
    gyre_future_unref(client->waiter);
    client->waiter = NULL;
}

static void *begin(void *arg)
{
    memset(arg, 0, sizeof(struct client));
    return arg;
}

static void data_received(void *self, const void *data, size_t len)
{
    struct client *client = self;
    size_t room = sizeof client->data - client->len;

    memcpy(client->data + client->len, data, len < room ? len : room);
    client->len += len < room ? len : room;
    wake(client);
}

static bool eof_received(void *self)
{
    struct client *client = self;

    client->eof = true;
    wake(client);
    return true;
}

static void connection_lost(void *self, int err)
{
    struct client *client = self;

    client->eof = client->lost = true;
    wake(client);
}

static const gyre_protocol reader = {
    .create = begin,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

int client_open(struct client *client, int port)
{
    gyre_transport *transport;
    int err = gyre_loop_create_connection(gyre_get_running_loop(), &transport, &reader, .host = "127.0.0.1",
                                          .port = port, .arg = client);

    if (!err)
        client->transport = transport;
    return err;
}

void client_write(struct client *client, const char *text)
{
    gyre_transport_write(client->transport, text, strlen(text));
}

size_t client_read(struct client *client, char *data, size_t max)
{
    size_t len;

    while (client->len == 0 && !client->eof)
        wait_for_news(client);
    len = client->len < max ? client->len : max;
    memcpy(data, client->data, len);
    client->len -= len;
    memmove(client->data, client->data + len, client->len);
    return len;
}

void client_close(struct client *client)
{
    gyre_transport_close(client->transport);
    while (!client->lost)
        wait_for_news(client);
    gyre_transport_unref(client->transport);
}
