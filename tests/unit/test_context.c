/* test_context.c - context variables: where copies are made, who sees what, and when values go. */
#include "unit.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/context.h"
#include <gyre/server.h>

static gyre_context_var number = {.name = "number", .default_value = "default"};
static gyre_context_var other = {.name = "other"};

static const char *get(void)
{
    return gyre_context_var_get(&number);
}

static void set(const char *value)
{
    gyre_context_var_set(&number, (void *)value);
}

static void note_text(const char *text)
{
    note((void *)text);
}

/* Each test begins and ends with nothing in this thread's own context. */
static int close_empty(void **state)
{
    gyre__vars_clear(&gyre__vars_own);
    return close_loop(state);
}

#define IN_CONTEXT(test) cmocka_unit_test_setup_teardown(test, open_loop, close_empty)

static void test_get_set_default(void **state)
{
    assert_string_equal(get(), "default");
    assert_null(gyre_context_var_get(&other));
    set("one");
    gyre_context_var_set(&other, "two");
    assert_string_equal(get(), "one");
    assert_string_equal(gyre_context_var_get(&other), "two");
}

static void test_reset_goes_back(void **state)
{
    gyre_context_token first, second;

    gyre_context_var_set(&number, "one", .token = &first);
    gyre_context_var_set(&number, "two", .token = &second);
    gyre_context_var_reset(&number, &second);
    assert_string_equal(get(), "one");
    gyre_context_var_reset(&number, &first);
    assert_string_equal(get(), "default");
    assert_int_equal(gyre__vars_own.word, 0);
}

static void test_many_variables(void **state)
{
    gyre_context_var vars[50] = {{0}};
    gyre_context *context;

    for (size_t i = 0; i < 50; i++)
        gyre_context_var_set(&vars[(i * 7) % 50], &vars[(i * 7) % 50]);
    context = gyre_copy_context();
    assert_int_equal(gyre_context_len(context), 50);
    for (size_t i = 0; i < 50; i++)
        assert_ptr_equal(gyre_context_get(context, &vars[i]), &vars[i]);
    gyre_context_unref(context);
}

static void test_release_when_nobody_sees_it(void **state)
{
    int released = 0;
    gyre_context *copy;

    gyre_context_var_set(&number, &released, .release = count_release);
    copy = gyre_copy_context();
    set("another");
    assert_int_equal(released, 0);
    assert_ptr_equal(gyre_context_get(copy, &number), &released);
    gyre_context_unref(copy);
    assert_int_equal(released, 1);
}

static int set_inside(void *arg)
{
    assert_string_equal(get(), "outside");
    set(arg);
    return 7;
}

static void test_run_keeps_what_it_sets(void **state)
{
    gyre_context *context;

    set("outside");
    context = gyre_copy_context();
    assert_int_equal(gyre_context_run(context, set_inside, "inside"), 7);
    assert_string_equal(get(), "outside");
    assert_string_equal(gyre_context_get(context, &number), "inside");
    gyre_context_unref(context);
}

static int enter_again(void *context)
{
    return gyre_context_run(context, set_inside, "never");
}

static void test_run_refuses_to_enter_twice(void **state)
{
    gyre_context *context = gyre_context_new();

    assert_int_equal(gyre_context_run(context, enter_again, context), GYRE_ERUNTIME);
    assert_int_equal(gyre_context_len(context), 0);
    gyre_context_unref(context);
}

static void test_copy_of_a_context(void **state)
{
    gyre_context *context, *copy;

    set("outside");
    context = gyre_copy_context();
    copy = gyre_context_copy(context);
    gyre_context_run(copy, set_inside, "inside");
    assert_string_equal(gyre_context_get(copy, &number), "inside");
    assert_string_equal(gyre_context_get(context, &number), "outside");
    gyre_context_unref(context);
    gyre_context_unref(copy);
}

static void note_value(void *arg)
{
    note_text(get());
    set("changed by a callback");
}

static void test_each_callback_sees_its_own_copy(void **state)
{
    set("soon");
    gyre_loop_call_soon(loop, note_value, NULL);
    gyre_loop_call_soon(loop, note_value, NULL);
    set("later");
    gyre_loop_call_later(loop, 0, note_value, NULL);
    set("foreign");
    gyre_loop_call_soon_threadsafe(loop, note_value, NULL);
    set("after");
    run_passes(3);
    assert_noted("soon soon later foreign");
    assert_string_equal(get(), "after");
}

static void test_a_cancelled_call_lets_its_context_go(void **state)
{
    int released = 0;
    gyre_handle soon, later;

    gyre_context_var_set(&number, &released, .release = count_release);
    soon = gyre_loop_call_soon(loop, note_value, NULL);
    later = gyre_loop_call_later(loop, 1000, note_value, NULL);
    gyre__vars_clear(&gyre__vars_own);
    gyre_handle_cancel(&soon);
    gyre_handle_cancel(&later);
    run_once();
    assert_int_equal(released, 1);
}

static void *call_from_there(void *arg)
{
    set("thread");
    gyre_loop_call_soon_threadsafe(loop, note_value, NULL);
    return NULL;
}

static void test_a_thread_sends_its_own(void **state)
{
    pthread_t thread;

    set("here");
    pthread_create(&thread, NULL, call_from_there, NULL);
    pthread_join(thread, NULL);
    run_passes(2);
    assert_noted("thread");
}

/* test_tasks.py::BaseTaskTests::test_context_1, uv:test_context.py::_ContextBaseTests::test_task_context_1 */
static int child_sees_and_sets(void *arg)
{
    assert_string_equal(get(), arg);
    set("child");
    gyre_sleep(0);
    assert_string_equal(get(), "child");
    return 0;
}

static int wait_for_a_child(void *arg)
{
    gyre_task *task;

    assert_string_equal(get(), "default");
    set("parent");
    gyre_create_task(&task, child_sees_and_sets, "parent");
    gyre_await(task, NULL);
    gyre_future_unref(task);
    assert_string_equal(get(), "parent");
    return 0;
}

static void test_a_task_has_a_copy_for_life(void **state)
{
    assert_int_equal(run_main(wait_for_a_child, NULL), 0);
    assert_string_equal(get(), "default");
}

/* test_tasks.py::BaseTaskTests::test_context_2, uv:test_context.py::_ContextBaseTests::test_task_context_2:
 * done-callbacks see what was current when they were added. */
static void note_and_change(gyre_future *future, void *arg)
{
    note_value(NULL);
}

static int add_callbacks(void *arg)
{
    gyre_future *future = gyre_loop_create_future(loop);

    set("first");
    gyre_future_add_done_callback(future, note_and_change, NULL);
    set("second");
    gyre_future_set_result(future, NULL);
    gyre_future_add_done_callback(future, note_and_change, NULL);
    set("third");
    gyre_sleep(0);
    gyre_sleep(0);
    assert_string_equal(get(), "third");
    gyre_future_unref(future);
    return 0;
}

static void test_done_callbacks_see_when_they_were_added(void **state)
{
    assert_int_equal(run_main(add_callbacks, NULL), 0);
    assert_noted("first second");
}

/* test_tasks.py::BaseTaskTests::test_context_3, uv:test_context.py::_ContextBaseTests::test_task_context_3:
 * many tasks, each with its own. */
static int keep_own(void *arg)
{
    set(arg);
    for (int i = 0; i < 20; i++) {
        gyre_sleep(i % 3 ? 0 : 0.0001);
        assert_ptr_equal(get(), arg);
    }
    return 0;
}

static int run_many(void *arg)
{
    static char names[50];
    gyre_future *tasks[50], *all;
    int err;

    for (int i = 0; i < 50; i++)
        gyre_create_task(&tasks[i], keep_own, &names[i]);
    gyre_gather(&all, tasks, 50);
    err = gyre_await(all, NULL);
    gyre_future_unref(all);
    for (int i = 0; i < 50; i++)
        gyre_future_unref(tasks[i]);
    return err;
}

static void test_many_tasks_do_not_mix(void **state)
{
    assert_int_equal(run_main(run_many, NULL), 0);
    assert_string_equal(get(), "default");
}

/* test_tasks.py::BaseTaskTests::test_context_4, uv:test_context.py::_ContextBaseTests::test_task_context_4: a
 * callback that a task schedules sees the task's. */
static void finish_future(void *future)
{
    note_text(get());
    gyre_future_set_result(future, NULL);
}

static int schedule_and_wait(void *arg)
{
    gyre_future *future = gyre_loop_create_future(loop);
    int err;

    set("task");
    gyre_loop_call_soon(loop, finish_future, future);
    err = gyre_await(future, NULL);
    assert_string_equal(get(), "task");
    gyre_future_unref(future);
    return err;
}

static void test_a_tasks_callbacks_see_the_tasks(void **state)
{
    assert_int_equal(run_main(schedule_and_wait, NULL), 0);
    assert_noted("task");
}

/* test_tasks.py::BaseTaskTests::test_context_5: a task in a context that the caller chose. */
static void test_a_task_in_a_given_context(void **state)
{
    gyre_context *context;
    gyre_task *task;

    set("parent");
    context = gyre_copy_context();
    gyre_loop_create_task(loop, &task, child_sees_and_sets, "parent", .context = context);
    gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    assert_string_equal(get(), "parent");
    assert_string_equal(gyre_context_get(context, &number), "child");
    gyre_context_unref(context);
}

/* test_tasks.py::BaseTaskTests::test_context_6: two tasks that share one see each other's changes. */
static int set_then_wait(void *arg)
{
    set("from the first");
    return gyre_sleep(0);
}

static int wait_then_see(void *arg)
{
    gyre_sleep(0);
    assert_string_equal(get(), "from the first");
    return 0;
}

static void test_two_tasks_in_one_context(void **state)
{
    gyre_context *context = gyre_context_new();
    gyre_task *first, *second;

    gyre_loop_create_task(loop, &first, set_then_wait, NULL, .context = context);
    gyre_loop_create_task(loop, &second, wait_then_see, NULL, .context = context);
    assert_int_equal(gyre_loop_run_until_complete(loop, second, NULL), 0);
    assert_int_equal(gyre_loop_run_until_complete(loop, first, NULL), 0);
    gyre_future_unref(first);
    gyre_future_unref(second);
    gyre_context_unref(context);
}

/* test_tasks.py::BaseTaskTests::test_get_context */
static int look_at_own_context(void *arg)
{
    gyre_context *context = gyre_task_get_context(gyre_current_task());

    set("seen there");
    assert_string_equal(gyre_context_get(context, &number), "seen there");
    assert_ptr_equal(gyre_task_get_context(gyre_current_task()), context);
    return 0;
}

static void test_get_context(void **state)
{
    gyre_context *context = gyre_context_new();
    gyre_task *task;

    assert_int_equal(run_main(look_at_own_context, NULL), 0);
    gyre_loop_create_task(loop, &task, look_at_own_context, NULL, .context = context);
    assert_ptr_equal(gyre_task_get_context(task), context);
    gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    gyre_context_unref(context);
}

/* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_context_vars */
static int make_eager_child(void *arg)
{
    gyre_task *task;
    int err;

    set("parent");
    gyre_create_task(&task, child_sees_and_sets, "parent", .eager_start = GYRE_YES);
    assert_string_equal(get(), "parent");
    err = gyre_await(task, NULL);
    assert_string_equal(get(), "parent");
    gyre_future_unref(task);
    return err;
}

static void test_an_eager_step_does_not_leak(void **state)
{
    assert_int_equal(run_main(make_eager_child, NULL), 0);
}

static int nap_inside(void *arg)
{
    set("inside");
    gyre_sleep(0);
    assert_string_equal(get(), "inside");
    return 0;
}

static int run_a_context_that_suspends(void *arg)
{
    gyre_context *context = gyre_context_new();
    int err;

    set("task");
    err = gyre_context_run(context, nap_inside, NULL);
    assert_string_equal(get(), "task");
    gyre_context_unref(context);
    return err;
}

/* In C the function that runs in a context may wait there. */
static void test_a_context_is_kept_over_a_wait(void **state)
{
    set("outside");
    assert_int_equal(run_main(run_a_context_that_suspends, NULL), 0);
    assert_string_equal(get(), "outside");
}

static char start_value[] = "start";

static int check_start(void *arg)
{
    assert_ptr_equal(get(), start_value);
    set("main");
    return 0;
}

static void test_a_main_has_a_copy(void **state)
{
    set(start_value);
    assert_int_equal(run_main(check_start, NULL), 0);
    assert_int_equal(run_main(check_start, NULL), 0);
    assert_ptr_equal(get(), start_value);
}

static void *create_noting(void *arg)
{
    note("create");
    note_text(get());
    return arg;
}

static void made_noting(void *self, gyre_transport *transport)
{
    note("made");
    note_text(get());
    set("made");
    gyre_transport_write(transport, "x", 1);
}

static void data_noting(void *self, const void *data, size_t len)
{
    note("data");
    note_text(get());
}

static void lost_noting(void *self, int err)
{
    note("lost");
    note_text(get());
    stop_loop(NULL);
}

static const gyre_protocol noting = {
    .create = create_noting,
    .connection_made = made_noting,
    .data_received = data_noting,
    .connection_lost = lost_noting,
};

/* A server whose context is "server"; its port. */
static int open_server(gyre_server **server)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd;

    set("server");
    assert_int_equal(gyre_loop_create_server(loop, server, &noting, .host = "127.0.0.1", .arg = loop), 0);
    set("after the server");
    gyre_server_sockets(*server, &fd, 1);
    assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&address, &size), 0);
    return ntohs(address.sin_port);
}

/* A client of the kernel's alone: it says two words and hangs up. */
static void speak_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)(void *)&address, sizeof address), 0);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    shutdown(fd, SHUT_WR);
    gyre_loop_run_forever(loop);
    close(fd);
}

/* uv:test_context.py::_ContextBaseTests::test_create_server_protocol_factory_context,
 * uv:test_context.py::_ContextBaseTests::test_create_server_connection_protocol */
static void test_a_servers_connections_see_the_servers(void **state)
{
    gyre_server *server;
    int port = open_server(&server);

    speak_to(port);
    assert_noted("create server made server data made lost made");
    assert_string_equal(get(), "after the server");
    gyre_server_close(server);
    gyre_server_unref(server);
}

static void close_it(void *transport)
{
    gyre_transport_close(transport);
}

static void accept_into_a_protocol(int *peer, gyre_transport **transport)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    set("accepted");
    assert_int_equal(gyre_loop_connect_accepted_socket(loop, transport, &noting, ends[0], .arg = loop), 0);
    set("after");
    *peer = ends[1];
}

/* uv:test_context.py::_ContextBaseTests::test_connect_accepted_socket */
static void test_connect_accepted_socket(void **state)
{
    gyre_transport *transport;
    int peer;

    accept_into_a_protocol(&peer, &transport);
    gyre_loop_call_soon(loop, close_it, transport);
    gyre_loop_run_forever(loop);
    assert_noted("create accepted made accepted lost made");
    assert_string_equal(get(), "after");
    gyre_transport_unref(transport);
    close(peer);
}

static int connect_to(void *port)
{
    gyre_transport *transport;
    int err;

    set("client");
    err = gyre_loop_create_connection(loop, &transport, &noting, .host = "127.0.0.1", .port = *(int *)port,
                                      .arg = loop);
    assert_int_equal(err, 0);
    assert_string_equal(get(), "client");
    set("after connecting");
    gyre_transport_close(transport);
    gyre_transport_unref(transport);
    return 0;
}

static int listen_mutely(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)(void *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    getsockname(fd, (struct sockaddr *)(void *)&address, &size);
    *port = ntohs(address.sin_port);
    return fd;
}

/* uv:test_context.py::_ContextBaseTests::test_create_connection_protocol */
static void test_create_connection_protocol(void **state)
{
    int port, fd = listen_mutely(&port);

    assert_int_equal(run_main(connect_to, &port), 0);
    run_passes(2);
    assert_noted("create client made client lost made");
    close(fd);
}

static gyre_transport *accepted;

static void keep(void *self, gyre_transport *transport)
{
    accepted = gyre_transport_ref(transport);
}

/* uv:test_context.py::_ContextBaseTests::test_create_server_manual_connection_lost: whoever closes it, the
 * connection's own variables are seen. */
static void test_a_loss_by_hand_sees_the_servers(void **state)
{
    static const gyre_protocol keeping = {
        .create = create_noting,
        .connection_made = keep,
        .connection_lost = lost_noting,
    };
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    set("accepted");
    gyre_loop_connect_accepted_socket(loop, NULL, &keeping, ends[0], .arg = loop);
    set("somebody else");
    gyre_transport_abort(accepted);
    gyre_transport_unref(accepted);
    run_passes(2);
    assert_noted("create accepted lost accepted");
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_CONTEXT(test_get_set_default),
        IN_CONTEXT(test_reset_goes_back),
        IN_CONTEXT(test_many_variables),
        IN_CONTEXT(test_release_when_nobody_sees_it),
        IN_CONTEXT(test_run_keeps_what_it_sets),
        IN_CONTEXT(test_run_refuses_to_enter_twice),
        IN_CONTEXT(test_copy_of_a_context),
        IN_CONTEXT(test_each_callback_sees_its_own_copy),
        IN_CONTEXT(test_a_cancelled_call_lets_its_context_go),
        IN_CONTEXT(test_a_thread_sends_its_own),
        IN_CONTEXT(test_a_task_has_a_copy_for_life),
        IN_CONTEXT(test_done_callbacks_see_when_they_were_added),
        IN_CONTEXT(test_many_tasks_do_not_mix),
        IN_CONTEXT(test_a_tasks_callbacks_see_the_tasks),
        IN_CONTEXT(test_a_task_in_a_given_context),
        IN_CONTEXT(test_two_tasks_in_one_context),
        IN_CONTEXT(test_get_context),
        IN_CONTEXT(test_an_eager_step_does_not_leak),
        IN_CONTEXT(test_a_context_is_kept_over_a_wait),
        IN_CONTEXT(test_a_main_has_a_copy),
        IN_CONTEXT(test_a_servers_connections_see_the_servers),
        IN_CONTEXT(test_connect_accepted_socket),
        IN_CONTEXT(test_create_connection_protocol),
        IN_CONTEXT(test_a_loss_by_hand_sees_the_servers),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
