/* sched_trace.c - runs scheduling programs and prints their traces, as CPython's asyncio does line for line.
 */
#include "digest.h"
#include "generate.h"
#include "world.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "sched_trace [OPTIONS] [FILE...]          print the trace of each program in the files, or on standard "
    "input\n"
    "sched_trace [OPTIONS] --gen SEED         print the random program of a seed\n"
    "sched_trace [OPTIONS] --sums FIRST END   print \"SEED MD5\" of the traces of seeds FIRST to END - 1\n"
    "\n"
    "  --driver NAME   what the loops stand on: default, epoll, uv or sim\n"
    "  --wide          random programs are of the wide grammar, with many more operations\n"
    "  --help          this text\n"
    "\n"
    "A program is lines of words: \"task NUMBER MODE\" (MODE p: a cancellation ends the task, s: it goes "
    "on,\n"
    "e: any exception ends it), below it the task's steps, \"OPERATION NUMBER...\", and \"start NUMBER...\" "
    "as\n"
    "the last line. A trace line is \"TURN tTASK.STEP OPERATION OUTCOME\". tests/sched/README.md says "
    "more.\n";

enum action { TRACE, GENERATE, SUM };

struct settings {
    enum action action;
    gyre_driver_kind driver;
    bool wide; /* random programs are of the wide grammar */
};

static int misused(const char *complaint, const char *word)
{
    fprintf(stderr, "sched_trace: %s%s; --help says how\n", complaint, word);
    return 2;
}

static void make_program(const struct settings *settings, uint64_t seed, struct text *program)
{
    if (settings->wide)
        generate_wide(program, seed);
    else
        generate(program, seed);
}

static int trace_all(const struct settings *settings, struct source *source)
{
    struct program program;
    struct text trace = {0};
    int result;

    while ((result = program_read(&program, source)) > 0) {
        world_run(&program, settings->driver, &trace);
        fputs(text_words(&trace), stdout);
        text_clear(&trace);
        program_free(&program);
    }
    program_free(&program);
    text_free(&trace);
    return result ? 2 : 0;
}

static int trace_file(const struct settings *settings, const char *name)
{
    struct source source = {.file = fopen(name, "r"), .name = name};
    int result;

    if (!source.file) {
        fprintf(stderr, "sched_trace: %s: %s\n", name, strerror(errno));
        return 2;
    }
    result = trace_all(settings, &source);
    fclose(source.file);
    return result;
}

static int trace(const struct settings *settings, char **names)
{
    struct source input = {.file = stdin, .name = "standard input"};
    int result = 0;

    if (!*names)
        return trace_all(settings, &input);
    for (; *names && !result; names++)
        result = trace_file(settings, *names);
    return result;
}

static void trace_seed(const struct settings *settings, uint64_t seed, struct text *trace)
{
    struct text words = {0};
    struct program program;
    struct source source = {.name = "generated"};

    make_program(settings, seed, &words);
    source.file = fmemopen(words.bytes, words.length, "r");
    if (!source.file || program_read(&program, &source) != 1)
        abort();
    fclose(source.file);
    world_run(&program, settings->driver, trace);
    program_free(&program);
    text_free(&words);
}

static void sum_seed(const struct settings *settings, uint64_t seed)
{
    char sum[DIGEST_LENGTH + 1];
    struct text trace = {0};

    trace_seed(settings, seed, &trace);
    digest(trace.bytes, trace.length, sum);
    printf("%llu %s\n", (unsigned long long)seed, sum);
    text_free(&trace);
}

static bool is_seed(const char *word, uint64_t *seed)
{
    char *end;

    errno = 0;
    *seed = strtoull(word ? word : "", &end, 10);
    return word && *word >= '0' && *word <= '9' && !*end && !errno;
}

static int print_program(const struct settings *settings, char **words)
{
    struct text program = {0};
    uint64_t seed;

    if (!is_seed(words[0], &seed) || words[1])
        return misused("--gen takes one seed", "");
    make_program(settings, seed, &program);
    fputs(text_words(&program), stdout);
    text_free(&program);
    return 0;
}

static int print_sums(const struct settings *settings, char **words)
{
    uint64_t first, end;

    if (!is_seed(words[0], &first) || !is_seed(words[1], &end) || words[2])
        return misused("--sums takes two seeds", "");
    for (; first < end; first++)
        sum_seed(settings, first);
    return 0;
}

static bool choose_driver(const char *name, gyre_driver_kind *driver)
{
    static const char *const names[] = {[GYRE_DRIVER_DEFAULT] = "default",
                                        [GYRE_DRIVER_UV] = "uv",
                                        [GYRE_DRIVER_EPOLL] = "epoll",
                                        [GYRE_DRIVER_SIM] = "sim"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name)) {
            *driver = (gyre_driver_kind)i;
            return true;
        }
    return false;
}

static int act(const struct settings *settings, char **words)
{
    switch (settings->action) {
    case GENERATE:
        return print_program(settings, words);
    case SUM:
        return print_sums(settings, words);
    default:
        return trace(settings, words);
    }
}

/* Takes one option: 0, or the exit status. */
static int take(struct settings *settings, int option)
{
    switch (option) {
    case 'g':
        settings->action = GENERATE;
        return 0;
    case 's':
        settings->action = SUM;
        return 0;
    case 'w':
        settings->wide = true;
        return 0;
    case 'd':
        return choose_driver(optarg, &settings->driver) ? 0 : misused("no such driver: ", optarg);
    default:
        return misused("no such option", "");
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},         {"gen", no_argument, NULL, 'g'},
        {"sums", no_argument, NULL, 's'},         {"wide", no_argument, NULL, 'w'},
        {"driver", required_argument, NULL, 'd'}, {0}};
    struct settings settings = {0};
    int option, status = 0;

    while (!status && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h')
            return fputs(help, stdout) < 0;
        status = take(&settings, option);
    }
    return status ? status : act(&settings, argv + optind);
}
