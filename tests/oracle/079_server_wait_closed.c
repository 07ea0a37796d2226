/* 079: wait_closed waits for close() and for the last connection; close_clients ends them. */
#include "client.h"
#include "oracle.h"

static void connection_lost(void *self, int err)
{
    printf("srv lost %s\n", oracle_str(err));
}

static const gyre_protocol protocol = {.connection_lost = connection_lost};

static int wait_closed(void *server)
{
    return gyre_server_wait_closed(server);
}

static gyre_task *wait_in_task(gyre_server *server)
{
    gyre_task *task;

    gyre_create_task(&task, wait_closed, server);
    return task;
}

static void within_a_second(gyre_task *task, const char *label)
{
    if (gyre_wait_for(task, NULL, 1) == 0 && label)
        puts(label);
    gyre_future_unref(task);
}

static void print_read(struct client *client)
{
    char data[1];
    size_t len = client_read(client, data, sizeof data);

    puts(py_bytes(data, len));
}

static void close_with_client(gyre_server *server)
{
    gyre_task *waiter = wait_in_task(server);
    struct client client;

    client_open(&client, gyre_server_get_port(server));
    gyre_sleep(.05);
    gyre_server_close(server);
    gyre_sleep(.05);
    printf("waits for the client: %s\n", py_bool(!gyre_future_done(waiter)));
    gyre_server_close_clients(server);
    print_read(&client);
    within_a_second(waiter, "wait_closed done");
    within_a_second(wait_in_task(server), NULL);
    client_close(&client);
}

static void close_without_clients(gyre_server *server)
{
    gyre_server_start_serving(server);
    gyre_server_close(server);
    within_a_second(wait_in_task(server), "no clients: returns at once");
}

static void with_server(void (*fn)(gyre_server *server))
{
    gyre_server *server;

    gyre_loop_create_server(gyre_get_running_loop(), &server, &protocol, .host = "127.0.0.1");
    fn(server);
    gyre_server_unref(server);
}

static int run(void *arg)
{
    with_server(close_with_client);
    with_server(close_without_clients);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
