/* 087: data and lost pipes and process_exited in any order, connection_lost strictly last, codes kept. */
#include "oracle.h"
#include <signal.h>

enum { EVENTS = 8 };

struct child {
    gyre_subprocess_transport *transport;
    char events[EVENTS][32];
    size_t count;
    char out[3][64];
    size_t size[3];
    gyre_future *done;
};

static char *add(struct child *child)
{
    return child->events[child->count++];
}

static void made(void *self, gyre_subprocess_transport *transport)
{
    struct child *child = self;

    child->transport = gyre_subprocess_transport_ref(transport);
    sprintf(add(child), "made");
}

static void data(void *self, int fd, const void *data, size_t len)
{
    struct child *child = self;

    memcpy(child->out[fd] + child->size[fd], data, len);
    child->size[fd] += len;
}

static void pipe_lost(void *self, int fd, int err)
{
    sprintf(add(self), "pipe %d lost %s", fd, oracle_str(err));
}

static int code(const struct child *child)
{
    int code = -1000;

    gyre_subprocess_transport_get_returncode(child->transport, &code);
    return code;
}

static void exited(void *self)
{
    sprintf(add(self), "exited %d", code(self));
}

static void lost(void *self, int err)
{
    struct child *child = self;

    sprintf(add(child), "lost %s", oracle_str(err));
    gyre_future_set_result(child->done, NULL);
}

static const gyre_subprocess_protocol protocol = {
    .create = oracle_self,
    .connection_made = made,
    .pipe_data_received = data,
    .pipe_connection_lost = pipe_lost,
    .process_exited = exited,
    .connection_lost = lost,
};

static struct child *open_child(void)
{
    struct child *child = calloc(1, sizeof *child);

    child->done = gyre_loop_create_future(gyre_get_running_loop());
    return child;
}

static void close_child(struct child *child)
{
    gyre_subprocess_transport_close(child->transport);
    gyre_subprocess_transport_unref(child->transport);
    free(child);
}

static void tell(struct child *child)
{
    const char *middle[EVENTS];

    for (size_t i = 1; i + 1 < child->count; i++)
        middle[i - 1] = child->events[i];
    printf(" first %s | middle %s | last %s | {1: %s, 2: %s} %d\n", child->events[0],
           py_sorted(middle, child->count - 2), child->events[child->count - 1],
           py_bytes(child->out[1], child->size[1]), py_bytes(child->out[2], child->size[2]), code(child));
}

static void run(const char *command, void (*act)(gyre_subprocess_transport *transport))
{
    struct child *child = open_child();

    gyre_loop_subprocess_shell(gyre_get_running_loop(), NULL, &protocol, command, .arg = child);
    printf("$ %s | made first: %s\n", command, py_bool(!strcmp(child->events[0], "made")));
    if (act)
        act(child->transport);
    oracle_await(child->done);
    tell(child);
    close_child(child);
}

static void kill_it(gyre_subprocess_transport *transport)
{
    gyre_subprocess_transport_kill(transport);
}

static void terminate(gyre_subprocess_transport *transport)
{
    gyre_subprocess_transport_terminate(transport);
}

static void feed(gyre_subprocess_transport *transport)
{
    gyre_transport *to_child = gyre_subprocess_transport_get_pipe_transport(transport, 0);

    gyre_transport_write(to_child, "fed", 3);
    gyre_transport_close(to_child);
    printf(" no such pipe: %s\n", gyre_subprocess_transport_get_pipe_transport(transport, 7) ? "?" : "None");
}

static void interrupt(gyre_subprocess_transport *transport)
{
    gyre_subprocess_transport_send_signal(transport, SIGINT);
}

static void close_early(void)
{
    static const char *const argv[] = {"sleep", "5", NULL};
    struct child *child = open_child();

    gyre_loop_subprocess_exec(gyre_get_running_loop(), NULL, &protocol, argv, .arg = child);
    gyre_subprocess_transport_close(child->transport);
    oracle_await(child->done);
    printf("close() kills: %d %s\n", code(child), child->events[child->count - 1]);
    close_child(child);
}

static void refuse(int err)
{
    printf("%s %s\n", gyre_error_name(err), oracle_str(err));
}

static int all(void *arg)
{
    static const char *const missing[] = {"/no/such/program", NULL};
    struct child never = {0};
    gyre_loop *loop = gyre_get_running_loop();

    run("echo out; echo err >&2; exit 3", NULL);
    run("exec sleep 5", kill_it);
    run("exec sleep 5", terminate);
    run("exec cat", feed);
    run("exec sleep 5", interrupt);
    close_early();
    refuse(gyre_loop_subprocess_shell(loop, NULL, &protocol, "true", .universal_newlines = true));
    refuse(gyre_loop_subprocess_shell(loop, NULL, &protocol, "true", .bufsize = 1));
    refuse(gyre_loop_subprocess_shell(loop, NULL, &protocol, "true", .shell = GYRE_NO));
    printf("%s\n", gyre_error_name(gyre_loop_subprocess_exec(loop, NULL, &protocol, missing, .arg = &never)));
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, all);
}
