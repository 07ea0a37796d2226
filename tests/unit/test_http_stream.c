/* test_http_stream.c - answers in pieces: how they are framed, how they wait, what becomes of those that do
 * not end. */
#include "http_scene.h"

enum { BIG = 1 << 20 };

static int64_t length;
static char big[BIG];

static int answers_in_one_piece(http_request *request, void *arg)
{
    return http_respond_status(request, *(int *)arg);
}

static int in_pieces(http_request *request, void *arg)
{
    assert_int_equal(http_set_header(request, "ETag", "\"x\""), 0);
    assert_int_equal(http_begin(request, 200, "text/plain", length), 1);
    assert_int_equal(http_set_header(request, "ETag", "\"y\""), GYRE_ERUNTIME);
    assert_int_equal(http_begin(request, 200, NULL, 1), GYRE_ERUNTIME);
    assert_int_equal(http_respond(request, 200, NULL, NULL, 0), GYRE_ERUNTIME);
    assert_int_equal(http_write(request, "hello", 5), 0);
    assert_int_equal(http_write(request, "", 0), 0);
    assert_int_equal(http_write(request, " world, 17 bytes.", 17), 0);
    assert_int_equal(http_end(request), 0);
    assert_int_equal(http_end(request), GYRE_ERUNTIME);
    assert_int_equal(http_write(request, "x", 1), GYRE_ERUNTIME);
    return 0;
}

static int ask_for_chunks(void *server)
{
    const char *heard = ask(GET("/") GET_CLOSE("/"));
    const char *expected = "\r\nTransfer-Encoding: chunked\r\nETag: \"x\"\r\n\r\n"
                           "5\r\nhello\r\n11\r\n world, 17 bytes.\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n";

    return !strstr(heard, expected) || count_words(heard, "\r\n0\r\n\r\n") != 2;
}

static void an_unknown_length_is_sent_in_chunks(void **state)
{
    length = HTTP_UNKNOWN;
    http_route(site, "GET", "/", in_pieces, NULL);
    serve(ask_for_chunks);
}

static int ask_for_sized(void *server)
{
    const char *heard = ask(GET("/") GET_CLOSE("/"));
    const char *expected = "\r\nContent-Length: 22\r\nETag: \"x\"\r\n\r\nhello world, 17 bytes.HTTP/1.1 200";

    return !strstr(heard, expected) || strstr(heard, "chunked");
}

static void a_known_length_is_announced(void **state)
{
    length = 22;
    http_route(site, "GET", "/", in_pieces, NULL);
    serve(ask_for_sized);
}

static int ask_as_in_old_times(void *server)
{
    const char *heard = ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    return !strstr(heard, "Connection: close\r\nETag: \"x\"\r\n\r\nhello world, 17 bytes.") ||
           strstr(heard, "chunked") || strstr(heard, "Length");
}

static void an_old_client_gets_an_unknown_length_until_the_end(void **state)
{
    length = HTTP_UNKNOWN;
    http_route(site, "GET", "/", in_pieces, NULL);
    serve(ask_as_in_old_times);
}

static int without_body(http_request *request, void *arg)
{
    assert_int_equal(http_begin(request, *(int *)arg, NULL, length), 0);
    assert_int_equal(http_sent(request, 3), GYRE_ERUNTIME);
    assert_int_equal(http_write(request, "never seen", 10), 0);
    assert_int_equal(http_end(request), 0);
    return 0;
}

static int ask_without_body(void *server)
{
    const char *heard = ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" GET("/304") GET_CLOSE("/304"));

    return count_words(heard, "HTTP/1.1 304 Not Modified\r\n") != 2 || strstr(heard, "never") ||
           count_words(heard, "Transfer-Encoding: chunked\r\n\r\nHTTP/1.1 ") != (length < 0) ||
           count_words(heard, "Content-Length: 7\r\n\r\nHTTP/1.1 ") != (length > 0);
}

static void an_answer_without_body_has_only_its_head(void **state)
{
    static int ok = 200, unchanged = 304;

    http_route(site, "GET", "/", without_body, &ok);
    http_route(site, "GET", "/304", without_body, &unchanged);
    length = HTTP_UNKNOWN;
    serve(ask_without_body);
    length = 7;
    serve(ask_without_body);
}

static int misuses(http_request *request, void *arg)
{
    assert_int_equal(http_write(request, "x", 1), GYRE_ERUNTIME);
    assert_int_equal(http_sent(request, 1), GYRE_ERUNTIME);
    assert_int_equal(http_end(request), GYRE_ERUNTIME);
    assert_int_equal(http_begin(request, 100, NULL, 1), GYRE_EVALUE);
    assert_int_equal(http_begin(request, 200, "a\nb", 1), GYRE_EVALUE);
    assert_int_equal(http_begin(request, 200, NULL, -2), GYRE_EVALUE);
    assert_int_equal(http_begin(request, 200, NULL, 5), 1);
    assert_int_equal(http_write(request, "abcdef", 6), GYRE_EVALUE);
    assert_int_equal(http_write(request, "abc", 3), 0);
    assert_int_equal(http_sent(request, 3), GYRE_EVALUE);
    assert_int_equal(http_end(request), GYRE_ERUNTIME);
    gyre_transport_write(http_transport(request), "de", 2);
    assert_int_equal(http_sent(request, 2), 0);
    assert_int_equal(http_end(request), 0);
    return 0;
}

static int ask_the_misuser(void *server)
{
    return !strstr(ask(GET_CLOSE("/")), "\r\n\r\nabcde");
}

static void misuse_is_an_error_and_harmless(void **state)
{
    http_route(site, "GET", "/", misuses, NULL);
    serve(ask_the_misuser);
}

static int breaks_off(http_request *request, void *arg)
{
    http_begin(request, 200, NULL, length);
    http_write(request, "part", 4);
    gyre_sleep(0.02);
    return *(int *)arg;
}

static int ask_who_breaks_off(void *server)
{
    const char *heard = ask(GET("/") GET("/"));

    return count_words(heard, "HTTP/1.1 200 OK") != 1 || !strstr(heard, "part") || strstr(heard, "\r\n0\r\n");
}

static void a_failure_inside_an_answer_breaks_it_off(void **state)
{
    static int fine = 0, failure = -EIO, cancelled = GYRE_ECANCELLED;
    int *const codes[] = {&fine, &failure, &cancelled};

    for (size_t i = 0; i < 3; i++) {
        http_server_unref(site);
        site = http_server_new();
        http_route(site, "GET", "/", breaks_off, codes[i]);
        length = i == 1 ? 5 : HTTP_UNKNOWN;
        serve(ask_who_breaks_off);
        assert_told(codes[i] != &cancelled, "Exception in the handler of GET /");
    }
}

static int ask_for_half(void *server)
{
    char bytes[1000];
    int fd = dial();
    ssize_t got;

    say(fd, "GET / HTTP/1.0\r\n\r\n");
    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0)
        ;
    close(fd);
    return got == 0 || errno != ECONNRESET;
}

/* The end of the connection would be that of the body. */
static void an_old_client_is_reset_inside_an_answer(void **state)
{
    static int failure = -EIO;

    length = HTTP_UNKNOWN;
    http_route(site, "GET", "/", breaks_off, &failure);
    serve(ask_for_half);
    assert_told(1, "Exception in the handler of GET /");
}

static int writes_much(http_request *request, void *arg)
{
    http_begin(request, 200, NULL, HTTP_UNKNOWN);
    for (int i = 0; i < 64; i++) {
        int err = http_write(request, big, BIG);

        if (err) {
            note(err == GYRE_ECANCELLED ? "cancelled" : "failed");
            return err;
        }
        assert_true(gyre_transport_get_write_buffer_size(http_transport(request)) <= 65536);
    }
    note("written");
    return http_end(request);
}

static int read_late(void *server)
{
    static char heard[65536];
    size_t total = 0;
    int fd = dial();
    ssize_t got;

    say(fd, GET_CLOSE("/"));
    nap(0.1);
    while ((got = recv(fd, heard, sizeof heard, 0)) > 0)
        total += (size_t)got;
    close(fd);
    return total < 64 * (size_t)BIG;
}

static void a_slow_client_holds_its_handler_back(void **state)
{
    http_route(site, "GET", "/", writes_much, NULL);
    serve(read_late);
    assert_noted("written");
}

static int leave_early(void *server)
{
    int fd = dial();

    say(fd, GET("/"));
    nap(0.1);
    close(fd);
    return 0;
}

static void a_client_that_leaves_ends_the_waiting_handler(void **state)
{
    http_route(site, "GET", "/", writes_much, NULL);
    serve(leave_early);
    run_passes(2);
    assert_noted("cancelled");
}

static int leave_early_and_ask_again(void *server)
{
    const char *heard;

    leave_early(server);
    nap(0.05);
    heard = ask(GET("/one") GET_CLOSE("/one"));
    return count_words(heard, "HTTP/1.1 200 OK") != 2;
}

/* Requests are used again. */
static void a_client_that_leaves_leaves_nothing_behind(void **state)
{
    static int ok = 200;

    http_route(site, "GET", "/", writes_much, NULL);
    http_route(site, "GET", "/one", answers_in_one_piece, &ok);
    serve(leave_early_and_ask_again);
    assert_noted("cancelled");
}

static atomic_bool given_up;

static int writes_until_it_gives_up(http_request *request, void *arg)
{
    int err = writes_much(request, arg);

    given_up = true;
    return err;
}

static int take_nothing(void *server)
{
    int fd = dial();

    say(fd, GET("/"));
    while (!given_up)
        nap(0.01);
    close(fd);
    return 0;
}

static void a_client_that_takes_nothing_is_dropped(void **state)
{
    http_server_unref(site);
    site = http_server_new(.write_stall = 0.1);
    http_route(site, "GET", "/", writes_until_it_gives_up, NULL);
    serve(take_nothing);
    run_passes(2);
    assert_noted("cancelled");
}

static int is_told(http_request *request, void *arg)
{
    http_begin(request, 200, NULL, HTTP_UNKNOWN);
    gyre_sleep(60);
    assert_int_equal(http_write(request, "x", 1), -EPIPE);
    assert_int_equal(http_end(request), -EPIPE);
    note("told");
    return 0;
}

static void who_writes_to_a_client_that_is_gone_is_told(void **state)
{
    http_route(site, "GET", "/", is_told, NULL);
    serve(leave_early);
    run_passes(2);
    assert_noted("told");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SITE(an_unknown_length_is_sent_in_chunks),
        ON_SITE(a_known_length_is_announced),
        ON_SITE(an_old_client_gets_an_unknown_length_until_the_end),
        ON_SITE(an_answer_without_body_has_only_its_head),
        ON_SITE(misuse_is_an_error_and_harmless),
        ON_SITE(a_failure_inside_an_answer_breaks_it_off),
        ON_SITE(an_old_client_is_reset_inside_an_answer),
        ON_SITE(a_slow_client_holds_its_handler_back),
        ON_SITE(a_client_that_leaves_ends_the_waiting_handler),
        ON_SITE(a_client_that_leaves_leaves_nothing_behind),
        ON_SITE(a_client_that_takes_nothing_is_dropped),
        ON_SITE(who_writes_to_a_client_that_is_gone_is_told),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
