/* process/communicate.c - what a coroutine does with a child: signals, waiting, talking. */
#include "process/process.h"
#include <errno.h>
#include <gyre/combine.h>
#include <unistd.h>

int gyre_process_get_pid(const gyre_process *process)
{
    return process->transport->pid;
}

bool gyre_process_get_returncode(const gyre_process *process, int *returncode)
{
    return gyre_subprocess_transport_get_returncode(process->transport, returncode);
}

gyre_writer *gyre_process_get_stdin(const gyre_process *process)
{
    return process->streams[STDIN_FILENO];
}

static gyre_reader *reader_of(const gyre_process *process, int fd)
{
    return process->streams[fd] ? &process->streams[fd]->reader : NULL;
}

gyre_reader *gyre_process_get_stdout(const gyre_process *process)
{
    return reader_of(process, STDOUT_FILENO);
}

gyre_reader *gyre_process_get_stderr(const gyre_process *process)
{
    return reader_of(process, STDERR_FILENO);
}

int gyre_process_send_signal(gyre_process *process, int signal)
{
    return gyre_subprocess_transport_send_signal(process->transport, signal);
}

int gyre_process_terminate(gyre_process *process)
{
    return gyre_subprocess_transport_terminate(process->transport);
}

int gyre_process_kill(gyre_process *process)
{
    return gyre_subprocess_transport_kill(process->transport);
}

int gyre_process_wait(gyre_process *process, int *returncode)
{
    gyre_subprocess_transport *transport = gyre_subprocess_transport_ref(process->transport);
    int err = gyre__subprocess_wait(transport);

    if (!err && returncode)
        *returncode = transport->returncode;
    gyre_subprocess_transport_unref(transport);
    return err;
}

/* A talk; lies on the caller's stack until all of its tasks are done. */
struct talk {
    gyre_process *process;
    const void *input;
    size_t len;
    const char *data[GYRE__STDIO]; /* what was read */
    size_t size[GYRE__STDIO];
    gyre_future *parts[GYRE__STDIO]; /* its tasks */
    size_t count;
};

/* One part of it. */
struct part {
    struct talk *talk;
    int fd;
};

static int feed(void *arg)
{
    const struct part *part = arg;
    gyre_writer *writer = part->talk->process->streams[STDIN_FILENO];
    int err = 0;

    if (part->talk->input)
        err = gyre_writer_write(writer, part->talk->input, part->talk->len);
    if (!err)
        err = gyre_writer_drain(writer);
    if (err && err != -EPIPE && err != -ECONNRESET)
        return err;
    gyre_writer_close(writer);
    return 0;
}

static int read_all(void *arg)
{
    const struct part *part = arg;
    gyre_writer *stream = part->talk->process->streams[part->fd];
    ptrdiff_t got = gyre_reader_read(&stream->reader, &part->talk->data[part->fd], -1);

    if (got < 0)
        return (int)got;
    part->talk->size[part->fd] = (size_t)got;
    gyre_writer_close(stream);
    return 0;
}

static int begin(struct talk *talk, struct part *parts)
{
    gyre_loop *loop = talk->process->transport->children->loop;

    for (int fd = 0; fd < GYRE__STDIO; fd++) {
        int err = 0;

        parts[fd] = (struct part){talk, fd};
        if (talk->process->streams[fd])
            err = gyre_loop_create_task(loop, &talk->parts[talk->count], fd ? read_all : feed, &parts[fd]);
        if (err)
            return err;
        talk->count += talk->process->streams[fd] != NULL;
    }
    return 0;
}

static int join(struct talk *talk)
{
    gyre_future *all;
    int err = gyre_gather(&all, talk->parts, talk->count);

    if (err)
        return err;
    err = gyre_await(all, NULL);
    gyre_future_unref(all);
    return err < 0 ? err : 0;
}

/* They look at the talk: none may outlive it. */
static void end(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++) {
        gyre_future_cancel(talk->parts[i]);
        while (!gyre_future_done(talk->parts[i]))
            gyre_await(talk->parts[i], NULL);
        gyre_future_unref(talk->parts[i]);
    }
}

static int talk_through(struct talk *talk)
{
    struct part parts[GYRE__STDIO];
    int err = begin(talk, parts);

    if (!err && talk->count)
        err = join(talk);
    end(talk);
    return err ? err : gyre_process_wait(talk->process, NULL);
}

int(gyre_process_communicate)(gyre_process *process, gyre_process_output *output,
                              const gyre_communicate_options *options)
{
    struct talk talk = {.process = gyre_process_ref(process)};
    int err;

    if (options) {
        talk.input = options->input;
        talk.len = options->len;
    }
    err = talk_through(&talk);
    if (!err && output)
        *output = (gyre_process_output){talk.data[STDOUT_FILENO], talk.size[STDOUT_FILENO],
                                        talk.data[STDERR_FILENO], talk.size[STDERR_FILENO]};
    gyre_process_unref(process);
    return err;
}
