/* test_shard_unix.c - shards that share a unix socket: one accepts, and the least loaded gets it. */
#include "sharded.h"
#include "tls_bed.h"
#include "unix_bed.h"

enum { SHARDS = 2, CLIENTS = 20 };

static atomic_int arrived, closed;
static atomic_int served[SHARDS];

static int set_up(void **state)
{
    atomic_store(&arrived, 0);
    atomic_store(&closed, 0);
    for (int i = 0; i < SHARDS; i++)
        atomic_store(&served[i], 0);
    make_folder();
    return 0;
}

static int tear_down(void **state)
{
    remove_folder();
    return 0;
}

static void made(void *self, gyre_transport *transport)
{
    atomic_fetch_add(&served[gyre_shard_id()], 1);
    gyre_transport_write(transport, "x", 1);
}

static const gyre_protocol hello = {.size = 1, .connection_made = made};

/* Returns when all shards have called it so often. */
static int meet(int times)
{
    atomic_fetch_add(&arrived, 1);
    return wait_until(&arrived, times * gyre_shard_count());
}

static gyre_server *open_here(const char *file, int abstract)
{
    gyre_server *server = NULL;

    expect(gyre_loop_create_unix_server(gyre_get_running_loop(), &server, &hello, .path = file,
                                        .abstract = abstract) == 0);
    return server;
}

static void close_here(gyre_server *server)
{
    gyre_server_close(server);
    gyre_server_abort_clients(server);
    expect(gyre_server_wait_closed(server) == 0);
    gyre_server_unref(server);
}

/* All stay connected, so that loads add up. */
static void connect_all(const char *file, int abstract)
{
    gyre_reader *reader[CLIENTS];
    gyre_writer *writer[CLIENTS];
    const char *byte;

    for (int i = 0; i < CLIENTS; i++) {
        expect(gyre_open_unix_connection(&reader[i], &writer[i], .path = file, .abstract = abstract) == 0);
        expect(gyre_reader_readexactly(reader[i], &byte, 1) == 1);
    }
    for (int i = 0; i < CLIENTS; i++)
        gyre_stream_close(reader[i], writer[i]);
}

/* All shards but one have no socket; one of them connects to all. */
static int share(void *arg)
{
    gyre_server *server = open_here(arg ? arg : path, arg ? GYRE_YES : GYRE_NO);
    size_t sockets = gyre_server_sockets(server, NULL, 0);

    expect(gyre_server_is_serving(server));
    atomic_fetch_add(&closed, (int)sockets);
    expect(meet(1) == 0);
    expect(atomic_load(&closed) == 1);
    if (gyre_shard_id() == 1)
        connect_all(arg ? arg : path, arg ? GYRE_YES : GYRE_NO);
    expect(meet(2) == 0);
    close_here(server);
    return 0;
}

static void assert_fair(void)
{
    int sum = 0;

    for (int i = 0; i < SHARDS; i++) {
        assert_true(atomic_load(&served[i]) >= CLIENTS / SHARDS - 2);
        sum += atomic_load(&served[i]);
    }
    assert_int_equal(sum, CLIENTS);
}

static void test_one_path_is_shared(void **state)
{
    assert_runs(0, SHARDS, share, NULL);
    assert_fair();
    assert_false(exists(path));
}

static void test_an_abstract_name_is_shared(void **state)
{
    char name[60];

    snprintf(name, sizeof name, "gyre-shards-%d", (int)getpid());
    assert_runs(0, SHARDS, share, name);
    assert_fair();
}

/* Each shard has contexts of its own. */
static void greet_all(gyre_tls_context *context)
{
    gyre_reader *reader[CLIENTS];
    gyre_writer *writer[CLIENTS];
    const char *byte;

    for (int i = 0; i < CLIENTS; i++) {
        expect(gyre_open_unix_connection(&reader[i], &writer[i], .path = path, .ssl = context,
                                         .server_hostname = "localhost") == 0);
        expect(gyre_reader_readexactly(reader[i], &byte, 1) == 1);
    }
    for (int i = 0; i < CLIENTS; i++)
        gyre_stream_close(reader[i], writer[i]);
}

static int share_tls(void *arg)
{
    gyre_tls_context *of_server, *of_client;
    gyre_server *server = NULL;

    expect(gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem")) == 0);
    expect(gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem")) == 0);
    expect(gyre_loop_create_unix_server(gyre_get_running_loop(), &server, &hello, .path = path,
                                        .ssl = of_server) == 0);
    expect(meet(1) == 0);
    if (gyre_shard_id() == 1)
        greet_all(of_client);
    expect(meet(2) == 0);
    close_here(server);
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    return 0;
}

/* Who is handed on has not said a word of TLS yet. */
static void test_tls_is_spoken_where_it_is_served(void **state)
{
    assert_int_equal(tls_begin_files(NULL), 0);
    assert_runs(0, SHARDS, share_tls, NULL);
    assert_fair();
    assert_int_equal(tls_end_files(NULL), 0);
}

/* Two paths are two sockets, and one path is taken once by each shard. */
static int open_several(void *arg)
{
    char own[120];
    gyre_server *server, *other = NULL;

    snprintf(own, sizeof own, "%s/%d", folder, gyre_shard_id());
    server = open_here(own, GYRE_NO);
    expect(gyre_server_sockets(server, NULL, 0) == 1);
    expect(gyre_loop_create_unix_server(gyre_get_running_loop(), &other, &hello, .path = own) == -EADDRINUSE);
    expect(strstr(gyre_error_text(), own) != NULL);
    expect(other == NULL);
    expect(meet(1) == 0);
    close_here(server);
    return 0;
}

static void test_other_paths_are_other_sockets(void **state)
{
    assert_runs(0, SHARDS, open_several, NULL);
}

/* The one that accepted is gone, and comes again, while another still shares the path. */
static int leave_and_return(void *arg)
{
    gyre_server *server;

    if (gyre_shard_id() == 1)
        expect(wait_until(&arrived, 1) == 0);
    server = open_here(path, GYRE_NO);
    atomic_fetch_add(&arrived, 1);
    expect(wait_until(&arrived, 2) == 0);
    expect(gyre_server_sockets(server, NULL, 0) == (gyre_shard_id() == 0));
    if (gyre_shard_id() == 0) {
        close_here(server);
        expect(!exists(path));
        server = open_here(path, GYRE_NO);
        expect(gyre_server_sockets(server, NULL, 0) == 1);
        connect_all(path, GYRE_NO);
        atomic_fetch_add(&arrived, 1);
    }
    expect(wait_until(&arrived, 3) == 0);
    close_here(server);
    return 0;
}

static void test_the_opener_leaves_and_returns(void **state)
{
    assert_runs(0, SHARDS, leave_and_return, NULL);
    assert_fair();
}

static int open_in_the_way(void *arg)
{
    gyre_server *server = NULL;
    int err = gyre_loop_create_unix_server(gyre_get_running_loop(), &server, &hello, .path = path);

    expect(err == -EADDRINUSE);
    expect(server == NULL);
    return 0;
}

static void test_what_is_in_the_way_is_so_for_all(void **state)
{
    fclose(fopen(path, "w"));
    assert_runs(0, SHARDS, open_in_the_way, NULL);
}

/* Each drains as soon as all are there; one of them connects meanwhile. */
static int drain_all(void *arg)
{
    gyre_server *server = open_here(path, GYRE_NO);
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    const char *byte;

    expect(meet(1) == 0);
    if (gyre_shard_id() == 1) {
        expect(gyre_open_unix_connection(&reader, &writer, .path = path) == 0);
        atomic_store(&closed, 1);
    }
    expect(wait_until(&closed, 1) == 0);
    expect(gyre_server_drain(server, 5) == 0);
    if (reader)
        expect(gyre_reader_read(reader, &byte, -1) == 1);
    gyre_stream_close(reader, writer);
    gyre_server_unref(server);
    return 0;
}

static void test_all_drain(void **state)
{
    assert_runs(0, SHARDS, drain_all, NULL);
    assert_false(exists(path));
}

/* A socket that was there before the run: one shard takes it over. */
static int share_given(void *arg)
{
    gyre_server *server = NULL;

    expect(gyre_loop_create_unix_server(gyre_get_running_loop(), &server, &hello, .sock = *(int *)arg) == 0);
    atomic_fetch_add(&closed, (int)gyre_server_sockets(server, NULL, 0));
    expect(meet(1) == 0);
    expect(atomic_load(&closed) == 1);
    if (gyre_shard_id() == 1)
        connect_all(path, GYRE_NO);
    expect(meet(2) == 0);
    close_here(server);
    return 0;
}

static void test_a_given_socket_is_shared(void **state)
{
    int fd = bind_at(path);

    assert_runs(0, SHARDS, share_given, &fd);
    assert_fair();
    assert_false(exists(path));
    assert_int_equal(close(fd), -1);
}

static int give_twice(void *arg)
{
    gyre_loop *here = gyre_get_running_loop();
    gyre_server *server = NULL, *other = NULL;

    expect(gyre_loop_create_server(here, &server, &hello, .sock = *(int *)arg) == 0);
    expect(gyre_loop_create_server(here, &other, &hello, .sock = *(int *)arg) == -EADDRINUSE);
    expect(other == NULL);
    expect(gyre_server_get_port(server) > 0);
    close_here(server);
    return 0;
}

/* The refused one takes nothing. */
static void test_a_shard_takes_a_given_socket_once(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_runs(0, 1, give_twice, &fd);
}

/* Who started the program goes on listening: a drain must not make the socket deaf for others. */
static int drain_given(void *arg)
{
    gyre_server *server = NULL;

    expect(gyre_loop_create_unix_server(gyre_get_running_loop(), &server, &hello, .sock = *(int *)arg,
                                        .cleanup_socket = GYRE_NO) == 0);
    expect(meet(1) == 0);
    expect(gyre_server_drain(server, 1) == 0);
    gyre_server_unref(server);
    return 0;
}

static void test_a_given_socket_outlives_the_drain(void **state)
{
    int fd = bind_at(path), copy = dup(fd);

    assert_runs(0, SHARDS, drain_given, &fd);
    close(dial_at(path));
    close(copy);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_one_path_is_shared),
        IN_FOLDER(test_an_abstract_name_is_shared),
        IN_FOLDER(test_tls_is_spoken_where_it_is_served),
        IN_FOLDER(test_other_paths_are_other_sockets),
        IN_FOLDER(test_the_opener_leaves_and_returns),
        IN_FOLDER(test_what_is_in_the_way_is_so_for_all),
        IN_FOLDER(test_all_drain),
        IN_FOLDER(test_a_given_socket_is_shared),
        IN_FOLDER(test_a_shard_takes_a_given_socket_once),
        IN_FOLDER(test_a_given_socket_outlives_the_drain),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
