/* children.c - children of the program, with pipes and without. */
#include "scenario.h"
#include <gyre/process.h>
#include <signal.h>

enum { MUCH = 100 * 1024 };

static char much[MUCH];

/* All that is written comes back. */
static int talk(void *arg)
{
    const char *const argv[] = {"cat", NULL};
    gyre_process_output output = {0};
    gyre_process *process;
    int err = gyre_create_subprocess_exec(&process, argv, .stdin = GYRE_PIPE, .stdout = GYRE_PIPE,
                                          .stderr = GYRE_PIPE);

    if (err)
        return err;
    err = gyre_process_communicate(process, &output, .input = much, .len = MUCH);
    if (!err && output.stdout_len != MUCH)
        err = -EIO;
    if (err) {
        gyre_process_kill(process);
        gyre_process_wait(process, NULL);
    }
    gyre_process_unref(process);
    return err;
}

static int wait_for(void *arg)
{
    gyre_process *process;
    int code = -1;
    int err = gyre_create_subprocess_shell(&process, "exit 3", .stdout = GYRE_DEVNULL);

    if (err)
        return err;
    err = gyre_process_wait(process, &code);
    gyre_process_unref(process);
    return err || code == 3 ? err : -EIO;
}

/* --- by a protocol --- */

static struct {
    int made, lost, exited, gone, open;
    gyre_event over;
} account;

static void made(void *self, gyre_subprocess_transport *transport)
{
    account.made++;
    for (int fd = 0; fd < 3; fd++)
        account.open += gyre_subprocess_transport_get_pipe_transport(transport, fd) != NULL;
}

static void pipe_lost(void *self, int fd, int err)
{
    account.gone++;
}

static void exited(void *self)
{
    scenario_check(account.exited++ == 0, "a child has exited twice");
}

static void lost(void *self, int err)
{
    scenario_check(account.made == 1 && account.lost++ == 0, "a child was lost twice, or never made");
    scenario_check(account.gone == account.open, "a child was lost before its pipes");
    gyre_event_set(&account.over);
}

static const gyre_subprocess_protocol protocol = {.size = 1,
                                                  .connection_made = made,
                                                  .pipe_connection_lost = pipe_lost,
                                                  .process_exited = exited,
                                                  .connection_lost = lost};

static int kill_it(void *arg)
{
    const char *const argv[] = {"sleep", "1000", NULL};
    gyre_subprocess_transport *transport;
    int err;

    memset(&account, 0, sizeof account);
    gyre_event_init(&account.over);
    err = gyre_loop_subprocess_exec(gyre_get_running_loop(), &transport, &protocol, argv);
    if (!err) {
        gyre_subprocess_transport_kill(transport);
        err = gyre_event_wait(&account.over);
        gyre_subprocess_transport_unref(transport);
    }
    gyre_event_destroy(&account.over);
    scenario_check(account.made == account.lost && account.made == account.exited,
                   "a child was made, and never lost");
    return err;
}

const struct scenario fault_children[] = {{.name = "child_talk", .run = talk, .slow = true},
                                          {.name = "child_wait", .run = wait_for, .slow = true},
                                          {.name = "child_kill", .run = kill_it, .slow = true},
                                          {0}};
