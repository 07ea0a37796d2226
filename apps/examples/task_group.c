/* A dinner of three dishes, cooked at once: a task group waits for all of them, and when one fails it cancels
 * the others.
 *
 * usage: task_group [--burn]
 */
#include <gyre/gyre.h>
#include <stdio.h>
#include <string.h>

struct dish {
    const char *name;
    double seconds;
    int burns;
};

static struct dish dishes[] = {{"rice", .2, 0}, {"soup", .1, 0}, {"cake", .3, 0}};

static int cook(void *arg)
{
    const struct dish *dish = arg;
    int err = gyre_sleep(dish->seconds);

    if (err) {
        printf("%s: taken off the fire\n", dish->name);
        return err;
    }
    if (dish->burns)
        return gyre_error_set(GYRE_EUSER, "the %s is burnt", dish->name);
    printf("%s: ready\n", dish->name);
    return 0;
}

static int dinner(void *arg)
{
    gyre_task_group group;
    int err;

    gyre_task_group_begin(&group);
    for (size_t i = 0; i < 3; i++)
        gyre_task_group_create_task(&group, NULL, cook, &dishes[i], .name = dishes[i].name);
    puts("cooking");
    /* Waits for all three, whatever happens. */
    err = (int)gyre_task_group_end(&group, 0);
    if (err)
        printf("no dinner: %s\n", gyre_error_text());
    else
        puts("dinner");
    return 0;
}

int main(int argc, char **argv)
{
    dishes[0].burns = argc > 1 && strcmp(argv[1], "--burn") == 0;
    return gyre_run(dinner, NULL);
}
