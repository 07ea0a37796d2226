/* net/serve.c - beginning to listen, and the calls that wait for a server's end. */
#include "base/check.h"
#include "net/server.h"
#include "net/transport.h"
#include "task/waiter.h"
#include <errno.h>
#include <gyre/combine.h>
#include <math.h>

/* Where another shard accepts for all, there is nothing to listen on. */
static int listen_on(gyre_server *server, struct gyre__listener *listener)
{
    gyre_loop *loop = server->net->loop;
    char name[GYRE__ADDRESS_TEXT];
    int err;

    if (listener->fd < 0)
        return 0;
    err = loop->driver_class->listen(listener->fd, server->backlog < 0 ? 0 : server->backlog);
    if (err)
        return gyre_error_set(
            err, "error while attempting to listen on address %s: %s",
            gyre__address_tuple(&listener->asked.any, gyre__address_size(&listener->asked), name),
            gyre_strerror(err));
    if (!listener->watch)
        listener->watch = gyre__descriptor_watch(loop, listener->fd, 0, gyre__server_accept, listener);
    return listener->watch ? 0 : -errno;
}

int gyre_server_start_serving(gyre_server *server)
{
    int err = 0;

    if (server->closed)
        return gyre_error_set(GYRE_ERUNTIME, "server is closed");
    for (size_t i = 0; i < server->listening && !err && !server->serving; i++)
        err = listen_on(server, &server->listeners[i]);
    if (err)
        return err;
    server->serving = true;
    gyre__server_arm(server);
    return 0;
}

static int wait_for(gyre_future *future, double seconds)
{
    return isinf(seconds) ? gyre_await(future, NULL) : gyre_wait_for(future, NULL, seconds);
}

int gyre__server_wait(gyre_server *server, double seconds)
{
    struct gyre__waiter waiter;
    int err;

    if (server->gone)
        return 0;
    gyre__waiter_enlist(&waiter, &server->waiters, server->net->loop);
    gyre_server_ref(server);
    err = wait_for(waiter.future, seconds);
    gyre__waiter_leave(&waiter);
    gyre_server_unref(server);
    return err;
}

int gyre_server_wait_closed(gyre_server *server)
{
    return gyre__server_wait(server, INFINITY);
}

static int serve_until_cancelled(gyre_server *server)
{
    int err;

    server->forever = gyre_loop_create_future(server->net->loop);
    err = gyre_await(server->forever, NULL);
    gyre_future_unref(server->forever);
    server->forever = NULL;
    return err;
}

int gyre_server_serve_forever(gyre_server *server)
{
    int err;

    if (server->forever)
        return gyre_error_set(GYRE_ERUNTIME, "server is already being awaited on serve_forever()");
    err = gyre_server_start_serving(server);
    if (err)
        return err;
    gyre_server_ref(server);
    err = serve_until_cancelled(server);
    if (err == GYRE_ECANCELLED)
        gyre_server_drain(server, server->drain);
    gyre_server_unref(server);
    return err;
}
