/* test_sim_net.c - the network of virtual time as a program meets it: the same seed, the same trace; latency;
 * what gets lost; and nothing of the system. */
#include "unit.h"

#include "loop/loop.h"
#include <errno.h>
#include <gyre/resolver.h>
#include <gyre/server.h>
#include <gyre/sock.h>
#include <gyre/stream.h>
#include <gyre/transport.h>
#include <gyre/unix.h>
#include <netdb.h>
#include <netinet/in.h>

enum { LINES = 40 };

/* What a run was told of. */
struct trace {
    char *text;
    size_t len;
};

static void keep(const char *event, void *arg)
{
    struct trace *trace = arg;
    size_t more = strlen(event);

    trace->text = realloc(trace->text, trace->len + more + 2);
    memcpy(trace->text + trace->len, event, more);
    trace->len += more;
    trace->text[trace->len++] = '\n';
    trace->text[trace->len] = '\0';
}

static int answer(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    ptrdiff_t len;

    while ((len = gyre_reader_readline(reader, &line)) > 0) {
        gyre_writer_write(writer, line, (size_t)len);
        if (gyre_writer_drain(writer))
            break;
    }
    gyre_writer_close(writer);
    return gyre_writer_wait_closed(writer);
}

static int ask(void *server)
{
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    const char *line;
    int err =
        gyre_open_connection(&reader, &writer, .host = "localhost", .port = gyre_server_get_port(server));

    for (int i = 0; i < LINES && !err; i++) {
        gyre_writer_write(writer, "how do you do\n", 14);
        err = gyre_reader_readline(reader, &line) == 14 ? 0 : -EPIPE;
    }
    gyre_stream_close(reader, writer);
    return err;
}

/* A server, and three clients at once. */
static int meet(void *arg)
{
    gyre_server *server;
    gyre_task *clients[3];
    int err = gyre_start_server(&server, answer, NULL, .host = "localhost");

    if (err)
        return err;
    for (int i = 0; i < 3; i++)
        gyre_create_task(&clients[i], ask, server);
    for (int i = 0; i < 3; i++) {
        gyre_await(clients[i], NULL);
        gyre_future_unref(clients[i]);
    }
    gyre_server_close(server);
    err = gyre_server_wait_closed(server);
    gyre_server_unref(server);
    return err;
}

static void run_with(uint64_t seed, struct trace *trace)
{
    gyre_loop *outer = loop;

    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_seed = seed, .sim_latency = 0.01, .sim_jitter = 0.01,
                         .sim_reset = 0.3, .sim_partial = 0.3, .sim_again = 0.3, .sim_trace = keep,
                         .sim_trace_arg = trace);
    gyre_set_event_loop(loop);
    assert_int_equal(run_main(meet, NULL), 0);
    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = outer;
}

/* Memory lies elsewhere in each run, which must make no difference. */
static void test_same_seed_same_trace(void **state)
{
    struct trace one = {0}, two = {0}, other = {0};
    void *hole = malloc(12345);

    run_with(1, &one);
    run_with(1, &two);
    run_with(2, &other);
    free(hole);
    assert_true(one.len > 1000);
    assert_string_equal(one.text, two.text);
    assert_string_not_equal(one.text, other.text);
    free(one.text);
    free(two.text);
    free(other.text);
}

/* A loop whose packets take this long. */
static void open_far(double latency)
{
    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_latency = latency);
    gyre_loop_set_exception_handler(loop, witness, NULL);
    gyre_set_event_loop(loop);
}

static int open_slow(void **state)
{
    memset(&told, 0, sizeof told);
    noted[0] = '\0';
    open_far(0.1);
    return 0;
}

static void note_now(const char *word)
{
    char text[64];

    snprintf(text, sizeof text, "%s@%.10g", word, gyre_loop_time(loop));
    note(text);
}

static int exchange_lines(void *arg)
{
    gyre_server *server;
    gyre_reader *reader;
    gyre_writer *writer;
    const char *line;
    int err = gyre_start_server(&server, answer, NULL, .host = "127.0.0.1");

    if (!err)
        err =
            gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));
    if (err)
        return err;
    note_now("connected");
    gyre_writer_write(writer, "one\n", 4);
    assert_int_equal(gyre_reader_readline(reader, &line), 4);
    note_now("answered");
    gyre_writer_write_eof(writer);
    assert_int_equal(gyre_reader_read(reader, &line, 1), 0);
    note_now("ended");
    gyre_stream_close(reader, writer);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

/* Each way takes its time: a connection one of each, as an answer does. */
static void test_latency(void **state)
{
    assert_int_equal(run_main(exchange_lines, NULL), 0);
    assert_noted("connected@0.2 answered@0.4 ended@0.6");
}

static void test_no_latency(void **state)
{
    assert_int_equal(run_main(exchange_lines, NULL), 0);
    assert_noted("connected@0 answered@0 ended@0");
}

static int dial(const char *host, int port, double limit)
{
    static const gyre_protocol nothing = {.size = sizeof(int)};
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, limit);
    err = gyre_loop_create_connection(loop, NULL, &nothing, .host = host, .port = port);
    err = gyre_timeout_end(&timeout, err);
    note_now(err ? gyre_error_name(err) : "connected");
    return err;
}

/* Nobody answers there; a private address is this machine's, which answers at once that nobody listens. */
static int dial_nobody(void *arg)
{
    assert_int_equal(dial("10.1.2.3", 80, 1000), -ECONNREFUSED);
    assert_int_equal(dial("fd00::1", 80, 1000), -ECONNREFUSED);
    assert_int_equal(dial("192.0.2.1", 80, 5), -ETIMEDOUT);
    assert_int_equal(dial("2001:db8::1", 80, 1000), -ETIMEDOUT);
    return 0;
}

static void test_nobody(void **state)
{
    assert_int_equal(run_main(dial_nobody, NULL), 0);
    assert_noted("ConnectionRefusedError@0.2 ConnectionRefusedError@0.4 TimeoutError@5.4 TimeoutError@132.4");
}

/* A listening socket whose queue is full: the first packet of a connection is ignored. */
static int fill_queue(int *port)
{
    const struct gyre__driver_class *on = loop->driver_class;
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int listener = on->socket(loop->driver, AF_INET6, SOCK_STREAM, 0);
    int filler = on->socket(loop->driver, AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;

    assert_int_equal(on->bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(on->listen(listener, 0), 0);
    assert_int_equal(on->getsockname(listener, &bound, &size), 0);
    assert_int_equal(on->connect(filler, (struct sockaddr *)&bound, size), -EINPROGRESS);
    *port = ntohs(((struct sockaddr_in6 *)(void *)&bound)->sin6_port);
    return listener;
}

/* While the first address keeps silent, the second is asked, and wins. */
static int race(void *arg)
{
    static const gyre_protocol nothing = {.size = sizeof(int)};
    gyre_transport *transport = NULL;
    gyre_server *server = NULL;
    int port, err;

    fill_queue(&port);
    err = gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1", .port = port);
    if (!err)
        err = gyre_sleep(1);
    if (!err)
        err = gyre_loop_create_connection(loop, &transport, &nothing, .host = "localhost", .port = port,
                                          .happy_eyeballs_delay = 0.25);
    note_now(err ? gyre_error_text() : "connected");
    gyre_transport_unref(transport);
    gyre_server_unref(server);
    return err;
}

static void test_happy_eyeballs(void **state)
{
    assert_int_equal(run_main(race, NULL), 0);
    assert_noted("connected@1.45");
}

/* A full queue is asked again after a second. */
static int accept_later(void *arg)
{
    int *listener = arg;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int err = gyre_sleep(2.5);

    assert_true(loop->driver_class->accept(*listener, &peer, &size) >= 0);
    return err;
}

static int dial_full(void *arg)
{
    int port, listener = fill_queue(&port), err = gyre_sleep(1);
    gyre_task *accepting;

    gyre_create_task(&accepting, accept_later, &listener);
    err = err ? err : dial("::1", port, 1000);
    gyre_future_unref(accepting);
    return err;
}

static void test_full_queue(void **state)
{
    assert_int_equal(run_main(dial_full, NULL), 0);
    assert_noted("connected@4.2");
}

static int wait_for_clients(void *arg)
{
    static const gyre_protocol nothing = {.size = sizeof(int)};
    gyre_server *server = NULL;
    int err = gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1");

    err = err ? err : gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

/* The network has no outside from which a client could come. */
static void test_a_server_alone(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_for_clients, NULL);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), -EDEADLK);
    gyre_future_unref(task);
    assert_told(1,
                "Deadlock: nothing is ready, no timer is armed, and no other thread owes this loop anything");
}

/* --- calls on sockets of the program's --- */

static int serve_sock(void *arg)
{
    int accepted = gyre_loop_sock_accept(loop, NULL, NULL, *(int *)arg);
    char text[8];
    ptrdiff_t len;

    while ((len = gyre_loop_sock_recv(loop, accepted, text, sizeof text)) > 0)
        gyre_loop_sock_sendall(loop, accepted, text, (size_t)len);
    return loop->driver_class->close_socket(accepted);
}

static int call_socks(void *arg)
{
    const struct gyre__driver_class *on = loop->driver_class;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = on->socket(loop->driver, AF_INET, SOCK_STREAM, 0);
    int sock = on->socket(loop->driver, AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof(struct sockaddr_storage);
    struct sockaddr_storage bound;
    gyre_task *serving;
    char text[8];

    assert_int_equal(on->bind(listener, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(on->listen(listener, 5), 0);
    assert_int_equal(on->getsockname(listener, &bound, &size), 0);
    gyre_create_task(&serving, serve_sock, &listener);
    assert_int_equal(
        gyre_loop_sock_connect(loop, sock, .address = (struct sockaddr *)&bound, .address_size = size), 0);
    assert_int_equal(gyre_loop_sock_sendall(loop, sock, "hello", 5), 0);
    assert_int_equal(gyre_loop_sock_recv(loop, sock, text, sizeof text), 5);
    assert_memory_equal(text, "hello", 5);
    on->close_socket(sock);
    assert_int_equal(gyre_await(serving, NULL), 0);
    gyre_future_unref(serving);
    return on->close_socket(listener);
}

static void test_sock_calls(void **state)
{
    assert_int_equal(run_main(call_socks, NULL), 0);
}

/* --- names --- */

static int count_addresses(const char *node, const char *service, int family)
{
    const struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    int count = 0, err = gyre_loop_getaddrinfo(loop, &list, node, service, &hints);

    if (err)
        return err;
    for (const struct addrinfo *info = list; info; info = info->ai_next)
        count++;
    freeaddrinfo(list);
    return count;
}

/* No thread, no file, no server is asked. */
static int ask_names(void *arg)
{
    char host[64];
    struct sockaddr_in home = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    assert_int_equal(count_addresses("localhost", "80", AF_UNSPEC), 2);
    assert_int_equal(count_addresses("LocalHost", NULL, AF_INET), 1);
    assert_int_equal(count_addresses("localhost", "no such service", AF_UNSPEC), GYRE_EGAI + EAI_SERVICE);
    assert_int_equal(count_addresses("::1", "80", AF_UNSPEC), 1);
    assert_int_equal(count_addresses("example.com", "80", AF_UNSPEC), GYRE_EGAI + EAI_NONAME);
    assert_int_equal(
        gyre_loop_getnameinfo(loop, host, sizeof host, NULL, 0, (struct sockaddr *)&home, sizeof home, 0), 0);
    assert_string_equal(host, "127.0.0.1");
    return 0;
}

static void test_names(void **state)
{
    assert_int_equal(run_main(ask_names, NULL), 0);
}

/* --- who does nothing about it --- */

static void see_writable(void *arg)
{
    ++*(unsigned *)arg;
}

static int drain_unix(void *arg)
{
    static const gyre_protocol nothing = {.size = sizeof(int)};
    gyre_transport *transport = NULL;
    gyre_server *server = NULL;
    int err = gyre_loop_create_unix_server(loop, &server, &nothing, .path = "/run/nowhere");

    if (!err)
        err = gyre_loop_create_unix_connection(loop, &transport, &nothing, .path = "/run/nowhere");
    if (err)
        return err;
    gyre_transport_unref(transport);
    err = gyre_server_drain(server, 5);
    gyre_server_unref(server);
    return err;
}

/* Time stands still while there is something to do, but not for ever: a listening socket that is shut is
 * ready until it is closed, and so is a writer that has nothing to write. */
static void test_time_comes_to_the_idle(void **state)
{
    unsigned seen = 0;
    int fd = loop->driver_class->socket(loop->driver, AF_INET, SOCK_DGRAM, 0);

    gyre_loop_add_writer(loop, fd, see_writable, &seen);
    gyre_loop_call_later(loop, 0.001, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_true(seen > 1000 && seen < 3000);
    gyre_loop_remove_writer(loop, fd);
    assert_int_equal(run_main(drain_unix, NULL), 0);
    loop->driver_class->close_socket(fd);
}

#define ON_SLOW(test) cmocka_unit_test_setup_teardown(test, open_slow, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_trace),
        ON_SLOW(test_latency),
        ON_SIM(test_no_latency),
        ON_SLOW(test_nobody),
        ON_SLOW(test_happy_eyeballs),
        ON_SLOW(test_full_queue),
        ON_SLOW(test_a_server_alone),
        ON_SLOW(test_sock_calls),
        ON_SIM(test_names),
        ON_SIM(test_time_comes_to_the_idle),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
