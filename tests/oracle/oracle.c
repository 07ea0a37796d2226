/* oracle.c - how a program of this folder runs: on one loop or on shard 1 of 2, and on which driver. */
#include "oracle.h"
#include <sys/socket.h>

enum { SHARDS = 2, TESTED = 1 };

gyre_driver_kind oracle_driver;

struct program {
    gyre_coroutine fn;
    void (*script)(void);
};

bool oracle_asked(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

/* Line by line, so that what was printed before a crash is seen. */
static bool begin(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (oracle_asked(argc, argv, "--uv"))
        oracle_driver = GYRE_DRIVER_UV;
    if (oracle_asked(argc, argv, "--sim"))
        oracle_driver = GYRE_DRIVER_SIM;
    return oracle_asked(argc, argv, "--shard");
}

static int run_main(void *arg)
{
    struct program *program = arg;

    return gyre_shard_id() == TESTED ? program->fn(NULL) : 0;
}

int oracle_run(int argc, char **argv, gyre_coroutine fn)
{
    struct program program = {.fn = fn};
    bool sharded = begin(argc, argv);
    gyre_loop_options loop = {.size = sizeof loop, .driver = oracle_driver};

    if (!sharded)
        return gyre_run(fn, NULL, .loop = &loop);
    return gyre_run_sharded(SHARDS, run_main, &program, .quiet = GYRE_YES, .loop = &loop);
}

static int run_script(void *arg)
{
    struct program *program = arg;

    program->script();
    return 0;
}

static int wait_for_script(void *arg)
{
    return gyre_shard_id() == TESTED ? gyre_to_thread(run_script, arg) : 0;
}

int oracle_script(int argc, char **argv, void (*script)(void))
{
    struct program program = {.script = script};

    /* Signals are for the loops that it makes. */
    if (begin(argc, argv))
        return gyre_run_sharded(SHARDS, wait_for_script, &program, .quiet = GYRE_YES, .signals = GYRE_NO);
    script();
    return 0;
}

void oracle_say(void *text)
{
    puts(text);
}

void oracle_stop(void *loop)
{
    gyre_loop_stop(loop);
}

void oracle_socketpair(int pair[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0)
        return;
    perror("socketpair");
    exit(1);
}

int oracle_await(gyre_future *future)
{
    int code = gyre_await(future, NULL);

    gyre_future_unref(future);
    return code;
}

int oracle_connect(gyre_transport **transport, const gyre_protocol *protocol, void *arg)
{
    int pair[2], err;

    oracle_socketpair(pair);
    err = gyre_loop_create_connection(gyre_get_running_loop(), transport, protocol, .sock = pair[0],
                                      .arg = arg);
    if (!err)
        return pair[1];
    fprintf(stderr, "no connection: %s: %s\n", oracle_name(err), oracle_str(err));
    exit(1);
}

int oracle_drain(void *sock)
{
    static char data[1 << 20];
    ssize_t n;
    int count = 0;

    while ((n = recv(*(int *)sock, data, sizeof data, 0)) > 0)
        count += (int)n;
    return count;
}

void *oracle_self(void *arg)
{
    return arg;
}

const char *oracle_name(int err)
{
    return err == ORACLE_KEY_ERROR ? "KeyError" : gyre_error_name(err);
}

const char *oracle_str(int err)
{
    const char *text = gyre_error_text();

    if (err >= 0)
        return "None";
    return *text ? text : gyre_strerror(err);
}

const char *oracle_repr(int err)
{
    const char *words = oracle_str(err);
    char name[64];

    if (err >= 0)
        return "None";
    snprintf(name, sizeof name, "%s(", oracle_name(err));
    return strcat(py_quote(name, (const unsigned char *)words, strlen(words)), ")");
}
