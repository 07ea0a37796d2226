/* 030: create_task never runs inline; tasks start FIFO; sleep(0) gives way for exactly one turn. */
#include "oracle.h"

static int walk(void *name)
{
    for (int i = 0; i < 3; i++) {
        printf("%s %d\n", (char *)name, i);
        gyre_sleep(0);
    }
    return *(char *)name;
}

static int run(void *arg)
{
    gyre_task *a, *b;
    int result_b;

    gyre_create_task(&a, walk, "a");
    gyre_create_task(&b, walk, "b");
    puts("created");
    gyre_loop_call_soon(gyre_get_running_loop(), oracle_say, "soon");
    result_b = gyre_await(b, NULL);
    printf("%c %c ", result_b, gyre_await(a, NULL));
    printf("%s %c\n", py_bool(gyre_future_done(a)), gyre_future_result(a, NULL));
    gyre_future_unref(a);
    gyre_future_unref(b);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
