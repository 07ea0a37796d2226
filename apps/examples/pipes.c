/* Pipes: from standard input to standard output, in capitals. Both may be pipes, terminals or sockets, but no
 * files: those are always ready, and the system says nothing about them.
 *
 * usage: ls | pipes | cat
 */
#include <ctype.h>
#include <gyre/gyre.h>
#include <unistd.h>

/* What both ends share. */
struct filter {
    gyre_transport *in, *out;
    int ends; /* that are there */
    gyre_future *done;
};

static void *share(void *filter)
{
    return filter;
}

static void begin(void *self, gyre_transport *transport)
{
    ((struct filter *)self)->ends++;
}

static void shout(void *self, const void *data, size_t len)
{
    struct filter *filter = self;
    const char *from = data;
    char loud[4096];

    while (len) {
        size_t some = len < sizeof loud ? len : sizeof loud;

        for (size_t i = 0; i < some; i++)
            loud[i] = (char)toupper((unsigned char)from[i]);
        gyre_transport_write(filter->out, loud, some);
        from += some;
        len -= some;
    }
}

/* Whoever reads from us is slow, so nothing is read from whoever writes to us. */
static void hold(void *self)
{
    gyre_transport_pause_reading(((struct filter *)self)->in);
}

static void go_on(void *self)
{
    gyre_transport_resume_reading(((struct filter *)self)->in);
}

/* The end of the input, or whoever reads from us has left: the other end goes too, when all is written. */
static void end(void *self, int err)
{
    struct filter *filter = self;

    if (filter->in)
        gyre_transport_close(filter->in);
    gyre_transport_close(filter->out);
    if (!--filter->ends)
        gyre_future_set_result(filter->done, NULL);
}

static const gyre_protocol input = {
    .create = share, .connection_made = begin, .data_received = shout, .connection_lost = end};
static const gyre_protocol output = {.create = share,
                                     .connection_made = begin,
                                     .pause_writing = hold,
                                     .resume_writing = go_on,
                                     .connection_lost = end};

/* The way out comes first: what comes in goes there at once. */
static int run(void *arg)
{
    gyre_loop *loop = gyre_get_event_loop();
    struct filter filter = {.done = gyre_loop_create_future(loop)};
    int err = gyre_loop_connect_write_pipe(loop, &filter.out, &output, STDOUT_FILENO, &filter);

    if (!err)
        err = gyre_loop_connect_read_pipe(loop, &filter.in, &input, STDIN_FILENO, &filter);
    if (err && filter.out)
        gyre_transport_close(filter.out);
    if (filter.out)
        gyre_await(filter.done, NULL);
    gyre_transport_unref(filter.in);
    gyre_transport_unref(filter.out);
    gyre_future_unref(filter.done);
    return err;
}

int main(void)
{
    return gyre_run(run, NULL);
}
