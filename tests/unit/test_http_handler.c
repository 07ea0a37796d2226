/* test_http_handler.c - what a handler may do, and what its client gets if it does not. */
#include "http_scene.h"

static int plain(http_request *request, void *arg)
{
    return http_respond(request, 200, "text/plain", arg, strlen(arg));
}

static int fails(http_request *request, void *arg)
{
    http_set_header(request, "X-Secret", "never sent");
    return gyre_error_set(-EIO, "the disk is on fire");
}

static int falls_silent(http_request *request, void *arg)
{
    return 0;
}

static int sleeps(http_request *request, void *arg)
{
    int err = gyre_sleep(atof(http_param(request, "seconds")));

    note(err == GYRE_ECANCELLED ? "cancelled" : "slept");
    return err ? err : http_respond(request, 200, NULL, "slept", 5);
}

static int ask_the_failing(void *server)
{
    const char *heard = ask(GET("/") GET_CLOSE("/"));

    return count_words(heard, "500 Internal Server Error\r\n") != 2 || strstr(heard, "fire") ||
           strstr(heard, "Secret");
}

static void a_failure_is_a_500_and_a_report(void **state)
{
    http_route(site, "GET", "/", fails, NULL);
    serve(ask_the_failing);
    assert_int_equal(told.exception, -EIO);
    assert_string_equal(told.text, "the disk is on fire");
    assert_told(2, "Exception in the handler of GET /");
}

static int ask_the_silent(void *server)
{
    return !strstr(ask(GET_CLOSE("/")), "500 Internal");
}

static void silence_is_a_500_and_a_report(void **state)
{
    http_route(site, "GET", "/", falls_silent, NULL);
    serve(ask_the_silent);
    assert_string_equal(told.text, "the handler returned without an answer");
    assert_told(1, "Exception in the handler of GET /");
}

static int answers_and_fails(http_request *request, void *arg)
{
    plain(request, "fine");
    return -EIO;
}

static int ask_who_answers_and_fails(void *server)
{
    const char *heard = ask(GET("/") GET_CLOSE("/"));

    return count_words(heard, "200 OK") != 2 || strstr(heard, "500");
}

static void a_failure_behind_the_answer_is_only_reported(void **state)
{
    http_route(site, "GET", "/", answers_and_fails, NULL);
    serve(ask_who_answers_and_fails);
    assert_told(2, "Exception in the handler of GET /");
}

static int answers_badly(http_request *request, void *arg)
{
    assert_int_equal(http_respond(request, 199, NULL, NULL, 0), GYRE_EVALUE);
    assert_int_equal(http_respond(request, 600, NULL, NULL, 0), GYRE_EVALUE);
    assert_int_equal(http_respond(request, 200, "a\r\nb: c", NULL, 0), GYRE_EVALUE);
    assert_int_equal(http_set_header(request, "a", "b\nc"), GYRE_EVALUE);
    assert_int_equal(http_set_header(request, "Content-Length", "1"), GYRE_EVALUE);
    assert_int_equal(http_set_header(request, "X-Good", "yes"), 0);
    assert_int_equal(http_set_header(request, "X-Better", ""), 0);
    assert_int_equal(http_respond(request, 201, NULL, NULL, 0), 0);
    assert_int_equal(http_respond(request, 200, NULL, NULL, 0), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "this request was answered already");
    return 0;
}

static int ask_who_answers_badly(void *server)
{
    const char *heard = ask(GET_CLOSE("/"));

    return !strstr(heard, "201 Created\r\n") ||
           !strstr(heard, "\r\nContent-Length: 0\r\nConnection: close\r\nX-Good: yes\r\nX-Better: \r\n\r\n");
}

static void misuse_is_an_error_and_harmless(void **state)
{
    http_route(site, "GET", "/", answers_badly, NULL);
    serve(ask_who_answers_badly);
}

/* Texts that were handed out stay, while the handler is suspended and others use the read buffer. */
static int remembers(http_request *request, void *arg)
{
    const char *path = http_path(request);
    const char *name = http_param(request, "name");
    const char *query = http_query(request, "q");
    const char *field = http_header(request, "x-field");
    size_t len;
    const char *body = http_body(request, &len);
    char text[200];

    gyre_sleep(0.02);
    assert_ptr_equal(http_path(request), path);
    assert_ptr_equal(http_param(request, "name"), name);
    assert_null(http_param(request, "other"));
    assert_null(http_query(request, "r"));
    assert_null(http_header(request, "x-fiel"));
    snprintf(text, sizeof text, "%s %s|%s|%s|%s|%.*s", http_method(request), path, name, query, field,
             (int)len, body);
    return http_respond(request, 200, NULL, text, strlen(text));
}

static int ask_who_remembers(void *server)
{
    int fd = dial();
    const char *heard;

    say(fd,
        "PUT /a%2Fb/c?p=1&q=x+y%26 HTTP/1.1\r\nHost: x\r\nX-Field: value \r\nContent-Length: 4\r\n\r\nbody"
        "PUT /zzzzzzz/c?q=z HTTP/1.1\r\nHost: x\r\nX-Field: zzzzz\r\nContent-Length: 4\r\n\r\nzzzz");
    nap(0.01);
    ask("PUT /yyyyyyy/c?q=y HTTP/1.0\r\nX-Field: yyyyy\r\n\r\n");
    say(fd, GET_CLOSE("/"));
    heard = hear(fd);
    return !strstr(heard, "PUT /a%2Fb/c|a/b|x y&|value|body") ||
           !strstr(heard, "PUT /zzzzzzz/c|zzzzzzz|z|zzzzz|zzzz");
}

static void what_was_read_stays(void **state)
{
    http_route(site, "PUT", "/:name/c", remembers, NULL);
    http_route(site, "GET", "/", plain, "done");
    serve(ask_who_remembers);
}

static int vanish(void *server)
{
    struct linger reset = {.l_onoff = 1};
    int fd = dial();

    say(fd, GET("/sleep/60"));
    nap(0.05);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    return 0;
}

static void a_lost_client_cancels_its_handler(void **state)
{
    http_route(site, "GET", "/sleep/:seconds", sleeps, NULL);
    serve(vanish);
    run_passes(2);
    assert_noted("cancelled");
}

static int answers_the_lost(http_request *request, void *arg)
{
    gyre_sleep(60);
    assert_null(http_transport(request));
    assert_string_equal(http_path(request), "/sleep/60");
    assert_int_equal(http_respond(request, 200, NULL, NULL, 0), -EPIPE);
    note("told");
    return -EIO;
}

static void who_goes_on_for_a_lost_client_is_told(void **state)
{
    http_route(site, "GET", "/sleep/:seconds", answers_the_lost, NULL);
    serve(vanish);
    run_passes(2);
    assert_noted("told");
}

static int cancels_itself(http_request *request, void *arg)
{
    gyre_task_cancel(gyre_current_task());
    return gyre_sleep(1);
}

static int ask_the_cancelled(void *server)
{
    const char *heard = ask(GET("/") GET("/"));

    return count_words(heard, "HTTP/1.1 503 Service Unavailable") != 1 ||
           count_words(heard, "HTTP/1.1 ") != 1 || !strstr(heard, "Connection: close");
}

static void a_cancelled_handler_is_a_503(void **state)
{
    http_route(site, "GET", "/", cancels_itself, NULL);
    serve(ask_the_cancelled);
}

static int leave(void *server)
{
    say(dial(), GET("/sleep/60"));
    nap(0.05);
    return 0;
}

static int serve_and_leave(void *arg)
{
    gyre_server *server;

    assert_int_equal(gyre_loop_create_server(loop, &server, &http_protocol, .host = "127.0.0.1", .arg = site),
                     0);
    port = gyre_server_get_port(server);
    gyre_to_thread(leave, NULL);
    gyre_server_unref(server);
    return 0;
}

/* Nothing leaks, and nothing is used that is gone: for the sanitizers. */
static void a_loop_closes_under_a_suspended_handler(void **state)
{
    http_route(site, "GET", "/sleep/:seconds", sleeps, NULL);
    run_main(serve_and_leave, NULL);
    open_files++; /* the client's */
    close_now();
    assert_noted("cancelled");
}

static int ask_one_after_the_other(void *server)
{
    const char *heard;
    int fd = dial();

    say(fd, GET("/a") GET("/b") GET("/sleep/0.01") GET("/a") GET("/none") GET_CLOSE("/b") GET("/a"));
    heard = hear(fd);
    return count_words(heard, "HTTP/1.1 ") != 6 || strstr(heard, "slept") > strstr(heard, "404 Not Found");
}

static void a_batch_is_answered_in_order(void **state)
{
    http_server_stats stats;

    http_route(site, "GET", "/a", plain, "aaa");
    http_route(site, "GET", "/b", plain, "bbb");
    http_route(site, "GET", "/sleep/:seconds", sleeps, NULL);
    serve(ask_one_after_the_other);
    http_server_get_stats(site, &stats);
    assert_int_equal(stats.requests, 6);
    assert_int_equal(stats.waiting, 0);
    assert_noted("slept");
}

static int says_nothing(http_request *request, void *arg)
{
    assert_non_null(gyre_current_task());
    return http_respond(request, 204, NULL, NULL, 0);
}

static int ask_for_nothing(void *server)
{
    const char *heard = ask(GET("/") GET_CLOSE("/"));

    return count_words(heard, "204 No Content") != 2 || strstr(heard, "Content-Length");
}

static void no_content_has_no_length(void **state)
{
    http_route(site, "GET", "/", says_nothing, NULL);
    serve(ask_for_nothing);
}

static int ask_slowly(void *server)
{
    int silent = dial();
    bool answered = strstr(ask(GET_CLOSE("/sleep/0.5")), "slept");
    char byte;

    answered = answered && recv(silent, &byte, 1, 0) <= 0;
    close(silent);
    return !answered;
}

static void silence_is_limited_but_not_while_a_handler_works(void **state)
{
    http_server_unref(site);
    site = http_server_new(.idle_timeout = 0.1);
    http_route(site, "GET", "/sleep/:seconds", sleeps, NULL);
    serve(ask_slowly);
    assert_noted("slept");
}

static int ask_in_parts(void *server)
{
    int fd = dial();

    say(fd, GET("/") "GET / HT");
    nap(0.05);
    say(fd, "TP/1.1\r\nHost: ");
    return count_words(hear(fd), "HTTP/1.1 408 Request Timeout\r\n") != 1;
}

static void the_time_for_a_head_is_limited(void **state)
{
    http_server_unref(site);
    site = http_server_new(.header_timeout = 0.2);
    http_route(site, "GET", "/", plain, "done");
    serve(ask_in_parts);
}

static void routes_and_servers_say_what_is_wrong(void **state)
{
    assert_int_equal(http_route(site, "BREW", "/", plain, NULL), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "no such method: \"BREW\"");
    assert_int_equal(http_route(site, "GET", "x", plain, NULL), GYRE_EVALUE);
    assert_null(http_server_new(.header_limit = 65536));
    assert_string_equal(gyre_error_text(), "header_limit is over 65535");
    http_server_unref(http_server_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SITE(a_failure_is_a_500_and_a_report),
        ON_SITE(silence_is_a_500_and_a_report),
        ON_SITE(a_failure_behind_the_answer_is_only_reported),
        ON_SITE(misuse_is_an_error_and_harmless),
        ON_SITE(what_was_read_stays),
        ON_SITE(a_lost_client_cancels_its_handler),
        ON_SITE(who_goes_on_for_a_lost_client_is_told),
        ON_SITE(a_cancelled_handler_is_a_503),
        ON_SITE(a_loop_closes_under_a_suspended_handler),
        ON_SITE(a_batch_is_answered_in_order),
        ON_SITE(no_content_has_no_length),
        ON_SITE(silence_is_limited_but_not_while_a_handler_works),
        ON_SITE(the_time_for_a_head_is_limited),
        ON_SITE(routes_and_servers_say_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
