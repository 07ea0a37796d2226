/* process/process.c - create_subprocess_exec and _shell: the pipes of a child become streams.
 *
 * When the child is made, the streams' protocol takes the pipes over. Each stream has one reference of its
 * pipe, given back when all pipes are gone, and one of the process.
 */
#include "process/process.h"
#include "base/memory.h"
#include "base/options.h"
#include <stdlib.h>

static void *create(void *arg)
{
    gyre_process *process = arg;

    process->references++;
    return process;
}

static void put_stream(gyre_process *process, int fd)
{
    gyre_transport *pipe = gyre_subprocess_transport_get_pipe_transport(process->transport, fd);
    struct gyre__stream_plan plan = {.limit = process->limit, .lent = true};
    void *writer;

    if (!pipe)
        return;
    writer = gyre__stream_protocol.create(&plan);
    process->streams[fd] = plan.made;
    gyre_transport_set_protocol(pipe, &gyre__stream_protocol, writer);
}

static void connection_made(void *self, gyre_subprocess_transport *transport)
{
    gyre_process *process = self;

    process->transport = gyre_subprocess_transport_ref(transport);
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        put_stream(process, fd);
}

static void drop(gyre_process *process)
{
    if (--process->references)
        return;
    gyre_subprocess_transport_unref(process->transport);
    free(process);
}

/* Every pipe is gone. The streams that users hold stay. */
static void destroy(void *self)
{
    gyre_process *process = self;

    for (int fd = 0; fd < GYRE__STDIO; fd++)
        if (process->streams[fd])
            gyre__stream_protocol.destroy(process->streams[fd]);
    drop(process);
}

static const gyre_subprocess_protocol of_process = {
    .create = create,
    .destroy = destroy,
    .connection_made = connection_made,
};

gyre_process *gyre_process_ref(gyre_process *process)
{
    if (!process)
        return NULL;
    process->users++;
    process->references++;
    return process;
}

static void end_stream(gyre_writer *writer)
{
    if (writer->transport)
        gyre__stream_end(writer);
    else
        gyre__reader_drop(&writer->reader);
}

void gyre_process_unref(gyre_process *process)
{
    if (!process)
        return;
    if (--process->users == 0)
        for (int fd = 0; fd < GYRE__STDIO; fd++)
            if (process->streams[fd])
                end_stream(process->streams[fd]);
    drop(process);
}

static gyre_process *make(gyre_subprocess_options *filled, const gyre_subprocess_options *options)
{
    gyre_process *process = gyre__calloc(sizeof *process);

    gyre__options_fill(filled, sizeof *filled, options);
    filled->arg = process;
    process->limit = filled->limit;
    return gyre_process_ref(process);
}

static int hand_over(gyre_process **process, gyre_process *made, int err)
{
    if (!err && process)
        *process = made;
    else
        gyre_process_unref(made);
    return err;
}

int(gyre_create_subprocess_exec)(gyre_process **process, const char *const *argv,
                                 const gyre_subprocess_options *options)
{
    gyre_subprocess_options filled = {0};
    gyre_process *made = make(&filled, options);
    int err = gyre__reader_check_limit(filled.limit);

    if (!err)
        err = gyre__subprocess_exec(gyre_get_event_loop(), NULL, &of_process, argv, GYRE_INHERIT, &filled);
    return hand_over(process, made, err);
}

int(gyre_create_subprocess_shell)(gyre_process **process, const char *cmd,
                                  const gyre_subprocess_options *options)
{
    gyre_subprocess_options filled = {0};
    gyre_process *made = make(&filled, options);
    int err = gyre__reader_check_limit(filled.limit);

    if (!err)
        err = gyre__subprocess_shell(gyre_get_event_loop(), NULL, &of_process, cmd, GYRE_INHERIT, &filled);
    return hand_over(process, made, err);
}
