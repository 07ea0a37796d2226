/* What a task group knows when it has failed; and a group that is cancelled from inside, as a search is when
 * one of those who search has found. */
#include <gyre/gyre.h>
#include <stdio.h>

static int complain(void *words)
{
    return gyre_error_set(GYRE_EUSER, "%s", (const char *)words);
}

/* Both fail in the same turn: neither could be cancelled for the other's sake. */
static void tell_all(void)
{
    gyre_task_group group;
    const gyre_group_error *errors;
    size_t count;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, complain, "too hot", .name = "cook");
    gyre_task_group_create_task(&group, NULL, complain, "too late", .name = "waiter");
    gyre_task_group_end(&group, 0);
    count = gyre_task_group_errors(&group, &errors);
    for (size_t i = 0; i < count; i++)
        printf("%s: %s\n", errors[i].task, errors[i].text);
}

struct search {
    gyre_task_group group;
    double seconds[3];
    int found;
};

static int look_for(struct search *search, double seconds)
{
    int err = gyre_sleep(seconds);

    if (err)
        return err;
    search->found++;
    gyre_task_group_cancel(&search->group);
    return 0;
}

static struct search search = {.seconds = {.05, 5, 10}};

static int look(void *seconds)
{
    return look_for(&search, *(double *)seconds);
}

/* A group that may be cancelled before it begins is made by itself. */
static void find_one(void)
{
    gyre_task_group_init(&search.group);
    gyre_task_group_enter(&search.group);
    for (int i = 0; i < 3; i++)
        gyre_task_group_create_task(&search.group, NULL, look, &search.seconds[i]);
    if (gyre_task_group_end(&search.group, 0) == 0)
        printf("found by %d of 3\n", search.found);
}

static int run(void *arg)
{
    tell_all();
    find_one();
    return 0;
}

int main(void)
{
    return gyre_run(run, NULL);
}
