/* load.c - a client that does not slow the server down: one thread, one epoll, one shared buffer, 127.0.0.1
 * only. Each connection sends one batch and waits for its whole answer before the next. It knows an answer by
 * its length alone, which it learns from one exchange beforehand, so a server must answer the same path with
 * the same number of bytes.
 */
#include "exchange.h"
#include "latency.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_EVENTS 512

struct connection {
    int fd;
    bool wants_room;  /* EPOLLOUT is watched: the kernel did not take the whole batch */
    size_t sent;      /* bytes of the batch that have left */
    size_t awaited;   /* bytes of the answer that are still to come */
    uint64_t started; /* when the batch began to leave, in ns */
};

static struct {
    int port;
    int count;         /* connections */
    double seconds;    /* how long to go on */
    bool reconnect;    /* a new connection for each batch */
    char *batch;       /* what every connection sends, again and again */
    size_t batch_len;  /* its bytes */
    size_t answer_len; /* the bytes that answer a batch */
    uint64_t weight;   /* requests in a batch */
    uint64_t requests; /* answered so far */
    uint64_t errors;   /* connections lost, answers too long */
    int epoll;
} load;

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        die("load: calloc");
    return memory;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void repeat_request(const char *request, size_t depth)
{
    size_t len = strlen(request);
    int fd = dial(load.port);

    load.answer_len = exchange_http(fd, request) * depth;
    close(fd);
    load.batch_len = len * depth;
    load.batch = allocate(load.batch_len);
    for (size_t i = 0; i < depth; i++)
        memcpy(load.batch + i * len, request, len);
    load.weight = depth;
}

static void fill_message(size_t size)
{
    load.batch = memset(allocate(size), 'x', size);
    load.batch_len = load.answer_len = size;
    load.weight = 1;
}

static void watch(struct connection *connection, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (connection->wants_room ? EPOLLOUT : 0),
                                .data.ptr = connection};

    epoll_ctl(load.epoll, operation, connection->fd, &event);
}

/* A failed write shows again as a failed read, which counts it. */
static void send_rest(struct connection *connection)
{
    ssize_t n = write(connection->fd, load.batch + connection->sent, load.batch_len - connection->sent);
    bool wants_room;

    if (n > 0)
        connection->sent += (size_t)n;
    wants_room = connection->sent < load.batch_len;
    if (wants_room == connection->wants_room)
        return;
    connection->wants_room = wants_room;
    watch(connection, EPOLL_CTL_MOD);
}

static void send_batch(struct connection *connection, uint64_t now)
{
    connection->sent = 0;
    connection->awaited = load.answer_len;
    connection->started = now;
    send_rest(connection);
}

static void open_connection(struct connection *connection)
{
    connection->fd = dial(load.port);
    connection->wants_room = false;
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    watch(connection, EPOLL_CTL_ADD);
}

/* Closes with a reset, so that no port stays behind in TIME_WAIT. */
static void renew_connection(struct connection *connection)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(connection->fd);
    open_connection(connection);
    send_batch(connection, now_ns());
}

static void complete(struct connection *connection)
{
    uint64_t now = now_ns();

    load.requests += load.weight;
    latency_record(now - connection->started, load.weight);
    if (load.reconnect)
        renew_connection(connection);
    else
        send_batch(connection, now);
}

static void fail(struct connection *connection)
{
    load.errors++;
    if (load.reconnect)
        renew_connection(connection);
    else
        close(connection->fd);
}

static void receive(struct connection *connection)
{
    ssize_t n = read(connection->fd, buffer, sizeof buffer);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0 || (size_t)n > connection->awaited)
        fail(connection);
    else if ((connection->awaited -= (size_t)n) == 0)
        complete(connection);
}

static void turn(void)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(load.epoll, events, MAX_EVENTS, 100);

    for (int i = 0; i < count; i++) {
        if (events[i].events & EPOLLOUT)
            send_rest(events[i].data.ptr);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            receive(events[i].data.ptr);
    }
}

static void print_result(double elapsed)
{
    printf("%llu %.4f %.1f %.1f %llu\n", (unsigned long long)load.requests, elapsed, latency_percentile(.5),
           latency_percentile(.99), (unsigned long long)load.errors);
}

static void run(void)
{
    struct connection *connections = allocate((size_t)load.count * sizeof *connections);
    uint64_t start, end;

    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < load.count; i++)
        open_connection(&connections[i]);
    start = now_ns();
    end = start + (uint64_t)(load.seconds * 1e9);
    for (int i = 0; i < load.count; i++)
        send_batch(&connections[i], start);
    while (now_ns() < end)
        turn();
    print_result((double)(now_ns() - start) / 1e9);
    free(connections);
}

static void sit_idle(const char *kind, const char *request)
{
    for (int i = 0; i < load.count; i++) {
        int fd = dial(load.port);

        if (strcmp(kind, "http") == 0)
            exchange_http(fd, request);
        else if (strcmp(kind, "echo") == 0)
            exchange_echo(fd);
    }
    puts("ready");
    fflush(stdout);
    usleep((useconds_t)(load.seconds * 1e6));
}

static int usage(void)
{
    fputs("usage: load http PORT CONNECTIONS SECONDS DEPTH [PATH]           DEPTH pipelined GETs in a batch\n"
          "       load echo PORT CONNECTIONS SECONDS SIZE                   messages of SIZE bytes\n"
          "       load conn PORT CONNECTIONS SECONDS http [PATH]            a new connection for each GET\n"
          "       load idle PORT CONNECTIONS SECONDS http|echo|none [PATH]  one exchange each, then nothing\n"
          "PATH is /plaintext by default. Prints: requests elapsed_s p50_us p99_us errors\n",
          stderr);
    return 2;
}

/* Prepares what mode sends, then does it; false when the words make no sense. */
static bool start(const char *mode, const char *what, const char *path)
{
    const char *request = format_request(load.port, path);

    if (strcmp(mode, "idle") == 0) {
        sit_idle(what, request);
        return true;
    }
    load.reconnect = strcmp(mode, "conn") == 0;
    if (load.reconnect)
        repeat_request(request, 1);
    else if (atoi(what) <= 0)
        return false;
    else if (strcmp(mode, "http") == 0)
        repeat_request(request, (size_t)atoi(what));
    else if (strcmp(mode, "echo") == 0)
        fill_message((size_t)atoi(what));
    else
        return false;
    run();
    return true;
}

static void raise_fd_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    if (argc < 6 || atoi(argv[2]) <= 0 || atoi(argv[3]) <= 0)
        return usage();
    load.port = atoi(argv[2]);
    load.count = atoi(argv[3]);
    load.seconds = atof(argv[4]);
    signal(SIGPIPE, SIG_IGN);
    raise_fd_limit();
    return start(argv[1], argv[5], argc > 6 ? argv[6] : "/plaintext") ? 0 : usage();
}
