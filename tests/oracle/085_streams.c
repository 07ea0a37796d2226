/* 085: readline, readuntil, readexactly, read at the end and over the limit; one reader at a time. */
#include "oracle.h"

enum { NO_NUMBER = -1 };

/* What Python's t() prints for the outcome of a read. */
static void tell(const char *label, gyre_reader *reader, ptrdiff_t len, const char *data)
{
    gyre_reader_failure failure;

    gyre_reader_get_failure(reader, &failure);
    if (len >= 0)
        printf("%s %s\n", label, py_bytes(data, (size_t)len));
    else if (len == GYRE_EINCOMPLETEREAD && failure.expected == NO_NUMBER)
        printf("%s Incomplete %s None\n", label, py_bytes(failure.partial, failure.len));
    else if (len == GYRE_EINCOMPLETEREAD)
        printf("%s Incomplete %s %td\n", label, py_bytes(failure.partial, failure.len), failure.expected);
    else if (len == GYRE_ELIMITOVERRUN)
        printf("%s LimitOverrunError %zu\n", label, failure.consumed);
    else
        printf("%s %s \n", label, gyre_error_name((int)len));
}

static void feed(gyre_reader *reader, const char *text)
{
    gyre_reader_feed_data(reader, text, strlen(text));
}

static void line(const char *label, gyre_reader *reader)
{
    const char *data = NULL;
    ptrdiff_t len = gyre_reader_readline(reader, &data);

    tell(label, reader, len, data);
}

static void some(const char *label, gyre_reader *reader, ptrdiff_t n)
{
    const char *data = NULL;
    ptrdiff_t len = gyre_reader_read(reader, &data, n);

    tell(label, reader, len, data);
}

static void exactly(const char *label, gyre_reader *reader, ptrdiff_t n)
{
    const char *data = NULL;
    ptrdiff_t len = gyre_reader_readexactly(reader, &data, n);

    tell(label, reader, len, data);
}

static void until(const char *label, gyre_reader *reader, const char *separator)
{
    const char *data = NULL;
    ptrdiff_t len = gyre_reader_readuntil(reader, &data, separator);

    tell(label, reader, len, data);
}

static void read_small(gyre_reader *reader)
{
    feed(reader, "ab\ncd\n");
    line("line", reader);
    some("read(0)", reader, 0);
    some("read(2)", reader, 2);
    exactly("exactly(0)", reader, 0);
    line("line", reader);
    exactly("exactly(-1)", reader, -1);
}

static void feed_rest(void *reader)
{
    feed(reader, "\nb");
}

static void read_over_limit(gyre_reader *reader)
{
    feed(reader, "0123456789");
    until("until, too long", reader, "\n");
    exactly("still there", reader, 10);
    feed(reader, "0123456789\nok\n");
    line("line too long", reader);
    line("next line survives", reader);
    feed(reader, "01234567\r\n");
    until("exactly at limit", reader, "\r\n");
    feed(reader, "a\r");
    gyre_loop_call_soon(gyre_get_running_loop(), feed_rest, reader);
    until("split separator", reader, "\r\n");
}

static char five[8];

static int read_five(void *reader)
{
    return (int)gyre_reader_readexactly_into(reader, five, 5);
}

static void read_twice(gyre_reader *reader)
{
    gyre_task *task;

    gyre_create_task(&task, read_five, reader);
    gyre_sleep(0);
    line("second reader", reader);
    feed(reader, "cdefgh");
    tell("first reader", reader, oracle_await(task), five);
}

static void read_to_end(gyre_reader *reader)
{
    printf("at_eof %s\n", py_bool(gyre_reader_at_eof(reader)));
    gyre_reader_feed_eof(reader);
    printf("at_eof with data %s\n", py_bool(gyre_reader_at_eof(reader)));
    exactly("exactly at eof", reader, 9);
    line("line at eof", reader);
    some("read at eof", reader, -1);
    printf("at_eof %s\n", py_bool(gyre_reader_at_eof(reader)));
}

static void read_failed(void)
{
    gyre_reader *reader = gyre_reader_new();

    feed(reader, "x");
    gyre_reader_set_exception(reader, gyre_error_set(GYRE_EVALUE, "conn"));
    some("exception first", reader, 1);
    gyre_reader_free(reader);
}

static void read_tail(void)
{
    gyre_reader *reader = gyre_reader_new();

    feed(reader, "tail");
    gyre_reader_feed_eof(reader);
    until("until at eof", reader, "\n");
    gyre_reader_free(reader);
}

/* Python: [x async for x in r] */
static void read_lines(void)
{
    gyre_reader *reader = gyre_reader_new();
    const char *data, *comma = "";
    ptrdiff_t len;

    feed(reader, "1\n2\n3");
    gyre_reader_feed_eof(reader);
    printf("[");
    for (; (len = gyre_reader_readline(reader, &data)) > 0; comma = ", ")
        printf("%s%s", comma, py_bytes(data, (size_t)len));
    puts("]");
    gyre_reader_free(reader);
}

static int run(void *arg)
{
    gyre_reader *reader = gyre_reader_new(.limit = 8);

    read_small(reader);
    read_over_limit(reader);
    read_twice(reader);
    read_to_end(reader);
    gyre_reader_free(reader);
    read_failed();
    read_tail();
    read_lines();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
