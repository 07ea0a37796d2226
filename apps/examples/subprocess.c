/* subprocess.c - children: run a line and read what it says, talk to a filter, stop what lasts too long. */
#include <gyre/gyre.h>
#include <stdio.h>
#include <string.h>

/* Everything at once: input, output, the end. */
static int sort_words(void)
{
    static const char *const argv[] = {"sort", NULL};
    static const char words[] = "pear\nfig\napple\n";
    gyre_process_output output;
    gyre_process *process;
    int err = gyre_create_subprocess_exec(&process, argv, .stdin = GYRE_PIPE, .stdout = GYRE_PIPE);

    if (err)
        return err;
    err = gyre_process_communicate(process, &output, .input = words, .len = strlen(words));
    if (!err)
        printf("%.*s", (int)output.stdout_len, output.stdout_data);
    gyre_process_unref(process);
    return err;
}

/* Line by line, while the child runs. */
static int count_down(void)
{
    gyre_process *process;
    const char *line;
    ptrdiff_t len;
    int returncode, err;

    err = gyre_create_subprocess_shell(&process, "for i in 3 2 1; do echo $i; done; exit 7",
                                       .stdout = GYRE_PIPE);
    if (err)
        return err;
    while ((len = gyre_reader_readline(gyre_process_get_stdout(process), &line)) > 0)
        printf("the child says %.*s", (int)len, line);
    err = gyre_process_wait(process, &returncode);
    if (!err)
        printf("and ends with %d\n", returncode);
    gyre_process_unref(process);
    return err;
}

/* No longer than a tenth of a second. */
static int stop_it(void)
{
    gyre_process *process;
    gyre_timeout timeout;
    int returncode, err;

    err = gyre_create_subprocess_shell(&process, "exec sleep 3600");
    if (err)
        return err;
    gyre_timeout_begin(&timeout, 0.1);
    err = gyre_timeout_end(&timeout, gyre_process_wait(process, &returncode));
    printf("too long: %s\n", gyre_error_name(err));
    gyre_process_terminate(process);
    err = gyre_process_wait(process, &returncode);
    if (!err)
        printf("ended by signal %d\n", -returncode);
    gyre_process_unref(process);
    return err;
}

static int run(void *arg)
{
    int err = sort_words();

    if (!err)
        err = count_down();
    return err ? err : stop_it();
}

int main(void)
{
    return gyre_run(run, NULL);
}
