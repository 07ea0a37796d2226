/* net_peer.c - the loop, the diary, the sockets. */
#include "net_peer.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ENOUGH_TURNS = 20 };

struct report report;
gyre_driver_kind net_driver;

static void write_down(struct diary *diary, const char *format, ...)
{
    size_t used = strlen(diary->text);
    va_list args;

    va_start(args, format);
    vsnprintf(diary->text + used, sizeof diary->text - used, format, args);
    va_end(args);
}

static void act(struct diary *diary, void (*fn)(struct diary *diary))
{
    if (fn)
        fn(diary);
}

static void *create(void *arg)
{
    return arg;
}

static void destroy(void *self)
{
    ((struct diary *)self)->destroyed++;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct diary *diary = self;

    diary->transport = transport;
    diary->made++;
    write_down(diary, "made ");
    act(diary, diary->on_made);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct diary *diary = self;
    size_t room = sizeof diary->data - 1;

    if (diary->received < room)
        memcpy(diary->data + diary->received, data,
               len < room - diary->received ? len : room - diary->received);
    diary->received += len;
    write_down(diary, "data:%zu ", len);
    act(diary, diary->on_data);
}

static bool eof_received(void *self)
{
    struct diary *diary = self;

    diary->eof++;
    write_down(diary, "eof ");
    act(diary, diary->on_eof);
    return diary->keep_open;
}

static void connection_lost(void *self, int err)
{
    struct diary *diary = self;

    diary->lost++;
    diary->err = err;
    write_down(diary, "lost:%d ", err);
    act(diary, diary->on_lost);
}

static void pause_writing(void *self)
{
    struct diary *diary = self;

    diary->pauses++;
    write_down(diary, "pause ");
    act(diary, diary->on_pause);
}

static void resume_writing(void *self)
{
    struct diary *diary = self;

    diary->resumes++;
    write_down(diary, "resume ");
    act(diary, diary->on_resume);
}

static void get_buffer(void *self, ptrdiff_t hint, void **buffer, size_t *len)
{
    struct diary *diary = self;

    *buffer = diary->space;
    *len = diary->room;
    act(diary, diary->on_buffer);
}

static void buffer_updated(void *self, size_t len)
{
    struct diary *diary = self;

    write_down(diary, "updated:%zu ", len);
    diary->received += len;
    act(diary, diary->on_updated);
}

const gyre_protocol net_diary = {
    .create = create,
    .destroy = destroy,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

const gyre_protocol net_buffered = {
    .create = create,
    .destroy = destroy,
    .connection_made = connection_made,
    .get_buffer = get_buffer,
    .buffer_updated = buffer_updated,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

static void *create_next(void *arg)
{
    struct diaries *diaries = arg;

    return diaries->count < diaries->max ? &diaries->diary[diaries->count++] : NULL;
}

const gyre_protocol net_diaries = {
    .create = create_next,
    .destroy = destroy,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};

static int handle_exception(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    report.count++;
    snprintf(report.message, sizeof report.message, "%s", context->message ? context->message : "");
    snprintf(report.text, sizeof report.text, "%s", context->text ? context->text : "");
    report.exception = context->exception;
    report.transport = context->transport != NULL;
    report.handle = context->handle != NULL;
    report.socket = context->socket;
    return 0;
}

int net_count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static int fds_before;

/* The first loop of a process opens what libuv keeps for good. */
static void warm_up(void)
{
    static bool warm;
    gyre_loop *loop;

    if (warm)
        return;
    warm = true;
    loop = gyre_loop_new(.driver = GYRE_DRIVER_UV);
    assert_non_null(loop);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int net_setup(void **state)
{
    gyre_loop *loop;

    alarm(60);
    warm_up();
    fds_before = net_count_fds();
    report = (struct report){0};
    loop = gyre_loop_new(.driver = net_driver);
    assert_non_null(loop);
    gyre_set_event_loop(loop);
    gyre_loop_set_exception_handler(loop, handle_exception, NULL);
    gyre_loop_set_slow_callback_duration(loop, 3600);
    *state = loop;
    return 0;
}

/* A thread inside getaddrinfo(3) whose answer nobody wants may have files open for a while. */
static bool descriptors_are_back(void)
{
    for (int i = 0; i < 500 && net_count_fds() != fds_before; i++)
        usleep(10000);
    return net_count_fds() == fds_before;
}

int net_teardown(void **state)
{
    gyre_loop *loop = *state;

    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    alarm(0);
    return descriptors_are_back() ? 0 : -1;
}

static void stop(void *loop)
{
    gyre_loop_stop(loop);
}

void net_need_localhost(void)
{
    struct addrinfo hints = {.ai_family = AF_INET};
    struct addrinfo *list = NULL;

    if (getaddrinfo("localhost", NULL, &hints, &list))
        skip();
    freeaddrinfo(list);
}

static void run_for(gyre_loop *loop, double seconds)
{
    gyre_loop_call_later(loop, seconds, stop, loop);
    gyre_loop_run_forever(loop);
}

void net_step(gyre_loop *loop)
{
    run_for(loop, 0.001);
}

void net_turns(gyre_loop *loop, int turns)
{
    while (turns-- > 0) {
        gyre_loop_call_soon(loop, stop, loop);
        gyre_loop_run_forever(loop);
    }
}

void net_run(gyre_loop *loop, double seconds)
{
    run_for(loop, seconds);
    net_turns(loop, ENOUGH_TURNS);
}

int net_task(gyre_loop *loop, gyre_coroutine fn, void *arg)
{
    gyre_task *task = NULL;
    int err = gyre_loop_create_task(loop, &task, fn, arg);

    if (!err)
        err = gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    return err;
}

int net_pair_with(gyre_loop *loop, struct diary *diary, const gyre_protocol *protocol)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, protocol, .sock = ends[0], .arg = diary), 0);
    return ends[1];
}

int net_pair(gyre_loop *loop, struct diary *diary)
{
    return net_pair_with(loop, diary, &net_diary);
}

void net_finish(gyre_loop *loop, struct diary *diary, int peer)
{
    if (!diary->lost)
        gyre_transport_abort(diary->transport);
    while (!diary->lost)
        net_turns(loop, 1);
    net_turns(loop, 1);
    close(peer);
}

int net_dial(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

long net_read_all(int fd)
{
    char buffer[65536];
    long all = 0;
    ssize_t got;

    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        all += got;
    return got < 0 ? -errno : all;
}

void net_reset(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
}
