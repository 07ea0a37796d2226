/* Accepting: bursts, full systems, refusals, and connections that others accepted. */
#include "net/hooks.h"
#include "net/server.h"
#include "net_peer.h"
#include "net_system.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 50 };

static gyre_server *serve(gyre_loop *loop, struct diaries *diaries, int backlog, size_t max)
{
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1", .arg = diaries,
                                             .backlog = backlog, .max_connections = max),
                     0);
    return server;
}

static void finish_all(gyre_loop *loop, gyre_server *server)
{
    gyre_server_close(server);
    gyre_server_abort_clients(server);
    assert_int_equal(gyre_server_wait_closed(server), 0);
    gyre_server_unref(server);
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_accept_connection_multiple: up to the backlog in
 * one turn, factories in order. */
static void a_burst_is_accepted_in_one_turn(void **state)
{
    gyre_loop *loop = *state;
    struct diary *diary = calloc(MANY, sizeof *diary);
    struct diaries diaries = {.diary = diary, .max = MANY};
    gyre_server *server = serve(loop, &diaries, 100, 0);
    int fds[MANY];

    for (int i = 0; i < MANY; i++)
        fds[i] = net_dial(gyre_server_get_port(server));
    net_turns(loop, 1);
    assert_int_equal(diaries.count, MANY);
    net_turns(loop, 1);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(diary[i].made, 1);
    assert_int_equal(gyre_server_get_connections(server), MANY);
    finish_all(loop, server);
    for (int i = 0; i < MANY; i++) {
        assert_string_equal(diary[i].text, "made lost:0 ");
        close(fds[i]);
    }
    free(diary);
}

static void the_backlog_bounds_a_turn(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary[10] = {0};
    struct diaries diaries = {.diary = diary, .max = 10};
    gyre_server *server = serve(loop, &diaries, 3, 0);
    int fds[4];

    for (int i = 0; i < 4; i++)
        fds[i] = net_dial(gyre_server_get_port(server));
    net_turns(loop, 1);
    assert_int_equal(diaries.count, 3);
    net_turns(loop, 1);
    assert_int_equal(diaries.count, 4);
    finish_all(loop, server);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_accept_connection_retry: nobody there, nothing
 * said */
static void a_connection_that_went_is_not_reported(void **state)
{
    gyre_loop *loop = *state;
    struct diaries diaries = {0};
    gyre_server *server = serve(loop, &diaries, 5, 0);
    int fd;

    net_system_watch(loop);
    net_system.accept_error = -ECONNABORTED;
    fd = net_dial(gyre_server_get_port(server));
    net_turns(loop, 1);
    assert_int_equal(net_system.accepts, 5);
    assert_int_equal(report.count, 0);
    assert_true(gyre_server_is_serving(server));
    finish_all(loop, server);
    close(fd);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_accept_connection_exception; T25: reported once,
 * no spinning, and it goes on after a second. */
static void out_of_resource_pauses_for_a_second(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server = serve(loop, &diaries, 0, 0);
    double begun = gyre_loop_time(loop);
    int listener, fd;

    gyre_server_sockets(server, &listener, 1);
    net_system_watch(loop);
    net_system.accept_error = -EMFILE;
    fd = net_dial(gyre_server_get_port(server));
    net_run(loop, 0.1);
    assert_int_equal(net_system.accepts, 1);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.message, "socket.accept() out of system resource");
    assert_int_equal(report.exception, -EMFILE);
    assert_int_equal(report.socket, listener);
    net_system.accept_error = 0;
    while (!diary.made)
        net_step(loop);
    assert_true(gyre_loop_time(loop) - begun >= 1.0);
    finish_all(loop, server);
    close(fd);
}

static void closing_ends_the_pause(void **state)
{
    gyre_loop *loop = *state;
    struct diaries diaries = {0};
    gyre_server *server = serve(loop, &diaries, 0, 0);
    gyre_loop_stats stats;
    int fd;

    net_system_watch(loop);
    net_system.accept_error = -ENFILE;
    fd = net_dial(gyre_server_get_port(server));
    net_run(loop, 0.01);
    assert_int_equal(report.count, 1);
    gyre_server_close(server);
    gyre_server_unref(server);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 0);
    close(fd);
}

/* The real thing, in a process of its own: no descriptor is left, then there are some again. */
static int run_out(void)
{
    gyre_loop *loop;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    struct rlimit limit;
    gyre_server *server;
    int fd, port, spare;
    void *state;

    net_setup(&state);
    loop = state;
    server = serve(loop, &diaries, 0, 0);
    port = gyre_server_get_port(server);
    fd = net_dial(port);
    spare = dup(fd);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)spare + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
    net_run(loop, 0.1);
    if (diary.made || report.count != 1 || report.exception != -EMFILE)
        return 1;
    close(spare);
    while (!diary.made)
        net_step(loop);
    close(fd);
    while (!diary.lost)
        net_step(loop);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void a_process_without_descriptors_recovers(void **state)
{
    pid_t child = fork();
    int status;

    if (!child)
        _exit(run_out());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A factory that refuses ends that connection only, and is reported. */
static void a_refused_connection_is_reported(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 0};
    gyre_server *server = serve(loop, &diaries, 0, 0);
    int fd = net_dial(gyre_server_get_port(server)), other;
    char byte;

    net_run(loop, 0.01);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.message, "Error on transport creation for incoming connection");
    assert_int_equal(read(fd, &byte, 1), 0);
    assert_int_equal(gyre_server_get_connections(server), 0);
    diaries.max = 1;
    other = net_dial(gyre_server_get_port(server));
    while (!diary.made)
        net_step(loop);
    finish_all(loop, server);
    close(fd);
    close(other);
}

struct closing {
    gyre_server *server;
    struct diary diary;
    bool refuse;
};

static void *close_the_server(void *arg)
{
    struct closing *closing = arg;

    gyre_server_close(closing->server);
    return closing->refuse ? NULL : &closing->diary;
}

/* T39: the factory closes the server; its connection lives, and the server is gone after it. */
static void the_factory_may_close_the_server(void **state)
{
    gyre_protocol protocol = net_diary;
    gyre_loop *loop = *state;

    protocol.create = close_the_server;
    for (int refuse = 0; refuse < 2; refuse++) {
        struct closing closing = {.refuse = refuse};
        int fds[2];

        assert_int_equal(
            gyre_loop_create_server(loop, &closing.server, &protocol, .host = "127.0.0.1", .arg = &closing),
            0);
        fds[0] = net_dial(gyre_server_get_port(closing.server));
        fds[1] = net_dial(gyre_server_get_port(closing.server));
        net_run(loop, 0.01);
        assert_int_equal(gyre_server_get_connections(closing.server), !refuse);
        if (!refuse) {
            assert_string_equal(closing.diary.text, "made ");
            gyre_transport_abort(closing.diary.transport);
        }
        assert_int_equal(gyre_server_wait_closed(closing.server), 0);
        assert_int_equal(closing.diary.lost, !refuse);
        gyre_server_unref(closing.server);
        close(fds[0]);
        close(fds[1]);
    }
}

/* Accepting pauses at max_connections and goes on when one is gone. */
static void max_connections_pauses_accepting(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary[4] = {0};
    struct diaries diaries = {.diary = diary, .max = 4};
    gyre_server *server = serve(loop, &diaries, 0, 2);
    int fds[4];

    for (int i = 0; i < 4; i++)
        fds[i] = net_dial(gyre_server_get_port(server));
    net_run(loop, 0.02);
    assert_int_equal(diaries.count, 2);
    assert_int_equal(gyre_server_get_connections(server), 2);
    assert_true(gyre_server_is_serving(server));
    close(fds[0]);
    while (diaries.count < 3)
        net_step(loop);
    net_run(loop, 0.02);
    assert_int_equal(diaries.count, 3);
    finish_all(loop, server);
    for (int i = 1; i < 4; i++)
        close(fds[i]);
}

struct shard {
    int taken;      /* sockets that "another shard" took */
    int fd;         /* the last one */
    int counted;    /* connections as the count hook heard */
    int unbound;    /* groups given back */
    bool take;      /* take the next one */
    int binds;      /* addresses asked for */
    int hook_error; /* what bind answers */
};

static int hook_bind(void *arg, const struct gyre__claim *claim, int *fd, uint64_t *group)
{
    struct shard *shard = arg;

    shard->binds++;
    *group = 77;
    return shard->hook_error
               ? gyre_error_set(shard->hook_error, "the hook says no")
               : claim->bind(gyre_get_event_loop(), claim->address, claim->size, claim->options, true, fd);
}

static void hook_unbind(void *arg, uint64_t group)
{
    struct shard *shard = arg;

    assert_int_equal(group, 77);
    shard->unbound++;
}

static bool hook_place(void *arg, gyre_server *server, uint64_t group, int fd)
{
    struct shard *shard = arg;

    if (!shard->take)
        return false;
    shard->taken++;
    shard->fd = fd;
    return true;
}

static void hook_count(void *arg, gyre_server *server, int change)
{
    ((struct shard *)arg)->counted += change;
}

static const struct gyre__net_hooks hooks = {
    .bind = hook_bind, .unbind = hook_unbind, .place = hook_place, .count = hook_count};

static void hooks_place_and_adopt_connections(void **state)
{
    gyre_loop *loop = *state;
    struct shard shard = {.take = true};
    struct diary diary[2] = {0};
    struct diaries diaries = {.diary = diary, .max = 2};
    gyre_server *server;
    int fd, other;
    char text[80];

    gyre__net_set_hooks(loop, &hooks, &shard);
    server = serve(loop, &diaries, 0, 0);
    assert_int_equal(shard.binds, 1);
    assert_ptr_equal(gyre__server_find(loop, 77), server);
    assert_null(gyre__server_find(loop, 78));
    fd = net_dial(gyre_server_get_port(server));
    while (!shard.taken)
        net_step(loop);
    assert_int_equal(diaries.count, 0);
    assert_int_equal(gyre__net_accepted(loop), 1);
    assert_int_equal(gyre__net_served(loop), 0);
    gyre__server_adopt(server, shard.fd);
    assert_int_equal(shard.counted, 1);
    while (!diary[0].made)
        net_step(loop);
    assert_int_equal(gyre_transport_get_peername(diary[0].transport, text, sizeof text), 0);
    assert_int_equal(gyre__net_served(loop), 1);
    shard.take = false;
    other = net_dial(gyre_server_get_port(server));
    while (!diary[1].made)
        net_step(loop);
    assert_int_equal(shard.counted, 2);
    finish_all(loop, server);
    assert_int_equal(shard.counted, 0);
    assert_int_equal(gyre__net_served(loop), 0);
    assert_int_equal(shard.unbound, 1);
    assert_null(gyre__server_find(loop, 77));
    close(fd);
    close(other);
}

/* A socket that comes for a server that was closed meanwhile is closed. */
static void a_closed_server_adopts_nothing(void **state)
{
    gyre_loop *loop = *state;
    struct diaries diaries = {0};
    gyre_server *server = serve(loop, &diaries, 0, 0);
    int ends[2];
    char byte;

    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
    gyre_server_close(server);
    gyre__server_adopt(server, ends[0]);
    assert_int_equal(read(ends[1], &byte, 1), 0);
    gyre_server_unref(server);
    close(ends[1]);
}

static void the_hooks_are_not_asked_when_told_so(void **state)
{
    gyre_loop *loop = *state;
    struct shard shard = {.take = true};
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server;
    int fd;

    gyre__net_set_hooks(loop, &hooks, &shard);
    assert_int_equal(gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1",
                                             .arg = &diaries, .reuse_port = GYRE_YES, .balance = GYRE_NO),
                     0);
    assert_int_equal(shard.binds, 0);
    fd = net_dial(gyre_server_get_port(server));
    while (!diary.made)
        net_step(loop);
    assert_int_equal(shard.taken, 0);
    finish_all(loop, server);
    assert_int_equal(shard.unbound, 0);
    shard.hook_error = -EADDRINUSE;
    assert_int_equal(gyre_loop_create_server(loop, NULL, &net_diaries, .host = "127.0.0.1"), -EADDRINUSE);
    assert_string_equal(gyre_error_text(), "the hook says no");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_is_accepted_in_one_turn, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_backlog_bounds_a_turn, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_connection_that_went_is_not_reported, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(out_of_resource_pauses_for_a_second, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_ends_the_pause, net_setup, net_teardown),
        cmocka_unit_test(a_process_without_descriptors_recovers),
        cmocka_unit_test_setup_teardown(a_refused_connection_is_reported, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_factory_may_close_the_server, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(max_connections_pauses_accepting, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(hooks_place_and_adopt_connections, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_closed_server_adopts_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_hooks_are_not_asked_when_told_so, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
