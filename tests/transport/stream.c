/* stream.c - readers and writers at both ends: one task reads in every way, the other one writes.
 *
 * A readuntil of several separators must give the shortest answer that ends with one of them.
 */
#include "fuzz.h"

enum { LIMIT = 3000, SEPARATORS = 3 };

static gyre_server *server;
static gyre_reader *readers[2];
static gyre_writer *writers[2];
static unsigned talkers;  /* ends that are under way */
static bool called;       /* the client is over */
static bool cut_short[2]; /* the network broke, or a line was too long */

static unsigned index_of(const struct end *end)
{
    return end == &run.ends[1];
}

static void take(struct end *end, const char *data, ptrdiff_t len)
{
    trace("%s reads %td", end->name, len);
    expect(end->received + (uint64_t)len <= end->other->most, "more was read than was written");
    expect(pattern_is(end->received, data, (size_t)len), "other bytes were read than were written");
    end->received += (uint64_t)len;
}

/* --- readuntil --- */

static struct iovec separators[SEPARATORS];
static size_t separators_count;

/* Pieces of the pattern itself, so that they occur. */
static void pick_separators(void)
{
    separators_count = 1 + roll(SEPARATORS);
    for (size_t i = 0; i < separators_count; i++)
        separators[i] = (struct iovec){(char *)(uintptr_t)pattern_at(roll(PERIOD)), 1 + roll(2)};
}

/* Where the first answer ends, in bytes from `from`; 0: not within `most`. */
static size_t first_answer(const char *from, size_t most)
{
    for (size_t end = 1; end <= most; end++)
        for (size_t i = 0; i < separators_count; i++)
            if (separators[i].iov_len <= end &&
                !memcmp(from + end - separators[i].iov_len, separators[i].iov_base, separators[i].iov_len))
                return end;
    return 0;
}

static ptrdiff_t read_until(struct end *end, const char **data)
{
    gyre_reader *reader = readers[index_of(end)];
    uint64_t from = end->received;
    struct iovec own[SEPARATORS];
    size_t count;
    ptrdiff_t len;

    pick_separators();
    memcpy(own, separators, sizeof own);
    count = separators_count;
    len = gyre_reader_readuntil(reader, data, NULL, .separators = own, .count = count);
    memcpy(separators, own, sizeof own);
    separators_count = count;
    expect(len <= 0 || first_answer(pattern_at(from), (size_t)len) == (size_t)len,
           "readuntil did not end at the first separator");
    return len;
}

/* --- reading --- */

static ptrdiff_t ask(struct end *end, const char **data)
{
    gyre_reader *reader = readers[index_of(end)];

    switch (roll(4)) {
    case 0:
        return gyre_reader_readexactly(reader, data, 1 + (ptrdiff_t)roll(one_in(5) ? 20000 : 100));
    case 1:
        return read_until(end, data);
    case 2:
        return gyre_reader_readline(reader, data);
    default:
        return gyre_reader_read(reader, data, 1 + (ptrdiff_t)roll(one_in(5) ? 100000 : 500));
    }
}

/* What a failure leaves to be read: 0 nothing, and the reading is over. */
static ptrdiff_t go_on(struct end *end, ptrdiff_t len, const char **data)
{
    gyre_reader *reader = readers[index_of(end)];
    gyre_reader_failure failure;

    gyre_reader_get_failure(reader, &failure);
    if (len == GYRE_ELIMITOVERRUN)
        return gyre_reader_readexactly(reader, data, (ptrdiff_t)failure.consumed);
    *data = failure.partial;
    if (len == GYRE_EINCOMPLETEREAD)
        return (ptrdiff_t)failure.len;
    return -1;
}

/* What comes now is not compared any more. */
static void read_away(struct end *end)
{
    cut_short[index_of(end)] = true;
    while (gyre_reader_read(readers[index_of(end)], NULL, 100000) > 0)
        ;
}

/* readline drops a line that is too long, who knows how much. */
static void read_all(struct end *end)
{
    const char *data = NULL;
    ptrdiff_t len;

    while ((len = ask(end, &data)) != 0) {
        if (len < 0 && len != GYRE_EVALUE)
            len = go_on(end, len, &data);
        if (len < 0) {
            read_away(end);
            return;
        }
        if (len > 0)
            take(end, data, len);
        if (one_in(6))
            gyre_sleep(one_in(4) ? 0.0002 : 0);
    }
}

static int read_task(void *arg)
{
    struct end *end = arg;

    read_all(end);
    end->eof = !cut_short[index_of(end)];
    end->tasks--;
    return 0;
}

/* --- writing --- */

/* Who closes reads no more: all must have come. */
static bool may_close(const struct end *end)
{
    unsigned who = index_of(end);

    return end->tasks == 1 || cut_short[0] || cut_short[1] ||
           (end->other->ended && end->received + gyre_reader_get_size(readers[who]) == end->other->accepted);
}

static void finish_writing(struct end *end)
{
    gyre_writer *writer = writers[index_of(end)];

    end->ended = true;
    if (gyre_writer_can_write_eof(writer) && one_in(2)) {
        expect(gyre_writer_write_eof(writer) == 0, "write_eof failed");
        return;
    }
    while (!may_close(end))
        gyre_sleep(0.0002);
    gyre_writer_close(writer);
}

static int write_task(void *arg)
{
    struct end *end = arg;
    gyre_writer *writer = writers[index_of(end)];

    for (unsigned i = roll(30); i > 0; i--) {
        size_t len = roll(one_in(6) ? 60000 : 300);
        const char *data = pattern_at(end->accepted);

        end->most = end->accepted += len;
        expect(gyre_writer_write(writer, data, len) == 0, "a write failed");
        if (one_in(3) && gyre_writer_drain(writer) < 0)
            break;
        if (one_in(4))
            gyre_sleep(one_in(4) ? 0.0002 : 0);
    }
    finish_writing(end);
    end->tasks--;
    return 0;
}

/* Both directions, until both are over. */
static void talk(struct end *end, gyre_reader *reader, gyre_writer *writer)
{
    gyre_task *reading, *writing;

    readers[index_of(end)] = reader;
    writers[index_of(end)] = writer;
    talkers++;
    end->tasks = 2;
    gyre_create_task(&reading, read_task, end);
    gyre_create_task(&writing, write_task, end);
    gyre_await(reading, NULL);
    gyre_await(writing, NULL);
    gyre_future_unref(reading);
    gyre_future_unref(writing);
    talkers--;
}

/* --- the run --- */

static int serve(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    talk(&run.ends[1], reader, writer);
    return 0;
}

static int begin(void *arg)
{
    bool tls = run.ends[0].rules.tls;

    return gyre_start_server(&server, serve, NULL, .host = "127.0.0.1", .limit = LIMIT,
                             .ssl = tls ? tls_context(true) : NULL);
}

static int call(void *arg)
{
    bool tls = run.ends[0].rules.tls;
    gyre_reader *reader;
    gyre_writer *writer;
    int err = gyre_open_connection(
        &reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server), .limit = LIMIT,
        .ssl = tls ? tls_context(false) : NULL, .server_hostname = tls ? "" : NULL);

    expect(!err || run.breaks, "a connection could not be made");
    if (!err) {
        talk(&run.ends[0], reader, writer);
        gyre_stream_close(reader, writer);
    }
    called = true;
    return 0;
}

static bool nobody_talks(void)
{
    return called && !talkers && !gyre_server_get_connections(server);
}

static int end_server(void *arg)
{
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    return gyre_server_wait_closed(server);
}

void play_streams(void)
{
    struct rules rules = {.reads = true, .writes = true, .tls = one_in(3)};

    tls_pick();
    end_reset(&run.ends[0], rules);
    end_reset(&run.ends[1], rules);
    cut_short[0] = cut_short[1] = false;
    talkers = 0;
    called = false;
    expect(task(begin, NULL) == 0, "a server could not be made");
    gyre_loop_create_task(run.loop, NULL, call, NULL);
    wait_for(nobody_talks, "a stream never ends");
    turns(3);
    expect(task(end_server, NULL) == 0, "wait_closed failed");
    gyre_server_unref(server);
    turns(3);
}

void judge_streams(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(run.loop, &stats);
    expect(stats.transports == 0 && stats.tasks == 0, "a transport or a task is left");
    for (int i = 0; i < 2; i++)
        expect(!run.ends[i].eof || run.breaks || run.ends[i].received == run.ends[!i].accepted,
               "a stream ended before all that was written");
}
