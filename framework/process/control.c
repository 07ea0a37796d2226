/* process/control.c - what a program asks of a child's transport: who it is, its pipes, signals, its end. */
#include "process/subprocess.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

int gyre_subprocess_transport_get_pid(const gyre_subprocess_transport *transport)
{
    return transport->pid;
}

bool gyre_subprocess_transport_get_returncode(const gyre_subprocess_transport *transport, int *returncode)
{
    if (transport->exited && returncode)
        *returncode = transport->returncode;
    return transport->exited;
}

gyre_transport *gyre_subprocess_transport_get_pipe_transport(const gyre_subprocess_transport *transport,
                                                             int fd)
{
    return fd >= 0 && fd < GYRE__STDIO ? transport->pipes[fd].transport : NULL;
}

/* A child that has died and was not reaped yet takes a signal, and nobody else has its number. */
int gyre_subprocess_transport_send_signal(gyre_subprocess_transport *transport, int signal)
{
    if (transport->exited)
        return gyre_error_set(-ESRCH, "process %d has ended", transport->pid);
    if (kill(transport->pid, signal) < 0)
        return gyre_error_set(-errno, "signal %d to process %d: %s", signal, transport->pid, strerror(errno));
    return 0;
}

int gyre_subprocess_transport_terminate(gyre_subprocess_transport *transport)
{
    return gyre_subprocess_transport_send_signal(transport, SIGTERM);
}

int gyre_subprocess_transport_kill(gyre_subprocess_transport *transport)
{
    return gyre_subprocess_transport_send_signal(transport, SIGKILL);
}

void gyre_subprocess_transport_close(gyre_subprocess_transport *transport)
{
    if (transport->closing)
        return;
    transport->closing = true;
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        gyre__child_pipe_close(&transport->pipes[fd]);
    if (!transport->exited)
        kill(transport->pid, SIGKILL);
}

bool gyre_subprocess_transport_is_closing(const gyre_subprocess_transport *transport)
{
    return transport->closing;
}
