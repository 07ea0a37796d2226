/* process/pipe.c - the protocol of a child's pipes: what they tell goes to the protocol of the child.
 *
 * Another protocol may be put on a pipe (a stream's): destroy is told to this one all the same, and counts.
 */
#include "net/pipe.h"
#include "process/subprocess.h"
#include <unistd.h>

static void *create(void *pipe)
{
    return pipe;
}

static void destroy(void *self)
{
    struct gyre__child_pipe *pipe = self;

    pipe->owner->open--;
    gyre__subprocess_finish_if_done(pipe->owner);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct gyre__child_pipe *pipe = self;
    const gyre_subprocess_transport *owner = pipe->owner;

    if (pipe->fd != STDIN_FILENO && owner->protocol->pipe_data_received)
        owner->protocol->pipe_data_received(owner->self, pipe->fd, data, len);
}

static void connection_lost(void *self, int err)
{
    struct gyre__child_pipe *pipe = self;
    const gyre_subprocess_transport *owner = pipe->owner;

    if (owner->protocol->pipe_connection_lost)
        owner->protocol->pipe_connection_lost(owner->self, pipe->fd, err);
}

static void pause_writing(void *self)
{
    const gyre_subprocess_transport *owner = ((struct gyre__child_pipe *)self)->owner;

    if (owner->protocol->pause_writing)
        owner->protocol->pause_writing(owner->self);
}

static void resume_writing(void *self)
{
    const gyre_subprocess_transport *owner = ((struct gyre__child_pipe *)self)->owner;

    if (owner->protocol->resume_writing)
        owner->protocol->resume_writing(owner->self);
}

static const gyre_protocol of_pipe = {
    .create = create,
    .destroy = destroy,
    .data_received = data_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

/* The descriptor is ours alone: nobody cares whether it blocks. */
static gyre_transport *make(struct gyre__child_pipe *pipe, int end)
{
    struct gyre__net *net = gyre__net(pipe->owner->children->loop);
    const struct gyre__kind *kind = pipe->fd == STDIN_FILENO ? &gyre__write_pipe_kind : &gyre__read_pipe_kind;
    gyre_transport *made = gyre__transport_new(net, kind, end, &of_pipe, pipe, NULL);
    struct gyre__pipe *half = GYRE__OF(made, struct gyre__pipe, base);

    half->flags = -1;
    half->watchable = true;
    made->eof = !kind->recv;
    return made;
}

void gyre__child_pipe_open(struct gyre__child_pipe *pipe, int end)
{
    pipe->owner->open++;
    pipe->transport = gyre__transport_hold(make(pipe, end));
    gyre__transport_begin(pipe->transport);
}

void gyre__child_pipe_close(struct gyre__child_pipe *pipe)
{
    if (pipe->transport)
        gyre_transport_close(pipe->transport);
}
