/* 045: a task group: the first failure cancels the siblings and the body; the end waits for everyone, then
 * tells of all errors. */
#include "oracle.h"

struct child {
    const char *name;
    double delay;
};

static int bad(void *arg)
{
    const struct child *child = arg;
    int err = gyre_sleep(child->delay);

    if (err)
        return err;
    printf("raise %s\n", child->name);
    return gyre_error_set(GYRE_EVALUE, "%s", child->name);
}

static int sibling(void *arg)
{
    const struct child *child = arg;
    int err = gyre_sleep(5);

    if (err != GYRE_ECANCELLED)
        return err;
    gyre_sleep(child->delay);
    printf("%s cleaned up\n", child->name);
    return err;
}

static int body(void)
{
    int err = gyre_sleep(5);

    if (err == GYRE_ECANCELLED)
        puts("body cancelled");
    return err;
}

static void print_errors(const gyre_task_group *group)
{
    const gyre_group_error *errors;
    size_t count = gyre_task_group_errors(group, &errors);

    printf("group: [");
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? ", " : "", py_str(errors[i].text));
    puts("]");
}

static void fail_among_siblings(gyre_task_group *group)
{
    struct child first = {"s1", .05}, second = {"s2", .35}, failing = {"E1", .02};

    gyre_task_group_begin(group);
    gyre_task_group_create_task(group, NULL, sibling, &first);
    gyre_task_group_create_task(group, NULL, sibling, &second);
    gyre_task_group_create_task(group, NULL, bad, &failing);
    if (gyre_task_group_end(group, body()) == GYRE_EVALUE)
        print_errors(group);
    printf("cancelling %d\n", gyre_task_cancelling(gyre_current_task()));
    gyre_sleep(0);
}

static void come_too_late(gyre_task_group *group)
{
    struct child late = {"late", 0};
    int err = gyre_task_group_create_task(group, NULL, sibling, &late);

    printf("%s: %s\n", oracle_name(err),
           strstr(gyre_error_text(), "finished") ? "finished" : oracle_str(err));
}

static void fail_together(void)
{
    struct child a = {"A", 0}, b = {"B", 0};
    gyre_task_group group;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, bad, &a);
    gyre_task_group_create_task(&group, NULL, bad, &b);
    if (gyre_task_group_end(&group, 0) == GYRE_EVALUE)
        print_errors(&group);
}

static int run(void *arg)
{
    gyre_task_group group;

    fail_among_siblings(&group);
    come_too_late(&group);
    fail_together();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
