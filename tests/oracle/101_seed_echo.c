/* 101: the echo server of the 2013 text: "Re: " before what it heard, an idle timeout that data restarts,
 * closed by the server (5 s shortened to 0.8 s). */
#include "client.h"
#include "oracle.h"

static const double idle_limit = 0.8;

struct echo {
    gyre_transport *transport;
    gyre_handle timeout;
};

static void timed_out(void *arg)
{
    struct echo *echo = arg;

    puts("connection timeout, closing.");
    gyre_transport_close(echo->transport);
}

static void restart_timeout(struct echo *echo)
{
    gyre_handle_cancel(&echo->timeout);
    echo->timeout = gyre_loop_call_later(gyre_get_running_loop(), idle_limit, timed_out, echo);
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct echo *echo = self;

    puts("connection made");
    echo->transport = transport;
    restart_timeout(echo);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct echo *echo = self;

    printf("data received:  %.*s\n", (int)len, (const char *)data);
    gyre_transport_write(echo->transport, "Re: ", 4);
    gyre_transport_write(echo->transport, data, len);
    restart_timeout(echo);
}

static void connection_lost(void *self, int err)
{
    struct echo *echo = self;

    printf("connection lost: %s\n", oracle_str(err));
    gyre_handle_cancel(&echo->timeout);
}

static const gyre_protocol echo_server = {
    .size = sizeof(struct echo),
    .connection_made = connection_made,
    .data_received = data_received,
    .connection_lost = connection_lost,
};

static void print_read(struct client *client)
{
    char data[100];
    size_t len = client_read(client, data, sizeof data);

    printf("client got %s\n", py_bytes(data, len));
}

static void say_after_a_while(struct client *client, const char *text)
{
    gyre_sleep(.3);
    client_write(client, text);
    print_read(client);
}

static void talk(struct client *client)
{
    double start = gyre_loop_time(gyre_get_running_loop()), passed;

    say_after_a_while(client, "one");
    say_after_a_while(client, "two");
    print_read(client);
    passed = gyre_loop_time(gyre_get_running_loop()) - start;
    printf("idle time counted from the last data: %s\n", py_bool(1.3 < passed && passed < 4));
}

static int run(void *arg)
{
    gyre_server *server;
    struct client client;

    gyre_loop_create_server(gyre_get_running_loop(), &server, &echo_server, .host = "127.0.0.1");
    client_open(&client, gyre_server_get_port(server));
    talk(&client);
    client_close(&client);
    gyre_server_close(server);
    gyre_server_unref(server);
    return gyre_sleep(.01);
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
