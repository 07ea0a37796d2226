/* task/words.c - what the loop says of tasks in its reports, and what debug mode says of coroutines. */
#include "base/symbol.h"
#include "task/task.h"
#include <stdio.h>
#include <string.h>

static void describe(struct gyre__who *who, struct gyre__task *task)
{
    who->object = task;
    who->is_task = true;
    who->fn = (uintptr_t)task->fn;
    snprintf(who->name, sizeof who->name, "%s", gyre_task_get_name(&task->future));
}

static bool say_step(const struct gyre__call *call, struct gyre__who *who)
{
    if (!gyre__task_steps(call))
        return false;
    describe(who, call->arg);
    return true;
}

static bool say_task(const gyre_future *future, struct gyre__who *who)
{
    if (!future->is_task)
        return false;
    describe(who, (struct gyre__task *)(uintptr_t)future);
    return true;
}

static struct gyre__vars *find_vars(gyre_future *future)
{
    return future->is_task ? &((struct gyre__task *)future)->vars : NULL;
}

/* Fills the field from its end. */
static const char *digits(char field[24], uint64_t number)
{
    char *digit = field + 23;

    *digit = '\0';
    do
        *--digit = (char)('0' + number % 10);
    while (number /= 10);
    return digit;
}

static void append(char *name, size_t size, const char *text)
{
    size_t length = strlen(name);

    for (; *text && length + 1 < size; text++)
        name[length++] = *text;
    name[length] = '\0';
}

/* Signal-safe: no stdio. The name of a coroutine that runs changes only on its own thread. */
static void say_running(char *name, size_t size)
{
    const struct gyre__coro *coro = gyre__coro_current();
    char field[24];

    *name = '\0';
    if (!coro)
        return;
    append(name, size, coro->name ? coro->name : "Task-");
    if (!coro->name)
        append(name, size, digits(field, coro->number));
}

const struct gyre__task_words gyre__task_words = {
    .step = say_step, .task = say_task, .vars = find_vars, .running = say_running};

void gyre__task_never_awaited(struct gyre__task *task)
{
    gyre_loop *loop = task->future.loop;
    char name[96], message[160];

    if (!gyre_loop_get_debug(loop))
        return;
    gyre__symbol((uintptr_t)task->fn, name, sizeof name);
    snprintf(message, sizeof message, "coroutine '%s' was never awaited", name);
    gyre_loop_call_exception_handler(loop, .message = message, .task = &task->future);
}

void gyre__task_left_open(struct gyre__task *task)
{
    gyre_loop *loop = task->future.loop;
    char name[96], message[192];

    if (!gyre_loop_get_debug(loop))
        return;
    gyre__symbol((uintptr_t)task->fn, name, sizeof name);
    snprintf(message, sizeof message, "coroutine '%s' returned with %d timeout%s open", name, task->timeouts,
             task->timeouts == 1 ? "" : "s");
    gyre_loop_call_exception_handler(loop, .message = message, .task = &task->future);
}
