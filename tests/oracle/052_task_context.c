/* 052: a task runs in one context copied at creation and kept across suspensions; changes do not leak to the
 * parent. */
#include "oracle.h"

static gyre_context_var v = {.name = "v", .default_value = "0"};

static int child(void *name)
{
    int err;

    printf("%s starts with %s\n", (char *)name, (char *)gyre_context_var_get(&v));
    gyre_context_var_set(&v, name);
    err = gyre_sleep(.01);
    printf("%s still %s\n", (char *)name, (char *)gyre_context_var_get(&v));
    return err;
}

static void see(void)
{
    printf("main sees %s\n", (char *)gyre_context_var_get(&v));
}

static int run(void *arg)
{
    gyre_task *a, *b;

    gyre_context_var_set(&v, "main");
    gyre_create_task(&a, child, "A");
    gyre_context_var_set(&v, "changed");
    gyre_create_task(&b, child, "B");
    oracle_await(a);
    oracle_await(b);
    see();
    child("direct");
    see();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
