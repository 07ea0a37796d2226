/* process/spawn.c - uv_spawn, from our options.
 *
 * libuv gives the child every signal at its default action, and none blocked: that SIGPIPE is blocked in the
 * threads of loops is not for children.
 */
#include "base/memory.h"
#include "process/subprocess.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* One more than the highest descriptor that the child is to have. */
static int count_slots(const gyre_subprocess_options *options)
{
    int count = GYRE__STDIO;

    for (size_t i = 0; i < options->pass_fds_count; i++)
        if (options->pass_fds[i] >= count)
            count = options->pass_fds[i] + 1;
    return count;
}

static void give(uv_stdio_container_t *slot, int fd)
{
    if (fd < 0)
        return;
    slot->flags = UV_INHERIT_FD;
    slot->data.fd = fd;
}

static uv_stdio_container_t *make_slots(const struct gyre__child_ends *ends,
                                        const gyre_subprocess_options *options, int count)
{
    /* Zeroes are UV_IGNORE. */
    uv_stdio_container_t *slots = gyre__calloc((size_t)count * sizeof *slots);

    for (size_t i = 0; i < options->pass_fds_count; i++)
        give(&slots[options->pass_fds[i]], options->pass_fds[i]);
    for (int fd = 0; fd < GYRE__STDIO; fd++) {
        slots[fd].flags = UV_IGNORE;
        give(&slots[fd], ends->child[fd]);
    }
    return slots;
}

static int check_passed(const gyre_subprocess_options *options)
{
    for (size_t i = 0; i < options->pass_fds_count; i++)
        if (fcntl(options->pass_fds[i], F_GETFD) < 0)
            return gyre_error_set(-errno, "pass_fds: %d: %s", options->pass_fds[i], strerror(errno));
    return 0;
}

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
    gyre__subprocess_ended(process->data, signal ? -signal : (int)status);
}

static uv_process_options_t options_of(const struct gyre__spawn *spawn)
{
    const gyre_subprocess_options *options = spawn->options;

    return (uv_process_options_t){
        .exit_cb = on_exit_status,
        .file = spawn->file,
        .args = (char **)(uintptr_t)spawn->argv,
        .env = (char **)(uintptr_t)options->env,
        .cwd = options->cwd,
        .flags = options->start_new_session ? UV_PROCESS_DETACHED : 0,
    };
}

static void release(uv_handle_t *handle)
{
    gyre_subprocess_transport_unref(handle->data);
}

/* libuv's handle holds a reference also when it has failed: it must be closed then. */
static int spawn_uv(gyre_subprocess_transport *transport, const struct gyre__spawn *spawn,
                    const struct gyre__child_ends *ends)
{
    uv_process_options_t options = options_of(spawn);
    int err;

    options.stdio_count = count_slots(spawn->options);
    options.stdio = make_slots(ends, spawn->options, options.stdio_count);
    transport->uv.data = transport;
    transport->references++;
    err = uv_spawn(&transport->children->uv, &transport->uv, &options);
    free(options.stdio);
    if (!err)
        return 0;
    uv_close((uv_handle_t *)&transport->uv, release);
    gyre__children_turn(transport->children);
    return gyre_error_set(err, "%s: %s", spawn->file, strerror(-err));
}

static void open_pipes(gyre_subprocess_transport *transport, const struct gyre__child_ends *ends)
{
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        if (ends->parent[fd] >= 0)
            gyre__child_pipe_open(&transport->pipes[fd], ends->parent[fd]);
}

int gyre__subprocess_spawn(gyre_subprocess_transport *transport, const struct gyre__spawn *spawn)
{
    struct gyre__child_ends ends;
    int err = check_passed(spawn->options);

    if (!err)
        err = gyre__child_ends_open(&ends, spawn);
    if (err)
        return err;
    err = spawn_uv(transport, spawn, &ends);
    if (err) {
        gyre__child_ends_close(&ends);
        return err;
    }
    gyre__child_ends_close_childs(&ends);
    transport->pid = transport->uv.pid;
    gyre__subprocess_made_soon(transport);
    open_pipes(transport, &ends);
    gyre__children_turn(transport->children);
    return 0;
}

void gyre__subprocess_ended(gyre_subprocess_transport *transport, int returncode)
{
    transport->exited = true;
    transport->returncode = returncode;
    uv_close((uv_handle_t *)&transport->uv, release);
    gyre__subprocess_tell_end(transport);
}
