/* stream/serve.c - start_server: a task for each connection. */
#include "base/check.h"
#include "base/memory.h"
#include "base/options.h"
#include "net/server.h"
#include "stream/open.h"
#include <stdlib.h>
#include <string.h>

static void report(gyre_writer *writer, int err)
{
    gyre_loop_call_exception_handler(writer->reader.wake.loop,
                                     .message = "Unhandled exception in client_connected_cb",
                                     .exception = err, .transport = writer->transport);
}

/* The failure has been told: nobody need retrieve it from the task. */
static int handle(void *arg)
{
    gyre_writer *writer = arg;
    int err = writer->handle(&writer->reader, writer, writer->arg);

    if (!gyre_is_error(err))
        return err;
    report(writer, err);
    return 0;
}

static void end(void *writer)
{
    gyre__stream_end(writer);
}

void gyre__stream_serve(gyre_writer *writer)
{
    gyre_loop *loop = writer->reader.wake.loop;
    int err;

    gyre_future_ref(&writer->reader.wake);
    err = gyre_loop_create_task(loop, NULL, handle, writer, .release = end);
    if (err)
        report(writer, err);
}

/* Later connections are made from the plan for as long as there is the server. */
static int serve(gyre_server **server, gyre__stream_create create, const void *options,
                 struct gyre__stream_plan *plan)
{
    gyre_server *made;
    int err = create(&made, options, plan);

    if (err)
        return err;
    made->release = free;
    if (server)
        *server = made;
    else
        gyre_server_unref(made);
    return 0;
}

int gyre__stream_listen(gyre_server **server, gyre__stream_create create, const void *options,
                        const struct gyre__stream_plan *plan)
{
    struct gyre__stream_plan *kept;
    int err = gyre__reader_check_limit(plan->limit);

    if (err)
        return err;
    kept = gyre__malloc(sizeof *kept);
    memcpy(kept, plan, sizeof *kept);
    err = serve(server, create, options, kept);
    if (err)
        free(kept);
    return err;
}

static int create(gyre_server **server, const void *options, struct gyre__stream_plan *plan)
{
    gyre_server_options filled = *(const gyre_server_options *)options;

    filled.arg = plan;
    return (gyre_loop_create_server)(gyre_get_event_loop(), server, &gyre__stream_protocol, &filled);
}

int(gyre_start_server)(gyre_server **server, gyre_client_connected client_connected_cb, void *arg,
                       const gyre_server_options *options)
{
    gyre_server_options filled = {0};
    struct gyre__stream_plan plan = {.handle = client_connected_cb, .arg = arg};

    GYRE__CHECK(client_connected_cb, "gyre_start_server wants a client_connected_cb");
    gyre__options_fill(&filled, sizeof filled, options);
    plan.limit = filled.limit;
    return gyre__stream_listen(server, create, &filled, &plan);
}
