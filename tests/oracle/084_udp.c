/* 084: datagrams: one callback for each, empty ones too; a connected endpoint refuses other addresses. */
#include "oracle.h"

enum { BIG = 9000, MOST = 8 };

struct letter {
    size_t len;
    char start[8];
    struct sockaddr_storage from;
    socklen_t size;
};

struct end {
    const char *name;
    gyre_transport *transport;
    struct letter letters[MOST];
    int got, taken;
    bool lost;
};

static void connection_made(void *self, gyre_transport *transport)
{
    struct end *end = self;

    end->transport = transport;
    printf("%s made\n", end->name);
}

static void datagram_received(void *self, const void *data, size_t len, const struct sockaddr *addr,
                              socklen_t size)
{
    struct end *end = self;
    struct letter *letter = &end->letters[end->got++];

    letter->len = len;
    memcpy(letter->start, data, len < 4 ? len : 4);
    memcpy(&letter->from, addr, letter->size = size);
}

static void error_received(void *self, int err)
{
    printf("%s error %s\n", ((struct end *)self)->name, oracle_name(err));
}

static void connection_lost(void *self, int err)
{
    struct end *end = self;

    printf("%s lost %s\n", end->name, oracle_str(err));
    end->lost = true;
}

static const gyre_datagram_protocol protocol = {
    .create = oracle_self,
    .connection_made = connection_made,
    .datagram_received = datagram_received,
    .error_received = error_received,
    .connection_lost = connection_lost,
};

/* Python: await q.get() */
static const struct letter *next(struct end *end)
{
    while (end->taken == end->got)
        gyre_sleep(0);
    return &end->letters[end->taken++];
}

static void wait_lost(const struct end *end)
{
    while (!end->lost)
        gyre_sleep(0);
}

static const struct sockaddr_in *name_of(const struct end *end)
{
    return gyre_transport_get_extra_info(end->transport, "sockname", NULL);
}

static int send_to(const struct end *end, const void *data, size_t len, const struct sockaddr_in *to)
{
    return gyre_transport_sendto(end->transport, data, len, (const struct sockaddr *)to,
                                 to ? (socklen_t)sizeof *to : 0);
}

static void talk(struct end *server, struct end *client)
{
    static char big[BIG];
    const struct letter *letter = NULL;

    memset(big, 'x', sizeof big);
    send_to(client, "one", 3, NULL);
    send_to(client, "two", 3, name_of(server));
    send_to(client, "", 0, NULL);
    send_to(client, big, sizeof big, NULL);
    for (int i = 0; i < 4; i++) {
        letter = next(server);
        printf("%zu %s %s\n", letter->len, py_bytes(letter->start, letter->len < 3 ? letter->len : 3),
               py_bool(!memcmp(&letter->from, name_of(client), sizeof *name_of(client))));
    }
    gyre_transport_sendto(server->transport, "back", 4, (const struct sockaddr *)&letter->from, letter->size);
    puts(py_bytes(next(client)->start, 4));
}

/* An address that is no pair does not compile; the last line stands for it. */
static void misuse(gyre_loop *loop, const struct end *client)
{
    struct sockaddr_in other = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int err = send_to(client, "no", 2, &other);

    puts(oracle_name(err));
    err = gyre_loop_create_datagram_endpoint(loop, NULL, &protocol, .arg = NULL);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
    puts("TypeError 2-tuple is expected");
}

static int talk_and_end(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    struct end server = {.name = "srv"}, client = {.name = "cli"};
    gyre_transport *transport;

    gyre_loop_create_datagram_endpoint(loop, NULL, &protocol, .local_host = "127.0.0.1", .arg = &server);
    gyre_loop_create_datagram_endpoint(loop, &transport, &protocol, .remote_host = "127.0.0.1",
                                       .remote_port = ntohs(name_of(&server)->sin_port), .arg = &client);
    talk(&server, &client);
    misuse(loop, &client);
    gyre_transport_close(client.transport);
    wait_lost(&client);
    gyre_transport_sendto(transport, "dropped", 7, NULL, 0);
    gyre_transport_unref(transport);
    gyre_transport_abort(server.transport);
    wait_lost(&server);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, talk_and_end);
}
