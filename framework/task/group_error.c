/* task/group_error.c - what ended a group: a list in one piece of memory, that belongs to the parent task.
 *
 * The list is the array of errors, and behind it their texts and names.
 */
#include "base/error.h"
#include "base/memory.h"
#include "task/siblings.h"
#include "task/task_group.h"
#include <stdio.h>
#include <string.h>

/* A list that is written, or only measured: without room. */
struct list {
    gyre_group_error *errors; /* NULL: only measure */
    size_t count;             /* errors so far */
    size_t size;              /* bytes so far, for the words */
    char *words;              /* where they go */
};

static const char *keep(struct list *list, const char *word)
{
    size_t size = strlen(word) + 1, place = list->size;

    list->size += size;
    return list->errors ? memcpy(list->words + place, word, size) : NULL;
}

static void add(struct list *list, int code, const char *text, const gyre_task *task)
{
    gyre_group_error error = {code, keep(list, text ? text : ""), keep(list, gyre_task_get_name(task))};

    if (list->errors)
        list->errors[list->count] = error;
    list->count++;
}

static void add_all(struct list *list, const gyre_task_group *group, int code, const char *text)
{
    for (gyre_task *child = group->failed; child; child = gyre__sibling_next(group->failed, child))
        add(list, child->code, child->text, child);
    if (code)
        add(list, code, text, group->parent);
}

static void publish(gyre_task_group *group, int code, const char *text)
{
    struct gyre__task *parent = (struct gyre__task *)group->parent;
    struct list measured = {0}, list = {0};

    add_all(&measured, group, code, text);
    list.errors = gyre__malloc(measured.count * sizeof *list.errors + measured.size);
    list.words = (char *)(list.errors + measured.count);
    add_all(&list, group, code, text);
    gyre__free_rare(parent->group_errors);
    parent->group_errors = list.errors;
    group->errors = list.errors;
    group->count = list.count;
}

static void forget_failed(gyre_task_group *group)
{
    gyre_task *child;

    while ((child = group->failed)) {
        gyre__siblings_remove(&group->failed, child);
        gyre_future_unref(child);
    }
}

/* One error speaks for itself. */
static int say(const gyre_group_error *first, size_t more)
{
    if (more > 0)
        return gyre_error_set(first->code, "%s (and %zu more)",
                              *first->text ? first->text : gyre_strerror(first->code), more);
    gyre__error_put(*first->text ? gyre__strdup(first->text) : NULL);
    return first->code;
}

int gyre__group_raise(gyre_task_group *group, int code, const char *text)
{
    if (!group->failed && !code)
        return 0;
    publish(group, code, text);
    forget_failed(group);
    return say(group->errors, group->count - 1);
}

size_t gyre_task_group_errors(const gyre_task_group *group, const gyre_group_error **errors)
{
    if (errors)
        *errors = group->errors;
    return group->count;
}
