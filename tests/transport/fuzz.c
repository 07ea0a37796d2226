/* fuzz.c - plays seeds: those of the arguments, of all kinds or one. */
#include "fuzz.h"
#include <signal.h>
#include <stdarg.h>
#include <time.h>

enum { LINES = 300, LINE = 160, HANG = 60 /* seconds of one seed */ };

struct run run;

static struct {
    const char *kind;        /* only this one */
    uint64_t first, count;   /* seeds */
    bool shown;              /* the trace is printed as it comes */
    char lines[LINES][LINE]; /* else the last lines of it */
    unsigned next;
} task_of_ours = {.count = 10000};

void trace(const char *format, ...)
{
    char *line = task_of_ours.lines[task_of_ours.next++ % LINES];
    va_list values;

    va_start(values, format);
    vsnprintf(line, LINE, format, values);
    va_end(values);
    if (task_of_ours.shown)
        printf("%s\n", line);
}

static void print_trace(void)
{
    unsigned end = task_of_ours.next;

    for (unsigned i = end > LINES ? end - LINES : 0; i < end && !task_of_ours.shown; i++)
        fprintf(stderr, "%s\n", task_of_ours.lines[i % LINES]);
}

void expect(bool holds, const char *words)
{
    if (holds)
        return;
    fflush(stdout);
    print_trace();
    fprintf(stderr, "transport_fuzz: %s; again: transport_fuzz --kind %s --seed %llu --trace\n", words,
            run.kind->name, (unsigned long long)run.seed);
    _exit(1);
}

/* What asyncio says when a method raises, and in the few other cases that are meant. */
static bool may_be_told(const char *message)
{
    static const char *const known[] = {"Fatal error",
                                        "protocol.",
                                        "Exception in callback",
                                        "returning true from eof_received",
                                        "Fatal read error",
                                        "unclosed transport",
                                        "coroutine ",
                                        "Executing "};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strncmp(message, known[i], strlen(known[i])))
            return true;
    return false;
}

static int tell(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    trace("told: %s %s", context->message, context->exception ? gyre_error_name(context->exception) : "");
    expect(may_be_told(context->message), "the exception handler was told something strange");
    return 0;
}

static double share(double most)
{
    return one_in(2) ? 0 : most * roll(1000) / 1000;
}

static void trace_network(const char *event, void *arg)
{
    trace("    %s", event);
}

/* Sometimes perfect, sometimes slow, sometimes breaking. */
static gyre_loop *make_virtual_loop(int debug)
{
    double reset = share(0.3), latency = one_in(2) ? 0 : share(0.05);

    run.breaks = reset > 0;
    return gyre_loop_new(.driver = GYRE_DRIVER_SIM, .executor_inline = GYRE_YES, .debug = debug,
                         .sim_seed = run.seed, .sim_trace = trace_network, .sim_latency = latency,
                         .sim_jitter = share(0.02), .sim_buffer = one_in(2) ? 0 : 1000 + roll(200000),
                         .sim_reset = reset, .sim_partial = share(0.8), .sim_again = share(0.5),
                         .sim_loss = share(0.3), .sim_duplicate = share(0.3), .sim_reorder = share(0.3));
}

static void open_loop(void)
{
    int debug = one_in(12) ? GYRE_YES : GYRE_NO;
    gyre_driver_kind driver = one_in(8) ? GYRE_DRIVER_UV : GYRE_DRIVER_DEFAULT;

    run.loop = run.kind->virtual
                   ? make_virtual_loop(debug)
                   : gyre_loop_new(.driver = driver, .executor_inline = GYRE_YES, .debug = debug);
    expect(run.loop != NULL, "no loop could be made");
    gyre_set_event_loop(run.loop);
    gyre_loop_set_exception_handler(run.loop, tell, NULL);
}

static void close_loop(void)
{
    gyre_set_event_loop(NULL);
    run.closing = true;
    gyre_loop_close(run.loop);
    run.kind->judge();
    gyre_loop_unref(run.loop);
}

/* The lowest number that is free: what was opened and not closed moves it. */
static int free_number(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

static const struct kind *pick_kind(void)
{
    unsigned total = 0, at;

    for (size_t i = 0; i < kinds_count; i++)
        total += kinds[i].weight;
    at = roll(total);
    for (size_t i = 0; i < kinds_count; i++) {
        if (task_of_ours.kind ? !strcmp(kinds[i].name, task_of_ours.kind) : at < kinds[i].weight)
            return &kinds[i];
        at -= kinds[i].weight;
    }
    fprintf(stderr, "transport_fuzz: there is no kind %s\n", task_of_ours.kind);
    exit(2);
}

static void give_up(int number)
{
    expect(false, "a call never returns");
}

static void play(uint64_t seed)
{
    int before = free_number();

    alarm(HANG);
    memset(&run, 0, sizeof run);
    random_begin(seed);
    run.seed = seed;
    run.kind = pick_kind();
    run.fuel = 10 + roll(120);
    run.bytes = 3 * 1024 * 1024;
    task_of_ours.next = 0;
    trace("seed %llu: %s", (unsigned long long)seed, run.kind->name);
    open_loop();
    run.kind->play();
    close_loop();
    expect(free_number() == before, "a descriptor was left open");
}

static int usage(void)
{
    fprintf(stderr, "usage: transport_fuzz [--kind NAME] [--seed N] [--seeds FIRST COUNT] [--trace]\nkinds:");
    for (size_t i = 0; i < kinds_count; i++)
        fprintf(stderr, " %s", kinds[i].name);
    fprintf(stderr, "\n");
    return 2;
}

static bool read_argument(int left, char **words, int *used)
{
    if (!strcmp(words[0], "--trace")) {
        task_of_ours.shown = true;
        *used = 1;
    } else if (!strcmp(words[0], "--kind") && left > 1) {
        task_of_ours.kind = words[1];
        *used = 2;
    } else if (!strcmp(words[0], "--seed") && left > 1) {
        task_of_ours.first = strtoull(words[1], NULL, 10);
        task_of_ours.count = 1;
        *used = 2;
    } else if (!strcmp(words[0], "--seeds") && left > 2) {
        task_of_ours.first = strtoull(words[1], NULL, 10);
        task_of_ours.count = strtoull(words[2], NULL, 10);
        *used = 3;
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    int used;

    for (int i = 1; i < argc; i += used)
        if (!read_argument(argc - i, argv + i, &used))
            return usage();
    signal(SIGALRM, give_up);
    pattern_begin();
    tls_begin();
    gyre_loop_unref(gyre_loop_new(.driver = GYRE_DRIVER_UV));
    for (uint64_t i = 0; i < task_of_ours.count; i++)
        play(task_of_ours.first + i);
    tls_end();
    pattern_end();
    printf("%llu seeds\n", (unsigned long long)task_of_ours.count);
    return 0;
}
