/* torture.c - one run: the scenario, callback by callback, with its cancels. */
#include "torture.h"
#include "loop/loop.h"
#include "run.h"
#include "worker.h"

enum { MOST_TASKS = 64, MOST_STEPS = 20000 };

gyre_loop *torture_loop;

static struct {
    const struct torture *scenario;
    struct plan *plan;
    unsigned step;                    /* callbacks run */
    size_t injected;                  /* cancels of the plan that are done */
    gyre_task *victims[MOST_CANCELS]; /* whom they met */
    gyre_task *safe[MOST_TASKS];
    size_t safe_count;
    bool settled;
} run;

void torture_start(gyre_coroutine fn, void *arg)
{
    torture_check(gyre_loop_create_task(torture_loop, NULL, fn, arg) == 0, "a task was refused");
}

gyre_task *torture_start_safe(gyre_coroutine fn, void *arg)
{
    torture_check(run.safe_count < MOST_TASKS, "too many safe tasks");
    torture_check(gyre_loop_create_task(torture_loop, &run.safe[run.safe_count], fn, arg) == 0,
                  "a task was refused");
    return run.safe[run.safe_count++];
}

static void print_plan(FILE *file)
{
    fprintf(file, "%s", run.scenario->name);
    for (size_t i = 0; i < run.plan->count; i++)
        fprintf(file, " %u:%u", run.plan->cancels[i].step, run.plan->cancels[i].task);
    if (run.plan->close)
        fprintf(file, " close:%u", run.plan->cancels[0].step);
    fprintf(file, "\n");
}

void torture_check(bool holds, const char *words)
{
    char *tasks;

    if (holds)
        return;
    fprintf(stderr, "torture: %s, after %u callbacks of: ", words, run.step);
    print_plan(stderr);
    tasks = torture_loop->describe ? torture_loop->describe(torture_loop) : NULL;
    fprintf(stderr, "%s\n", tasks ? tasks : "");
    abort();
}

static bool unwinding(int err)
{
    return err == GYRE_ECANCELLED && gyre_loop_is_closed(torture_loop);
}

int torture_expect_request(int err)
{
    torture_check(err != GYRE_ECANCELLED || unwinding(err) || gyre_task_cancelling(gyre_current_task()) > 0,
                  "a task was cancelled by nobody");
    return err;
}

bool torture_is_victim(void)
{
    for (size_t i = 0; i < run.injected; i++)
        if (run.victims[i] && run.victims[i] == gyre_current_task())
            return true;
    return false;
}

int torture_expect_victim(int err)
{
    torture_check(err != GYRE_ECANCELLED || unwinding(err) || torture_is_victim(),
                  "a task was cancelled by nobody");
    return err;
}

/* Debug mode tells, rightly, of the tasks that a closed loop has never begun. */
static int tell(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    if (run.plan->close && strstr(context->message, "was never awaited"))
        return 0;
    fprintf(stderr, "torture: %s: %s %s\n", context->message, gyre_error_name(context->exception),
            context->text ? context->text : "");
    torture_check(false, "the exception handler was told");
    return 0;
}

void torture_open(void)
{
    gyre_executor *worker = worker_new();

    torture_loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM);
    gyre_set_event_loop(torture_loop);
    gyre_loop_set_exception_handler(torture_loop, tell, NULL);
    gyre_loop_set_default_executor(torture_loop, worker);
    gyre_executor_unref(worker);
}

void torture_close(void)
{
    gyre_set_event_loop(NULL);
    gyre_loop_close(torture_loop);
    gyre_loop_unref(torture_loop);
    torture_loop = NULL;
}

/* Turns until `calls` more of the queue have run. */
static void advance(uint64_t calls)
{
    torture_loop->stopping = true;
    torture_loop->stop_mark = torture_loop->ready.popped + calls;
    torture_check(gyre_loop_run_forever(torture_loop) == 0, "the loop does not run");
}

static void end_turn(void *arg)
{
    gyre__loop_end(torture_loop);
}

/* Virtual time jumps to the next deadline; all timers of that moment run. */
static void jump(int64_t deadline)
{
    struct gyre__call *call = gyre__call_new(torture_loop, GYRE__CALL_TIMER, NULL, NULL);

    call->fn = end_turn;
    call->when = deadline;
    gyre__timers_arm(torture_loop, call, gyre__timers_number(&torture_loop->timers));
    torture_check(gyre_loop_run_forever(torture_loop) == 0, "the loop does not run");
}

/* The running job ends; its outcome comes through the inbox. */
static void finish_job(void)
{
    torture_check(worker_finish_job(), "a thread owes an outcome, and none runs");
    advance(0);
}

/* Nothing is ready: waits for what can come, else asks the scenario, once. */
static void wait_for_news(void)
{
    int64_t deadline = gyre__timers_next(torture_loop);

    if (deadline < GYRE__FOREVER) {
        jump(deadline);
    } else if (torture_loop->expected > 0) {
        finish_job();
    } else {
        torture_check(!run.settled && run.scenario->settle, "deadlock: nobody will wake them");
        run.settled = true;
        run.scenario->settle();
    }
}

static bool is_safe(const gyre_task *task)
{
    for (size_t i = 0; i < run.safe_count; i++)
        if (run.safe[i] == task)
            return true;
    return false;
}

/* Fills in the tasks that can be cancelled now, with references. */
static size_t find_tasks(gyre_task **tasks)
{
    gyre_task *all[MOST_TASKS];
    size_t count = gyre_all_tasks(torture_loop, all, MOST_TASKS), found = 0;

    torture_check(count <= MOST_TASKS, "too many tasks");
    for (size_t i = 0; i < count; i++) {
        if (is_safe(all[i]))
            gyre_future_unref(all[i]);
        else
            tasks[found++] = all[i];
    }
    return found;
}

/* The plan's next cancel, if its moment is now. */
static bool inject(void)
{
    struct cancel *cancel = &run.plan->cancels[run.injected];
    gyre_task *tasks[MOST_TASKS];
    size_t count;

    if (run.plan->close || run.injected == run.plan->count || cancel->step != run.step)
        return false;
    count = find_tasks(tasks);
    cancel->reached = true;
    cancel->tasks = (unsigned)count;
    if (cancel->task < count) {
        run.victims[run.injected] = gyre_future_ref(tasks[cancel->task]);
        torture_check(gyre_task_cancel(tasks[cancel->task]), "a task that is not done was not cancelled");
    }
    run.injected++;
    for (size_t i = 0; i < count; i++)
        gyre_future_unref(tasks[i]);
    return true;
}

static size_t tasks_left(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(torture_loop, &stats);
    return stats.tasks;
}

static void go_on(void)
{
    if (!torture_loop->ready.first) {
        wait_for_news();
        return;
    }
    while (inject())
        ;
    advance(1);
    torture_check(++run.step < MOST_STEPS, "no end is in sight");
}

static void check_victims(void)
{
    for (size_t i = 0; i < MOST_CANCELS; i++) {
        torture_check(!run.victims[i] || run.scenario->swallows || gyre_future_cancelled(run.victims[i]),
                      "a cancel was lost");
        gyre_future_unref(run.victims[i]);
        run.victims[i] = NULL;
    }
    while (run.safe_count > 0)
        gyre_future_unref(run.safe[--run.safe_count]);
}

/* What the tasks have left behind still runs; then nothing may be there. */
static void check_rest(void)
{
    while (torture_loop->ready.first || worker_finish_job())
        advance(1);
    check_victims();
    run.scenario->end(true);
    torture_check(gyre__timers_next(torture_loop) == GYRE__FOREVER, "a timer was left behind");
    torture_check(torture_loop->objects == 0, "a future was left behind");
    torture_check(torture_loop->calls.used == 0, "a callback was left behind");
}

static bool closes_now(void)
{
    run.plan->cancels[0].reached = run.plan->close && run.plan->cancels[0].step == run.step;
    return run.plan->cancels[0].reached;
}

static void close_under_it(void)
{
    worker_release();
    gyre_loop_close(torture_loop);
    worker_join();
    torture_check(tasks_left() == 0, "a task outlived its loop");
    check_victims();
    run.scenario->end(false);
}

void torture_run(const struct torture *scenario, struct plan *plan)
{
    memset(&run, 0, sizeof run);
    run.scenario = scenario;
    run.plan = plan;
    scenario->begin();
    while (tasks_left() > 0) {
        if (plan->close && closes_now()) {
            close_under_it();
            return;
        }
        go_on();
    }
    check_rest();
}
