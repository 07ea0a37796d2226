/* 014: every callback runs in a copy of the context current at scheduling time, or in the given context
 * itself. */
#include "oracle.h"

static gyre_context_var v = {.name = "v", .default_value = "unset"};

static void show(void *name)
{
    printf("%s %s\n", (char *)name, (char *)gyre_context_var_get(&v));
    gyre_context_var_set(&v, name);
}

static void show_future(gyre_future *future, void *arg)
{
    show("F");
}

static void set_result(void *future)
{
    gyre_future_set_result(future, NULL);
}

static void schedule(gyre_loop *loop, gyre_context *context, gyre_future *future)
{
    gyre_context_var_set(&v, "one");
    gyre_loop_call_soon(loop, show, "A");
    gyre_context_var_set(&v, "two");
    gyre_loop_call_soon(loop, show, "B");
    gyre_loop_call_later(loop, .01, show, "T");
    gyre_loop_call_soon(loop, show, "C1", .context = context);
    gyre_loop_call_soon(loop, show, "C2", .context = context);
    gyre_context_var_set(&v, "three");
    gyre_future_add_done_callback(future, show_future, NULL);
    gyre_context_var_set(&v, "four");
    gyre_loop_call_soon(loop, set_result, future);
    gyre_loop_call_later(loop, .05, oracle_stop, loop);
}

static gyre_context *copy_with_two(void)
{
    gyre_context_var_set(&v, "two");
    return gyre_copy_context();
}

static void script(void)
{
    gyre_loop *loop = gyre_loop_new();
    gyre_context *context = copy_with_two();
    gyre_future *future = gyre_loop_create_future(loop);

    schedule(loop, context, future);
    gyre_loop_run_forever(loop);
    printf("main %s | ctx %s\n", (char *)gyre_context_var_get(&v), (char *)gyre_context_get(context, &v));
    gyre_future_unref(future);
    gyre_context_unref(context);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
