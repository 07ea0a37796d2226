/* program.c - reads programs line by line, and complains with the number of the line. */
#include "program.h"
#include "op.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 256 };

static int complain(const struct source *source, int line, const char *format, ...)
{
    va_list values;

    fprintf(stderr, "%s:%d: ", source->name, line);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    return -1;
}

/* Takes the next word off the line, NULL at its end. */
static char *take_word(char **rest)
{
    return strtok_r(NULL, " \t\r\n", rest);
}

/* The next word as a number below `limit`; -1 when it is none. */
static int take_number(char **rest, int limit)
{
    const char *word = take_word(rest);
    char *end;
    long number = word ? strtol(word, &end, 10) : -1;

    return word && end != word && !*end && number >= 0 && number < limit ? (int)number : -1;
}

static int read_task(struct program *program, const struct source *source, char **rest, int *task)
{
    const char *mode;

    *task = take_number(rest, MOST_TASKS);
    mode = take_word(rest);
    if (*task < 0 || !mode || strlen(mode) != 1 || !strchr("pse", *mode) || take_word(rest))
        return complain(source, source->line, "expected: task NUMBER p|s|e, with a number below %d",
                        MOST_TASKS);
    if (program->bodies[*task].mode)
        return complain(source, source->line, "task %d is described twice", *task);
    program->bodies[*task].mode = *mode;
    return 0;
}

static struct step *add_step(struct body *body)
{
    body->steps = realloc(body->steps, (size_t)(body->count + 1) * sizeof *body->steps);
    if (!body->steps)
        abort();
    return &body->steps[body->count++];
}

static int read_step(struct program *program, const struct source *source, const char *word, char **rest,
                     int task)
{
    const struct op *op = op_find(word);
    struct step *step;

    if (!op)
        return complain(source, source->line, "no such operation: %s", word);
    if (task < 0)
        return complain(source, source->line, "%s stands before the first task", word);
    step = add_step(&program->bodies[task]);
    *step = (struct step){.op = op, .line = source->line};
    snprintf(step->label, sizeof step->label, "%d.%d", task, program->bodies[task].count - 1);
    for (int i = 0; op->takes[i]; i++) {
        step->numbers[i] = take_number(rest, op->takes[i] == 'o' ? OBJECTS : MOST_TASKS);
        if (step->numbers[i] < 0)
            return complain(source, source->line, "%s takes %zu number(s): a task below %d, or 0 to %d", word,
                            strlen(op->takes), MOST_TASKS, OBJECTS - 1);
    }
    return take_word(rest) ? complain(source, source->line, "too many words after %s", word) : 0;
}

static int read_start(struct program *program, const struct source *source, char **rest)
{
    const char *word;

    while ((word = take_word(rest))) {
        int task = atoi(word);

        if (task < 0 || task >= MOST_TASKS || !program->bodies[task].mode || *word < '0' || *word > '9')
            return complain(source, source->line, "no such task: %s", word);
        for (int i = 0; i < program->start_count; i++)
            if (program->starts[i] == task)
                return complain(source, source->line, "task %d is started twice", task);
        program->starts[program->start_count++] = task;
    }
    return 0;
}

static int check_tasks(const struct program *program, const struct source *source, const struct step *step)
{
    for (int i = 0; step->op->takes[i]; i++)
        if (step->op->takes[i] != 'o' && !program->bodies[step->numbers[i]].mode)
            return complain(source, step->line, "no such task: %d", step->numbers[i]);
    return 0;
}

static int check(const struct program *program, const struct source *source)
{
    for (int task = 0; task < MOST_TASKS; task++)
        for (int i = 0; i < program->bodies[task].count; i++)
            if (check_tasks(program, source, &program->bodies[task].steps[i]))
                return -1;
    return 1;
}

/* One line into the program: 1 when it was its last, 0 when there are more, -1 after a complaint. */
static int read_line(struct program *program, const struct source *source, char *line, int *task)
{
    char *rest = NULL, *word = strtok_r(line, " \t\r\n", &rest);

    if (!word || *word == '#')
        return 0;
    if (!strcmp(word, "start"))
        return read_start(program, source, &rest) ? -1 : check(program, source);
    if (!strcmp(word, "task"))
        return read_task(program, source, &rest, task);
    if (!strcmp(word, "wide")) {
        program->wide = true;
        return 0;
    }
    return read_step(program, source, word, &rest, *task);
}

int program_read(struct program *program, struct source *source)
{
    char line[LINE];
    int task = -1, done = 0;

    *program = (struct program){0};
    while (!done && fgets(line, sizeof line, source->file)) {
        source->line++;
        done = read_line(program, source, line, &task);
    }
    if (!done && task >= 0)
        done = complain(source, source->line, "the program ends without a start line");
    return done;
}

void program_free(struct program *program)
{
    for (int task = 0; task < MOST_TASKS; task++)
        free(program->bodies[task].steps);
}
