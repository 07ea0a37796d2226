/* pairs.c - how the two ends of a connection are made. */
#include "fuzz.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

static const struct rules stream = {.reads = true, .writes = true, .half = true};
static const struct rules secret = {.reads = true, .writes = true, .tls = true};

/* --- sockets --- */

static void set_size(int fd, int option, int size)
{
    setsockopt(fd, SOL_SOCKET, option, &size, sizeof size);
}

/* Small ones, so that the kernel takes little at a time. */
static void squeeze(int fd)
{
    if (one_in(3))
        set_size(fd, SO_SNDBUF, (int)(1 + roll(20000)));
}

static void make_unix(int *fds)
{
    expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0, "no socketpair");
    squeeze(fds[0]);
    squeeze(fds[1]);
}

static void make_tcp(int *fds)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 1) == 0 &&
               getsockname(listener, (struct sockaddr *)&address, &size) == 0 &&
               connect(fds[0], (struct sockaddr *)&address, size) == 0,
           "no connection over TCP");
    fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    for (int i = 0; i < 2; i++)
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
}

static void make_sockets(int *fds)
{
    if (one_in(3))
        make_tcp(fds);
    else
        make_unix(fds);
}

/* --- transports over them --- */

struct opening {
    struct end *end;
    int fd;
};

static int dial(void *arg)
{
    const struct opening *opening = arg;
    struct end *end = opening->end;

    end->err = gyre_loop_create_connection(run.loop, NULL, &classes[end->class], .sock = opening->fd,
                                           .arg = end, .ssl = end->rules.tls ? tls_context(false) : NULL,
                                           .server_hostname = end->rules.tls ? "" : NULL,
                                           .ssl_shutdown_timeout = end->impatient ? 0.002 : 0);
    end->tasks--;
    return 0;
}

static int accept_it(void *arg)
{
    const struct opening *opening = arg;
    struct end *end = opening->end;

    end->err = gyre_loop_connect_accepted_socket(run.loop, NULL, &classes[end->class], opening->fd,
                                                 .arg = end, .ssl = end->rules.tls ? tls_context(true) : NULL,
                                                 .ssl_shutdown_timeout = end->impatient ? 0.002 : 0);
    end->tasks--;
    return 0;
}

static bool both_are_open(void)
{
    return !run.ends[0].tasks && !run.ends[1].tasks;
}

static void open_one(struct opening *opening, gyre_coroutine fn)
{
    opening->end->tasks++;
    gyre_loop_create_task(run.loop, NULL, fn, opening);
}

static void open_both(int *fds, struct rules rules)
{
    struct opening openings[2] = {{&run.ends[0], fds[0]}, {&run.ends[1], fds[1]}};

    end_reset(&run.ends[0], rules);
    end_reset(&run.ends[1], rules);
    open_one(&openings[0], dial);
    open_one(&openings[1], accept_it);
    wait_for(both_are_open, "a connection is never made");
}

void play_unix(void)
{
    int fds[2];

    make_unix(fds);
    open_both(fds, stream);
    play_pair();
}

void play_tcp(void)
{
    int fds[2];

    make_tcp(fds);
    open_both(fds, stream);
    play_pair();
}

void play_tls(void)
{
    int fds[2];

    tls_pick();
    make_sockets(fds);
    open_both(fds, secret);
    play_pair();
}

void play_start_tls(void)
{
    int fds[2];

    tls_pick();
    make_sockets(fds);
    open_both(fds, one_in(6) ? secret : stream);
    play_steps(roll(20));
    quiesce();
    upgrade();
    play_pair();
}

/* --- a server and its client --- */

static gyre_server *server;

static int serve(void *arg)
{
    struct end *end = arg;

    return gyre_loop_create_server(run.loop, &server, &classes[end->class], .host = "127.0.0.1", .arg = end,
                                   .ssl = end->rules.tls ? tls_context(true) : NULL);
}

static int call(void *arg)
{
    struct end *end = arg;

    return gyre_loop_create_connection(run.loop, NULL, &classes[end->class], .host = "127.0.0.1",
                                       .port = gyre_server_get_port(server), .arg = end,
                                       .ssl = end->rules.tls ? tls_context(false) : NULL,
                                       .server_hostname = end->rules.tls ? "" : NULL);
}

static bool is_accepted(void)
{
    return run.ends[1].made || run.ends[0].lost || run.ends[0].err;
}

static int wait_closed(void *arg)
{
    return gyre_server_wait_closed(server);
}

void play_server(void)
{
    struct rules rules = one_in(3) ? secret : stream;

    tls_pick();
    end_reset(&run.ends[0], rules);
    end_reset(&run.ends[1], rules);
    expect(task(serve, &run.ends[1]) == 0, "a server could not be made");
    run.ends[0].err = task(call, &run.ends[0]);
    wait_for(is_accepted, "a connection is never accepted");
    if (one_in(3)) {
        play_steps(roll(20));
        quiesce();
        upgrade();
    }
    play_pair();
    gyre_server_close(server);
    if (run.ends[1].lost)
        expect(task(wait_closed, NULL) == 0, "wait_closed failed");
    gyre_server_unref(server);
}

/* --- one raw end --- */

static void open_raw(struct end *end, struct end *raw, int *fds, struct rules rules)
{
    struct opening opening = {end, fds[0]};

    end_reset(end, rules);
    end_reset(raw, rules);
    raw->fd = fds[1];
    if (rules.tls)
        raw_start_tls(raw, end == &run.ends[0]);
    end->impatient = rules.tls;
    open_one(&opening, end == &run.ends[0] ? dial : accept_it);
    turns(roll(4));
    if (end->tasks && one_in(10))
        raw_close(raw, one_in(2));
    wait_for(both_are_open, "a connection is never made");
}

void play_raw(void)
{
    unsigned gyres = roll(2);
    int fds[2];

    make_sockets(fds);
    open_raw(&run.ends[gyres], &run.ends[!gyres], fds, stream);
    play_pair();
}

void play_raw_tls(void)
{
    unsigned gyres = roll(2);
    int fds[2];

    tls_pick();
    make_sockets(fds);
    open_raw(&run.ends[gyres], &run.ends[!gyres], fds, secret);
    play_pair();
}

/* --- pipes --- */

static int connect_pipe(void *arg)
{
    const struct opening *opening = arg;
    struct end *end = opening->end;

    end->err = end->rules.reads
                   ? gyre_loop_connect_read_pipe(run.loop, NULL, &classes[end->class], opening->fd, end)
                   : gyre_loop_connect_write_pipe(run.loop, NULL, &classes[end->class], opening->fd, end);
    end->tasks--;
    return 0;
}

static void open_pipe(struct end *end, struct opening *opening, bool raw)
{
    if (raw)
        end->fd = opening->fd;
    else
        open_one(opening, connect_pipe);
}

void play_pipe(void)
{
    unsigned raw = roll(6);
    int fds[2];
    struct opening reads = {&run.ends[0], 0}, writes = {&run.ends[1], 0};

    expect(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0, "no pipe");
    end_reset(&run.ends[0], (struct rules){.reads = true, .pipe = true});
    end_reset(&run.ends[1], (struct rules){.writes = true, .pipe = true, .whole = true});
    reads.fd = fds[0];
    writes.fd = fds[1];
    open_pipe(&run.ends[0], &reads, raw == 0);
    open_pipe(&run.ends[1], &writes, raw == 1);
    wait_for(both_are_open, "a pipe is never made");
    play_pair();
}

const struct kind kinds[] = {
    {"unix", 20, play_unix, judge_pair, false},
    {"tcp", 12, play_tcp, judge_pair, false},
    {"server", 8, play_server, judge_pair, false},
    {"tls", 14, play_tls, judge_pair, false},
    {"start_tls", 8, play_start_tls, judge_pair, false},
    {"raw", 14, play_raw, judge_pair, false},
    {"raw_tls", 8, play_raw_tls, judge_pair, false},
    {"pipe", 10, play_pipe, judge_pair, false},
    {"datagrams", 10, play_datagrams, judge_datagrams, false},
    {"streams", 6, play_streams, judge_streams, false},
    {"sim", 20, play_server, judge_pair, true},
    {"sim_datagrams", 6, play_datagrams, judge_datagrams, true},
    {"sim_streams", 6, play_streams, judge_streams, true},
};

const size_t kinds_count = sizeof kinds / sizeof *kinds;
