/* 064: the last to come lets all go, each with a number of its own, again and again; abort and reset break
 * those who wait. */
#include "oracle.h"

enum { PARTIES = 3, BROKEN = PARTIES };

static gyre_barrier barrier;

/* What came out of the barrier, in order: a number, or BROKEN. */
static int out[PARTIES];
static size_t out_count;

static int pass(void *arg)
{
    int index = gyre_barrier_wait(&barrier);

    if (index >= 0 || index == GYRE_EBROKENBARRIER)
        out[out_count++] = index >= 0 ? index : BROKEN;
    return index < 0 && index != GYRE_EBROKENBARRIER ? index : 0;
}

static const char *say_out(void)
{
    static const char *const words[] = {"0", "1", "2", "'broken'"};
    char *text = py_place(), *end = text + sprintf(text, "[");

    for (size_t i = 0; i < out_count; i++)
        end += sprintf(end, "%s%s", i ? ", " : "", words[out[i]]);
    strcpy(end, "]");
    return text;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* All but one come, and wait. */
static void send_two(gyre_task **tasks)
{
    out_count = 0;
    for (int i = 0; i < PARTIES - 1; i++)
        gyre_create_task(&tasks[i], pass, NULL);
    gyre_sleep(.01);
}

static void see_them_out(gyre_task **tasks)
{
    gyre_wait(tasks, PARTIES - 1);
    for (int i = 0; i < PARTIES - 1; i++)
        gyre_future_unref(tasks[i]);
}

static void go_round(int round)
{
    gyre_task *tasks[PARTIES - 1];

    send_two(tasks);
    printf("waiting %d %s\n", gyre_barrier_n_waiting(&barrier), say_out());
    pass(NULL);
    see_them_out(tasks);
    qsort(out, out_count, sizeof *out, compare);
    printf("round %d %s\n", round, say_out());
}

static void reset_it(void)
{
    gyre_task *tasks[PARTIES - 1];

    send_two(tasks);
    gyre_barrier_reset(&barrier);
    see_them_out(tasks);
    printf("reset: %s %s\n", say_out(), py_bool(gyre_barrier_broken(&barrier)));
}

static void abort_it(void)
{
    gyre_task *tasks[PARTIES - 1];

    send_two(tasks);
    gyre_barrier_abort(&barrier);
    see_them_out(tasks);
    pass(NULL);
    printf("abort: %s %s\n", say_out(), py_bool(gyre_barrier_broken(&barrier)));
}

static int run(void *arg)
{
    gyre_barrier none;

    gyre_barrier_init(&barrier, PARTIES);
    go_round(0);
    go_round(1);
    reset_it();
    abort_it();
    gyre_barrier_reset(&barrier);
    printf("usable again %s %d\n", py_bool(!gyre_barrier_broken(&barrier)), gyre_barrier_parties(&barrier));
    puts(oracle_name(gyre_barrier_init(&none, 0)));
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
