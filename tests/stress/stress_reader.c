/* stress_reader.c - random feeds, ends and reads on a reader, against a model that knows only asyncio's
 * rules; and random reads of bytes that come over TCP in random pieces, held over random waits.
 *
 * usage: stress_reader [SEED]; with the same seed the first part does the same again.
 */
#include "stress.h"

enum { ROOM = 4096, MAX_SEPARATORS = 3, EPISODE = 60, CLIENTS = 6, MOST = 300000 };

/* What a task asks for. */
struct ask {
    enum { SOME, EXACTLY, UNTIL, LINE } kind;
    ptrdiff_t n;
    struct iovec separators[MAX_SEPARATORS];
    size_t count;
};

/* What it gets: bytes, or a code and what goes with it. */
struct answer {
    ptrdiff_t len;
    char bytes[ROOM];
    size_t consumed;
};

/* --- the model: a string --- */

static struct {
    char bytes[ROOM];
    size_t size, limit;
    bool eof, paused;
} model;

static void take(struct answer *answer, size_t len)
{
    memcpy(answer->bytes, model.bytes, len);
    answer->len = (ptrdiff_t)len;
    model.size -= len;
    memmove(model.bytes, model.bytes + len, model.size);
    model.paused = model.paused && model.size > model.limit;
}

/* Everything up to `end` is a match of the separator that begins at the return value; -1: there is none. */
static ptrdiff_t match_ending(const struct ask *ask, size_t end)
{
    ptrdiff_t start = -1;

    for (size_t i = 0; i < ask->count; i++) {
        size_t len = ask->separators[i].iov_len;

        if (len <= end && !memcmp(model.bytes + end - len, ask->separators[i].iov_base, len) &&
            (ptrdiff_t)(end - len) > start)
            start = (ptrdiff_t)(end - len);
    }
    return start;
}

static void overrun(const struct ask *ask, struct answer *answer, size_t consumed, size_t line)
{
    if (ask->kind == LINE)
        take(answer, line);
    memset(answer->bytes, 0, sizeof answer->bytes);
    answer->len = ask->kind == LINE ? GYRE_EVALUE : GYRE_ELIMITOVERRUN;
    answer->consumed = ask->kind == LINE ? 0 : consumed;
}

static bool expect_match(const struct ask *ask, struct answer *answer)
{
    size_t shortest = SIZE_MAX, longest = 0;

    for (size_t end = 1; end <= model.size; end++) {
        ptrdiff_t start = match_ending(ask, end);

        if (start < 0)
            continue;
        if ((size_t)start > model.limit)
            overrun(ask, answer, (size_t)start, end);
        else
            take(answer, end);
        return true;
    }
    for (size_t i = 0; i < ask->count; i++) {
        shortest = ask->separators[i].iov_len < shortest ? ask->separators[i].iov_len : shortest;
        longest = ask->separators[i].iov_len > longest ? ask->separators[i].iov_len : longest;
    }
    if (model.size < shortest || model.size + 1 <= longest + model.limit)
        return false;
    overrun(ask, answer, model.size + 1 - longest, model.size);
    return true;
}

/* False: it has to wait. */
static bool expect_answer(const struct ask *ask, struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    if (ask->kind >= UNTIL) {
        if (expect_match(ask, answer))
            return true;
    } else if (ask->n == 0 || (ask->kind == SOME && ask->n > 0 && model.size)) {
        take(answer, (size_t)ask->n < model.size ? (size_t)ask->n : model.size);
        return true;
    } else if (ask->kind == EXACTLY && model.size >= (size_t)ask->n) {
        take(answer, (size_t)ask->n);
        return true;
    }
    if (!model.eof) {
        model.paused = false;
        return false;
    }
    take(answer, model.size);
    if (ask->kind == EXACTLY || ask->kind == UNTIL)
        answer->len = GYRE_EINCOMPLETEREAD;
    return true;
}

/* --- the reader --- */

static gyre_reader *reader;
static bool paused;
static const char *lent;
static char lent_copy[ROOM];
static size_t lent_len;

static void pause_reading(void *arg)
{
    expect(!paused);
    paused = true;
}

static void resume_reading(void *arg)
{
    expect(paused);
    paused = false;
}

static const gyre_reader_source source = {
    .size = sizeof source, .pause_reading = pause_reading, .resume_reading = resume_reading};

static void remember(const char *bytes, size_t len)
{
    lent = bytes;
    lent_len = len;
    memcpy(lent_copy, bytes, len);
}

static ptrdiff_t ask_reader(const struct ask *ask, const char **data, double timeout)
{
    switch (ask->kind) {
    case SOME:
        return gyre_reader_read(reader, data, ask->n, .timeout = timeout);
    case EXACTLY:
        return gyre_reader_readexactly(reader, data, ask->n, .timeout = timeout);
    case UNTIL:
        return gyre_reader_readuntil(reader, data, NULL, .separators = ask->separators, .count = ask->count,
                                     .timeout = timeout);
    default:
        return gyre_reader_readline(reader, data, .timeout = timeout);
    }
}

struct reading {
    const struct ask *ask;
    struct answer answer;
    double timeout;
};

static int read_now(void *arg)
{
    struct reading *reading = arg;
    struct answer *answer = &reading->answer;
    gyre_reader_failure failure;
    const char *data = NULL;

    lent_len = 0;
    answer->len = ask_reader(reading->ask, &data, reading->timeout);
    if (answer->len == GYRE_ECANCELLED)
        return GYRE_ECANCELLED;
    gyre_reader_get_failure(reader, &failure);
    if (answer->len == GYRE_EINCOMPLETEREAD)
        memcpy(answer->bytes, data = failure.partial, failure.len);
    else if (answer->len > 0)
        memcpy(answer->bytes, data, (size_t)answer->len);
    answer->consumed = failure.consumed;
    if (data)
        remember(data, answer->len > 0 ? (size_t)answer->len : failure.len);
    return 0;
}

/* --- both --- */

static const char letters[] = "ab\n";

static void feed_both(void)
{
    char bytes[24];
    size_t len = roll(sizeof bytes);

    if (model.eof || model.size + len > ROOM)
        return;
    for (size_t i = 0; i < len; i++)
        model.bytes[model.size++] = bytes[i] = letters[roll(8) ? roll(2) : 2];
    model.paused |= model.size > 2 * model.limit && len;
    expect(gyre_reader_feed_data(reader, bytes, len) == 0);
}

static void end_both(void)
{
    model.eof = true;
    gyre_reader_feed_eof(reader);
}

static void check_state(void)
{
    expect(gyre_reader_get_size(reader) == model.size);
    expect(gyre_reader_at_eof(reader) == (model.eof && !model.size));
    expect(paused == model.paused);
    expect(!lent_len || !memcmp(lent, lent_copy, lent_len));
}

static void compare(const struct answer *got, const struct answer *wanted)
{
    expect(got->len == wanted->len);
    expect(got->consumed == wanted->consumed);
    expect(!memcmp(got->bytes, wanted->bytes, sizeof got->bytes));
}

static struct ask make_ask(void)
{
    static const char *const all[] = {"a", "\n", "ab", "b\n", "aa", "aba", "aab", "\n\n", "bbb", "abab"};
    struct ask ask = {.kind = roll(4), .n = roll(20)};

    if (ask.kind == SOME && roll(40) == 0)
        ask.n = -1;
    ask.count = ask.kind == UNTIL ? 1 + roll(MAX_SEPARATORS) : 1;
    for (size_t i = 0; i < ask.count; i++) {
        const char *one = ask.kind == UNTIL ? all[roll(sizeof all / sizeof all[0])] : "\n";

        ask.separators[i] = (struct iovec){(char *)(uintptr_t)one, strlen(one)};
    }
    return ask;
}

static void give_way(void)
{
    for (int i = 0; i < 3; i++)
        gyre_sleep(0);
}

/* Feeds until the waiting task has its answer, or gives up. */
static void read_both(void)
{
    static struct answer wanted;
    static struct reading reading;
    struct ask ask = make_ask();
    bool answered = expect_answer(&ask, &wanted);
    gyre_task *task;

    reading = (struct reading){.ask = &ask};
    gyre_create_task(&task, read_now, &reading);
    give_way();
    for (int i = 0; !answered && (i < 30 || !model.eof); i++) {
        expect(!gyre_future_done(task));
        check_state();
        if (roll(40) == 0)
            break;
        if (roll(20) == 0 || model.size > ROOM / 2)
            end_both();
        else
            feed_both();
        answered = expect_answer(&ask, &wanted);
        give_way();
    }
    if (!answered)
        gyre_task_cancel(task);
    give_way();
    expect(gyre_future_done(task));
    if (answered)
        compare(&reading.answer, &wanted);
    gyre_future_unref(task);
}

/* A read that may not wait. */
static void poll_both(void)
{
    static struct answer wanted;
    static struct reading reading;
    struct ask ask = make_ask();
    bool answered = expect_answer(&ask, &wanted);

    reading = (struct reading){.ask = &ask, .timeout = -1};
    read_now(&reading);
    if (answered)
        compare(&reading.answer, &wanted);
    else
        expect(reading.answer.len == -ETIMEDOUT);
}

static void run_episode(void)
{
    memset(&model, 0, sizeof model);
    model.limit = 1 + roll(12);
    reader = gyre_reader_new(.limit = (ptrdiff_t)model.limit);
    paused = false;
    lent_len = 0;
    gyre_reader_set_source(reader, &source, NULL);
    for (int i = 0; i < EPISODE; i++) {
        unsigned what = roll(10);

        if (what < 5)
            feed_both();
        else if (what < 8)
            read_both();
        else
            poll_both();
        check_state();
    }
    gyre_reader_free(reader);
}

static int compare_with_model(void *arg)
{
    long episodes = 0;

    while (!time_is_up() && !atomic_load(&disappointments)) {
        run_episode();
        episodes++;
    }
    printf("%ld episodes\n", episodes);
    return 0;
}

/* --- over TCP --- */

static char pattern(size_t at)
{
    return (char)(at % 61 == 60 ? '\n' : 'a' + (at * 7 + at / 61) % 26);
}

static size_t heard;

/* Also after other connections were read, and this one was fed. */
static void check_bytes(const char *bytes, size_t from, size_t len)
{
    size_t wrong = 0;

    for (size_t i = 0; i < len; i++)
        wrong += bytes[i] != pattern(from + i);
    expect(!wrong);
}

static ptrdiff_t read_somehow(gyre_reader *from, const char **data)
{
    double timeout = roll(4) ? 0 : 0.0002;
    gyre_reader_failure failure;
    ptrdiff_t len;

    switch (roll(4)) {
    case 0:
        return gyre_reader_readline(from, data, .timeout = timeout);
    case 1:
        len = gyre_reader_readexactly(from, data, 1 + roll(roll(10) ? 300 : 50000), .timeout = timeout);
        break;
    case 2:
        len = gyre_reader_readuntil(from, data, "z", .timeout = timeout);
        break;
    default:
        return gyre_reader_read(from, data, 1 + roll(100000), .timeout = timeout);
    }
    gyre_reader_get_failure(from, &failure);
    *data = len == GYRE_EINCOMPLETEREAD ? failure.partial : *data;
    return len == GYRE_EINCOMPLETEREAD ? (ptrdiff_t)failure.len : len;
}

static int hear(gyre_reader *from, gyre_writer *to, void *arg)
{
    size_t at = 0;

    for (;;) {
        const char *data = NULL;
        ptrdiff_t len = read_somehow(from, &data);

        if (len == 0)
            break;
        if (len == -ETIMEDOUT)
            continue;
        expect(len > 0);
        if (len < 0)
            break;
        for (int naps = roll(8) ? 0 : (int)roll(4); naps > 0; naps--)
            gyre_sleep(0);
        check_bytes(data, at, (size_t)len);
        at += (size_t)len;
    }
    heard += at;
    return 0;
}

static int say(void *arg)
{
    static char block[65536];
    gyre_reader *from;
    gyre_writer *to;
    size_t at = 0, total = roll(MOST);

    if (gyre_open_connection(&from, &to, .host = "127.0.0.1", .port = *(int *)arg))
        return -1;
    while (at < total) {
        size_t len = 1 + roll(roll(3) ? 400 : sizeof block);

        len = len < total - at ? len : total - at;
        for (size_t i = 0; i < len; i++)
            block[i] = pattern(at + i);
        gyre_writer_write(to, block, len);
        at += len;
        if (roll(3) == 0)
            gyre_sleep(0);
        expect(gyre_writer_drain(to) == 0);
    }
    gyre_writer_write_eof(to);
    expect(gyre_reader_read(from, NULL, -1) == 0);
    gyre_stream_close(from, to);
    return (int)total;
}

static size_t say_all(int port)
{
    gyre_task *tasks[CLIENTS];
    size_t said = 0;

    for (int i = 0; i < CLIENTS; i++)
        gyre_create_task(&tasks[i], say, &port);
    for (int i = 0; i < CLIENTS; i++) {
        int total = gyre_await(tasks[i], NULL);

        expect(total >= 0);
        said += (size_t)total;
        gyre_future_unref(tasks[i]);
    }
    return said;
}

static int converse(void *arg)
{
    gyre_server *server;
    size_t said = 0;

    expect(gyre_start_server(&server, hear, NULL, .host = "127.0.0.1", .limit = 20000) == 0);
    while (!time_is_up() && !atomic_load(&disappointments))
        said += say_all(gyre_server_get_port(server));
    gyre_server_close(server);
    expect(gyre_server_wait_closed(server) == 0);
    gyre_server_unref(server);
    expect(said == heard);
    printf("%zu bytes over TCP\n", said);
    return 0;
}

int main(int argc, char **argv)
{
    begin_stress(argc, argv);
    begin_part(2);
    expect(gyre_run(compare_with_model, NULL) == 0);
    begin_part(2);
    expect(gyre_run(converse, NULL) == 0);
    return end_stress();
}
