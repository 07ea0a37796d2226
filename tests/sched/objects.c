/* objects.c - makes what tasks share, takes it down, and tells how it stands. */
#include "objects.h"
#include "say.h"
#include <string.h>

static int compare_words(const void *a, const void *b, void *arg)
{
    return strcmp(a, b);
}

void objects_init(struct objects *objects, gyre_loop *loop)
{
    for (int i = 0; i < OBJECTS; i++) {
        objects->futures[i] = gyre_loop_create_future(loop);
        gyre_lock_init(&objects->locks[i]);
        gyre_event_init(&objects->events[i]);
        gyre_semaphore_init(&objects->semaphores[i], 1);
        gyre_bounded_semaphore_init(&objects->bounded[i], 1);
        gyre_condition_init(&objects->conditions[i], NULL);
        gyre_condition_init(&objects->shared[i], &objects->locks[i]);
        gyre_barrier_init(&objects->barriers[i], 2);
        gyre_queue_init(&objects->queues[i], .maxsize = 1);
        gyre_lifo_queue_init(&objects->lifo_queues[i], .maxsize = 2);
        gyre_priority_queue_init(&objects->priority_queues[i], compare_words, NULL);
    }
}

void objects_destroy(struct objects *objects)
{
    for (int i = 0; i < OBJECTS; i++) {
        gyre_future_unref(objects->futures[i]);
        gyre_event_destroy(&objects->events[i]);
        gyre_semaphore_destroy(&objects->semaphores[i]);
        gyre_bounded_semaphore_destroy(&objects->bounded[i]);
        gyre_condition_destroy(&objects->conditions[i]);
        gyre_condition_destroy(&objects->shared[i]);
        gyre_lock_destroy(&objects->locks[i]);
        gyre_barrier_destroy(&objects->barriers[i]);
        gyre_queue_destroy(&objects->queues[i]);
        gyre_queue_destroy(&objects->lifo_queues[i]);
        gyre_queue_destroy(&objects->priority_queues[i]);
    }
}

/* The narrow grammar tells a future's exception by its words only. */
static void tell_future(struct text *trace, gyre_future *future, bool wide)
{
    void *value = NULL;

    if (!gyre_future_done(future))
        text_add(trace, "pending");
    else if (gyre_future_cancelled(future))
        text_add(trace, "cancelled");
    else if (gyre_future_result(future, &value) >= 0)
        text_add(trace, "%s", (const char *)value);
    else if (wide)
        add_exception(trace, gyre_future_exception(future));
    else
        text_add(trace, "%s", gyre_error_text());
}

static void add_truth(struct text *trace, bool truth)
{
    text_add(trace, " %s", truth ? "True" : "False");
}

static void tell_locks(struct objects *objects, struct text *trace)
{
    text_add(trace, "end locks");
    for (int i = 0; i < OBJECTS; i++)
        add_truth(trace, gyre_lock_locked(&objects->locks[i]));
    for (int i = 0; i < OBJECTS; i++)
        add_truth(trace, gyre_semaphore_locked(&objects->semaphores[i]));
}

static void tell_wide_locks(struct objects *objects, struct text *trace)
{
    for (int i = 0; i < OBJECTS; i++)
        add_truth(trace, gyre_condition_locked(&objects->conditions[i]));
    for (int i = 0; i < OBJECTS; i++)
        add_truth(trace, gyre_bounded_semaphore_locked(&objects->bounded[i]));
    text_add(trace, "\nend barriers");
    for (int i = 0; i < OBJECTS; i++) {
        text_add(trace, " %d", gyre_barrier_n_waiting(&objects->barriers[i]));
        add_truth(trace, gyre_barrier_broken(&objects->barriers[i]));
    }
    text_add(trace, "\nend");
}

static void tell_queues(gyre_queue *queues, struct text *trace)
{
    for (int i = 0; i < OBJECTS; i++)
        text_add(trace, " %zu", gyre_queue_qsize(&queues[i]));
}

void objects_tell(struct objects *objects, struct text *trace, bool wide)
{
    for (int i = 0; i < OBJECTS; i++) {
        text_add(trace, "end f%d ", i);
        tell_future(trace, objects->futures[i], wide);
        text_add(trace, "\n");
    }
    tell_locks(objects, trace);
    if (wide)
        tell_wide_locks(objects, trace);
    text_add(trace, " queues");
    tell_queues(objects->queues, trace);
    if (wide) {
        tell_queues(objects->lifo_queues, trace);
        tell_queues(objects->priority_queues, trace);
    }
    text_add(trace, "\n");
}
