/* test_tls_shards.c - contexts of several shards: tickets that are good on all, files that change for all. */
#include "tests/unit/sharded.h"
#include "tests/unit/tls_bed.h"
#include <errno.h>
#include <sys/socket.h>

enum { SHARDS = 2 };

static gyre_tls_context *pattern, *mine[SHARDS], *of_client;
static gyre_tls_ticket_keys *keys;
static atomic_int copied, finished;

/* --- the server's end: says everything back --- */

struct echo {
    gyre_transport *transport;
};

static void echo_made(void *self, gyre_transport *transport)
{
    ((struct echo *)self)->transport = transport;
}

static void echo_data(void *self, const void *data, size_t len)
{
    gyre_transport_write(((struct echo *)self)->transport, data, len);
}

static const gyre_protocol echo = {
    .size = sizeof(struct echo), .connection_made = echo_made, .data_received = echo_data};

static int accept_here(void *arg)
{
    return gyre_loop_connect_accepted_socket(gyre_get_running_loop(), NULL, &echo, *(int *)arg,
                                             .ssl = mine[gyre_shard_id()]);
}

/* --- the client's, on shard 0 --- */

struct guest {
    gyre_transport *transport;
    size_t heard;
    bool lost;
};

static void *be_guest(void *arg)
{
    return arg;
}

static void guest_data(void *self, const void *data, size_t len)
{
    ((struct guest *)self)->heard += len;
}

static void guest_lost(void *self, int err)
{
    expect(err == 0);
    ((struct guest *)self)->lost = true;
}

static const gyre_protocol guest_protocol = {
    .create = be_guest, .data_received = guest_data, .connection_lost = guest_lost};

static void say(struct guest *guest)
{
    size_t before = guest->heard;

    gyre_transport_write(guest->transport, "hello", 5);
    while (guest->heard < before + 5 && !guest->lost)
        gyre_sleep(0.001);
    expect(!guest->lost);
}

/* The socket's other end goes to that shard. */
static void arrive(struct guest *guest, int shard)
{
    gyre_future *accepted;
    int ends[2];

    *guest = (struct guest){0};
    expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    expect(gyre_shard_submit(shard, &accepted, accept_here, &ends[1]) == 0);
    expect(gyre_loop_create_connection(gyre_get_running_loop(), &guest->transport, &guest_protocol,
                                       .sock = ends[0], .ssl = of_client, .server_hostname = "localhost",
                                       .arg = guest) == 0);
    expect(gyre_await(accepted, NULL) == 0);
    gyre_future_unref(accepted);
    say(guest);
}

static void leave(struct guest *guest)
{
    gyre_transport_close(guest->transport);
    while (!guest->lost)
        gyre_sleep(0.001);
    gyre_transport_unref(guest->transport);
}

static const gyre_tls_object *object_of(const struct guest *guest)
{
    return gyre_transport_get_extra_info(guest->transport, "ssl_object", NULL);
}

static bool is_resumed(int shard)
{
    struct guest guest;
    bool resumed;

    arrive(&guest, shard);
    resumed = object_of(&guest)->session_reused;
    leave(&guest);
    return resumed;
}

static bool is_met(int shard, const char *subject)
{
    struct guest guest;
    bool met;

    arrive(&guest, shard);
    met = !strcmp(object_of(&guest)->peercert->subject, subject);
    leave(&guest);
    return met;
}

/* --- a run: each shard has its copy while shard 0 plays the part --- */

static void play(void (*part)(void))
{
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"), .check_hostname = GYRE_NO);
    wait_until(&copied, SHARDS);
    part();
    gyre_tls_context_unref(of_client);
    atomic_fetch_add(&finished, 1);
}

static int run_shard(void *arg)
{
    int id = gyre_shard_id();

    expect(gyre_tls_context_copy(&mine[id], pattern) == 0);
    atomic_fetch_add(&copied, 1);
    if (id == 0)
        play(*(void (**)(void))arg);
    wait_until(&finished, 1);
    /* What was accepted goes first: its end is under way. */
    gyre_sleep(0.01);
    gyre_tls_context_unref(mine[id]);
    return 0;
}

static void run(void (*part)(void))
{
    atomic_store(&copied, 0);
    atomic_store(&finished, 0);
    tls_copy_file("changing.pem", "server.pem");
    assert_int_equal(gyre_tls_ticket_keys_new(&keys), 0);
    assert_int_equal(gyre_tls_context_new(&pattern, .server_side = true, .certfile = tls_file("changing.pem"),
                                          .ticket_keys = keys),
                     0);
    assert_runs(0, SHARDS, run_shard, &part);
    gyre_tls_context_unref(pattern);
    gyre_tls_ticket_keys_unref(keys);
}

static void rotate(int times)
{
    while (times--)
        expect(gyre_tls_ticket_keys_rotate(keys, NULL) == 0);
}

static void resume_elsewhere(void)
{
    expect(!is_resumed(0));
    expect(is_resumed(1));
    expect(is_resumed(0));
    rotate(1);
    expect(is_resumed(1));
    rotate(2);
    expect(is_resumed(0));
    rotate(3);
    expect(!is_resumed(1));
    expect(is_resumed(0));
}

static void test_a_ticket_is_good_on_another_shard(void **state)
{
    run(resume_elsewhere);
}

static void change_files(void)
{
    struct guest old;

    arrive(&old, 1);
    expect(is_met(0, "/CN=localhost"));
    tls_copy_file("changing.pem", "www.pem");
    expect(gyre_tls_context_reload(mine[0]) == 0);
    say(&old);
    for (int i = 0; i < SHARDS; i++)
        expect(is_met(i, "/CN=localhost") /* by its ticket: the session remembers */);
    leave(&old);
}

static void test_a_reload_drops_nobody(void **state)
{
    run(change_files);
}

static int reload_here(void *arg)
{
    return gyre_tls_context_reload(mine[gyre_shard_id()]);
}

static void change_again(void)
{
    rotate(3);
    tls_copy_file("changing.pem", "www.pem");
    expect(gyre_shard_call(1, reload_here, NULL) == 0);
    expect(is_met(0, "/CN=www.example.org"));
    rotate(3);
    expect(is_met(1, "/CN=www.example.org"));
    tls_write_file("changing.pem", "nonsense");
    expect(gyre_tls_context_reload(mine[0]) == GYRE_ESSL);
    expect(strstr(gyre_error_text(), "changing.pem"));
    rotate(3);
    expect(is_met(1, "/CN=www.example.org"));
    rotate(3);
    expect(is_met(0, "/CN=www.example.org"));
}

static void test_a_reload_reaches_all_shards(void **state)
{
    run(change_again);
}

static int reload_often(void *arg)
{
    for (int i = 0; i < 20; i++) {
        gyre_sleep(0.001);
        tls_copy_file("changing.pem", i % 2 ? "server.pem" : "www.pem");
        expect(gyre_tls_context_reload(mine[gyre_shard_id()]) == 0);
        expect(gyre_tls_ticket_keys_rotate(keys, NULL) == 0);
    }
    return 0;
}

/* One shard reloads and rotates while the other shakes hands. */
static void shake_meanwhile(void)
{
    gyre_future *future;

    expect(gyre_shard_submit(1, &future, reload_often, NULL) == 0);
    while (!gyre_future_done(future))
        is_resumed(0);
    expect(gyre_await(future, NULL) == 0);
    gyre_future_unref(future);
}

static void test_reloads_while_hands_are_shaken(void **state)
{
    run(shake_meanwhile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ticket_is_good_on_another_shard),
        cmocka_unit_test(test_a_reload_drops_nobody),
        cmocka_unit_test(test_a_reload_reaches_all_shards),
        cmocka_unit_test(test_reloads_while_hands_are_shaken),
    };

    alarm(60);
    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
