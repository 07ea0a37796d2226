/* httpd/logfile.c - appending, complaining, opening anew. */
#include "httpd/logfile.h"
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { QUIET_SECONDS = 10 /* between two complaints */ };

struct logfile {
    const char *path;
    int fd;
    gyre_executor *executor;
    bool torn;                 /* the last line that was written has no end */
    time_t complained;         /* when */
    atomic_uint_fast64_t lost; /* lines that nobody was told about */
};

static bool is_stdout(const char *path)
{
    return !strcmp(path, "-");
}

/* Without waiting for the reader of a pipe. */
static int open_path(const char *path)
{
    int fd = is_stdout(path)
                 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

    return fd < 0 ? -errno : fd;
}

static void say(const struct logfile *file, const char *what)
{
    fprintf(stderr, "gyre-httpd: access log %s: %s\n", is_stdout(file->path) ? "(stdout)" : file->path, what);
}

/* One line, with what was lost so far. */
static void complain(struct logfile *file, const char *why)
{
    unsigned long long lost = atomic_exchange(&file->lost, 0);
    char text[160];

    file->complained = time(NULL);
    if (lost)
        snprintf(text, sizeof text, "%s: %llu line%s lost", why, lost, lost == 1 ? "" : "s");
    else
        snprintf(text, sizeof text, "%s", why);
    say(file, text);
}

static bool may_complain(const struct logfile *file)
{
    return time(NULL) >= file->complained + QUIET_SECONDS;
}

struct logfile *logfile_open(const char *path)
{
    struct logfile *file = calloc(1, sizeof *file);
    int fd = file ? open_path(path) : -ENOMEM;

    if (fd >= 0) {
        *file = (struct logfile){.path = path, .fd = fd};
        file->executor = gyre_executor_new(.threads = 1, .name = "gyre-log", .spin = -1);
    }
    if (fd >= 0 && file->executor)
        return file;
    fprintf(stderr, "gyre-httpd: access log %s: %s\n", path, gyre_strerror(fd < 0 ? fd : -ENOMEM));
    free(file);
    return NULL;
}

/* Only a thread that nobody could wait for is still writing: what it uses stays, for the moment that is
 * left. */
void logfile_close(struct logfile *file)
{
    gyre_executor_stats stats;

    if (!file)
        return;
    gyre_executor_get_stats(file->executor, &stats);
    if (atomic_load(&file->lost))
        complain(file, "at the end");
    if (stats.running || stats.queued)
        return;
    gyre_executor_shutdown(file->executor, true, false);
    gyre_executor_unref(file->executor);
    close(file->fd);
    free(file);
}

gyre_executor *logfile_executor(const struct logfile *file)
{
    return file->executor;
}

void logfile_lose(struct logfile *file, uint64_t lines)
{
    atomic_fetch_add(&file->lost, lines);
}

/* The old file serves on when there is no new one. */
int logfile_reopen(void *arg)
{
    struct logfile *file = arg;
    int fd = open_path(file->path);

    if (fd < 0) {
        complain(file, gyre_strerror(fd));
        return 0;
    }
    close(file->fd);
    file->fd = fd;
    file->torn = false;
    return 0;
}

/* One write; a pipe that is full is waited for, here where that harms nobody. */
static ssize_t write_some(int fd, const char *data, size_t len)
{
    ssize_t took;

    while ((took = write(fd, data, len)) < 0 && (errno == EINTR || errno == EAGAIN))
        if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    return took < 0 ? -errno : took;
}

/* Returns how many bytes went, and in *err why not all. */
static size_t write_all(int fd, const char *data, size_t len, int *err)
{
    size_t done = 0;

    *err = 0;
    while (done < len && !*err) {
        ssize_t took = write_some(fd, data + done, len - done);

        if (took > 0)
            done += (size_t)took;
        else
            *err = took ? (int)took : -EIO;
    }
    return done;
}

static uint64_t count_lines(const char *at, const char *end)
{
    uint64_t count = 0;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        count++;
        at++;
    }
    return count;
}

/* A line that the disk cut short is ended, so that the next one is whole. */
static void mend(struct logfile *file)
{
    if (file->torn && write_some(file->fd, "\n", 1) == 1)
        file->torn = false;
}

void logfile_write(struct logfile *file, const char *data, size_t len)
{
    size_t done;
    int err;

    mend(file);
    done = write_all(file->fd, data, len, &err);
    if (done)
        file->torn = data[done - 1] != '\n';
    if (err)
        logfile_lose(file, count_lines(data + done, data + len));
    if (atomic_load(&file->lost) && may_complain(file))
        complain(file, err ? gyre_strerror(err) : "it is too slow");
}
