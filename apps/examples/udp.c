/* UDP: a server on every core that sends back what comes, and a client that asks again when nothing does,
 * since datagrams get lost.
 *
 * usage: udp serve PORT | udp ask PORT WORD
 */
#include <gyre/gyre.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct echo {
    gyre_transport *transport;
};

static void begin(void *self, gyre_transport *transport)
{
    struct echo *echo = self;

    echo->transport = transport;
}

static void send_back(void *self, const void *data, size_t len, const struct sockaddr *from, socklen_t size)
{
    struct echo *echo = self;

    gyre_transport_sendto(echo->transport, data, len, from, size);
}

static const gyre_datagram_protocol echo = {
    .size = sizeof(struct echo), .connection_made = begin, .datagram_received = send_back};

/* All shards ask for the same port, and share it: each client's datagrams come to one of them, always the
 * same. */
static int serve(void *argv)
{
    int err = gyre_loop_create_datagram_endpoint(
        gyre_get_event_loop(), NULL, &echo, .local_host = "127.0.0.1", .local_port = atoi(*(char **)argv));

    return err ? err : gyre_sleep(INFINITY);
}

static void print(void *answer, const void *data, size_t len, const struct sockaddr *from, socklen_t size)
{
    printf("%.*s\n", (int)len, (const char *)data);
    if (!gyre_future_done(answer))
        gyre_future_set_result(answer, NULL);
}

/* Nobody is at that port, for instance. */
static void fail(void *answer, int err)
{
    if (!gyre_future_done(answer))
        gyre_future_set_exception(answer, err);
}

static void *share(void *answer)
{
    return answer;
}

static const gyre_datagram_protocol question = {
    .create = share, .datagram_received = print, .error_received = fail};

static int ask_thrice(gyre_transport *transport, gyre_future *answer, const char *word)
{
    int err = 0;

    for (int times = 0; times < 3 && err >= 0 && !gyre_future_done(answer); times++) {
        gyre_transport_sendto(transport, word, strlen(word), NULL, 0);
        err = gyre_wait(&answer, 1, .timeout = 1);
    }
    if (err >= 0)
        err = gyre_future_done(answer) ? gyre_await(answer, NULL) : gyre_error_set(-ETIMEDOUT, "no answer");
    gyre_transport_close(transport);
    gyre_transport_unref(transport);
    return err;
}

static int ask(void *argv)
{
    char **args = argv;
    gyre_future *answer = gyre_loop_create_future(gyre_get_event_loop());
    gyre_transport *transport;
    int err = gyre_loop_create_datagram_endpoint(gyre_get_event_loop(), &transport, &question,
                                                 .remote_host = "127.0.0.1", .remote_port = atoi(args[0]),
                                                 .arg = answer);

    if (!err)
        err = ask_thrice(transport, answer, args[1]);
    gyre_future_unref(answer);
    return err;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return gyre_run_sharded(GYRE_ALL_CORES, serve, argv + 2, .quiet = GYRE_YES);
    if (argc == 4 && !strcmp(argv[1], "ask"))
        return gyre_run(ask, argv + 2);
    fprintf(stderr, "usage: %s serve PORT | ask PORT WORD\n", argv[0]);
    return 2;
}
