/* test_http_parser.c - from bytes to requests: pieces, splits, limits, and what is copied when. Each text
 * that is fed lies in memory of its own size, so that the sanitizers see a byte too far.
 */
#include "http/pieces.h"
#include "unit.h"

#define HOST "Host: x\r\n"

static const struct http_limits limits = {.header = 1000, .body = 100};
static struct http_parser parser;

static int begin(void **state)
{
    http__parser_begin(&parser, &limits);
    return 0;
}

static int end(void **state)
{
    http__parser_trim(&parser, 0);
    return 0;
}

/* Feeds a copy and returns how much was taken; what must be kept is kept. */
static size_t feed(const char *text, size_t len)
{
    char *copy = malloc(len);
    size_t used;

    memcpy(copy, text, len);
    used = http__parser_feed(&parser, copy, len);
    if (parser.phase == HTTP__BODY && !parser.body_limit)
        http__parser_limit_body(&parser, limits.body);
    assert_true(http__parser_keep(&parser));
    free(copy);
    return used;
}

/* Feeds in parts of `step` bytes, until the request has an end. */
static size_t feed_in_steps(const char *text, size_t len, size_t step)
{
    size_t at = 0;

    http__parser_begin(&parser, &limits);
    while (at < len && parser.phase < HTTP__WHOLE)
        at += feed(text + at, len - at < step ? len - at : step);
    return at;
}

static void assert_status(const char *text, int status)
{
    for (size_t step = strlen(text); step > 0; step = step > 1 ? 1 : 0) {
        feed_in_steps(text, strlen(text), step);
        if (parser.phase != HTTP__REFUSED || parser.status != status)
            fail_msg("phase %d status %d, not %d, in steps of %zu: %s", parser.phase, parser.status, status,
                     step, text);
    }
}

static void assert_field(const char *name, const char *value)
{
    const struct http_field *field = http__head_find(&parser.head, name, 0);

    assert_non_null(field);
    assert_int_equal(field->value.len, strlen(value));
    assert_memory_equal(parser.head.text + field->value.at, value, field->value.len);
}

static void a_request_in_one_piece_stays_where_it_is(void **state)
{
    static const char text[] = "POST /a?b HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabcGET /";

    size_t used = http__parser_feed(&parser, text, sizeof text - 1);

    assert_int_equal(parser.phase, HTTP__BODY);
    http__parser_limit_body(&parser, limits.body);
    used += http__parser_feed(&parser, text + used, sizeof text - 1 - used);
    assert_int_equal(used, sizeof text - 1 - 5);
    assert_int_equal(parser.phase, HTTP__WHOLE);
    assert_ptr_equal(parser.head.text, text);
    assert_in_range((uintptr_t)parser.body, (uintptr_t)text, (uintptr_t)text + sizeof text);
    assert_int_equal(parser.body_len, 3);
    assert_null(parser.kept.data);
    assert_null(parser.collected.data);
    assert_true(parser.keep_alive);
    assert_true(http__parser_keep(&parser));
    assert_ptr_equal(parser.head.text, parser.kept.data);
    assert_string_equal(parser.body, "abc");
    assert_field("host", "x");
    assert_field("CONTENT-LENGTH", "3");
    assert_null(http__head_find(&parser.head, "Hos", 0));
    assert_int_equal(parser.head.query.len, 1);
}

static const char hard[] =
    "POST /path?query HTTP/1.1\r\nHost: \t h:1 \t\r\nEmpty:\r\nBlank:  \r\nTab:\tx\ty\t\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
    "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\nSecond:\r\n\r\n";

static void assert_hard(void)
{
    assert_int_equal(parser.phase, HTTP__WHOLE);
    assert_int_equal(parser.head.count, 5);
    assert_field("Host", "h:1");
    assert_field("Empty", "");
    assert_field("Blank", "");
    assert_field("Tab", "x\ty");
    assert_null(http__head_find(&parser.head, "Trailer", 0));
    assert_int_equal(parser.head.path.len, 5);
    assert_int_equal(parser.body_len, 5);
    assert_string_equal(parser.body, "abcde");
}

/* A call may stop between head and body, never elsewhere. */
static void feed_all(const char *text, size_t len)
{
    size_t used = len ? feed(text, len) : 0;

    if (used < len)
        assert_int_equal(used + feed(text + used, len - used), len);
}

static void any_two_splits_give_the_same(void **state)
{
    size_t len = sizeof hard - 1;

    for (size_t first = 0; first < len; first++)
        for (size_t second = first + 1; second <= len; second += 3) {
            http__parser_begin(&parser, &limits);
            feed_all(hard, first);
            feed_all(hard + first, second - first);
            feed_all(hard + second, len - second);
            assert_hard();
        }
}

static void any_step_gives_the_same(void **state)
{
    for (size_t step = 1; step < sizeof hard; step++) {
        assert_int_equal(feed_in_steps(hard, sizeof hard - 1, step), sizeof hard - 1);
        assert_hard();
    }
}

static void stops_at_the_end_of_a_request(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";

    for (size_t step = 1; step < sizeof text; step++) {
        size_t used = feed_in_steps(text, sizeof text - 1, step);

        assert_int_equal(parser.phase, HTTP__WHOLE);
        assert_int_equal(used, (sizeof text - 1) / 2);
    }
}

static void says_who_goes_on(void **state)
{
    static const struct {
        const char *text;
        bool keep_alive;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", true},
        {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: a, CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.1\r\n" HOST "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        feed_in_steps(rows[i].text, strlen(rows[i].text), 1000);
        assert_int_equal(parser.phase, HTTP__WHOLE);
        assert_int_equal(parser.keep_alive, rows[i].keep_alive);
    }
}

static void refuses_gaps_between_the_pieces(void **state)
{
    assert_status("\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_status("GET  / HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_status("GET /  HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_status("GET / HTTP/1.1\n" HOST "\r\n", 400);
    assert_status("GET / HTTP/1.1\r\nHost: x\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n d\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A: b\r\n \r\nB: c\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A:\r\n b\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A:\r\n \r\nB: c\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A:\r\n \r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400);
    assert_status("GET /\r\n\r\n", 400);
    assert_status("SOURCE / ICE/1.0\r\n" HOST "\r\n", 400);
}

static void refuses_what_the_fields_mean(void **state)
{
    assert_status("GET / HTTP/1.1\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400);
    assert_status("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
    assert_status("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400);
    assert_status("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    assert_status("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501);
    assert_status("POST / HTTP/1.1\r\n" HOST "Expect: x\r\n\r\n", 417);
    assert_status("GET / HTTP/2.0\r\n" HOST "\r\n", 505);
    assert_status("GET / HTTP/1.2\r\n" HOST "\r\n", 505);
    assert_status("CONNECT x:1 HTTP/1.1\r\n" HOST "\r\n", 501);
    assert_status("BREW / HTTP/1.1\r\n" HOST "\r\n", 501);
    assert_status("GET * HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_status("\x16\x03\x01", 400);
}

/* A request of exactly `len` bytes before the body. */
static char *head_of(size_t len, const char *start)
{
    char *text = malloc(len + 1);
    size_t used = (size_t)sprintf(text, "%s" HOST "A: ", start);

    memset(text + used, 'a', len - used);
    strcpy(text + len - 4, "\r\n\r\n");
    return text;
}

static void limits_the_head(void **state)
{
    for (size_t len = limits.header - 2; len < limits.header + 3; len++) {
        char *text = head_of(len, "GET / HTTP/1.1\r\n");

        if (len > limits.header) {
            assert_status(text, 431);
        } else {
            feed_in_steps(text, len, 7);
            assert_int_equal(parser.phase, HTTP__WHOLE);
        }
        free(text);
    }
}

static void limits_the_target(void **state)
{
    char text[3000];

    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    text[sizeof text - 1] = '\0';
    assert_status(text, 414);
}

static void limits_the_number_of_fields(void **state)
{
    char text[2000] = "GET / HTTP/1.1\r\n" HOST;
    const struct http_limits wide = {.header = 65535, .body = 0};

    for (int i = 1; i < HTTP__FIELDS; i++)
        strcat(text, "A: b\r\n");
    http__parser_begin(&parser, &wide);
    feed(text, strlen(text));
    feed("\r\n", 2);
    assert_int_equal(parser.phase, HTTP__WHOLE);
    http__parser_begin(&parser, &wide);
    feed(text, strlen(text));
    feed("A: b\r\n\r\n", 8);
    assert_int_equal(parser.phase, HTTP__REFUSED);
    assert_int_equal(parser.status, 431);
}

static void limits_the_body(void **state)
{
    static const char post[] = "POST / HTTP/1.1\r\n" HOST;
    char body[102], text[1000];

    memset(body, 'a', 101);
    body[101] = '\0';
    snprintf(text, sizeof text, "%sContent-Length: 100\r\n\r\n%.100s", post, body);
    feed_in_steps(text, strlen(text), 9);
    assert_int_equal(parser.phase, HTTP__WHOLE);
    assert_int_equal(parser.body_len, 100);
    snprintf(text, sizeof text, "%sContent-Length: 101\r\n\r\n", post);
    assert_status(text, 413);
    snprintf(text, sizeof text, "%sTransfer-Encoding: chunked\r\n\r\n32\r\n%.50s\r\n33\r\n%.51s\r\n0\r\n\r\n",
             post, body, body);
    assert_status(text, 413);
}

static void limits_what_is_put_aside(void **state)
{
    char text[5000] = "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n";

    while (strlen(text) < 2000)
        strcat(text, "Trailer: x\r\n");
    assert_status(text, 431);
}

static uint32_t roll(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Whatever is changed in a request: the parser ends with a verdict, and has read no byte too far. Whole or in
 * pieces, the verdict is served or refused alike. */
static void survives_any_change(void **state)
{
    static const char alphabet[] = "\r\n\r\n :;,%?#/\t0aA\x7f\x80\xff";
    uint32_t seed = 20130712;

    for (int round = 0; round < 20000; round++) {
        char text[sizeof hard];
        enum http_phase whole;

        memcpy(text, hard, sizeof hard);
        for (uint32_t changes = 1 + roll(&seed) % 3; changes > 0; changes--)
            text[roll(&seed) % (sizeof hard - 1)] = alphabet[roll(&seed) % sizeof alphabet];
        feed_in_steps(text, sizeof hard - 1, sizeof hard);
        whole = parser.phase;
        feed_in_steps(text, sizeof hard - 1, 1 + roll(&seed) % 40);
        assert_int_equal(parser.phase, whole);
    }
}

#define FED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FED(a_request_in_one_piece_stays_where_it_is),
        FED(any_two_splits_give_the_same),
        FED(any_step_gives_the_same),
        FED(stops_at_the_end_of_a_request),
        FED(says_who_goes_on),
        FED(refuses_gaps_between_the_pieces),
        FED(refuses_what_the_fields_mean),
        FED(limits_the_head),
        FED(limits_the_target),
        FED(limits_the_number_of_fields),
        FED(limits_the_body),
        FED(limits_what_is_put_aside),
        FED(survives_any_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
