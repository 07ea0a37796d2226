/* 088: communicate, several who wait, a broken stdin, stderr into stdout, /dev/null, much output. */
#include "oracle.h"

static const char *code(const gyre_process *process)
{
    char *text = py_place();
    int code;

    if (!gyre_process_get_returncode(process, &code))
        return "None";
    sprintf(text, "%d", code);
    return text;
}

static const char *bytes(const char *data, size_t len)
{
    return data ? py_bytes(data, len) : "None";
}

static void print_output(const gyre_process_output *output)
{
    printf("(%s, %s)", bytes(output->stdout_data, output->stdout_len),
           bytes(output->stderr_data, output->stderr_len));
}

static void cat_hello(void)
{
    static const char *const argv[] = {"cat", NULL};
    gyre_process_output output;
    gyre_process *process;

    gyre_create_subprocess_exec(&process, argv, .stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
    gyre_process_communicate(process, &output, .input = "hello", .len = 5);
    print_output(&output);
    printf(" %s\n", code(process));
    gyre_process_unref(process);
}

static void both_in_one(void)
{
    gyre_process_output output;
    gyre_process *process;

    gyre_create_subprocess_shell(&process, "echo o; echo e >&2; exit 7", .stdout = GYRE_PIPE,
                                 .stderr = GYRE_STDOUT);
    gyre_process_communicate(process, &output);
    print_output(&output);
    printf(" %s %s\n", code(process), gyre_process_get_stderr(process) ? "?" : "None");
    gyre_process_unref(process);
}

static void unwanted_input(void)
{
    static const char *const argv[] = {"true", NULL};
    enum { MUCH = 1000000 };
    gyre_process_output output;
    char *input = malloc(MUCH);
    gyre_process *process;

    memset(input, 'x', MUCH);
    gyre_create_subprocess_exec(&process, argv, .stdin = GYRE_PIPE, .stdout = GYRE_DEVNULL);
    gyre_process_communicate(process, &output, .input = input, .len = MUCH);
    print_output(&output);
    printf(" %s\n", code(process));
    gyre_process_unref(process);
    free(input);
}

static int returncodes[4];

static gyre_process *waited;

static int wait_here(void *returncode)
{
    return gyre_process_wait(waited, returncode);
}

static void several_waiters(void)
{
    gyre_task *waiters[3];
    bool cancelled;

    gyre_create_subprocess_shell(&waited, "exec sleep 5");
    for (int i = 0; i < 3; i++)
        gyre_create_task(&waiters[i], wait_here, &returncodes[i]);
    gyre_sleep(.05);
    gyre_task_cancel(waiters[0]);
    gyre_process_kill(waited);
    for (int i = 0; i < 3; i++)
        gyre_await(waiters[i], NULL);
    cancelled = gyre_future_cancelled(waiters[0]);
    gyre_process_wait(waited, &returncodes[3]);
    printf("%s %d %d %d %s\n", py_bool(cancelled), returncodes[1], returncodes[2], returncodes[3],
           gyre_process_get_stdout(waited) ? "?" : "None");
    for (int i = 0; i < 3; i++)
        gyre_future_unref(waiters[i]);
    printf("%s after exit: no signal to a recycled pid\n", gyre_error_name(gyre_process_kill(waited)));
    gyre_process_unref(waited);
}

static void much_output(void)
{
    gyre_process_output output;
    gyre_process *process;

    gyre_create_subprocess_shell(&process, "head -c 3000000 /dev/zero", .stdout = GYRE_PIPE, .limit = 1024);
    gyre_process_communicate(process, &output);
    printf("%zu\n", output.stdout_len);
    gyre_process_unref(process);
}

static void lines(void)
{
    gyre_process *process;
    const char *line, *comma = "";
    ptrdiff_t len;
    int returncode = -1;

    gyre_create_subprocess_shell(&process, "printf 'a\\nb\\nc'", .stdout = GYRE_PIPE);
    printf("[");
    for (; (len = gyre_reader_readline(gyre_process_get_stdout(process), &line)) > 0; comma = ", ")
        printf("%s%s", comma, py_bytes(line, (size_t)len));
    gyre_process_wait(process, &returncode);
    printf("] %d\n", returncode);
    gyre_process_unref(process);
}

static int all(void *arg)
{
    cat_hello();
    both_in_one();
    unwanted_input();
    several_waiters();
    much_output();
    lines();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, all);
}
