/* process/subprocess.c - a child's life as its protocol sees it: made, ended, lost; and its last moments when
 * the loop closes.
 */
#include "process/subprocess.h"
#include "base/memory.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

gyre_subprocess_transport *gyre_subprocess_transport_ref(gyre_subprocess_transport *transport)
{
    if (transport)
        transport->references++;
    return transport;
}

static void free_transport(gyre_subprocess_transport *transport)
{
    gyre_loop *loop = transport->children->loop;

    gyre__vars_clear(&transport->vars);
    free(transport);
    gyre__loop_let_go(loop);
}

void gyre_subprocess_transport_unref(gyre_subprocess_transport *transport)
{
    if (transport && --transport->references == 0)
        free_transport(transport);
}

static void release(void *transport)
{
    gyre_subprocess_transport_unref(transport);
}

void gyre__subprocess_soon(gyre_subprocess_transport *transport, gyre_callback fn)
{
    gyre_loop_call_soon(transport->children->loop, fn, gyre_subprocess_transport_ref(transport),
                        .release = release);
}

void gyre__subprocess_let_go(gyre_subprocess_transport *transport)
{
    transport->lost = transport->closing = true;
    gyre__list_remove(&transport->link);
    if (transport->self && transport->protocol->create && transport->protocol->destroy)
        transport->protocol->destroy(transport->self);
    transport->self = NULL;
    for (int fd = 0; fd < GYRE__STDIO; fd++) {
        gyre_transport_unref(transport->pipes[fd].transport);
        transport->pipes[fd].transport = NULL;
    }
    gyre_subprocess_transport_unref(transport);
}

static void tell_lost(gyre_subprocess_transport *transport)
{
    struct gyre__vars *outer = gyre__vars_switch(&transport->vars);

    transport->lost = true;
    if (transport->protocol->connection_lost)
        transport->protocol->connection_lost(transport->self, 0);
    gyre__vars_switch(outer);
}

static void lose(void *arg)
{
    gyre_subprocess_transport *transport = arg;

    if (transport->lost)
        return;
    tell_lost(transport);
    gyre__subprocess_let_go(transport);
}

void gyre__subprocess_finish_if_done(gyre_subprocess_transport *transport)
{
    if (!transport->told || transport->open || transport->losing)
        return;
    transport->losing = true;
    gyre__subprocess_soon(transport, lose);
}

static void tell_exited(gyre_subprocess_transport *transport)
{
    struct gyre__vars *outer = gyre__vars_switch(&transport->vars);

    transport->told = true;
    if (transport->protocol->process_exited)
        transport->protocol->process_exited(transport->self);
    gyre__vars_switch(outer);
}

static void be_exited(void *arg)
{
    gyre_subprocess_transport *transport = arg;

    if (transport->lost || transport->told)
        return;
    tell_exited(transport);
    gyre__subprocess_finish_if_done(transport);
}

void gyre__subprocess_tell_end(gyre_subprocess_transport *transport)
{
    gyre__subprocess_soon(transport, be_exited);
    gyre__waiter_wake_all(transport->mourners, 0);
}

static void kill_and_reap(gyre_subprocess_transport *transport)
{
    while (!transport->exited) {
        kill(transport->pid, SIGKILL);
        if (!gyre__subprocess_find_stolen(transport->children))
            uv_run(&transport->children->uv, UV_RUN_ONCE);
    }
}

/* The protocol is told here: no callback runs any more. */
void gyre__subprocess_drop(gyre_subprocess_transport *transport)
{
    gyre_subprocess_transport_ref(transport);
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        if (transport->pipes[fd].transport)
            gyre__transport_drop(transport->pipes[fd].transport);
    kill_and_reap(transport);
    if (transport->made && !transport->told)
        tell_exited(transport);
    if (transport->made)
        tell_lost(transport);
    gyre__subprocess_let_go(transport);
    gyre_subprocess_transport_unref(transport);
}

/* libuv leaves alone what it finds reaped. */
bool gyre__subprocess_find_stolen(struct gyre__children *children)
{
    bool found = false;

    for (struct gyre__list *link = children->all.next; link != &children->all; link = link->next) {
        gyre_subprocess_transport *transport = GYRE__OF(link, gyre_subprocess_transport, link);

        if (transport->exited || kill(transport->pid, 0) == 0 || errno != ESRCH)
            continue;
        gyre__subprocess_ended(transport, 255);
        found = true;
    }
    return found;
}
