/* generate.c - the grammar of sched_fuzz.py: every draw in the order in which Python draws. */
#include "generate.h"
#include "random.h"
#include <stdbool.h>
#include <string.h>

enum { OBJECTS = 3, MOST_TASKS = 6 };

/* Words that stand here more than once come up more often. */
static const char *const words[] = {
    "yield",   "yield",  "yield",  "await",  "set",    "cancelf", "exc",    "spawn",  "spawn",      "cancel",
    "cancel",  "join",   "lock",   "lock",   "unlock", "put",     "put",    "get",    "get",        "evset",
    "evclear", "evwait", "semacq", "semacq", "semrel", "soon",    "shield", "gather", "selfcancel", "donecb",
};

static const int objects[] = {0, 0, 1, 2};

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return !strcmp(word, one) || !strcmp(word, other);
}

static void add_step(struct text *program, struct random *random, int task, int tasks)
{
    int object = objects[random_below(random, 4)];
    const char *word = words[random_below(random, sizeof words / sizeof *words)];

    if (is_one_of(word, "join", "shield")) {
        /* Only upwards: tasks that await each other in a ring make CPython's cancel() recurse without end. */
        if (task + 1 == tasks)
            return;
        object = random_between(random, task + 1, tasks - 1);
    }
    if (is_one_of(word, "spawn", "cancel"))
        object = random_below(random, tasks);
    if (!strcmp(word, "gather")) {
        object = random_below(random, OBJECTS);
        text_add(program, "gather %d %d\n", object, random_below(random, OBJECTS));
        return;
    }
    text_add(program, "%s %d\n", word, object);
}

static void add_task(struct text *program, struct random *random, int task, int tasks)
{
    int steps;

    text_add(program, "task %d %c\n", task, "ppps"[random_below(random, 4)]);
    steps = random_between(random, 2, 8);
    for (int i = 0; i < steps; i++)
        add_step(program, random, task, tasks);
}

void generate_start(struct text *program, struct random *random, int tasks)
{
    int chosen[MOST_TASKS], count = random_between(random, 2, tasks);

    random_sample(random, tasks, count, chosen);
    text_add(program, "start");
    for (int i = 0; i < count; i++)
        text_add(program, " %d", chosen[i]);
    text_add(program, "\n");
}

void generate(struct text *program, uint64_t seed)
{
    struct random random;
    int tasks;

    random_seed(&random, seed);
    tasks = random_between(&random, 3, MOST_TASKS);
    for (int task = 0; task < tasks; task++)
        add_task(program, &random, task, tasks);
    generate_start(program, &random, tasks);
}
