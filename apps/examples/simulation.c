/* A server and two clients on a bad network, in one program, in virtual time: nothing is waited for, and the
 * same seed is the same run. Connections break, and answers are lost with them, so that a client cannot know
 * whether its order was heard. It orders again; the server counts each order once.
 *
 * usage: simulation [SEED [trace]]
 */
#include <gyre/gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 2, ORDERS = 5 };

static int counted[CLIENTS + 1]; /* the last order of each client that was counted */
static int repeated;
static gyre_server *server;

static double now(void)
{
    return gyre_loop_time(gyre_get_running_loop());
}

/* The server: "CLIENT ORDER\n" is answered by "ORDER\n", counted or not. */
static int serve(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    int client, order;

    while (gyre_reader_readline(reader, &line) > 0 && sscanf(line, "%d %d\n", &client, &order) == 2) {
        char answer[16];

        repeated += order <= counted[client];
        if (order > counted[client])
            counted[client] = order;
        gyre_writer_write(writer, answer, (size_t)snprintf(answer, sizeof answer, "%d\n", order));
        if (gyre_writer_drain(writer))
            break;
    }
    return 0;
}

/* Orders and waits for the answer: 0, or what came between. */
static int place_order(gyre_reader *reader, gyre_writer *writer, int client, int order)
{
    char words[32];
    const char *line;
    ptrdiff_t len;

    gyre_writer_write(writer, words, (size_t)snprintf(words, sizeof words, "%d %d\n", client, order));
    len = gyre_reader_readline(reader, &line, .timeout = 2);
    if (len <= 0)
        return len ? (int)len : -ECONNRESET;
    printf("%6.3f client %d: order %d is confirmed\n", now(), client, order);
    return 0;
}

/* Orders as long as the connection holds; returns the next order. */
static int use_connection(gyre_reader *reader, gyre_writer *writer, int client, int order)
{
    int err = 0;

    while (order <= ORDERS && !err) {
        err = place_order(reader, writer, client, order);
        order += !err;
    }
    if (err)
        printf("%6.3f client %d: order %d: %s\n", now(), client, order, gyre_error_name(err));
    return order;
}

static int order_all(void *arg)
{
    int client = *(int *)arg, err = 0;

    for (int order = 1; order <= ORDERS && err != GYRE_ECANCELLED;) {
        gyre_reader *reader;
        gyre_writer *writer;

        err =
            gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));
        if (err) {
            printf("%6.3f client %d: no connection: %s\n", now(), client, gyre_error_name(err));
            err = gyre_sleep(0.5);
            continue;
        }
        order = use_connection(reader, writer, client, order);
        gyre_stream_close(reader, writer);
    }
    return err;
}

static int simulate(void *arg)
{
    static int clients[CLIENTS] = {1, 2};
    gyre_task_group group;
    int err = gyre_start_server(&server, serve, NULL, .host = "127.0.0.1");

    if (err)
        return err;
    gyre_task_group_begin(&group);
    for (int i = 0; i < CLIENTS; i++)
        gyre_task_group_create_task(&group, NULL, order_all, &clients[i]);
    err = gyre_task_group_end(&group, err);
    gyre_server_close(server);
    gyre_server_unref(server);
    printf("%6.3f %d orders were counted, %d came again\n", now(), counted[1] + counted[2], repeated);
    return err;
}

static void print_event(const char *event, void *arg)
{
    printf("  %s\n", event);
}

int main(int argc, char **argv)
{
    gyre_loop_options network = {.size = sizeof network,
                                 .driver = GYRE_DRIVER_SIM,
                                 .sim_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1,
                                 .sim_latency = 0.020,
                                 .sim_jitter = 0.100,
                                 .sim_reset = 0.9,
                                 .sim_partial = 0.3,
                                 .sim_trace = argc > 2 && !strcmp(argv[2], "trace") ? print_event : NULL};

    return gyre_run(simulate, NULL, .loop = &network);
}
