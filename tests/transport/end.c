/* end.c - the protocol of an end: each method checks that it may be called now, and then does something. */
#include "fuzz.h"

enum { BUFFERED = 2 };

void end_reset(struct end *end, struct rules rules)
{
    *end = (struct end){.name = end == &run.ends[0] ? "a" : "b",
                        .other = &run.ends[end == &run.ends[0]],
                        .rules = rules,
                        .fd = -1,
                        .keeps = !one_in(3),
                        .class = (uint8_t)roll(CLASSES)};
}

bool end_is_going(const struct end *end)
{
    return end->closed || end->aborted || end->failed || end->timed || end->lost || end->err ||
           end->closed_by_eof || (!end->made && end->fd < 0) || run.closing;
}

/* A method begins. */
static struct end *enter(void *self, const char *method)
{
    struct end *end = self;

    trace("%*s%s hears %s", (int)end->depth * 2, "", end->name, method);
    expect(!end->lost, "a method was called after connection_lost");
    expect(end->made || !strcmp(method, "made"), "a method was called before connection_made");
    end->depth++;
    return end;
}

static void leave(struct end *end)
{
    act_maybe(end);
    end->depth--;
}

static void hear_made(void *self, gyre_transport *transport)
{
    struct end *end = enter(self, "made");

    expect(!end->made, "connection_made was called twice");
    end->made = true;
    end->transport = end->keeps ? gyre_transport_ref(transport) : transport;
    leave(end);
}

static bool may_read(const struct end *end)
{
    if (end->upgrading)
        return true;
    return end->rules.reads && !end->eof && !end->paused && !end->closed && !end->aborted &&
           gyre_transport_is_reading(end->transport);
}

static void take(struct end *end, const void *data, size_t len)
{
    trace("%*s%s got %zu, %llu in all", (int)end->depth * 2, "", end->name, len,
          (unsigned long long)(end->received + len));
    expect(len > 0, "no bytes were delivered");
    expect(end->received + len <= end->other->most, "more was delivered than was sent");
    expect(pattern_is(end->received, data, len), "other bytes were delivered than were sent");
    end->received += len;
}

static void hear_data(struct end *end, unsigned class, const void *data, size_t len)
{
    expect(end->class == class, "a protocol was called that is none any more");
    expect(may_read(end), "bytes were delivered to who does not read");
    take(end, data, len);
    leave(end);
}

static void hear_data_0(void *self, const void *data, size_t len)
{
    hear_data(enter(self, "data"), 0, data, len);
}

static void hear_data_1(void *self, const void *data, size_t len)
{
    hear_data(enter(self, "data of another class"), 1, data, len);
}

static void get_buffer(void *self, ptrdiff_t hint, void **buffer, size_t *len)
{
    struct end *end = enter(self, "get_buffer");

    expect(end->class == BUFFERED, "a protocol was asked that is none any more");
    expect(may_read(end), "a buffer was asked of who does not read");
    free(end->room);
    end->room_len = 1 + (one_in(3) ? roll(100) : roll(100000));
    *len = end->room_len;
    *buffer = end->room = malloc(end->room_len);
    if (one_in(8))
        act_maybe(end);
    end->depth--;
}

static void buffer_updated(void *self, size_t len)
{
    struct end *end = enter(self, "buffer_updated");

    expect(end->class == BUFFERED, "a protocol was called that is none any more");
    expect(may_read(end), "bytes were delivered to who does not read");
    expect(end->room && len <= end->room_len, "more bytes than the buffer has room for");
    take(end, end->room, len);
    free(end->room);
    end->room = NULL;
    leave(end);
}

/* True also when it cannot be asked. */
static bool was_truncated(const struct end *end)
{
    const gyre_tls_object *object;

    if (!end->transport || end->upgrading)
        return true;
    object = gyre_transport_get_extra_info(end->transport, "ssl_object", NULL);
    return !object || object->truncated;
}

static bool hear_eof(void *self)
{
    struct end *end = enter(self, "eof");
    bool keep_open = one_in(2) && !end->rules.tls && !end->upgrading;

    expect(!end->eof, "eof_received was called twice");
    expect(!end->paused || end->closed || end->rules.pipe, "eof_received was called while reading is paused");
    expect(!end->aborted || end->rules.pipe, "eof_received was called after abort");
    end->eof = true;
    end->deaf = end->closed || end->aborted;
    end->truncated = was_truncated(end);
    end->closed_by_eof = !keep_open;
    leave(end);
    return keep_open;
}

/* Whether this is a reason that the run has given. */
static bool is_reason(const struct end *end, int err)
{
    const struct end *other = end->other;

    if (err == 0)
        return end->closed || end->aborted || (end->eof && end->closed_by_eof) || end->failed ||
               (end->rules.pipe && (end_is_going(other) || end->eof)) || run.closing;
    if (err == -ETIMEDOUT)
        return end->timed || end->impatient;
    if (err == -EPROTO)
        return end->failed;
    if (err == GYRE_ESSL || err == GYRE_ESSLEOF || err == -ECONNABORTED)
        return other->garbled || end->upgrading || (end->rules.tls && other->fd >= 0) || other->ssl;
    return end_is_going(other) || other->upgrading || end->upgrading || run.breaks;
}

static void hear_lost(void *self, int err)
{
    struct end *end = enter(self, "lost");

    trace("%s is lost: %s", end->name, err ? gyre_error_name(err) : "0");
    expect(is_reason(end, err), "a connection was lost for no reason");
    expect(end->class < CLASSES, "a protocol was called that is none any more");
    end->err = err;
    leave(end);
    end->lost = true;
    if (!end->keeps)
        end->transport = NULL;
}

/* It is strictly over the high mark, and asking sends nothing: the kernel has just refused more. */
static void check_pause(const struct end *end)
{
    size_t high;

    if (end->upgrading)
        return;
    gyre_transport_get_write_buffer_limits(end->transport, NULL, &high);
    expect(gyre_transport_get_write_buffer_size(end->transport) > high,
           "pause_writing was called below the high mark");
}

static void hear_pause(void *self)
{
    struct end *end = enter(self, "pause_writing");

    expect(!end->held, "pause_writing was called twice");
    /* abort sends first what was put off; a release may write then. */
    expect(!end->aborted || end->writing, "pause_writing was called after abort");
    end->held = true;
    check_pause(end);
    end->moved = false;
    leave(end);
}

static void hear_resume(void *self)
{
    struct end *end = enter(self, "resume_writing");
    size_t low;

    expect(end->held, "resume_writing was called without pause_writing");
    expect(!end->aborted, "resume_writing was called after abort");
    end->held = end->moved = false;
    if (!end->upgrading) {
        gyre_transport_get_write_buffer_limits(end->transport, &low, NULL);
        expect(gyre_transport_get_write_buffer_size(end->transport) <= low,
               "resume_writing was called above the low mark");
    }
    leave(end);
}

static void *create(void *arg)
{
    return arg;
}

static void destroy(void *self)
{
    struct end *end = self;

    trace("%s is destroyed", end->name);
    end->destroyed++;
}

const gyre_protocol classes[CLASSES] = {
    {.create = create,
     .destroy = destroy,
     .connection_made = hear_made,
     .data_received = hear_data_0,
     .eof_received = hear_eof,
     .connection_lost = hear_lost,
     .pause_writing = hear_pause,
     .resume_writing = hear_resume},
    {.create = create,
     .destroy = destroy,
     .connection_made = hear_made,
     .data_received = hear_data_1,
     .eof_received = hear_eof,
     .connection_lost = hear_lost,
     .pause_writing = hear_pause,
     .resume_writing = hear_resume},
    {.create = create,
     .destroy = destroy,
     .connection_made = hear_made,
     .eof_received = hear_eof,
     .connection_lost = hear_lost,
     .pause_writing = hear_pause,
     .resume_writing = hear_resume,
     .get_buffer = get_buffer,
     .buffer_updated = buffer_updated},
};

static void check_sizes(struct end *end, size_t size)
{
    size_t low, high;

    gyre_transport_get_write_buffer_limits(end->transport, &low, &high);
    expect(low <= high, "the marks have changed places");
    expect(size <= end->most - end->other->received, "more bytes wait than are on their way");
    if (gyre_transport_is_closing(end->transport) || end->sending || end->writing)
        return;
    expect(end->moved || size <= high || end->held, "above the high mark, and pause_writing was not called");
    expect(end->moved || size > low || !end->held, "at the low mark, and resume_writing was not called");
}

static void check_closing(const struct end *end)
{
    bool closing = gyre_transport_is_closing(end->transport);

    if ((end->closed || end->aborted || end->lost) && !end->writing)
        expect(closing, "is_closing is false after close");
    else if (!end_is_going(end) && !end_is_going(end->other) && !end->eof && !end->other->garbled &&
             !run.breaks)
        expect(!closing, "is_closing is true, and nobody has closed");
    if (closing || end->paused || end->eof)
        expect(!gyre_transport_is_reading(end->transport), "is_reading is true where nothing is read");
    else if (end->rules.reads && !end->sending && end->made)
        expect(gyre_transport_is_reading(end->transport), "is_reading is false where bytes are read");
}

void end_check(struct end *end)
{
    if (!end->transport || end->upgrading)
        return;
    if (one_in(2))
        check_sizes(end, gyre_transport_get_write_buffer_size(end->transport));
    /* Asking may have lost it. */
    if (end->transport)
        check_closing(end);
    if (!end->lost)
        return;
    expect(gyre_transport_get_write_buffer_size(end->transport) == 0, "bytes wait after the loss");
    expect(gyre_transport_get_socket(end->transport) < 0, "a socket is there after the loss");
}
