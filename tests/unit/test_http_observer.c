/* test_http_observer.c - what an observer is told of each request. */
#include "http_scene.h"

static int plain(http_request *request, void *arg)
{
    return http_respond(request, 200, NULL, "hello", 5);
}

static int in_pieces(http_request *request, void *arg)
{
    http_begin(request, 201, NULL, HTTP_UNKNOWN);
    gyre_sleep(0.01);
    http_write(request, "hello", 5);
    http_write(request, "you", 3);
    return http_end(request);
}

static int sleeps(http_request *request, void *arg)
{
    return gyre_sleep(60);
}

/* Writes "GET /a?b 200 5" down. */
static void observe(const http_record *record, void *arg)
{
    http_request *request = record->request;
    const char *host = http_header(request, "Host");
    char peer[100];
    char line[200];

    assert_string_equal(arg, "the log");
    assert_int_equal(gyre_transport_get_peername(http_transport(request), peer, sizeof peer), 0);
    assert_memory_equal(peer, "127.0.0.1:", 10);
    assert_true(record->seconds >= (record->status == 201 ? 0.01 : 0) && record->seconds < 50);
    http_path(request); /* cuts the kept target */
    snprintf(line, sizeof line, "%s|%s|%s|%s|%d|%d", http_method(request), http_target(request),
             http_version(request), host ? host : "-", record->status, (int)record->bytes);
    note(line);
}

static int ask_for_all(void *server)
{
    ask(GET("/a?b?c=%41") GET("/pieces?") "HEAD /a HTTP/1.0\r\nHost: y\r\n\r\n");
    ask(GET("/none") "GET /a HTTP/1.1\r\nHost: z\r\nA : b\r\n\r\n");
    return 0;
}

static void each_request_is_told_once(void **state)
{
    http_route(site, "GET", "/a", plain, NULL);
    http_route(site, "GET", "/pieces", in_pieces, NULL);
    serve(ask_for_all);
    assert_noted("GET|/a?b?c=%41|HTTP/1.1|x|200|5 GET|/pieces?|HTTP/1.1|x|201|8 HEAD|/a|HTTP/1.0|y|200|0 "
                 "GET|/none|HTTP/1.1|x|404|14 |||-|400|16");
}

static int leave(void *server)
{
    struct linger reset = {.l_onoff = 1};
    int fd = dial();

    say(fd, GET("/sleep"));
    nap(0.05);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    return 0;
}

static void who_leaves_early_is_told_too(void **state)
{
    http_route(site, "GET", "/sleep", sleeps, NULL);
    serve(leave);
    run_passes(2);
    assert_noted("GET|/sleep|HTTP/1.1|x|0|0");
}

static int open_observed(void **state)
{
    site = http_server_new(.observer = observe, .observer_arg = "the log");
    return open_loop(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_request_is_told_once, open_observed, close_site),
        cmocka_unit_test_setup_teardown(who_leaves_early_is_told_too, open_observed, close_site),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
