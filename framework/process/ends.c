/* process/ends.c - what a child finds at its standard descriptors, and what this program keeps of it.
 *
 * Both ends of a pipe are close-on-exec here; libuv gives the child copies that are not. The child's end
 * blocks, as programs expect it to.
 */
#include "process/subprocess.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int refuse(int fd, int err)
{
    return gyre_error_set(err, "descriptor %d of a child: %s", fd, strerror(-err));
}

static int make_pipe(struct gyre__child_ends *ends, int fd)
{
    bool writes = fd != STDIN_FILENO;
    int pair[2];

    if (pipe2(pair, O_CLOEXEC) < 0)
        return refuse(fd, -errno);
    ends->child[fd] = pair[writes];
    ends->parent[fd] = pair[!writes];
    ends->ours[fd] = true;
    fcntl(ends->parent[fd], F_SETFL, O_NONBLOCK);
    return 0;
}

/* What this program has closed itself is nothing for the child too. */
static int inherit(struct gyre__child_ends *ends, int fd)
{
    ends->child[fd] = fcntl(fd, F_GETFD) < 0 ? -1 : fd;
    return 0;
}

static int follow(struct gyre__child_ends *ends, int fd, int other)
{
    ends->child[fd] = ends->child[other];
    return 0;
}

static int take(struct gyre__child_ends *ends, int fd, int given)
{
    if (given < 0)
        return gyre_error_set(GYRE_EVALUE, "%d is nothing that descriptor %d of a child can be", given, fd);
    if (fcntl(given, F_GETFD) < 0)
        return refuse(fd, -errno);
    ends->child[fd] = given;
    return 0;
}

static int open_end(struct gyre__child_ends *ends, int fd, int what)
{
    if (what == GYRE_PIPE)
        return make_pipe(ends, fd);
    if (what == GYRE_DEVNULL)
        return 0;
    if (what == GYRE_INHERIT)
        return inherit(ends, fd);
    if (what == GYRE_STDOUT && fd == STDERR_FILENO)
        return follow(ends, fd, STDOUT_FILENO);
    return take(ends, fd, what);
}

int gyre__child_ends_open(struct gyre__child_ends *ends, const struct gyre__spawn *spawn)
{
    const int what[GYRE__STDIO] = {spawn->options->stdin, spawn->options->stdout, spawn->options->stderr};
    int err = 0;

    *ends = (struct gyre__child_ends){{-1, -1, -1}, {-1, -1, -1}, {false, false, false}};
    for (int fd = 0; !err && fd < GYRE__STDIO; fd++)
        err = open_end(ends, fd, what[fd] ? what[fd] : spawn->standard);
    if (err)
        gyre__child_ends_close(ends);
    return err;
}

void gyre__child_ends_close_childs(struct gyre__child_ends *ends)
{
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        if (ends->ours[fd])
            close(ends->child[fd]);
}

void gyre__child_ends_close(struct gyre__child_ends *ends)
{
    gyre__child_ends_close_childs(ends);
    for (int fd = 0; fd < GYRE__STDIO; fd++)
        if (ends->parent[fd] >= 0)
            close(ends->parent[fd]);
}
