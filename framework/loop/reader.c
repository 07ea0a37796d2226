/* loop/reader.c - add_reader and add_writer: a callback for as long as a descriptor of the program's is
 * ready.
 *
 * Each has one call, which goes to the ready queue whenever the driver says so. It lives until it was removed
 * and is in no queue. What a release does comes last, for it may do anything.
 */
#include "loop/reader.h"
#include "base/memory.h"
#include "loop/descriptor.h"
#include "loop/loop.h"
#include <errno.h>
#include <stdlib.h>

enum { READER, WRITER, BOTH };

/* One of the two. */
struct reader {
    struct gyre__call call; /* has no release before the end; must stay first */
    gyre_release release;   /* frees call.arg */
    bool queued;            /* the call is in the ready queue, or runs */
    bool removed;           /* goes when the call is in no queue */
};

struct gyre__descriptor {
    gyre_loop *loop;              /* whose */
    struct gyre__watch *watch;    /* the driver's, NULL when it was refused */
    struct reader *readers[BOTH]; /* NULL: not watched for */
    int fd;                       /* its number */
};

static const int event_of[BOTH] = {[READER] = GYRE__READABLE, [WRITER] = GYRE__WRITABLE};

static struct reader *make(gyre_callback fn, void *arg, const gyre_call_options *options)
{
    struct reader *reader = gyre__calloc(sizeof *reader);

    reader->call.fn = fn;
    reader->call.arg = arg;
    reader->call.kind = GYRE__CALL_WATCHED;
    reader->call.vars = gyre__call_vars(options);
    reader->release = options ? options->release : NULL;
    return reader;
}

static void free_reader(struct reader *reader)
{
    gyre__vars_clear(&reader->call.vars);
    free(reader);
}

void gyre__reader_ran(struct gyre__call *call)
{
    struct reader *reader = (struct reader *)call;

    reader->queued = false;
    if (reader->removed)
        free_reader(reader);
}

/* A call that runs releases its arg at its end; one that waits will never run. */
static void end(const gyre_loop *loop, struct reader *reader)
{
    bool queued;

    if (!reader)
        return;
    queued = reader->queued;
    reader->removed = true;
    reader->call.release = reader->release;
    if (loop->current == &reader->call)
        return;
    gyre__call_cancel(&reader->call);
    if (!queued)
        free_reader(reader);
}

static int wanted(const struct gyre__descriptor *descriptor)
{
    return (descriptor->readers[READER] ? GYRE__READABLE : 0) |
           (descriptor->readers[WRITER] ? GYRE__WRITABLE : 0);
}

void gyre__readers_forget(struct gyre__descriptor *descriptor)
{
    struct gyre__descriptor gone = *descriptor;

    if (gone.watch)
        gone.loop->driver_class->unwatch(gone.watch);
    gyre__descriptor_enter(gone.loop, gone.fd, NULL);
    free(descriptor);
    end(gone.loop, gone.readers[READER]);
    end(gone.loop, gone.readers[WRITER]);
}

void gyre__readers_lose(struct gyre__descriptor *descriptor)
{
    gyre_loop *loop = descriptor->loop;
    int fd = descriptor->fd;

    gyre__readers_forget(descriptor);
    gyre_loop_call_exception_handler(loop, .message = "a descriptor was closed while it was watched",
                                     .exception = -EBADF, .socket = fd);
}

static void queue(gyre_loop *loop, struct reader *reader)
{
    if (!reader || reader->queued)
        return;
    reader->queued = true;
    gyre__loop_ready(loop, &reader->call);
}

static void be_ready(void *arg, int events)
{
    struct gyre__descriptor *descriptor = arg;

    if (events & GYRE__GUEST) {
        gyre__readers_lose(descriptor);
        return;
    }
    for (int i = 0; i < BOTH; i++)
        if (events & event_of[i])
            queue(descriptor->loop, descriptor->readers[i]);
}

static struct gyre__descriptor *find_or_make(gyre_loop *loop, int fd)
{
    struct gyre__descriptor *descriptor = gyre__descriptor_find(loop, fd);

    if (descriptor)
        return descriptor;
    descriptor = gyre__calloc(sizeof *descriptor);
    descriptor->loop = loop;
    descriptor->fd = fd;
    gyre__descriptor_enter(loop, fd, descriptor);
    return descriptor;
}

/* A new watch each time: the number may stand for something else than when the old one began. */
static int watch(struct gyre__descriptor *descriptor)
{
    const struct gyre__driver_class *driver = descriptor->loop->driver_class;

    if (descriptor->watch)
        driver->unwatch(descriptor->watch);
    descriptor->watch = driver->watch(descriptor->loop->driver, descriptor->fd,
                                      wanted(descriptor) | GYRE__GUEST, be_ready, descriptor);
    return descriptor->watch ? 0 : -errno;
}

static int explain(int err, int fd)
{
    if (err == -EEXIST)
        return gyre_error_set(GYRE_ERUNTIME, "File descriptor %d is used by the loop", fd);
    return gyre_error_set(err, "File descriptor %d cannot be watched: %s", fd, gyre_strerror(err));
}

static int add(gyre_loop *loop, int fd, int which, struct reader *reader)
{
    struct gyre__descriptor *descriptor = find_or_make(loop, fd);
    struct reader *before = descriptor->readers[which];
    int err;

    gyre__source_note(loop, reader);
    descriptor->readers[which] = reader;
    err = watch(descriptor);
    if (err)
        gyre__readers_forget(descriptor);
    end(loop, before);
    return err ? explain(err, fd) : 0;
}

static int check_add(const gyre_loop *loop, int fd, gyre_callback fn, const char *name)
{
    int err = gyre__loop_guarded(loop) ? gyre__loop_check_call(loop, fn, name) : 0;

    return err ? err : gyre__descriptor_check(loop, fd);
}

static int refuse(int err, void *arg, const gyre_call_options *options)
{
    if (options && options->release)
        options->release(arg);
    return err;
}

int(gyre_loop_add_reader)(gyre_loop *loop, int fd, gyre_callback fn, void *arg,
                          const gyre_call_options *options)
{
    int err = check_add(loop, fd, fn, "add_reader");

    return err ? refuse(err, arg, options) : add(loop, fd, READER, make(fn, arg, options));
}

int(gyre_loop_add_writer)(gyre_loop *loop, int fd, gyre_callback fn, void *arg,
                          const gyre_call_options *options)
{
    int err = check_add(loop, fd, fn, "add_writer");

    return err ? refuse(err, arg, options) : add(loop, fd, WRITER, make(fn, arg, options));
}

static int drop(gyre_loop *loop, struct gyre__descriptor *descriptor, int which)
{
    struct reader *reader = descriptor->readers[which];

    descriptor->readers[which] = NULL;
    if (wanted(descriptor))
        loop->driver_class->change(descriptor->watch, wanted(descriptor) | GYRE__GUEST);
    else
        gyre__readers_forget(descriptor);
    end(loop, reader);
    return reader != NULL;
}

static int find_and_drop(gyre_loop *loop, int fd, int which)
{
    struct gyre__descriptor *descriptor;
    int err = gyre__loop_check_here(loop);

    if (!err)
        err = gyre__descriptor_check(loop, fd);
    descriptor = err ? NULL : gyre__descriptor_find(loop, fd);
    return descriptor ? drop(loop, descriptor, which) : err;
}

int gyre_loop_remove_reader(gyre_loop *loop, int fd)
{
    return find_and_drop(loop, fd, READER);
}

int gyre_loop_remove_writer(gyre_loop *loop, int fd)
{
    return find_and_drop(loop, fd, WRITER);
}
