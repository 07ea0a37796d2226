/* generate_wide.c - the grammar of wide.py: every draw in the order in which Python draws. */
#include "generate.h"
#include "op.h"
#include "random.h"
#include <string.h>

enum { MOST_TASKS = 5, THEMES = 19, MOST_THEMES = 3 };

/* The operations in wide.py's order, and how often each comes up in programs of its theme. */
static const struct weight {
    int theme;
    const char *name;
    int weight;
} weights[] = {{0, "yield", 9},       {0, "await", 2},       {0, "set", 4},          {0, "exc", 1},
               {0, "cancelf", 1},     {0, "spawn", 4},       {0, "cancel", 3},       {0, "cancelm", 1},
               {0, "join", 1},        {0, "raise", 1},       {1, "await", 4},        {1, "set", 4},
               {1, "exc", 2},         {1, "exct", 1},        {1, "cancelf", 2},      {1, "cancelfm", 1},
               {1, "shieldf", 3},     {1, "donecb", 1},      {1, "sharecb", 2},      {1, "undonecb", 1},
               {2, "gather", 3},      {2, "gathern", 2},     {2, "gathere", 3},      {2, "gathert", 3},
               {2, "gatherk", 2},     {2, "shieldg", 2},     {2, "gather0", 1},      {2, "set", 3},
               {2, "cancelf", 1},     {3, "waitall", 2},     {3, "waitany", 2},      {3, "waitexc", 2},
               {3, "wait0", 2},       {3, "waitt", 3},       {3, "set", 4},          {3, "exc", 1},
               {4, "waitfor", 2},     {4, "waitfor0", 2},    {4, "waitfort", 3},     {4, "waitfort0", 3},
               {4, "asc", 3},         {4, "asct", 3},        {4, "asc0", 2},         {4, "set", 5},
               {4, "exc", 1},         {5, "spawne", 4},      {5, "selfcancel", 2},   {5, "selfcancelm", 1},
               {5, "uncancel", 3},    {5, "cancelling", 2},  {5, "join", 4},         {5, "shield", 4},
               {5, "taskcb", 1},      {5, "cancel", 2},      {6, "group", 6},        {6, "groupy", 4},
               {6, "groupr", 2},      {6, "group0", 3},      {6, "groupn", 3},       {6, "gspawn", 4},
               {6, "cancel", 4},      {6, "raise", 2},       {6, "set", 2},          {7, "timeout0", 3},
               {7, "timeoutn", 2},    {7, "timeout2", 2},    {7, "timeouty", 2},     {7, "timeoutr", 2},
               {7, "timeoutj", 3},    {7, "set", 4},         {7, "cancel", 2},       {7, "uncancel", 1},
               {8, "lock", 6},        {8, "unlock", 5},      {8, "withlock", 4},     {8, "lock0", 2},
               {8, "cancel", 2},      {9, "semacq", 5},      {9, "semrel", 4},       {9, "sem0", 2},
               {9, "bsacq", 4},       {9, "bsrel", 3},       {9, "cancel", 2},       {10, "evset", 3},
               {10, "evclear", 2},    {10, "evwait", 5},     {10, "evwait0", 2},     {10, "cancel", 1},
               {11, "cwait", 7},      {11, "cwaitfor", 3},   {11, "cnotify", 4},     {11, "cnotifyall", 2},
               {11, "cnotifyraw", 1}, {11, "cwaitraw", 1},   {11, "swait", 2},       {11, "snotify", 2},
               {11, "set", 2},        {11, "cancel", 3},     {12, "bwait", 9},       {12, "breset", 1},
               {12, "babort", 1},     {12, "cancel", 2},     {13, "put", 6},         {13, "get", 6},
               {13, "putnw", 2},      {13, "getnw", 2},      {13, "get0", 2},        {13, "cancel", 2},
               {14, "put", 4},        {14, "get", 4},        {14, "tdone", 5},       {14, "qjoin", 4},
               {14, "qshut", 1},      {14, "qshutnow", 1},   {14, "cancel", 1},      {15, "lput", 6},
               {15, "lget", 5},       {15, "pput", 4},       {15, "pget", 4},        {15, "cancel", 2},
               {16, "ctxset", 4},     {16, "ctxget", 3},     {16, "ctxsoon", 2},     {16, "ctxdone", 2},
               {16, "spawn", 2},      {16, "spawne", 2},     {16, "set", 1},         {17, "soon", 2},
               {17, "later", 3},      {17, "laterc", 1},     {17, "soonc", 3},       {17, "hcancel", 3},
               {17, "donecb", 2},     {17, "stop", 1},       {18, "cbset", 4},       {18, "cbcancel", 4},
               {18, "soonset", 3},    {18, "sooncancel", 3}, {18, "latercancel", 2}, {18, "await", 3},
               {18, "cancelf", 2},    {18, "join", 2}};

enum { WEIGHTS = sizeof weights / sizeof *weights };

/* The themes of one program, as bits. */
static unsigned pick_themes(struct random *random)
{
    int chosen[MOST_THEMES], count = random_between(random, 1, MOST_THEMES);
    unsigned themes = 1;

    random_sample(random, THEMES - 1, count, chosen);
    for (int i = 0; i < count; i++)
        themes |= 2U << chosen[i];
    return themes;
}

/* How often the operation comes up under these themes. */
static int weight_of(int i, unsigned themes)
{
    return themes >> weights[i].theme & 1 ? weights[i].weight : 0;
}

static const struct op *pick(struct random *random, unsigned themes)
{
    int total = 0, point, i = 0;

    for (int k = 0; k < WEIGHTS; k++)
        total += weight_of(k, themes);
    point = random_below(random, total);
    while (point >= weight_of(i, themes))
        point -= weight_of(i++, themes);
    return op_find(weights[i].name);
}

static int pick_number(struct random *random, char kind, int task, int tasks)
{
    if (kind == 'o')
        return (int[]){0, 0, 0, 1, 2}[random_below(random, 5)];
    if (kind == 't')
        return random_below(random, tasks);
    return random_between(random, task + 1, tasks - 1);
}

static void add_step(struct text *program, struct random *random, unsigned themes, int task, int tasks)
{
    const struct op *op = pick(random, themes);

    if (strchr(op->takes, 'u') && task + 1 == tasks)
        return;
    text_add(program, "%s", op->name);
    for (const char *kind = op->takes; *kind; kind++)
        text_add(program, " %d", pick_number(random, *kind, task, tasks));
    text_add(program, "\n");
}

static void add_task(struct text *program, struct random *random, unsigned themes, int task, int tasks)
{
    int steps;

    text_add(program, "task %d %c\n", task, "ppsse"[random_below(random, 5)]);
    steps = random_between(random, 3, 12);
    for (int i = 0; i < steps; i++)
        add_step(program, random, themes, task, tasks);
}

void generate_wide(struct text *program, uint64_t seed)
{
    struct random random;
    unsigned themes;
    int tasks;

    random_seed(&random, seed);
    text_add(program, "wide\n");
    themes = pick_themes(&random);
    tasks = random_between(&random, 3, MOST_TASKS);
    for (int task = 0; task < tasks; task++)
        add_task(program, &random, themes, task, tasks);
    generate_start(program, &random, tasks);
}
