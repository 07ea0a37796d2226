/* process/start.c - a child is made: its memory, its process, connection_made; or nothing is left. */
#include "base/memory.h"
#include "process/subprocess.h"
#include <stdlib.h>

/* The protocol's state lies behind the transport, aligned for anything. */
static size_t head_size(void)
{
    size_t align = _Alignof(max_align_t);

    return (sizeof(gyre_subprocess_transport) + align - 1) & ~(align - 1);
}

static void *make_self(gyre_subprocess_transport *transport, const struct gyre__spawn *spawn)
{
    if (spawn->protocol->create)
        return spawn->protocol->create(spawn->options->arg);
    return (char *)transport + head_size();
}

static void set_up(gyre_subprocess_transport *transport, struct gyre__children *children,
                   const gyre_subprocess_protocol *protocol)
{
    transport->children = children;
    transport->protocol = protocol;
    transport->references = 1;
    transport->vars = gyre__vars_capture();
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        transport->pipes[fd] = (struct gyre__child_pipe){.owner = transport, .fd = fd};
    gyre__loop_hold(children->loop);
    gyre__list_append(&children->all, &transport->link);
}

static void made(void *arg)
{
    gyre_subprocess_transport *transport = arg;
    struct gyre__vars *outer;

    if (transport->lost)
        return;
    outer = gyre__vars_switch(&transport->vars);
    transport->made = true;
    if (transport->protocol->connection_made)
        transport->protocol->connection_made(transport->self, transport);
    gyre__vars_switch(outer);
    gyre__waiter_wake_all(transport->starters, 0);
}

/* Ends one that never was: no protocol hears of it but its destroy. */
static void unmake(gyre_subprocess_transport *transport)
{
    transport->exited = true;
    gyre__subprocess_let_go(transport);
}

/* connection_made is queued before anything that a pipe or the end of the child can queue. */
static int begin(gyre_subprocess_transport *transport, const struct gyre__spawn *spawn)
{
    int err;

    transport->self = make_self(transport, spawn);
    if (!transport->self)
        err = gyre_error_set(GYRE_ERUNTIME, "the protocol's create refused the child");
    else
        err = gyre__subprocess_spawn(transport, spawn);
    if (err)
        unmake(transport);
    return err;
}

static int wait_in(gyre_subprocess_transport *transport, struct gyre__waiter **line)
{
    struct gyre__waiter waiter;

    return gyre__waiter_wait(&waiter, line, transport->children->loop);
}

int gyre__subprocess_wait(gyre_subprocess_transport *transport)
{
    int err = 0;

    gyre_subprocess_transport_ref(transport);
    if (!transport->exited)
        err = wait_in(transport, &transport->mourners);
    gyre_subprocess_transport_unref(transport);
    return err;
}

/* As asyncio: whoever does not want to wait any more gets no child. */
static int wait_until_made(gyre_subprocess_transport *transport)
{
    int err = wait_in(transport, &transport->starters);

    if (!err)
        return 0;
    gyre_subprocess_transport_close(transport);
    gyre__subprocess_wait(transport);
    return err;
}

int gyre__subprocess_start(gyre_loop *loop, gyre_subprocess_transport **transport,
                           const struct gyre__spawn *spawn)
{
    gyre_subprocess_transport *started;
    struct gyre__children *children;
    int err;

    children = gyre__children_of(loop, &err);
    if (!children)
        return err;
    started = gyre__calloc(head_size() + (spawn->protocol->create ? 0 : spawn->protocol->size));
    set_up(started, children, spawn->protocol);
    gyre_subprocess_transport_ref(started);
    err = begin(started, spawn);
    if (!err)
        err = wait_until_made(started);
    if (!err && transport)
        *transport = gyre_subprocess_transport_ref(started);
    gyre_subprocess_transport_unref(started);
    return err;
}

void gyre__subprocess_made_soon(gyre_subprocess_transport *transport)
{
    gyre__subprocess_soon(transport, made);
}
