/* named.c - a user's program that calls everything with named arguments, with and without them.
 *
 * It must compile as strict C11 without a warning; run, it checks that the options arrive. It links only what
 * users see.
 */
#include <gyre/gyre.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int released;

static void check(int truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "named arguments: %s\n", what);
    exit(1);
}

static void count_release(void *arg)
{
    check(arg == &released, "release gets arg");
    released++;
}

static void nothing(void *arg)
{
    (void)arg;
}

static void nothing_done(gyre_future *future, void *arg)
{
    (void)future;
    (void)arg;
}

static int return_seven(void *arg)
{
    (void)arg;
    return 7;
}

static int fail_privately(void *arg)
{
    (void)arg;
    return GYRE_EUSER;
}

static void call_back(gyre_loop *loop)
{
    gyre_handle handle = gyre_loop_call_soon(loop, nothing, NULL);

    gyre_handle_cancel(&handle);
    gyre_loop_call_soon(loop, nothing, &released, .release = count_release);
    gyre_loop_call_soon_threadsafe(loop, nothing, NULL);
    gyre_loop_call_soon_threadsafe(loop, nothing, &released, .release = count_release);
    gyre_loop_call_later(loop, 0.0, nothing, NULL);
    gyre_loop_call_later(loop, 0.0, nothing, &released, .release = count_release);
    gyre_loop_call_at(loop, gyre_loop_time(loop), nothing, NULL);
    gyre_loop_call_at(loop, gyre_loop_time(loop), nothing, &released, .release = count_release);
    check(gyre_sleep(0.01) == 0, "sleep");
    check(released == 4, "four calls released their arg");
}

static void make_futures(gyre_loop *loop)
{
    gyre_future *plain = gyre_loop_create_future(loop), *owner = gyre_loop_create_future(loop);
    gyre_future *both[] = {plain, owner}, *gathered;

    gyre_future_add_done_callback(plain, nothing_done, NULL);
    gyre_future_add_done_callback(plain, nothing_done, &released, .release = count_release);
    gyre_future_set_result(plain, NULL);
    gyre_future_set_result(owner, &released, .release = count_release);
    check(gyre_wait(both, 2) == 2, "wait");
    check(gyre_wait(both, 2, .timeout = 1.0, .return_when = GYRE_FIRST_COMPLETED) == 2, "wait for the first");
    check(gyre_gather(&gathered, both, 2) == 0 && gyre_await(gathered, NULL) == 0, "gather");
    gyre_future_unref(gathered);
    check(gyre_gather(&gathered, both, 2, .return_exceptions = GYRE_YES) == 0, "gather with exceptions");
    check(gyre_await(gathered, NULL) == 0, "await what was gathered");
    gyre_future_unref(gathered);
    gyre_future_unref(plain);
    gyre_future_unref(owner);
    check(released == 6, "a done callback and a value were released");
}

static int limit(void *arg)
{
    gyre_cancel_scope scope;
    gyre_task_group group;

    (void)arg;
    check(gyre_cancel_scope_begin(&scope) == 0 && gyre_cancel_scope_end(&scope, 4) == 4, "a cancel scope");
    check(gyre_cancel_scope_begin(&scope, .deadline = 1.0, .shield = GYRE_YES) == 0, "one with a deadline");
    check(gyre_cancel_scope_end(&scope, gyre_sleep(0.0)) == 0, "it has passed");
    check(gyre_move_on_after_begin(&scope, 60.0) == 0 && gyre_cancel_scope_end(&scope, 4) == 4, "move on");
    check(gyre_move_on_after_begin(&scope, 60.0, .shield = GYRE_YES) == 0, "move on with a shield");
    check(gyre_cancel_scope_end(&scope, 0) == 0, "no need to");
    check(gyre_task_group_begin(&group) == 0, "a group");
    check(gyre_task_group_create_task(&group, NULL, return_seven, NULL) == 0, "group.create_task");
    check(gyre_task_group_create_task(&group, NULL, return_seven, &released, .release = count_release) == 0,
          "group.create_task with release");
    check(gyre_task_group_end(&group, 0) == 0 && released == 9, "a child released its arg");
    return 0;
}

static void make_tasks(gyre_loop *loop)
{
    gyre_executor *pool = gyre_executor_new(.threads = 1, .name = "named");
    gyre_task *plain, *named;
    gyre_future *work;

    check(gyre_create_task(&plain, return_seven, NULL) == 0, "create_task");
    check(gyre_create_task(&named, return_seven, NULL, .name = "seven", .eager_start = GYRE_YES) == 0,
          "create_task with a name");
    check(strcmp(gyre_task_get_name(named), "seven") == 0, "the name arrives");
    check(gyre_await(plain, NULL) == 7 && gyre_await(named, NULL) == 7, "await tasks");
    gyre_future_unref(plain);
    gyre_future_unref(named);
    check(gyre_loop_create_task(loop, NULL, return_seven, NULL) == 0, "loop.create_task");
    check(gyre_loop_create_task(loop, NULL, return_seven, &released, .release = count_release) == 0,
          "loop.create_task with release");
    check(gyre_loop_run_in_executor(loop, &work, NULL, return_seven, NULL) == 0, "run_in_executor");
    check(gyre_await(work, NULL) == 7, "await the executor");
    gyre_future_unref(work);
    check(gyre_loop_run_in_executor(loop, &work, pool, return_seven, &released, .release = count_release) ==
              0,
          "run_in_executor with release");
    check(gyre_await(work, NULL) == 7, "await the other executor");
    gyre_future_unref(work);
    gyre_executor_unref(pool);
    check(gyre_sleep(0.01) == 0 && released == 8, "a task and a job released their arg");
    check(gyre_create_task(&plain, limit, NULL) == 0 && gyre_await(plain, NULL) == 0, "limits");
    gyre_future_unref(plain);
}

static const gyre_protocol silent = {.size = 1};

static void make_connections(gyre_loop *loop)
{
    gyre_server *server;
    gyre_transport *transport;

    check(gyre_loop_create_server(loop, &server, &silent) == GYRE_EVALUE, "a server needs a host or a port");
    check(gyre_loop_create_server(loop, &server, &silent, .host = "127.0.0.1", .arg = &released) == 0,
          "create_server");
    check(gyre_loop_create_connection(loop, &transport, &silent) == GYRE_EVALUE, "a client needs an address");
    check(gyre_loop_create_connection(loop, &transport, &silent, .host = "127.0.0.1",
                                      .port = gyre_server_get_port(server), .arg = &released) == 0,
          "create_connection");
    check(gyre_transport_get_arg(transport) == &released, "the transport knows .arg");
    gyre_transport_set_timeouts(transport);
    gyre_transport_set_timeouts(transport, .idle = 60.0, .write_stall = 5.0);
    check(gyre_loop_sendfile(loop, NULL, transport, -1) == -EBADF, "sendfile wants a file");
    check(gyre_loop_sendfile(loop, NULL, transport, -1, .offset = 5, .count = -1) == GYRE_EVALUE,
          "sendfile counts upwards");
    gyre_transport_abort(transport);
    gyre_transport_unref(transport);
    gyre_server_close(server);
    gyre_server_unref(server);
}

static int serve_nobody(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    (void)reader;
    (void)writer;
    (void)arg;
    return 0;
}

static void read_alone(void)
{
    gyre_reader *reader = gyre_reader_new(), *limited = gyre_reader_new(.limit = 2);
    struct iovec ends[] = {{(char *)"b", 1}, {(char *)"d", 1}};
    const char *data;
    char buffer[4];

    check(gyre_reader_feed_data(reader, "a\nb\ncdefgh", 10) == 0, "feed_data");
    check(gyre_reader_readline(reader, &data) == 2, "readline");
    check(gyre_reader_readline(reader, &data, .timeout = 1.0) == 2, "readline with a limit");
    check(gyre_reader_readuntil(reader, &data, "c") == 1, "readuntil");
    check(gyre_reader_readuntil(reader, &data, NULL, .separators = ends, .count = 2) == 1, "of several");
    check(gyre_reader_read(reader, &data, 1) == 1, "read");
    check(gyre_reader_readexactly(reader, &data, 1, .timeout = 1.0) == 1, "readexactly");
    check(gyre_reader_read_into(reader, buffer, sizeof buffer, .timeout = 1.0) == 2, "read_into");
    check(gyre_reader_readexactly_into(reader, buffer, 1, .timeout = -1.0) == -ETIMEDOUT, "a timeout");
    check(gyre_reader_feed_data(limited, "abcd\n", 5) == 0, "feed_data again");
    check(gyre_reader_readuntil_into(limited, buffer, 4, "\n") == GYRE_ELIMITOVERRUN, "the limit arrives");
    check(gyre_reader_readline_into(limited, buffer, 4) == GYRE_EVALUE, "readline_into");
    gyre_reader_free(reader);
    gyre_reader_free(limited);
}

static void use_streams(void)
{
    gyre_server *server;
    gyre_reader *reader;
    gyre_writer *writer;

    check(gyre_start_server(&server, serve_nobody, NULL) == GYRE_EVALUE, "start_server needs a port");
    check(gyre_start_server(&server, serve_nobody, NULL, .host = "127.0.0.1", .limit = 100) == 0,
          "start_server");
    check(gyre_open_connection(&reader, &writer) == GYRE_EVALUE, "open_connection needs an address");
    for (int i = 0; i < 2; i++) {
        check(gyre_open_connection(&reader, &writer, .host = "127.0.0.1",
                                   .port = gyre_server_get_port(server), .limit = 100) == 0,
              "open_connection");
        if (i)
            gyre_stream_close(reader, writer);
        else
            gyre_stream_close(reader, writer, .timeout = 1.0);
    }
    gyre_server_close(server);
    gyre_server_unref(server);
    read_alone();
}

static void nothing_concurrent(gyre_concurrent_future *future, void *arg)
{
    (void)future;
    (void)arg;
}

static void use_concurrent_futures(gyre_loop *loop)
{
    gyre_concurrent_future *own = gyre_concurrent_future_new();
    gyre_future *first = gyre_wrap_future(own), *second = gyre_wrap_future(own, .loop = loop);

    gyre_concurrent_future_add_done_callback(own, nothing_concurrent, NULL);
    gyre_concurrent_future_add_done_callback(own, nothing_concurrent, NULL, .release = nothing);
    check(gyre_concurrent_future_set_result(own, "x", .release = nothing) == 0, "set_result of a thread");
    check(gyre_concurrent_future_set_result(own, "x") == GYRE_EINVALIDSTATE, "set_result again");
    check(gyre_await(first, NULL) == 0 && gyre_await(second, NULL) == 0, "wrap_future");
    gyre_future_unref(first);
    gyre_future_unref(second);
    gyre_concurrent_future_unref(own);
}

static int use_signals_and_threads(gyre_loop *loop)
{
    gyre_concurrent_future *far;

    check(gyre_loop_add_signal_handler(loop, SIGUSR1, nothing, NULL) == 0, "add_signal_handler");
    check(gyre_loop_add_signal_handler(loop, SIGUSR1, nothing, NULL, .release = nothing) == 0,
          "add_signal_handler with release");
    check(gyre_loop_remove_signal_handler(loop, SIGUSR1) == 1, "remove_signal_handler");
    check(gyre_run_coroutine_threadsafe(loop, NULL, return_seven, NULL) == 0, "run_coroutine_threadsafe");
    check(gyre_run_coroutine_threadsafe(loop, &far, return_seven, NULL, .name = "far") == 0,
          "run_coroutine_threadsafe with a name");
    gyre_concurrent_future_unref(far);
    use_concurrent_futures(loop);
    return gyre_sleep(0.01);
}

static int heard;

static int hear(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    (void)loop;
    (void)arg;
    heard += context->exception == GYRE_EUSER && strcmp(context->message, "named") == 0;
    return 0;
}

static int use_everything(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();

    check(arg == &released, "the main gets arg");
    call_back(loop);
    make_futures(loop);
    make_tasks(loop);
    make_connections(loop);
    use_streams();
    check(use_signals_and_threads(loop) == 0, "the calls from elsewhere");
    gyre_loop_set_exception_handler(loop, hear, NULL);
    gyre_loop_call_exception_handler(loop, .message = "named", .exception = GYRE_EUSER);
    check(heard == 1, "the exception handler hears the context");
    return 0;
}

static int call_shards(void *arg)
{
    gyre_future *answer;

    (void)arg;
    check(gyre_shard_call(1, return_seven, NULL) == 7, "shard_call");
    check(gyre_shard_call(1, return_seven, NULL, .run_inline = GYRE_YES) == 7, "shard_call inline");
    check(gyre_shard_submit(0, &answer, return_seven, NULL) == 0 && gyre_await(answer, NULL) == 7,
          "shard_submit");
    gyre_future_unref(answer);
    check(gyre_shard_submit(0, NULL, return_seven, NULL, .release = nothing) == 0,
          "shard_submit with release");
    check(gyre_shard_post(1, nothing, NULL) == 0, "shard_post");
    check(gyre_shard_post(1, nothing, NULL, .release = nothing) == 0, "shard_post with release");
    return 0;
}

static void use_shards(void)
{
    check(gyre_run_sharded(1, return_seven, NULL, .quiet = GYRE_YES, .signals = GYRE_NO) == 0, "run_sharded");
    check(gyre_run_sharded(2, call_shards, NULL, .pin = GYRE_NO, .quiet = GYRE_YES) == 0, "two shards");
}

static void use_loops(void)
{
    gyre_loop *plain = gyre_loop_new(),
              *other = gyre_new_event_loop(.stack_size = 64 * 1024, .debug = GYRE_NO, .stall_limit = 1.0);

    check(plain && other, "new loops");
    gyre_loop_unref(plain);
    gyre_loop_unref(other);
}

int main(void)
{
    gyre_runner *runner = gyre_runner_new(.signals = GYRE_NO);

    check(gyre_run(use_everything, &released, .signals = GYRE_NO) == 0, "run with options");
    check(gyre_run(return_seven, NULL) == 0, "run");
    check((gyre_run)(return_seven, NULL, NULL) == 0, "the function beneath takes NULL for options");
    check(gyre_runner_run(runner, fail_privately, NULL) == GYRE_EUSER, "a runner returns the code");
    gyre_runner_free(runner);
    use_loops();
    use_shards();
    return 0;
}
