/* net/net.c - the loop's half: made at first use, hooked by shard/, closed and freed with the loop. */
#include "net/net.h"
#include "base/check.h"
#include "base/memory.h"
#include "net/linger.h"
#include "net/server.h"
#include "net/transport.h"
#include <stdlib.h>

static const struct gyre__net_hooks no_hooks = {0};

static void end_transports(struct gyre__list *transports)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(transports)))
        gyre__transport_drop(GYRE__OF(link, gyre_transport, link));
}

/* What the program does meanwhile only shortens the lists: a closed loop takes nothing new. */
static void close_net(gyre_loop *loop, void *state)
{
    struct gyre__net *net = state;
    struct gyre__list *link;

    end_transports(&net->transports);
    while (!gyre__list_empty(&net->servers)) {
        gyre_server *server = gyre_server_ref(GYRE__OF(net->servers.next, gyre_server, link));

        gyre_server_close(server);
        end_transports(&server->transports);
        gyre__list_remove(&server->link);
        gyre_server_unref(server);
    }
    while ((link = gyre__list_pop(&net->lingers)))
        gyre__linger_end(GYRE__OF(link, struct gyre__linger, link));
}

static void free_net(gyre_loop *loop, void *state)
{
    struct gyre__net *net = state;

    gyre__pool_clear(&net->pool);
    free(net->input);
    free(net->wire);
    free(net->batch);
    free(net);
}

/* On a page's start the kernel copies large reads almost twice as fast as 16 bytes behind it. */
static char *make_input(void)
{
    char *input = aligned_alloc(4096, GYRE__INPUT);

    GYRE__CHECK(input, "out of memory");
    return input;
}

void gyre__net_give_input(struct gyre__net *net)
{
    net->input = make_input();
}

static struct gyre__net *make(gyre_loop *loop)
{
    struct gyre__net *net = gyre__calloc(sizeof *net);

    net->loop = loop;
    net->hooks = &no_hooks;
    net->input = make_input();
    gyre__pool_init(&net->pool);
    gyre__list_init(&net->transports);
    gyre__list_init(&net->servers);
    gyre__list_init(&net->lingers);
    gyre__loop_attach(loop, GYRE__FLOOR_NET,
                      (struct gyre__floor_state){.state = net, .close = close_net, .release = free_net});
    return net;
}

struct gyre__net *gyre__net(gyre_loop *loop)
{
    struct gyre__net *net = loop->floors[GYRE__FLOOR_NET].state;

    return net ? net : make(loop);
}

void gyre__net_set_hooks(gyre_loop *loop, const struct gyre__net_hooks *hooks, void *arg)
{
    struct gyre__net *net = gyre__net(loop);

    net->hooks = hooks ? hooks : &no_hooks;
    net->hooks_arg = arg;
}

static const struct gyre__net *existing(const gyre_loop *loop)
{
    return loop->floors[GYRE__FLOOR_NET].state;
}

uint64_t gyre__net_accepted(const gyre_loop *loop)
{
    return atomic_load_explicit(&existing(loop)->accepted, memory_order_relaxed);
}

size_t gyre__net_served(const gyre_loop *loop)
{
    return atomic_load_explicit(&existing(loop)->served, memory_order_relaxed);
}
