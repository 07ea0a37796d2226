/* Several downloads, and the ways to wait for them: until the first is there, one by one as they come, not
 * for too long, without being able to stop one, and with a second server for when the first is slow. */
#include <gyre/gyre.h>
#include <stdio.h>

enum { COUNT = 3 };

static double seconds[COUNT] = {.1, .3, .2};
static const char *const names[COUNT] = {"logo", "film", "song"};

static int fetch(void *seconds)
{
    return gyre_sleep(*(double *)seconds);
}

static void begin(gyre_task **tasks)
{
    for (int i = 0; i < COUNT; i++)
        gyre_create_task(&tasks[i], fetch, &seconds[i], .name = names[i]);
}

static void drop(gyre_task **tasks)
{
    for (int i = 0; i < COUNT; i++)
        gyre_future_unref(tasks[i]);
}

/* The wait neither raises what they raise nor cancels what is late. */
static void until_the_first(void)
{
    gyre_task *tasks[COUNT];

    begin(tasks);
    gyre_wait(tasks, COUNT, .return_when = GYRE_FIRST_COMPLETED);
    printf("the %s is there first\n", gyre_future_done(tasks[0]) ? "logo" : "film");
    gyre_wait(tasks, COUNT);
    drop(tasks);
}

static void as_they_come(void)
{
    gyre_task *tasks[COUNT];
    gyre_as_completed iterator;
    gyre_future *next;

    begin(tasks);
    gyre_as_completed_begin(&iterator, tasks, COUNT);
    while (gyre_as_completed_next(&iterator, &next) > 0)
        printf("then comes the %s\n", gyre_task_get_name(next));
    gyre_as_completed_end(&iterator);
    drop(tasks);
}

/* What is late is cancelled. */
static void not_for_too_long(void)
{
    gyre_task *film;

    gyre_create_task(&film, fetch, &seconds[1]);
    if (gyre_wait_for(film, NULL, .05) == -ETIMEDOUT)
        printf("too late, and %s\n", gyre_future_cancelled(film) ? "cancelled" : "still under way");
    gyre_future_unref(film);
}

/* Behind a shield it only looks so. */
static void shielded(void)
{
    gyre_task *film;
    gyre_future *shield;

    gyre_create_task(&film, fetch, &seconds[1]);
    gyre_shield(&shield, film);
    if (gyre_wait_for(shield, NULL, .05) == -ETIMEDOUT)
        printf("too late, and %s\n", gyre_future_cancelled(film) ? "cancelled" : "still under way");
    gyre_await(film, NULL);
    gyre_future_unref(shield);
    gyre_future_unref(film);
}

/* The second one starts a little later, and the slower one is cancelled. */
static void from_two_servers(void)
{
    double slow = 10, fast = .05;
    gyre_racer servers[] = {{.fn = fetch, .arg = &slow}, {.fn = fetch, .arg = &fast}};
    size_t winner;

    if (gyre_staggered_race(&winner, servers, 2, .1) > 0)
        printf("server %zu has answered\n", winner + 1);
}

static int download(void *arg)
{
    until_the_first();
    as_they_come();
    not_for_too_long();
    shielded();
    from_two_servers();
    return 0;
}

int main(void)
{
    return gyre_run(download, NULL);
}
