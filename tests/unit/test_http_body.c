/* test_http_body.c - bodies as streams: when the handler begins, what holds the client back, and how a body
 * may end. */
#include "http_scene.h"

enum { BIG = 8 << 20, PART = 100000 };

static char part[PART];

#define POST(fields) "POST / HTTP/1.1\r\nHost: x\r\n" fields "\r\n"
#define CHUNKS       "Transfer-Encoding: chunked\r\n"
#define EXPECT       "Expect: 100-continue\r\n"

/* Answers with what was read, or fails as the read did. */
static int echoes(http_request *request, void *arg)
{
    gyre_reader *reader = http_reader(request);
    const char *data;
    ptrdiff_t len = gyre_reader_read(reader, &data, -1);

    assert_ptr_equal(http_reader(request), reader);
    if (len < 0)
        note((void *)(uintptr_t)gyre_error_name((int)len));
    return len < 0 ? (int)len : http_respond(request, 200, NULL, data, (size_t)len);
}

static int ask_in_every_way(void *server)
{
    const char *heard;
    int fd = dial();

    say(fd, POST("Content-Length: 5\r\n") "hello" POST(CHUNKS) "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" POST(""));
    say(fd, POST("Content-Length: 5\r\n") "hel");
    nap(0.05);
    say(fd, "lo" POST(CHUNKS) "3\r\nhel");
    nap(0.05);
    say(fd, "\r\n2\r\nlo\r\n0\r\n\r\n" POST(CHUNKS) "0\r\n\r\n" GET_CLOSE("/"));
    heard = hear(fd);
    return count_words(heard, "HTTP/1.1 200 OK") != 7 || count_words(heard, "\r\n\r\nhello") != 4 ||
           count_words(heard, "Connection: close") != 1;
}

static void a_body_can_be_read_however_it_comes(void **state)
{
    http_route(site, "POST", "/", echoes, NULL, .stream_body = true);
    http_route(site, "GET", "/", echoes, NULL);
    serve(ask_in_every_way);
}

static void a_body_that_came_whole_can_be_read_too(void **state)
{
    http_route(site, "POST", "/", echoes, NULL);
    http_route(site, "GET", "/", echoes, NULL);
    serve(ask_in_every_way);
}

static int counts(http_request *request, void *arg)
{
    gyre_reader *reader = http_reader(request);
    char text[30];
    size_t total = 0;
    ptrdiff_t len;

    assert_null(http_body(request, NULL));
    assert_string_equal(gyre_error_text(), "the body comes as a stream: see http_reader");
    gyre_sleep(0.1);
    assert_true(gyre_reader_get_size(reader) <= 128 * 1024 + 512 * 1024);
    while ((len = gyre_reader_read(reader, NULL, PART)) > 0)
        total += (size_t)len;
    snprintf(text, sizeof text, "%zu %d", total, (int)len);
    return len ? (int)len : http_respond(request, 200, NULL, text, strlen(text));
}

static int send_much(void *server)
{
    int fd = dial();

    say(fd, POST(EXPECT "Content-Length: 8400000\r\nConnection: close\r\n"));
    for (int i = 0; i < 84; i++)
        if (send(fd, part, PART, MSG_NOSIGNAL) != PART)
            return 1;
    return !strstr(hear(fd), "HTTP/1.1 200 OK") ? 1 : 0;
}

static void a_full_reader_holds_the_client_back(void **state)
{
    http_route(site, "POST", "/", counts, NULL, .stream_body = true, .body_limit = BIG + BIG);
    serve(send_much);
}

static int ask_for_permission(void *server)
{
    char heard[100];
    int fd = dial();

    say(fd, POST(EXPECT "Connection: close\r\nContent-Length: 5\r\n"));
    if (recv(fd, heard, 25, MSG_WAITALL) != 25 || memcmp(heard, "HTTP/1.1 100 Continue\r\n\r\n", 25) != 0)
        return 1;
    say(fd, "hello");
    return !strstr(hear(fd), "\r\n\r\nhello");
}

static void a_reader_that_waits_gives_permission(void **state)
{
    http_route(site, "POST", "/", echoes, NULL, .stream_body = true);
    serve(ask_for_permission);
}

static int declines(http_request *request, void *arg)
{
    return http_respond_status(request, 403);
}

static int ask_who_declines(void *server)
{
    const char *heard = ask(POST(EXPECT "Content-Length: 5\r\n"));

    if (strstr(heard, "100 Continue") || !strstr(heard, "HTTP/1.1 403 Forbidden\r\n") ||
        !strstr(heard, "Connection: close"))
        return 1;
    heard = ask("POST /none HTTP/1.1\r\nHost: x\r\n" EXPECT "Content-Length: 5\r\n\r\n");
    return strstr(heard, "100 Continue") || !strstr(heard, "HTTP/1.1 404 Not Found\r\n") ||
           !strstr(heard, "Connection: close");
}

static void no_permission_where_nobody_reads(void **state)
{
    http_route(site, "POST", "/", declines, NULL, .stream_body = true);
    serve(ask_who_declines);
}

static int answers_without_reading(http_request *request, void *arg)
{
    gyre_sleep(0.05);
    return http_respond(request, 200, NULL, "ok", 2);
}

static int ask_who_reads_nothing(void *server)
{
    const char *heard = ask(POST("Content-Length: 9\r\n") "hel");

    if (count_words(heard, "HTTP/1.1 200 OK") != 1 || count_words(heard, "Connection: close") != 1)
        return 1;
    heard = ask(POST("Content-Length: 3\r\n") "hel" GET_CLOSE("/"));
    return count_words(heard, "HTTP/1.1 200 OK") != 2 || count_words(heard, "Connection: close") != 1;
}

/* Behind a body that is not there yet, nothing more can be asked. */
static void what_is_not_read_ends_the_connection_unless_it_has_come(void **state)
{
    http_route(site, "POST", "/", answers_without_reading, NULL, .stream_body = true);
    http_route(site, "GET", "/", answers_without_reading, NULL);
    serve(ask_who_reads_nothing);
}

static int break_bodies(void *server)
{
    static const char *const bad[][2] = {
        {POST(CHUNKS) "3\r\nhel", "XX"},
        {POST(CHUNKS) "3\r\nhel", "\r\nfffffffffffff\r\nabc"},
        {POST("Content-Length: 200000\r\n"), NULL},
    };
    static const char *const status[] = {"400 Bad Request\r\n", "413 Content Too Large\r\n",
                                         "413 Content Too Large\r\n"};

    for (int i = 0; i < 3; i++) {
        const char *heard;
        int fd = dial();

        say(fd, bad[i][0]);
        nap(0.05);
        if (bad[i][1])
            say(fd, bad[i][1]);
        heard = hear(fd);
        if (!strstr(heard, status[i]) || count_words(heard, "HTTP/1.1 ") != 1)
            return 1 + i;
    }
    return 0;
}

static void a_broken_body_fails_the_read_and_answers_for_itself(void **state)
{
    http_route(site, "POST", "/", echoes, NULL, .stream_body = true, .body_limit = PART);
    serve(break_bodies);
    assert_noted("ValueError OSError");
}

static int end_inside(void *server)
{
    int fd = dial();

    say(fd, POST("Content-Length: 5\r\n") "hel");
    nap(0.05);
    shutdown(fd, SHUT_WR);
    return !strstr(hear(fd), "HTTP/1.1 400 Bad Request");
}

static void a_client_that_ends_inside_a_body_fails_the_read(void **state)
{
    http_route(site, "POST", "/", echoes, NULL, .stream_body = true);
    serve(end_inside);
    assert_noted("IncompleteReadError");
}

static int perseveres(http_request *request, void *arg)
{
    gyre_reader *reader = http_reader(request);

    note(gyre_reader_read(reader, NULL, -1) == GYRE_ECANCELLED ? "cancelled" : "failed");
    assert_int_equal(gyre_reader_read(reader, NULL, -1), -EPIPE);
    return 0;
}

static int vanish(void *server)
{
    struct linger reset = {.l_onoff = 1};
    int fd = dial();

    say(fd, POST("Content-Length: 5\r\n") "hel");
    nap(0.05);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    return 0;
}

static void who_reads_on_from_a_lost_client_is_told(void **state)
{
    http_route(site, "POST", "/", perseveres, NULL, .stream_body = true);
    serve(vanish);
    run_passes(2);
    assert_noted("cancelled");
}

static int be_silent(void *server)
{
    return count_words(ask(POST("Content-Length: 5\r\n") "hel"), "HTTP") != 0;
}

static void a_body_that_does_not_come_is_not_waited_for(void **state)
{
    http_server_unref(site);
    site = http_server_new(.idle_timeout = 0.1);
    http_route(site, "POST", "/", perseveres, NULL, .stream_body = true);
    serve(be_silent);
    run_passes(2);
    assert_noted("cancelled");
}

/* Some bytes now and then, until there is an answer, or they are all. */
static const char *say_slowly(size_t total, size_t some)
{
    char head[100], peek;
    int fd = dial();

    snprintf(head, sizeof head, POST("Content-Length: %zu\r\nConnection: close\r\n"), total);
    say(fd, head);
    for (size_t sent = 0; sent < total && recv(fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT) < 0; sent += some) {
        if (send(fd, part, some, MSG_NOSIGNAL) < 0)
            break;
        nap(0.02);
    }
    return hear(fd);
}

static int trickle(void *server)
{
    return count_words(say_slowly(5000, 1), "HTTP/1.1 408 Request Timeout") != 1;
}

static int come_steadily(void *server)
{
    return count_words(say_slowly(1000, 50), "HTTP/1.1 200 OK") != 1;
}

static void serve_at_pace(double rate, bool stream, gyre_blocking fn)
{
    http_server_unref(site);
    site = http_server_new(.header_timeout = 0.1, .body_rate = rate);
    http_route(site, "POST", "/", echoes, NULL, .stream_body = stream);
    serve(fn);
}

static void a_body_must_not_trickle(void **state)
{
    serve_at_pace(1000, false, trickle);
}

static void a_stream_must_not_trickle(void **state)
{
    serve_at_pace(1000, true, trickle);
    assert_noted("TimeoutError");
}

static void a_body_may_take_its_time(void **state)
{
    serve_at_pace(10, false, come_steadily);
    serve_at_pace(10, true, come_steadily);
    serve_at_pace(-1, false, come_steadily);
}

static int wait_for_permission(void *server)
{
    char word[100];
    int fd = dial();

    say(fd, POST("Content-Length: 5\r\nConnection: close\r\n" EXPECT));
    if (recv(fd, word, sizeof word, 0) <= 0)
        return 1;
    say(fd, "hello");
    return count_words(hear(fd), "HTTP/1.1 200 OK") != 1;
}

static int echoes_late(http_request *request, void *arg)
{
    int err = gyre_sleep(0.3);

    return err ? err : echoes(request, arg);
}

static void who_waits_for_permission_is_not_slow(void **state)
{
    http_server_unref(site);
    site = http_server_new(.header_timeout = 0.1, .body_rate = 1e6);
    http_route(site, "POST", "/", echoes_late, NULL, .stream_body = true);
    serve(wait_for_permission);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SITE(a_body_can_be_read_however_it_comes),
        ON_SITE(a_body_that_came_whole_can_be_read_too),
        ON_SITE(a_full_reader_holds_the_client_back),
        ON_SITE(a_reader_that_waits_gives_permission),
        ON_SITE(no_permission_where_nobody_reads),
        ON_SITE(what_is_not_read_ends_the_connection_unless_it_has_come),
        ON_SITE(a_broken_body_fails_the_read_and_answers_for_itself),
        ON_SITE(a_client_that_ends_inside_a_body_fails_the_read),
        ON_SITE(who_reads_on_from_a_lost_client_is_told),
        ON_SITE(a_body_that_does_not_come_is_not_waited_for),
        ON_SITE(a_body_must_not_trickle),
        ON_SITE(a_stream_must_not_trickle),
        ON_SITE(a_body_may_take_its_time),
        ON_SITE(who_waits_for_permission_is_not_slow),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
