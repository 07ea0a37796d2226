/* 049: run() cancels and awaits what main leaves, tells their errors to the exception handler, and joins the
 * executor. */
#include "oracle.h"
#include <unistd.h>

struct leftover {
    const char *name;
    double delay;
    bool fails;
};

static struct leftover leftovers[] = {{"t1", .05, false}, {"t2", .35, true}};
static gyre_loop *main_loop;

static int leave(void *arg)
{
    struct leftover *leftover = arg;
    int err = gyre_sleep(5);

    gyre_sleep(leftover->delay);
    printf("%s finalised\n", leftover->name);
    return leftover->fails ? gyre_error_set(GYRE_EVALUE, "in shutdown") : err;
}

static int print_context(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    printf("HANDLER: %s %s(%s)\n", context->message, oracle_name(context->exception), py_str(context->text));
    return 0;
}

static int work(void *arg)
{
    usleep(1200000);
    puts("worker finished");
    return 0;
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();

    main_loop = gyre_loop_ref(loop);
    gyre_loop_set_exception_handler(loop, print_context, NULL);
    gyre_create_task(NULL, leave, &leftovers[0]);
    gyre_create_task(NULL, leave, &leftovers[1]);
    gyre_loop_run_in_executor(loop, NULL, NULL, work, NULL);
    gyre_sleep(.02);
    puts("main returns");
    return 0;
}

static int run_inside(void *arg)
{
    gyre_runner *runner = gyre_runner_new();
    int err = gyre_runner_run(runner, run, NULL);

    printf("%s %s\n", oracle_name(err), oracle_str(err));
    gyre_runner_free(runner);
    return 0;
}

int main(int argc, char **argv)
{
    int status = oracle_run(argc, argv, run);

    printf("%s %s\n", status ? "WRONG RESULT" : "R", py_bool(gyre_loop_is_closed(main_loop)));
    gyre_loop_unref(main_loop);
    return oracle_run(argc, argv, run_inside);
}
