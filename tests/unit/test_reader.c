/* test_reader.c - a reader that stands alone: every read at every edge, limits, pausing, lent bytes. */
#include "stream/reader.h"
#include "unit.h"

/* A source that counts. */
struct tap {
    int pauses, resumes, wanted;
    gyre_reader *fed; /* what `wanted` feeds, NULL for nothing */
    const char *with; /* the bytes */
};

static void pause_tap(void *arg)
{
    ((struct tap *)arg)->pauses++;
}

static void resume_tap(void *arg)
{
    ((struct tap *)arg)->resumes++;
}

static void want_tap(void *arg)
{
    struct tap *tap = arg;

    tap->wanted++;
    if (tap->fed)
        gyre_reader_feed_data(tap->fed, tap->with, strlen(tap->with));
}

static const gyre_reader_source tap_source = {
    .size = sizeof tap_source, .pause_reading = pause_tap, .resume_reading = resume_tap, .wanted = want_tap};

static void feed(gyre_reader *reader, const char *text)
{
    assert_int_equal(gyre_reader_feed_data(reader, text, strlen(text)), 0);
}

static gyre_reader *reader_of(ptrdiff_t limit, const char *text)
{
    gyre_reader *reader = gyre_reader_new(.limit = limit);

    assert_non_null(reader);
    feed(reader, text);
    return reader;
}

static gyre_reader *ended(ptrdiff_t limit, const char *text)
{
    gyre_reader *reader = reader_of(limit, text);

    gyre_reader_feed_eof(reader);
    return reader;
}

/* A read and what it has to give; outside tasks it drives the loop. */
#define assert_lent(read, text)                          \
    do {                                                 \
        const char *data = NULL;                         \
        assert_int_equal(read, (ptrdiff_t)strlen(text)); \
        assert_non_null(data);                           \
        assert_memory_equal(data, text, strlen(text));   \
    } while (0)

#define assert_refused(read, code)          \
    do {                                    \
        const char *data = (const char *)1; \
        assert_int_equal(read, code);       \
        assert_ptr_equal(data, (char *)1);  \
    } while (0)

static void assert_partial(gyre_reader *reader, const char *text, ptrdiff_t expected)
{
    gyre_reader_failure failure;

    gyre_reader_get_failure(reader, &failure);
    assert_int_equal(failure.len, strlen(text));
    assert_memory_equal(failure.partial, text, failure.len);
    assert_int_equal(failure.expected, expected);
    assert_int_equal(gyre_reader_get_size(reader), 0);
}

static void assert_consumed(gyre_reader *reader, size_t consumed)
{
    gyre_reader_failure failure;

    gyre_reader_get_failure(reader, &failure);
    assert_int_equal(failure.consumed, consumed);
}

/* Something to do to a reader in a later turn. */
struct later {
    gyre_reader *reader;
    const char *text[4]; /* fed one a turn; "" is the end */
    int next;
};

static void do_next(void *arg)
{
    struct later *later = arg;
    const char *text = later->text[later->next++];

    if (!text)
        return;
    if (*text)
        feed(later->reader, text);
    else
        gyre_reader_feed_eof(later->reader);
    gyre_loop_call_soon(loop, do_next, later);
}

static struct later *feed_later(gyre_reader *reader, const char *a, const char *b, const char *c)
{
    static struct later later;

    later = (struct later){reader, {a, b, c}, 0};
    gyre_loop_call_soon(loop, do_next, &later);
    return &later;
}

/* test_streams.py::StreamTests::test_feed_empty_data,
 * test_streams.py::StreamTests::test_feed_nonempty_data */
static void test_feed_data(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    feed(reader, "");
    assert_int_equal(gyre_reader_get_size(reader), 0);
    feed(reader, "data");
    assert_int_equal(gyre_reader_get_size(reader), 4);
    gyre_reader_free(reader);
    gyre_reader_free(NULL);
}

/* test_streams.py::StreamTests::test_invalid_limit; gyre: zero is the default */
static void test_invalid_limit(void **state)
{
    gyre_reader *reader = gyre_reader_new(.limit = 0);

    assert_int_equal(reader->limit, 64 * 1024);
    gyre_reader_free(reader);
    assert_null(gyre_reader_new(.limit = -1));
    assert_string_equal(gyre_error_text(), "Limit cannot be <= 0");
}

/* test_streams.py::StreamTests::test_streamreader_constructor_use_running_loop */
static void test_new_uses_this_threads_loop(void **state)
{
    gyre_reader *reader = gyre_reader_new(), *named = gyre_reader_new(.loop = loop);

    assert_ptr_equal(reader->wake.loop, loop);
    assert_ptr_equal(named->wake.loop, loop);
    gyre_reader_free(reader);
    gyre_reader_free(named);
}

/* test_streams.py::StreamTests::test_read_zero */
static void test_read_zero(void **state)
{
    gyre_reader *reader = reader_of(0, "line");

    assert_lent(gyre_reader_read(reader, &data, 0), "");
    assert_int_equal(gyre_reader_get_size(reader), 4);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_read */
static void test_read_waits_for_the_first_byte(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    feed_later(reader, "line", NULL, NULL);
    assert_lent(gyre_reader_read(reader, &data, 30), "line");
    assert_int_equal(gyre_reader_get_size(reader), 0);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_read_line_breaks */
static void test_read_stops_at_no_line_break(void **state)
{
    gyre_reader *reader = reader_of(0, "line1");

    feed(reader, "line2");
    assert_lent(gyre_reader_read(reader, &data, 5), "line1");
    assert_int_equal(gyre_reader_get_size(reader), 5);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_read_eof */
static void test_read_at_the_end(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    feed_later(reader, "", NULL, NULL);
    assert_lent(gyre_reader_read(reader, &data, 1024), "");
    assert_lent(gyre_reader_read(reader, &data, 1024), "");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_read_until_eof, test_streams.py::StreamTests::test_read_limit */
static void test_read_all(void **state)
{
    gyre_reader *reader = reader_of(3, "chunk\n");

    feed_later(reader, "chunk2", "", NULL);
    assert_lent(gyre_reader_read(reader, &data, -1), "chunk\nchunk2");
    assert_true(gyre_reader_at_eof(reader));
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_read_exception, test_streams.py::StreamTests::test_exception */
static void test_read_raises_what_was_stored(void **state)
{
    gyre_reader *reader = reader_of(0, "line\n");

    assert_int_equal(gyre_reader_exception(reader), 0);
    assert_lent(gyre_reader_read(reader, &data, 2), "li");
    gyre_reader_set_exception(reader, gyre_error_set(GYRE_EVALUE, "boom"));
    gyre_error_set(-EIO, "something else");
    assert_refused(gyre_reader_read(reader, &data, 2), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "boom");
    assert_int_equal(gyre_reader_exception(reader), GYRE_EVALUE);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readline; test_pep492.py::StreamReaderTests::test_readline */
static void test_readline(void **state)
{
    gyre_reader *reader = reader_of(0, "chunk1 ");

    feed_later(reader, "chunk2 ", "chunk3 \n", "rest");
    assert_lent(gyre_reader_readline(reader, &data), "chunk1 chunk2 chunk3 \n");
    gyre_reader_feed_eof(reader);
    assert_lent(gyre_reader_readline(reader, &data), "");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readline_limit_with_existing_data */
static void test_readline_limit_with_existing_data(void **state)
{
    gyre_reader *reader = reader_of(3, "li");

    feed(reader, "ne1\nline2\n");
    assert_refused(gyre_reader_readline(reader, &data), GYRE_EVALUE);
    assert_lent(gyre_reader_read(reader, &data, 6), "line2\n");
    feed(reader, "li");
    feed(reader, "ne1");
    feed(reader, "li");
    assert_refused(gyre_reader_readline(reader, &data), GYRE_EVALUE);
    assert_int_equal(gyre_reader_get_size(reader), 0);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_at_eof */
static void test_at_eof(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    assert_false(gyre_reader_at_eof(reader));
    feed(reader, "some data\n");
    assert_false(gyre_reader_at_eof(reader));
    assert_lent(gyre_reader_readline(reader, &data), "some data\n");
    assert_false(gyre_reader_at_eof(reader));
    feed(reader, "some data\n");
    gyre_reader_feed_eof(reader);
    assert_false(gyre_reader_at_eof(reader));
    assert_lent(gyre_reader_readline(reader, &data), "some data\n");
    assert_true(gyre_reader_at_eof(reader));
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readline_limit */
static void test_readline_limit(void **state)
{
    gyre_reader *reader = gyre_reader_new(.limit = 7);

    feed_later(reader, "chunk1", "chunk2", "chunk3\n");
    assert_refused(gyre_reader_readline(reader, &data), GYRE_EVALUE);
    run_passes(4);
    assert_lent(gyre_reader_readline(reader, &data), "chunk3\n");
    feed(reader, "chunk2\n");
    feed(reader, "chunk3\n");
    assert_lent(gyre_reader_readline(reader, &data), "chunk2\n");
    assert_lent(gyre_reader_readline(reader, &data), "chunk3\n");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readline_nolimit_nowait,
 * test_streams.py::StreamTests::test_readline_read_byte_count */
static void test_readline_takes_one_line(void **state)
{
    gyre_reader *reader = reader_of(0, "line1\nline2\nline3\n");

    assert_lent(gyre_reader_readline(reader, &data), "line1\n");
    assert_int_equal(gyre_reader_get_size(reader), 12);
    assert_lent(gyre_reader_readline(reader, &data), "line2\n");
    assert_lent(gyre_reader_read(reader, &data, 7), "line3\n");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readline_eof, test_streams.py::StreamTests::test_readline_empty_eof */
static void test_readline_at_the_end(void **state)
{
    gyre_reader *reader = ended(0, "some data");

    assert_lent(gyre_reader_readline(reader, &data), "some data");
    assert_lent(gyre_reader_readline(reader, &data), "");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readline_exception */
static void test_readline_raises_what_was_stored(void **state)
{
    gyre_reader *reader = reader_of(0, "line\n");

    assert_lent(gyre_reader_readline(reader, &data), "line\n");
    gyre_reader_set_exception(reader, GYRE_EUSER);
    assert_refused(gyre_reader_readline(reader, &data), GYRE_EUSER);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_separator */
static void test_readuntil_wants_a_separator(void **state)
{
    gyre_reader *reader = gyre_reader_new();
    struct iovec empty[] = {{(char *)"a", 1}, {(char *)"", 0}};

    assert_refused(gyre_reader_readuntil(reader, &data, ""), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Separator should be at least one-byte string");
    assert_refused(gyre_reader_readuntil(reader, &data, NULL), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Separator should contain at least one element");
    assert_refused(gyre_reader_readuntil(reader, &data, NULL, .separators = empty, .count = 0), GYRE_EVALUE);
    assert_refused(gyre_reader_readuntil(reader, &data, NULL, .separators = empty, .count = 2), GYRE_EVALUE);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_multi_chunks */
static void test_readuntil_over_chunks(void **state)
{
    gyre_reader *reader = reader_of(0, "lineAAA");

    assert_lent(gyre_reader_readuntil(reader, &data, "AAA"), "lineAAA");
    assert_int_equal(gyre_reader_get_size(reader), 0);
    feed(reader, "lineAAAxxx");
    assert_lent(gyre_reader_readuntil(reader, &data, "AAA"), "lineAAA");
    assert_int_equal(gyre_reader_get_size(reader), 3);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_multi_chunks_1 */
static void test_readuntil_finds_a_split_separator(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    feed_later(reader, "QWEaa", "XYaa", "a");
    assert_lent(gyre_reader_readuntil(reader, &data, "aaa"), "QWEaaXYaaa");
    run_passes(4);
    feed_later(reader, "aaa", NULL, NULL);
    assert_lent(gyre_reader_readuntil(reader, &data, "aaa"), "aaa");
    run_passes(4);
    feed_later(reader, "Xaa", "aXaa", NULL);
    assert_lent(gyre_reader_readuntil(reader, &data, "aaa"), "Xaaa");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_eof */
static void test_readuntil_at_the_end(void **state)
{
    gyre_reader *reader = ended(0, "some dataAA");

    assert_refused(gyre_reader_readuntil(reader, &data, "AAA"), GYRE_EINCOMPLETEREAD);
    assert_partial(reader, "some dataAA", -1);
    assert_string_equal(gyre_error_text(), "11 bytes read on a total of undefined expected bytes");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_limit_found_sep */
static void test_readuntil_limit(void **state)
{
    gyre_reader *reader = reader_of(3, "some dataAA");

    assert_refused(gyre_reader_readuntil(reader, &data, "AAA"), GYRE_ELIMITOVERRUN);
    assert_string_equal(gyre_error_text(), "Separator is not found, and chunk exceed the limit");
    assert_consumed(reader, 9);
    assert_int_equal(gyre_reader_get_size(reader), 11);
    feed(reader, "A");
    assert_refused(gyre_reader_readuntil(reader, &data, "AAA"), GYRE_ELIMITOVERRUN);
    assert_string_equal(gyre_error_text(), "Separator is found, but chunk is longer than limit");
    assert_consumed(reader, 9);
    assert_int_equal(gyre_reader_get_size(reader), 12);
    assert_lent(gyre_reader_readexactly(reader, &data, 9), "some data");
    assert_consumed(reader, 0);
    gyre_reader_free(reader);
}

/* Oracle 085: the limit is for what stands before the separator. */
static void test_readuntil_exactly_at_the_limit(void **state)
{
    gyre_reader *reader = reader_of(8, "01234567\r\n");

    assert_lent(gyre_reader_readuntil(reader, &data, "\r\n"), "01234567\r\n");
    gyre_reader_free(reader);
}

static struct iovec piece(const char *text)
{
    return (struct iovec){(char *)(uintptr_t)text, strlen(text)};
}

/* test_streams.py::StreamTests::test_readuntil_multi_separator */
static void test_readuntil_of_several(void **state)
{
    gyre_reader *reader = gyre_reader_new();
    struct iovec one[] = {piece("AAA"), piece("BBB")}, nested[] = {piece("coding"), piece("cod")};

    feed(reader, "lineAAA");
    assert_lent(gyre_reader_readuntil(reader, &data, NULL, .separators = one, .count = 2), "lineAAA");
    feed(reader, "lineBBBxAAA");
    assert_lent(gyre_reader_readuntil(reader, &data, NULL, .separators = one, .count = 2), "lineBBB");
    assert_lent(gyre_reader_readuntil(reader, &data, NULL, .separators = one, .count = 2), "xAAA");
    feed(reader, "encoding");
    assert_lent(gyre_reader_readuntil(reader, &data, NULL, .separators = nested, .count = 2), "encod");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_multi_separator_limit */
static void test_readuntil_of_several_over_the_limit(void **state)
{
    gyre_reader *reader = reader_of(3, "some dataA");
    struct iovec two[] = {piece("A"), piece("ome dataA")};

    assert_refused(gyre_reader_readuntil(reader, &data, NULL, .separators = two, .count = 2),
                   GYRE_ELIMITOVERRUN);
    assert_consumed(reader, 9);
    assert_int_equal(gyre_reader_get_size(reader), 10);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readuntil_multi_separator_negative_offset */
static void test_readuntil_of_several_looks_back_far_enough(void **state)
{
    gyre_reader *reader = gyre_reader_new();
    struct iovec two[] = {piece("A"), piece("long sep")};

    feed_later(reader, "data", "lo", "ng sep");
    assert_lent(gyre_reader_readuntil(reader, &data, NULL, .separators = two, .count = 2), "datalong sep");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readexactly_zero_or_less */
static void test_readexactly_zero_or_less(void **state)
{
    gyre_reader *reader = reader_of(0, "line\n");

    assert_lent(gyre_reader_readexactly(reader, &data, 0), "");
    assert_refused(gyre_reader_readexactly(reader, &data, -1), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "readexactly size can not be less than zero");
    assert_int_equal(gyre_reader_get_size(reader), 5);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readexactly, test_streams.py::StreamTests::test_readexactly_limit */
static void test_readexactly(void **state)
{
    gyre_reader *reader = gyre_reader_new(.limit = 3);

    feed_later(reader, "chunk", "chunk", "chunk!");
    assert_lent(gyre_reader_readexactly(reader, &data, 15), "chunkchunkchunk");
    assert_int_equal(gyre_reader_get_size(reader), 1);
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readexactly_eof */
static void test_readexactly_at_the_end(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    feed_later(reader, "chunk", "", NULL);
    assert_refused(gyre_reader_readexactly(reader, &data, 10), GYRE_EINCOMPLETEREAD);
    assert_string_equal(gyre_error_text(), "5 bytes read on a total of 10 expected bytes");
    assert_partial(reader, "chunk", 10);
    assert_lent(gyre_reader_read(reader, &data, 1), "");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_readexactly_exception */
static void test_readexactly_raises_what_was_stored(void **state)
{
    gyre_reader *reader = reader_of(0, "line\n");

    assert_lent(gyre_reader_readexactly(reader, &data, 2), "li");
    gyre_reader_set_exception(reader, -ECONNRESET);
    assert_refused(gyre_reader_readexactly(reader, &data, 2), -ECONNRESET);
    gyre_reader_free(reader);
}

/* A task that reads, and what came of it. */
struct reading {
    gyre_reader *reader;
    ptrdiff_t n;
    double timeout;
    ptrdiff_t got;
    char text[64];
};

static int read_exactly(void *arg)
{
    struct reading *reading = arg;
    const char *data = "";

    reading->got = gyre_reader_readexactly(reading->reader, &data, reading->n, .timeout = reading->timeout);
    if (reading->got > 0)
        memcpy(reading->text, data, (size_t)reading->got);
    return (int)reading->got;
}

static gyre_task *start(struct reading *reading)
{
    gyre_task *task;

    assert_int_equal(gyre_create_task(&task, read_exactly, reading), 0);
    run_once();
    return task;
}

static void fail_reader(void *reader)
{
    gyre_error_set(GYRE_EVALUE, "too late");
    gyre_reader_set_exception(reader, GYRE_EVALUE);
}

/* test_streams.py::StreamTests::test_exception_waiter */
static void test_a_waiting_task_hears_of_the_failure(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    gyre_loop_call_soon(loop, fail_reader, reader);
    assert_refused(gyre_reader_readline(reader, &data), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "too late");
    gyre_reader_free(reader);
}

/* test_streams.py::StreamTests::test_exception_cancel */
static void test_a_failure_finds_no_cancelled_task(void **state)
{
    struct reading reading = {.reader = gyre_reader_new(), .n = 4};
    gyre_task *task = start(&reading);

    gyre_task_cancel(task);
    run_passes(2);
    assert_true(gyre_future_cancelled(task));
    gyre_reader_set_exception(reading.reader, GYRE_EUSER);
    assert_false(reading.reader->waiting);
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

static void test_bytes_that_came_survive_a_cancelled_read(void **state)
{
    struct reading reading = {.reader = gyre_reader_new(), .n = 4};
    gyre_task *task = start(&reading);

    feed(reading.reader, "ab");
    gyre_task_cancel(task);
    feed(reading.reader, "c");
    run_passes(2);
    assert_int_equal(reading.got, GYRE_ECANCELLED);
    feed(reading.reader, "d");
    assert_lent(gyre_reader_readexactly(reading.reader, &data, 4), "abcd");
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

/* Oracle 085: the single-reader rule. */
static void test_one_task_waits_at_a_time(void **state)
{
    struct reading reading = {.reader = gyre_reader_new(), .n = 4};
    gyre_task *task = start(&reading);

    assert_refused(gyre_reader_readline(reading.reader, &data), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "readline() called while another coroutine is already waiting for "
                                           "incoming data");
    feed(reading.reader, "abcd");
    run_passes(2);
    assert_int_equal(reading.got, 4);
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

/* What another task may take away while one waits, does not stop that one. */
static void test_a_read_between_leaves_the_waiting_task_waiting(void **state)
{
    struct reading reading = {.reader = reader_of(0, "ab"), .n = 3};
    gyre_task *task = start(&reading);

    assert_lent(gyre_reader_read(reading.reader, &data, 2), "ab");
    feed(reading.reader, "c");
    run_passes(2);
    assert_false(gyre_future_done(task));
    feed(reading.reader, "de");
    run_passes(2);
    assert_string_equal(reading.text, "cde");
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

static int read_line(void *arg)
{
    struct reading *reading = arg;

    reading->got = gyre_reader_readline_into(reading->reader, reading->text, sizeof reading->text);
    return 0;
}

static void test_a_read_between_does_not_hide_a_line(void **state)
{
    struct reading reading = {.reader = reader_of(0, "abc")};
    gyre_task *task;

    gyre_create_task(&task, read_line, &reading);
    run_once();
    assert_lent(gyre_reader_read(reading.reader, &data, 3), "abc");
    feed(reading.reader, "\n");
    run_passes(2);
    assert_string_equal(reading.text, "\n");
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

static void test_a_timeout_keeps_the_bytes(void **state)
{
    gyre_reader *reader = reader_of(0, "ab");
    struct reading reading = {.reader = reader, .n = 3, .timeout = 0.01};

    assert_int_equal(run_main(read_exactly, &reading), -ETIMEDOUT);
    assert_refused(gyre_reader_readexactly(reader, &data, 3, .timeout = 0.01), -ETIMEDOUT);
    assert_refused(gyre_reader_readline(reader, &data, .timeout = -1), -ETIMEDOUT);
    assert_string_equal(gyre_error_text(), "readline() has waited long enough");
    assert_refused(gyre_reader_readuntil(reader, &data, "\n", .timeout = 0.01), -ETIMEDOUT);
    assert_refused(gyre_reader_read(reader, &data, -1, .timeout = NAN), GYRE_EVALUE);
    assert_lent(gyre_reader_read(reader, &data, 3, .timeout = -1), "ab");
    gyre_reader_free(reader);
}

/* The limit is for the whole read, not for each of its waits. */
static void drip(void *reader)
{
    feed(reader, ".");
    gyre_loop_call_later(loop, 0.005, drip, reader);
}

static void test_a_timeout_is_for_the_whole_read(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    drip(reader);
    assert_refused(gyre_reader_readline(reader, &data, .timeout = 0.05), -ETIMEDOUT);
    close_now();
    gyre_reader_free(reader);
}

static void test_copies(void **state)
{
    gyre_reader *reader = reader_of(0, "abcdefgh\nij\r\nkl");
    char buffer[16] = "";

    assert_int_equal(gyre_reader_read_into(reader, buffer, 2), 2);
    assert_int_equal(gyre_reader_readexactly_into(reader, buffer + 2, 3), 3);
    assert_string_equal(buffer, "abcde");
    assert_int_equal(gyre_reader_readline_into(reader, buffer, 3), -ENOSPC);
    assert_int_equal(gyre_reader_readline_into(reader, buffer, 4), 4);
    assert_memory_equal(buffer, "fgh\n", 4);
    assert_int_equal(gyre_reader_readuntil_into(reader, buffer, 3, "\r\n"), -ENOSPC);
    assert_int_equal(gyre_reader_readuntil_into(reader, buffer, 4, "\r\n"), 4);
    assert_memory_equal(buffer, "ij\r\n", 4);
    gyre_reader_feed_eof(reader);
    assert_int_equal(gyre_reader_readline_into(reader, buffer, sizeof buffer), 2);
    assert_int_equal(gyre_reader_read_into(reader, buffer, sizeof buffer), 0);
    assert_int_equal(gyre_reader_readexactly_into(reader, buffer, 1), GYRE_EINCOMPLETEREAD);
    gyre_reader_free(reader);
}

/* What was lent stays, whatever is fed, until the next read. */
static void test_lent_bytes_stay(void **state)
{
    gyre_reader *reader = reader_of(0, "first\nsecond\n");
    char big[5000];
    const char *line;

    memset(big, 'x', sizeof big);
    assert_int_equal(gyre_reader_readline(reader, &line), 6);
    for (int i = 0; i < 20; i++)
        assert_int_equal(gyre_reader_feed_data(reader, big, sizeof big), 0);
    assert_memory_equal(line, "first\n", 6);
    assert_lent(gyre_reader_readline(reader, &data), "second\n");
    assert_int_equal(gyre_reader_get_size(reader), 20 * sizeof big);
    gyre_reader_free(reader);
}

/* Bytes that are taken as they come need no more room than they need. */
static void test_room_is_used_again(void **state)
{
    gyre_reader *reader = reader_of(0, "0123456789");

    for (int i = 0; i < 10000; i++) {
        char buffer[10];

        feed(reader, "0123456789");
        assert_int_equal(gyre_reader_readexactly_into(reader, buffer, 10), 10);
        assert_memory_equal(buffer, "0123456789", 10);
    }
    assert_true(reader->bytes.capacity <= 256);
    gyre_reader_free(reader);
}

static void test_an_idle_reader_holds_no_memory(void **state)
{
    struct reading reading = {.reader = reader_of(0, "abc"), .n = 3};
    gyre_task *task = start(&reading);

    gyre_future_unref(task);
    run_once();
    assert_int_equal(reading.got, 3);
    task = start(&reading);
    assert_null(reading.reader->bytes.block);
    feed(reading.reader, "def");
    run_passes(2);
    assert_string_equal(reading.text, "def");
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

/* asyncio: StreamReader.feed_data's pause above twice the limit; _maybe_resume_transport's go-on at it */
static void test_pauses_above_twice_the_limit(void **state)
{
    gyre_reader *reader = gyre_reader_new(.limit = 4);
    struct tap tap = {0};

    gyre_reader_set_source(reader, &tap_source, &tap);
    feed(reader, "01234567");
    assert_int_equal(tap.pauses, 0);
    feed(reader, "8");
    feed(reader, "9");
    assert_int_equal(tap.pauses, 1);
    assert_lent(gyre_reader_read(reader, &data, 5), "01234");
    assert_int_equal(tap.resumes, 0);
    assert_lent(gyre_reader_read(reader, &data, 1), "5");
    assert_int_equal(tap.resumes, 1);
    assert_int_equal(tap.wanted, 0);
    gyre_reader_free(reader);
}

/* asyncio: _wait_for_data resumes, or readexactly(n > limit) would wait for ever */
static void test_waiting_for_more_resumes(void **state)
{
    struct reading reading = {.reader = gyre_reader_new(.limit = 2), .n = 12};
    struct tap tap = {0};
    gyre_task *task;

    gyre_reader_set_source(reading.reader, &tap_source, &tap);
    feed(reading.reader, "01234");
    assert_int_equal(tap.pauses, 1);
    task = start(&reading);
    assert_int_equal(tap.resumes, 1);
    assert_int_equal(tap.wanted, 1);
    feed(reading.reader, "56789");
    assert_int_equal(tap.pauses, 1);
    feed(reading.reader, "abcdef");
    assert_int_equal(tap.pauses, 2);
    run_passes(2);
    assert_string_equal(reading.text, "0123456789ab");
    assert_int_equal(tap.resumes, 1);
    gyre_future_unref(task);
    gyre_reader_free(reading.reader);
}

static void test_a_source_may_feed_when_it_is_asked(void **state)
{
    gyre_reader *reader = gyre_reader_new();
    struct tap tap = {.fed = reader, .with = "now"};

    gyre_reader_set_source(reader, &tap_source, &tap);
    assert_lent(gyre_reader_read(reader, &data, 10), "now");
    gyre_reader_set_source(reader, NULL, NULL);
    assert_refused(gyre_reader_read(reader, &data, 10, .timeout = -1), -ETIMEDOUT);
    assert_int_equal(tap.wanted, 1);
    gyre_reader_free(reader);
}

static void test_feed_after_eof_is_refused(void **state)
{
    gyre_reader *reader = ended(0, "x");

    gyre_reader_feed_eof(reader);
    assert_int_equal(gyre_reader_feed_data(reader, "y", 1), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "feed_data after feed_eof");
    assert_int_equal(gyre_reader_get_size(reader), 1);
    gyre_reader_free(reader);
}

static void test_no_memory_is_an_answer(void **state)
{
    gyre_reader *reader = reader_of(0, "x");

    assert_int_equal(gyre_reader_feed_data(reader, "y", SIZE_MAX / 3), -ENOMEM);
    assert_lent(gyre_reader_read(reader, &data, 2), "x");
    gyre_reader_free(reader);
}

/* Nobody but the waiting task is left: it hears of it, and the reader goes. */
static void test_freed_under_a_waiting_task(void **state)
{
    struct reading reading = {.reader = gyre_reader_new(), .n = 4};
    gyre_task *task = start(&reading);

    gyre_reader_free(reading.reader);
    gyre_task_cancel(task);
    run_passes(2);
    assert_int_equal(reading.got, GYRE_ECANCELLED);
    gyre_future_unref(task);
    reading.reader = gyre_reader_new();
    task = start(&reading);
    feed(reading.reader, "abcd");
    gyre_reader_free(reading.reader);
    run_passes(2);
    assert_int_equal(reading.got, GYRE_ERUNTIME);
    assert_int_equal(gyre_future_exception(task), GYRE_ERUNTIME);
    gyre_future_unref(task);
}

/* A loop that closes refuses every wait. */
static void test_closing_the_loop_ends_a_read(void **state)
{
    struct reading reading = {.reader = gyre_reader_new(), .n = 4};

    gyre_future_unref(start(&reading));
    close_now();
    assert_int_equal(reading.got, GYRE_ECANCELLED);
    gyre_reader_free(reading.reader);
}

static int read_in_callback_result;

static void read_in_callback(void *reader)
{
    read_in_callback_result = (int)gyre_reader_read(reader, NULL, 1);
}

static void test_a_plain_callback_cannot_wait(void **state)
{
    gyre_reader *reader = gyre_reader_new();

    gyre_loop_call_soon(loop, read_in_callback, reader);
    run_once();
    assert_int_equal(read_in_callback_result, GYRE_EAWAIT);
    feed(reader, "x");
    gyre_loop_call_soon(loop, read_in_callback, reader);
    run_once();
    assert_int_equal(read_in_callback_result, 1);
    gyre_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_feed_data),
        ON_LOOP(test_invalid_limit),
        ON_LOOP(test_new_uses_this_threads_loop),
        ON_LOOP(test_read_zero),
        ON_LOOP(test_read_waits_for_the_first_byte),
        ON_LOOP(test_read_stops_at_no_line_break),
        ON_LOOP(test_read_at_the_end),
        ON_LOOP(test_read_all),
        ON_LOOP(test_read_raises_what_was_stored),
        ON_LOOP(test_readline),
        ON_LOOP(test_readline_limit_with_existing_data),
        ON_LOOP(test_at_eof),
        ON_LOOP(test_readline_limit),
        ON_LOOP(test_readline_takes_one_line),
        ON_LOOP(test_readline_at_the_end),
        ON_LOOP(test_readline_raises_what_was_stored),
        ON_LOOP(test_readuntil_wants_a_separator),
        ON_LOOP(test_readuntil_over_chunks),
        ON_LOOP(test_readuntil_finds_a_split_separator),
        ON_LOOP(test_readuntil_at_the_end),
        ON_LOOP(test_readuntil_limit),
        ON_LOOP(test_readuntil_exactly_at_the_limit),
        ON_LOOP(test_readuntil_of_several),
        ON_LOOP(test_readuntil_of_several_over_the_limit),
        ON_LOOP(test_readuntil_of_several_looks_back_far_enough),
        ON_LOOP(test_readexactly_zero_or_less),
        ON_LOOP(test_readexactly),
        ON_LOOP(test_readexactly_at_the_end),
        ON_LOOP(test_readexactly_raises_what_was_stored),
        ON_LOOP(test_a_waiting_task_hears_of_the_failure),
        ON_LOOP(test_a_failure_finds_no_cancelled_task),
        ON_LOOP(test_bytes_that_came_survive_a_cancelled_read),
        ON_LOOP(test_one_task_waits_at_a_time),
        ON_LOOP(test_a_read_between_leaves_the_waiting_task_waiting),
        ON_LOOP(test_a_read_between_does_not_hide_a_line),
        ON_SIM(test_a_timeout_keeps_the_bytes),
        ON_SIM(test_a_timeout_is_for_the_whole_read),
        ON_LOOP(test_copies),
        ON_LOOP(test_lent_bytes_stay),
        ON_LOOP(test_room_is_used_again),
        ON_LOOP(test_an_idle_reader_holds_no_memory),
        ON_LOOP(test_pauses_above_twice_the_limit),
        ON_LOOP(test_waiting_for_more_resumes),
        ON_LOOP(test_a_source_may_feed_when_it_is_asked),
        ON_LOOP(test_feed_after_eof_is_refused),
        ON_LOOP(test_no_memory_is_an_answer),
        ON_LOOP(test_freed_under_a_waiting_task),
        ON_LOOP(test_closing_the_loop_ends_a_read),
        ON_LOOP(test_a_plain_callback_cannot_wait),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
