/* test_tls_memory.c - what an idle connection of TLS holds in user space: one side here, the other in a
 * child.
 *
 * Under a sanitizer, whose malloc is not counted by mallinfo2, all is made and nothing is found.
 */
#include "tests/unit/tls_bed.h"
#include "tests/unit/unit.h"
#include <gyre/server.h>
#include <malloc.h>
#include <sys/socket.h>

enum { CONNECTIONS = 40, MOST = 20 * 1024 };

static int ends[CONNECTIONS + 1][2];
static int over[2]; /* a pipe whose writing end is the parent's: the child stays until it is closed */
static gyre_tls_context *context;
static size_t heard;

struct side {
    gyre_transport *transport;
};

static void be_made(void *self, gyre_transport *transport)
{
    ((struct side *)self)->transport = transport;
}

static void hear(void *self, const void *data, size_t len)
{
    heard += len;
}

static void echo(void *self, const void *data, size_t len)
{
    heard += len;
    gyre_transport_write(((struct side *)self)->transport, data, len);
}

static const gyre_protocol client = {.size = sizeof(struct side), .data_received = hear};
static const gyre_protocol server = {
    .size = sizeof(struct side), .connection_made = be_made, .data_received = echo};

/* Sends a word and hears it, so that tickets have come too. */
static int dial(int i)
{
    gyre_transport *transport;
    int err = gyre_loop_create_connection(loop, &transport, &client, .sock = ends[i][1], .ssl = context,
                                          .server_hostname = "localhost");

    if (err)
        return err;
    gyre_transport_write(transport, "x", 1);
    gyre_transport_unref(transport);
    return 0;
}

static int answer(int i)
{
    return gyre_loop_connect_accepted_socket(loop, NULL, &server, ends[i][0], .ssl = context);
}

typedef int begin(int i);

/* How many bytes each holds, in *arg; the first one pays for what they share. */
static int open_all(begin *fn, size_t *each)
{
    size_t before = 0;
    int err = 0;

    for (int i = 0; i <= CONNECTIONS && !err; i++) {
        err = fn(i);
        while (heard < (size_t)i + 1 && !err)
            err = gyre_sleep(0.0005);
        if (i == 0)
            before = mallinfo2().uordblks;
    }
    gyre_sleep(0.01);
    *each = (mallinfo2().uordblks - before) / CONNECTIONS;
    return err;
}

static int open_clients(void *each)
{
    return open_all(dial, each);
}

static int open_servers(void *each)
{
    return open_all(answer, each);
}

static void close_side(int side)
{
    for (int i = 0; i <= CONNECTIONS; i++)
        close(ends[i][side]);
}

static int run_side(bool server_side, bool child, size_t *each)
{
    char end;
    int err = run_main(server_side ? open_servers : open_clients, each);

    if (!child)
        close(over[1]);
    while (child && read(over[0], &end, 1) < 0)
        continue;
    return err;
}

/* The side's loop and all that is on it, from beginning to end. */
static int live(bool server_side, bool child, int version, size_t *each)
{
    int err;

    heard = 0;
    close_side(server_side);
    if (child)
        close(over[1]);
    if (server_side)
        gyre_tls_context_new(&context, .server_side = true, .certfile = tls_file("server.pem"));
    else
        gyre_tls_context_new(&context, .cafile = tls_file("ca.pem"), .maximum_version = version);
    open_loop(NULL);
    err = run_side(server_side, child, each);
    close_loop(NULL);
    gyre_tls_context_unref(context);
    return err;
}

static void measure(bool server_side, int version)
{
    size_t each = 0;
    int status;
    pid_t child;

    for (int i = 0; i <= CONNECTIONS; i++)
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends[i]), 0);
    assert_int_equal(pipe(over), 0);
    child = fork();
    if (child == 0)
        _exit(live(!server_side, true, version, &each) != 0);
    assert_int_equal(live(server_side, false, version, &each), 0);
    close(over[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    print_message("an idle %s of TLS 1.%d holds %zu bytes\n", server_side ? "server" : "client",
                  version - GYRE_TLS_1_2 + 2, each);
    assert_in_range(each, 0, MOST);
}

static void test_a_server(void **state)
{
    measure(true, GYRE_TLS_1_3);
}

static void test_a_client(void **state)
{
    measure(false, GYRE_TLS_1_3);
}

static void test_a_server_of_the_older_version(void **state)
{
    measure(true, GYRE_TLS_1_2);
}

static void test_a_client_of_the_older_version(void **state)
{
    measure(false, GYRE_TLS_1_2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server),
        cmocka_unit_test(test_a_client),
        cmocka_unit_test(test_a_server_of_the_older_version),
        cmocka_unit_test(test_a_client_of_the_older_version),
    };

    alarm(60);
    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
