/* The Server object: its connections, who waits for it, serving until cancelled, and draining. */
#include "net/server.h"
#include "net_peer.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct scene {
    gyre_loop *loop;
    struct diary diary[3];
    struct diaries diaries;
    gyre_server *server;
    int fds[3];
};

/* A server with so many connections. */
static void begin(struct scene *scene, gyre_loop *loop, int connections)
{
    *scene = (struct scene){.loop = loop, .fds = {-1, -1, -1}};
    scene->diaries = (struct diaries){.diary = scene->diary, .max = 3};
    assert_int_equal(gyre_loop_create_server(loop, &scene->server, &net_diaries, .host = "127.0.0.1",
                                             .arg = &scene->diaries, .drain = 100),
                     0);
    for (int i = 0; i < connections; i++) {
        scene->fds[i] = net_dial(gyre_server_get_port(scene->server));
        while (!scene->diary[i].made)
            net_step(loop);
    }
}

static void end(struct scene *scene)
{
    gyre_server_close(scene->server);
    gyre_server_abort_clients(scene->server);
    gyre_server_wait_closed(scene->server);
    gyre_server_unref(scene->server);
    for (int i = 0; i < 3; i++)
        close(scene->fds[i]);
    net_turns(scene->loop, 2);
}

/* test_events.py::EventLoopTestsMixin::test_server_close, test_events.py::TestServer::test_get_loop */
static void close_leaves_connections_alone(void **state)
{
    struct scene scene;

    begin(&scene, *state, 1);
    assert_ptr_equal(gyre_server_get_loop(scene.server), *state);
    gyre_server_close(scene.server);
    gyre_server_close(scene.server);
    assert_false(gyre_server_is_serving(scene.server));
    assert_int_equal(gyre_server_sockets(scene.server, NULL, 0), 0);
    assert_int_equal(gyre_server_get_port(scene.server), -1);
    net_run(*state, 0.01);
    assert_int_equal(scene.diary[0].lost, 0);
    write(scene.fds[0], "x", 1);
    while (!scene.diary[0].received)
        net_step(*state);
    end(&scene);
}

static int wait_closed(void *arg)
{
    return gyre_server_wait_closed(arg);
}

static gyre_task *start(struct scene *scene, gyre_coroutine fn)
{
    gyre_task *task = NULL;

    assert_int_equal(gyre_loop_create_task(scene->loop, &task, fn, scene->server), 0);
    net_turns(scene->loop, 2);
    return task;
}

/* test_server.py::TestServer2::test_wait_closed_basic */
static void wait_closed_wants_both(void **state)
{
    struct scene scene;
    gyre_task *first, *second;

    begin(&scene, *state, 1);
    first = start(&scene, wait_closed);
    assert_false(gyre_future_done(first));
    gyre_server_close(scene.server);
    second = start(&scene, wait_closed);
    assert_false(gyre_future_done(first));
    assert_false(gyre_future_done(second));
    gyre_server_close_clients(scene.server);
    while (!gyre_future_done(first) || !gyre_future_done(second))
        net_step(*state);
    assert_int_equal(scene.diary[0].lost, 1);
    assert_int_equal(gyre_future_result(first, NULL), 0);
    assert_int_equal(gyre_server_wait_closed(scene.server), 0);
    gyre_future_unref(first);
    gyre_future_unref(second);
    end(&scene);
}

/* The connections go first, then it is closed. */
static void wait_closed_in_the_other_order(void **state)
{
    struct scene scene;
    gyre_task *task;

    begin(&scene, *state, 1);
    task = start(&scene, wait_closed);
    gyre_server_abort_clients(scene.server);
    net_turns(*state, 4);
    assert_int_equal(gyre_server_get_connections(scene.server), 0);
    assert_false(gyre_future_done(task));
    gyre_server_close(scene.server);
    net_turns(*state, 2);
    assert_true(gyre_future_done(task));
    gyre_future_unref(task);
    end(&scene);
}

/* Waiters survive one another's cancellation. */
static void a_cancelled_waiter_takes_nobody_along(void **state)
{
    struct scene scene;
    gyre_task *first, *second;

    begin(&scene, *state, 0);
    first = start(&scene, wait_closed);
    second = start(&scene, wait_closed);
    gyre_task_cancel(first);
    net_turns(*state, 3);
    assert_true(gyre_future_cancelled(first));
    assert_false(gyre_future_done(second));
    gyre_server_close(scene.server);
    net_turns(*state, 2);
    assert_int_equal(gyre_future_result(second, NULL), 0);
    gyre_future_unref(first);
    gyre_future_unref(second);
    end(&scene);
}

static void ask_connections(struct diary *diary)
{
    assert_int_equal(gyre_server_get_connections(diary->arg), 1);
}

/* test_server.py::TestServer2::test_wait_closed_race: counted until connection_lost has returned */
static void a_connection_counts_until_lost_returned(void **state)
{
    struct scene scene;

    begin(&scene, *state, 1);
    scene.diary[0].arg = scene.server;
    scene.diary[0].on_lost = ask_connections;
    close(scene.fds[0]);
    scene.fds[0] = -1;
    gyre_server_close(scene.server);
    assert_int_equal(gyre_server_wait_closed(scene.server), 0);
    assert_int_equal(scene.diary[0].lost, 1);
    assert_int_equal(gyre_server_get_connections(scene.server), 0);
    end(&scene);
}

/* test_server.py::TestServer2::test_close_clients, test_server.py::TestServer2::test_abort_clients */
static void all_clients_at_once(void **state)
{
    static char data[8 << 20];
    struct scene scene;

    begin(&scene, *state, 2);
    gyre_transport_write(scene.diary[0].transport, data, sizeof data);
    gyre_server_close_clients(scene.server);
    net_run(*state, 0.01);
    assert_int_equal(scene.diary[0].lost, 0);
    assert_int_equal(scene.diary[1].lost, 1);
    gyre_server_abort_clients(scene.server);
    net_turns(*state, 3);
    assert_int_equal(scene.diary[0].lost, 1);
    assert_true(gyre_server_is_serving(scene.server));
    end(&scene);
}

static int serve_forever(void *arg)
{
    return gyre_server_serve_forever(arg);
}

/* test_server.py::BaseStartServer::test_start_server_1, uv:test_tcp.py::_TestTCP::test_create_server_10 */
static void serve_forever_starts_and_ends_cancelled(void **state)
{
    struct scene scene;
    gyre_task *task;

    begin(&scene, *state, 0);
    gyre_server_unref(scene.server);
    gyre_server_close(scene.server);
    assert_int_equal(gyre_loop_create_server(scene.loop, &scene.server, &net_diaries, .host = "127.0.0.1",
                                             .arg = &scene.diaries, .start_serving = GYRE_NO),
                     0);
    task = start(&scene, serve_forever);
    assert_true(gyre_server_is_serving(scene.server));
    assert_int_equal(net_task(scene.loop, serve_forever, scene.server), GYRE_ERUNTIME);
    gyre_task_cancel(task);
    while (!gyre_future_done(task))
        net_step(*state);
    assert_true(gyre_future_cancelled(task));
    assert_false(gyre_server_is_serving(scene.server));
    assert_int_equal(gyre_server_serve_forever(scene.server), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "server is closed");
    gyre_future_unref(task);
    end(&scene);
}

static void closing_the_server_ends_serve_forever(void **state)
{
    struct scene scene;
    gyre_task *task;

    begin(&scene, *state, 0);
    task = start(&scene, serve_forever);
    gyre_server_close(scene.server);
    while (!gyre_future_done(task))
        net_step(*state);
    assert_int_equal(gyre_future_result(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    end(&scene);
}

/* A busy connection keeps a cancelled serve_forever, until it has answered. */
static void a_cancelled_serve_forever_drains(void **state)
{
    struct scene scene;
    gyre_task *task;

    begin(&scene, *state, 2);
    gyre_transport_set_busy(scene.diary[0].transport, true);
    assert_false(gyre_transport_is_draining(scene.diary[0].transport));
    task = start(&scene, serve_forever);
    gyre_task_cancel(task);
    while (!scene.diary[1].lost)
        net_step(*state);
    assert_false(gyre_future_done(task));
    assert_int_equal(scene.diary[0].lost, 0);
    assert_true(gyre_transport_is_draining(scene.diary[0].transport));
    gyre_transport_set_busy(scene.diary[0].transport, false);
    while (!gyre_future_done(task))
        net_step(*state);
    assert_string_equal(scene.diary[0].text, "made lost:0 ");
    gyre_future_unref(task);
    end(&scene);
}

static void drain_aborts_the_late(void **state)
{
    struct scene scene;

    begin(&scene, *state, 3);
    gyre_transport_set_busy(scene.diary[0].transport, true);
    gyre_transport_set_busy(scene.diary[2].transport, true);
    assert_int_equal(gyre_server_drain(scene.server, 0.03), 2);
    assert_int_equal(gyre_server_get_connections(scene.server), 0);
    for (int i = 0; i < 3; i++)
        assert_string_equal(scene.diary[i].text, "made lost:0 ");
    assert_int_equal(gyre_server_drain(scene.server, 1), 0);
    end(&scene);
}

/* One that was closed but whose peer does not read is late too. */
static void drain_does_not_wait_for_a_stuck_peer(void **state)
{
    static char data[8 << 20];
    struct scene scene;

    begin(&scene, *state, 1);
    gyre_transport_write(scene.diary[0].transport, data, sizeof data);
    assert_int_equal(gyre_server_drain(scene.server, 0.03), 1);
    assert_string_equal(scene.diary[0].text, "made pause lost:0 ");
    end(&scene);
}

static int drain_now(void *arg)
{
    return gyre_server_drain(arg, 0);
}

/* Nobody had to be aborted, also when there was no time at all: they were on their way out. */
static void drain_of_idle_connections_aborts_nobody(void **state)
{
    struct scene scene;

    begin(&scene, *state, 2);
    assert_int_equal(gyre_server_drain(scene.server, 5), 0);
    assert_string_equal(scene.diary[1].text, "made lost:0 ");
    end(&scene);
    begin(&scene, *state, 2);
    assert_int_equal(net_task(scene.loop, drain_now, scene.server), 0);
    assert_string_equal(scene.diary[1].text, "made lost:0 ");
    end(&scene);
}

static void answer(struct diary *diary)
{
    gyre_transport_write(diary->transport, "ok", 2);
}

static int drain_soon(void *arg)
{
    return gyre_server_drain(arg, 5);
}

static void assert_answered(int fd)
{
    char text[8];

    assert_int_equal(read(fd, text, sizeof text), 2);
    assert_int_equal(read(fd, text, sizeof text), 0);
}

/* Connected by the system, not yet accepted, and with a request under way: nobody is turned away. */
static void drain_serves_who_is_in_the_queue(void **state)
{
    struct scene scene;
    int port;

    begin(&scene, *state, 0);
    port = gyre_server_get_port(scene.server);
    for (int i = 0; i < 3; i++) {
        scene.diary[i].on_data = answer;
        scene.fds[i] = net_dial(port);
        write(scene.fds[i], "x", 1);
    }
    assert_int_equal(net_task(scene.loop, drain_soon, scene.server), 0);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(scene.diary[i].text, "made data:1 lost:0 ");
        assert_answered(scene.fds[i]);
    }
    end(&scene);
}

/* An idle connection whose request lies in the system's buffer is not idle. */
static void drain_delivers_what_has_come(void **state)
{
    struct scene scene;

    begin(&scene, *state, 1);
    scene.diary[0].on_data = answer;
    write(scene.fds[0], "x", 1);
    assert_int_equal(net_task(scene.loop, drain_soon, scene.server), 0);
    assert_answered(scene.fds[0]);
    end(&scene);
}

/* Waiting in a plain callback is an error, and changes nothing. */
static void call_wait(void *arg)
{
    struct scene *scene = arg;

    assert_int_equal(gyre_server_wait_closed(scene->server), GYRE_EAWAIT);
    assert_int_equal(gyre_server_serve_forever(scene->server), GYRE_EAWAIT);
    scene->fds[2] = -2;
}

static void a_plain_callback_cannot_wait(void **state)
{
    struct scene scene;

    begin(&scene, *state, 1);
    gyre_loop_call_soon(scene.loop, call_wait, &scene);
    net_turns(*state, 1);
    assert_int_equal(scene.fds[2], -2);
    assert_true(gyre_server_is_serving(scene.server));
    end(&scene);
}

/* A loop that closes ends its servers, their connections, and those who wait. */
static void closing_the_loop_ends_servers(void **state)
{
    struct scene scene;
    gyre_task *task;

    begin(&scene, *state, 2);
    task = start(&scene, serve_forever);
    gyre_loop_close(scene.loop);
    assert_string_equal(scene.diary[0].text, "made lost:0 ");
    assert_string_equal(scene.diary[1].text, "made lost:0 ");
    assert_true(gyre_future_done(task));
    assert_false(gyre_server_is_serving(scene.server));
    assert_int_equal(gyre_server_get_connections(scene.server), 0);
    gyre_future_unref(task);
    gyre_server_unref(scene.server);
    for (int i = 0; i < 3; i++)
        close(scene.fds[i]);
}

/* uv:test_tcp.py::_TestTCP::test_create_server_7: without a reference it goes on serving. */
static void an_unreferenced_server_serves_on(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server;
    int fd, port;

    assert_int_equal(
        gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1", .arg = &diaries), 0);
    port = gyre_server_get_port(server);
    gyre_server_unref(server);
    fd = net_dial(port);
    while (!diary.made)
        net_step(loop);
    net_finish(loop, &diary, fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(close_leaves_connections_alone, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(wait_closed_wants_both, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(wait_closed_in_the_other_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_waiter_takes_nobody_along, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_connection_counts_until_lost_returned, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(all_clients_at_once, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(serve_forever_starts_and_ends_cancelled, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_the_server_ends_serve_forever, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_serve_forever_drains, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(drain_aborts_the_late, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(drain_does_not_wait_for_a_stuck_peer, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(drain_of_idle_connections_aborts_nobody, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(drain_serves_who_is_in_the_queue, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(drain_delivers_what_has_come, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_plain_callback_cannot_wait, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_the_loop_ends_servers, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_unreferenced_server_serves_on, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
