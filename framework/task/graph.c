/* task/graph.c - who awaits whom, in words.
 *
 * The edges are the callbacks themselves: each knows the future that waits by it. So the graph costs nothing
 * until somebody looks.
 */
#include "task/graph.h"
#include "base/symbol.h"
#include <stdlib.h>

enum { MOST_LINES = 1000, MOST_DEPTH = 50, INDENT = 5 };

static void begin_line(struct gyre__graph *graph, unsigned depth, const char *mark)
{
    graph->lines++;
    fprintf(graph->file, "%*s%s ", (int)(depth * INDENT), "", mark);
}

static void write_name(struct gyre__graph *graph, gyre_future *future)
{
    char body[96];

    if (!future->is_task) {
        fprintf(graph->file, "%s %p", future->class->fan ? "gather" : "Future", (void *)future);
        return;
    }
    gyre__symbol((uintptr_t)gyre_task_get_coro(future), body, sizeof body);
    fprintf(graph->file, "Task(name='%s', coro=%s)", gyre_task_get_name(future), body);
}

/* False when there is nothing to add: it was written before, or there is too much. */
static bool write_line(struct gyre__graph *graph, gyre_future *future, unsigned depth)
{
    bool known = future->mark == graph->mark, more = depth < MOST_DEPTH && graph->lines < MOST_LINES;

    begin_line(graph, depth, "*");
    if (more)
        write_name(graph, future);
    fputs(!more ? "...\n" : known ? " (above)\n" : "\n", graph->file);
    future->mark = graph->mark;
    return more && !known;
}

void gyre__graph_write(struct gyre__graph *graph, gyre_future *future, unsigned depth)
{
    bool first = true;

    if (!write_line(graph, future, depth))
        return;
    for (const struct gyre__call *call = future->callbacks; call; call = call->next) {
        if (!call->future)
            continue;
        if (first) {
            begin_line(graph, depth, "  +");
            fputs("Awaited by:\n", graph->file);
        }
        first = false;
        gyre__graph_write(graph, call->future, depth + 1);
    }
}

size_t gyre_future_awaited_by(const gyre_future *future, gyre_future **awaiters, size_t max)
{
    size_t count = 0;

    for (const struct gyre__call *call = future->callbacks; call; call = call->next) {
        if (!call->future)
            continue;
        if (count < max)
            awaiters[count] = gyre_future_ref(call->future);
        count++;
    }
    return count;
}

static void write_graph(FILE *file, gyre_future *future)
{
    struct gyre__graph graph = {.file = file};

    if (!future)
        return;
    graph.mark = gyre__future_new_mark(future->loop);
    gyre__graph_write(&graph, future, 0);
}

char *gyre_format_call_graph(gyre_future *future)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    write_graph(file, future ? future : gyre_current_task());
    fclose(file);
    return text;
}

void(gyre_print_call_graph)(gyre_future *future, const gyre_call_graph_options *options)
{
    write_graph(options && options->file ? options->file : stdout, future ? future : gyre_current_task());
}
