/* datagram.c - two endpoints of datagrams. Each datagram says which one it is, so that one that is made up,
 * doubled, changed, or, where the system is reliable, lost or out of order is seen.
 */
#include "fuzz.h"
#include <arpa/inet.h>
#include <sys/socket.h>

enum { HEAD = 8, MOST_SENT = 4096, ROOM = 60000 };

/* Beside the end, whose counts are of datagrams here. */
static struct {
    struct sockaddr_storage name; /* the other's address, size 0: it is connected */
    socklen_t size;
    uint32_t last;        /* the number of the last that came, and one */
    unsigned nameless;    /* sent, too short for a number */
    unsigned nameless_in; /* received */
    bool too_long;        /* one of the sent was */
} more[2];

static bool reliable; /* none is lost, doubled, or late */

static unsigned index_of(const struct end *end)
{
    return end == &run.ends[1];
}

static struct end *enter(void *self, const char *method)
{
    struct end *end = self;

    trace("%*s%s hears %s", (int)end->depth * 2, "", end->name, method);
    expect(!end->lost, "a method was called after connection_lost");
    expect(end->made || !strcmp(method, "made"), "a method was called before connection_made");
    end->depth++;
    return end;
}

static void act_some(struct end *end);

static void leave(struct end *end)
{
    if (end->depth <= NESTED)
        act_some(end);
    end->depth--;
}

static void hear_made(void *self, gyre_transport *transport)
{
    struct end *end = enter(self, "made");

    expect(!end->made, "connection_made was called twice");
    end->made = true;
    end->transport = gyre_transport_ref(transport);
    end->depth--;
}

static void hear_nameless(struct end *end, const void *data, size_t len)
{
    expect(pattern_is(0, data, len), "a short datagram has changed");
    expect(++more[index_of(end)].nameless_in <= more[!index_of(end)].nameless || !reliable,
           "more short datagrams came than were sent");
}

static void hear_datagram(void *self, const void *data, size_t len, const struct sockaddr *addr,
                          socklen_t size)
{
    struct end *end = enter(self, "datagram");
    uint32_t head[2];

    expect(!end->paused && !end->closed && !end->aborted, "a datagram came to who does not read");
    if (len < HEAD) {
        hear_nameless(end, data, len);
    } else {
        memcpy(head, data, HEAD);
        expect(head[0] < end->other->accepted && head[1] == len, "a datagram came that was not sent");
        expect(pattern_is(head[0], (const char *)data + HEAD, len - HEAD), "a datagram has changed");
        expect(!reliable || head[0] >= more[index_of(end)].last, "a datagram came late, or twice");
        more[index_of(end)].last = head[0] + 1;
    }
    end->received++;
    leave(end);
}

static void hear_error(void *self, int err)
{
    struct end *end = enter(self, "error");

    trace("%s fails by %d", end->name, err);
    expect(err == -EMSGSIZE ? more[0].too_long || more[1].too_long
                            : end_is_going(end->other) || end->other->lost,
           "an error came for no reason");
    leave(end);
}

static void hear_lost(void *self, int err)
{
    struct end *end = enter(self, "lost");

    expect(err == 0 || (err == -ETIMEDOUT && end->timed), "an endpoint was lost by an error");
    expect(end->closed || end->aborted || end->timed || run.closing, "an endpoint was lost for no reason");
    leave(end);
    end->lost = true;
}

static void hear_pause(void *self)
{
    struct end *end = enter(self, "pause_writing");

    expect(!end->held, "pause_writing was called twice");
    end->held = true;
    leave(end);
}

static void hear_resume(void *self)
{
    struct end *end = enter(self, "resume_writing");

    expect(end->held, "resume_writing was called without pause_writing");
    end->held = false;
    leave(end);
}

static void *create(void *arg)
{
    return arg;
}

static void destroy(void *self)
{
    ((struct end *)self)->destroyed++;
}

static const gyre_datagram_protocol class = {
    .create = create,
    .destroy = destroy,
    .connection_made = hear_made,
    .datagram_received = hear_datagram,
    .error_received = hear_error,
    .connection_lost = hear_lost,
    .pause_writing = hear_pause,
    .resume_writing = hear_resume,
};

/* --- what an end does --- */

static size_t make(struct end *end, char *data)
{
    size_t len = one_in(4) ? roll(HEAD) : one_in(8) ? roll(ROOM) : roll(1500);
    uint32_t head[2] = {(uint32_t)end->accepted, (uint32_t)len};

    if (one_in(60)) {
        more[index_of(end)].too_long = true;
        return 400000;
    }
    if (len < HEAD) {
        memcpy(data, pattern_at(0), len);
        return len;
    }
    memcpy(data, head, HEAD);
    memcpy(data + HEAD, pattern_at(head[0]), len - HEAD);
    return len;
}

static void send_one(struct end *end)
{
    static char data[400000];
    size_t len = make(end, data);
    socklen_t size = more[index_of(end)].size;

    more[index_of(end)].nameless += len < HEAD;
    end->accepted++;
    trace("%*s%s sends %zu", (int)end->depth * 2, "", end->name, len);
    expect(gyre_transport_sendto(end->transport, data, len,
                                 size ? (struct sockaddr *)&more[index_of(end)].name : NULL, size) == 0,
           "sendto failed");
    expect(gyre_transport_write(end->transport, data, 1) == GYRE_ENOTIMPLEMENTED,
           "an endpoint has a write()");
}

static void move_marks(struct end *end)
{
    gyre_transport_set_write_buffer_limits(end->transport, (ptrdiff_t)roll(one_in(2) ? 3 : 9000), -1);
}

static void end_it(struct end *end)
{
    bool hard = one_in(2);

    if (!one_in(12))
        return;
    trace("%s %s", end->name, hard ? "aborts" : "closes");
    end->aborted = end->aborted || hard;
    end->closed = true;
    if (hard)
        gyre_transport_abort(end->transport);
    else
        gyre_transport_close(end->transport);
    expect(gyre_transport_is_closing(end->transport), "is_closing is false after close");
}

static void act_one(struct end *end)
{
    unsigned what = roll(20);

    if (!end->transport || !run.fuel)
        return;
    run.fuel--;
    if (what < 13) {
        send_one(end);
    } else if (what == 13) {
        end->paused = true;
        gyre_transport_pause_reading(end->transport);
    } else if (what < 17) {
        end->paused = false;
        gyre_transport_resume_reading(end->transport);
    } else if (what == 17) {
        move_marks(end);
    } else if (what == 18) {
        expect(gyre_transport_get_write_buffer_size(end->transport) == 0 || !end->lost,
               "datagrams wait after the loss");
    } else {
        end_it(end);
    }
}

static void act_some(struct end *end)
{
    while (one_in(3))
        act_one(end);
}

static void act_soon_now(void *arg)
{
    act_one(arg);
    act_some(arg);
}

/* --- the run --- */

static int open_given(void *arg)
{
    struct end *end = arg;

    return gyre_loop_create_datagram_endpoint(run.loop, NULL, &class, .sock = end->fd, .arg = end);
}

static int open_udp(void *arg)
{
    return gyre_loop_create_datagram_endpoint(run.loop, NULL, &class, .local_host = "127.0.0.1", .arg = arg);
}

static int port_of(struct end *end)
{
    const struct sockaddr_in *name = gyre_transport_get_extra_info(end->transport, "sockname", NULL);

    return ntohs(name->sin_port);
}

static int open_connected(void *arg)
{
    return gyre_loop_create_datagram_endpoint(run.loop, NULL, &class, .local_host = "127.0.0.1",
                                              .remote_host = "127.0.0.1",
                                              .remote_port = port_of(&run.ends[0]), .arg = arg);
}

static void learn(unsigned who)
{
    memcpy(&more[who].name, gyre_transport_get_extra_info(run.ends[!who].transport, "sockname", NULL),
           more[who].size = sizeof(struct sockaddr_in));
}

static bool both_are_made(void)
{
    return run.ends[0].made && run.ends[1].made;
}

static void open_unix(void)
{
    int fds[2], size = (int)(ROOM * 2 + roll(100000));

    expect(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0, "no socketpair");
    for (int i = 0; i < 2; i++) {
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        run.ends[i].fd = fds[i];
        expect(task(open_given, &run.ends[i]) == 0, "an endpoint could not be made");
        run.ends[i].fd = -1;
    }
}

static void open_all(void)
{
    memset(more, 0, sizeof more);
    end_reset(&run.ends[0], (struct rules){0});
    end_reset(&run.ends[1], (struct rules){0});
    reliable = !run.kind->virtual && one_in(2);
    if (reliable) {
        open_unix();
    } else {
        expect(task(open_udp, &run.ends[0]) == 0, "an endpoint could not be made");
        expect(task(one_in(2) ? open_udp : open_connected, &run.ends[1]) == 0,
               "an endpoint could not be made");
        learn(0);
        learn(1);
    }
    wait_for(both_are_made, "connection_made is never called");
}

static void step(void)
{
    struct end *end = &run.ends[roll(2)];

    if (one_in(4))
        act_one(end);
    else
        gyre_loop_call_soon(run.loop, act_soon_now, end);
    turns(roll(3));
}

/* Where none is lost, all that was sent has come, but for what was refused. */
static bool all_has_come(void)
{
    for (int i = 0; i < 2; i++)
        if (run.ends[i].closed || run.ends[!i].closed || more[!i].too_long)
            return true;
    return run.ends[0].received == run.ends[1].accepted && run.ends[1].received == run.ends[0].accepted;
}

static bool both_are_lost(void)
{
    return run.ends[0].lost && run.ends[1].lost;
}

void play_datagrams(void)
{
    open_all();
    for (unsigned count = roll(80); count > 0 && run.fuel; count--)
        step();
    if (one_in(25))
        return;
    run.fuel = 0;
    if (reliable)
        wait_for(all_has_come, "datagrams are lost on their way");
    for (int i = 0; i < 2; i++) {
        run.ends[i].closed = true;
        gyre_transport_close(run.ends[i].transport);
    }
    turns(40);
    run.ends[0].aborted = true;
    gyre_transport_abort(run.ends[0].transport);
    wait_for(both_are_lost, "connection_lost is never called");
}

void judge_datagrams(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(run.loop, &stats);
    expect(stats.transports == 0 && stats.tasks == 0, "a transport or a task is left");
    for (int i = 0; i < 2; i++) {
        expect(run.ends[i].made == run.ends[i].lost, "connection_made and connection_lost do not pair");
        expect(run.ends[i].destroyed == run.ends[i].made, "a protocol was not destroyed once");
        gyre_transport_unref(run.ends[i].transport);
    }
}
