/* loop/stall_words.c - a stall in words: functions by name, and the default report. */
#include "base/symbol.h"
#include "loop/loop.h"
#include <stdarg.h>
#include <stdio.h>

enum { MOST = sizeof((struct gyre__stack_view *)0)->frames / sizeof(uintptr_t) };

/* Names of the functions of a stack. */
struct names {
    char text[MOST][96];
    const char *pointers[MOST];
};

/* All frames but the first return behind the call that they are in. */
static void name_frames(const struct gyre__stack_view *view, struct names *names)
{
    for (size_t i = 0; i < view->count; i++) {
        gyre__symbol(view->frames[i] - (i > 0), names->text[i], sizeof names->text[i]);
        names->pointers[i] = names->text[i];
    }
}

void gyre__stall_tell(const struct gyre__stall *stall, double seconds, const struct gyre__stack_view *view)
{
    struct names names;
    gyre_stall told = {.size = sizeof told,
                       .loop = stall->loop,
                       .thread = stall->thread,
                       .seconds = seconds,
                       .limit = (double)stall->limit / 1e9,
                       .over = !view,
                       .untold = stall->untold,
                       .task = ""};

    if (view) {
        name_frames(view, &names);
        told.task = view->task;
        told.frames = names.pointers;
        told.frame_count = view->count;
        told.no_stack = view->missing;
    }
    stall->handler(&told, stall->arg);
}

/* Text that grows to its limit. */
struct block {
    char text[8192];
    size_t length;
};

static void __attribute__((format(printf, 2, 3))) add(struct block *block, const char *format, ...)
{
    size_t room = sizeof block->text - block->length;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(block->text + block->length, room, format, args);
    va_end(args);
    if (length > 0)
        block->length += (size_t)length < room ? (size_t)length : room - 1;
}

static void add_stack(struct block *block, const gyre_stall *stall)
{
    for (size_t i = 0; i < stall->frame_count; i++)
        add(block, "    %s\n", stall->frames[i]);
    if (stall->no_stack)
        add(block, "    no stack: %s\n", stall->no_stack);
}

static void add_stall(struct block *block, const gyre_stall *stall)
{
    add(block, "gyre: stall: the loop on thread %s hangs for %.3f seconds now", stall->thread,
        stall->seconds);
    add(block, " (limit %g)", stall->limit);
    if (*stall->task)
        add(block, " in task %s", stall->task);
    if (stall->untold)
        add(block, "; since the last report %u shorter ones", stall->untold);
    add(block, "\n");
    add_stack(block, stall);
}

void gyre_stall_print(const gyre_stall *stall)
{
    struct block block = {.length = 0};

    if (stall->over)
        add(&block, "gyre: stall: the loop on thread %s goes on after %.3f seconds\n", stall->thread,
            stall->seconds);
    else
        add_stall(&block, stall);
    fputs(block.text, stderr);
}
