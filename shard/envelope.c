/* envelope.c - the journey of a call: there, what happens there, home; and of the cancel that follows it. */
#include "base/check.h"
#include "base/error.h"
#include "base/memory.h"
#include "call.h"
#include <stdlib.h>

static bool cancel_call(gyre_future *future, const char *msg);

static struct gyre__slab *slab_of(gyre_loop *loop)
{
    return loop->floors[GYRE__FLOOR_SHARD].state;
}

static void free_call_future(gyre_future *future)
{
    gyre__slab_put(slab_of(future->loop), future);
}

static const struct gyre__future_class call_class = {
    .never_retrieved = "Shard call exception was never retrieved",
    .cancel = cancel_call,
    .destroy = free_call_future,
};

static void release_slab(gyre_loop *loop, void *slab)
{
    gyre__slab_clear(slab);
    free(slab);
}

void gyre__calls_open(gyre_loop *loop)
{
    struct gyre__slab *slab = gyre__malloc(sizeof *slab);

    gyre__slab_init(slab, sizeof(struct gyre__call_future));
    gyre__loop_attach(loop, GYRE__FLOOR_SHARD,
                      (struct gyre__floor_state){.state = slab, .release = release_slab});
}

/* The way back. */
static struct gyre__outbox *homewards(const struct gyre__envelope *envelope)
{
    return &envelope->outbox->to->outboxes[envelope->outbox->from->id];
}

/* The protocol in life.c brings every envelope home before a mailbox closes. */
static void lost(void *envelope)
{
    gyre__abort(__FILE__, __LINE__, "a shard has closed with a call under way");
}

static struct gyre__call make_letter(struct gyre__envelope *envelope, gyre_callback fn)
{
    return (struct gyre__call){.fn = fn, .arg = envelope, .release = lost, .kind = GYRE__CALL_EMBEDDED};
}

/* A cancel that missed the task is the caller's own; so is one that met a shard which was closing anyway. */
static bool is_cancelled(const struct gyre__envelope *envelope)
{
    return envelope->cancel_missed || envelope->code == GYRE_ECANCELLED ||
           (envelope->cancel_wanted && envelope->code == GYRE_ELOOPCLOSED);
}

static void settle(gyre_future *future, struct gyre__envelope *envelope)
{
    if (is_cancelled(envelope)) {
        gyre__future_cancel(future, NULL);
    } else if (!gyre_future_done(future)) {
        future->text = envelope->text;
        envelope->text = NULL;
        gyre__future_finish(future, envelope->code);
    }
    free(envelope->text);
}

static void count_home(struct gyre__shard *shard)
{
    if (--shard->away == 0 && shard->waiting_home)
        gyre__loop_end(shard->loop);
}

static void end_call(struct gyre__envelope *envelope)
{
    gyre_future *future = &envelope->future->future;

    envelope->future->envelope = NULL;
    settle(future, envelope);
    count_home(envelope->outbox->from);
    if (envelope->heap)
        free(envelope);
    gyre_future_unref(future);
}

static void come_home(void *arg)
{
    struct gyre__envelope *envelope = arg;

    envelope->home = true;
    if (!envelope->cancel_away)
        end_call(envelope);
}

/* On the far shard: the call is over. Also the release of the task that ran it. */
static void answer(void *arg)
{
    struct gyre__envelope *envelope = arg;

    envelope->task = NULL;
    if (envelope->code == GYRE_ECANCELLED && envelope->outbox->to->stage != GYRE__SERVING)
        envelope->code = GYRE_ELOOPCLOSED;
    if (envelope->release)
        envelope->release(envelope->arg);
    envelope->letter.fn = come_home;
    gyre__outbox_put_free(homewards(envelope), &envelope->letter);
}

static void keep_text(struct gyre__envelope *envelope)
{
    const char *text = gyre_error_text();

    if (envelope->code < 0 && *text)
        envelope->text = gyre__strdup(text);
}

/* The envelope keeps the outcome; the task itself has none that anybody could miss. */
static int run_in_task(void *arg)
{
    struct gyre__envelope *envelope = arg;

    envelope->code = envelope->fn(envelope->arg);
    keep_text(envelope);
    return 0;
}

static void start_task(struct gyre__envelope *envelope)
{
    const gyre_task_options options = {.size = sizeof options, .release = answer};
    struct gyre__task *task = gyre__task_new(envelope->outbox->to->loop, run_in_task, envelope, &options);

    envelope->task = task;
    if (gyre__task_begin(task) == 0)
        return;
    envelope->code = -ENOMEM;
    answer(envelope);
}

static void run_inline(struct gyre__envelope *envelope)
{
    char **before = gyre__error_switch(&envelope->text);

    envelope->code = envelope->fn(envelope->arg);
    gyre__error_switch(before);
    answer(envelope);
}

static void arrive(void *arg)
{
    struct gyre__envelope *envelope = arg;

    if (envelope->outbox->to->stage != GYRE__SERVING) {
        envelope->code = GYRE_ELOOPCLOSED;
        answer(envelope);
    } else if (envelope->run_inline) {
        run_inline(envelope);
    } else {
        start_task(envelope);
    }
}

gyre_future *gyre__envelope_send(struct gyre__envelope *envelope)
{
    struct gyre__shard *from = envelope->outbox->from;
    struct gyre__call_future *future = gyre__slab_get(slab_of(from->loop));

    gyre__future_init(&future->future, from->loop, &call_class);
    future->envelope = envelope;
    envelope->future = future;
    gyre_future_ref(&future->future);
    envelope->code = GYRE_ECANCELLED;
    envelope->letter = make_letter(envelope, arrive);
    from->away++;
    gyre__outbox_put(envelope->outbox, &envelope->letter);
    return &future->future;
}

static void cancel_home(void *envelope);

/* On the far shard. The letters of a pair keep their order, so the call has arrived before. */
static void read_cancel(void *arg)
{
    struct gyre__envelope *envelope = arg;

    envelope->applied = envelope->task && gyre_task_cancel(&envelope->task->future);
    envelope->cancel.fn = cancel_home;
    gyre__outbox_put_free(homewards(envelope), &envelope->cancel);
}

static void send_cancel(struct gyre__envelope *envelope)
{
    envelope->cancel_away = true;
    envelope->cancel_again = false;
    envelope->cancel = make_letter(envelope, read_cancel);
    gyre__outbox_put_free(envelope->outbox, &envelope->cancel);
}

static void cancel_home(void *arg)
{
    struct gyre__envelope *envelope = arg;

    envelope->cancel_away = false;
    envelope->cancel_missed |= !envelope->applied;
    if (envelope->home) {
        envelope->cancel_missed |= envelope->cancel_again;
        end_call(envelope);
    } else if (envelope->cancel_again) {
        send_cancel(envelope);
    }
}

/* As for a task: the request is on its way, and the outcome will tell. */
static bool cancel_call(gyre_future *future, const char *msg)
{
    struct gyre__envelope *envelope = ((struct gyre__call_future *)future)->envelope;

    envelope->cancel_wanted = true;
    if (envelope->cancel_away)
        envelope->cancel_again = true;
    else
        send_cancel(envelope);
    return true;
}
