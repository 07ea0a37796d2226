/* test_http_middleware.c - handlers around handlers: order, prefixes, who answers. */
#include "http_scene.h"

static int plain(http_request *request, void *arg)
{
    note(arg);
    return http_respond(request, 200, NULL, arg, strlen(arg));
}

static int surrounds(http_request *request, void *arg)
{
    int err;

    note(arg);
    http_set_header(request, "X-Around", arg);
    err = http_next(request);
    assert_int_equal(http_next(request), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "http_next was called already");
    note("end");
    return err;
}

static int suspends(http_request *request, void *arg)
{
    gyre_sleep(0.01);
    return http_next(request);
}

static int forbids(http_request *request, void *arg)
{
    note(arg);
    return http_respond_status(request, 403);
}

static int ask_everywhere(void *server)
{
    const char *heard =
        ask(GET("/") GET("/api/a") GET("/apix") GET("/%61pi/secret/") GET("/api/a/b") GET_CLOSE("/none"));

    return count_words(heard, "HTTP/1.1 200 OK\r\n") != 3 || count_words(heard, "403 Forbidden\r\n") != 1 ||
           count_words(heard, "404 Not Found\r\n") != 2 || count_words(heard, "X-Around: all\r\n") != 6 ||
           count_words(heard, "X-Around: all\r\nX-Around: api\r\n") != 3;
}

static void the_first_given_is_the_outermost(void **state)
{
    assert_int_equal(http_use(site, "/", surrounds, "all"), 0);
    assert_int_equal(http_use(site, "/api/", suspends, NULL), 0);
    assert_int_equal(http_use(site, "/api", surrounds, "api"), 0);
    assert_int_equal(http_use(site, "/api/secret", forbids, "no"), 0);
    assert_int_equal(http_use(site, "api", forbids, NULL), GYRE_EVALUE);
    http_route(site, "GET", "/", plain, "root");
    http_route(site, "GET", "/apix", plain, "x");
    http_route(site, "GET", "/api/:name", plain, "a");
    http_route(site, "GET", "/:a/secret/", plain, "secret");
    serve(ask_everywhere);
    assert_noted("all root end all api a end end all x end all api no end end all api end end all end");
}

static int is_an_error(http_request *request, void *arg)
{
    return -EIO;
}

static int answers_errors(http_request *request, void *arg)
{
    return http_next(request) == -EIO ? http_respond(request, 502, NULL, "sorry", 5) : 0;
}

static int ask_the_error(void *server)
{
    return !strstr(ask(GET_CLOSE("/")), "\r\n\r\nsorry");
}

static void a_failure_can_be_answered(void **state)
{
    http_use(site, "/", answers_errors, NULL);
    http_route(site, "GET", "/", is_an_error, NULL);
    serve(ask_the_error);
}

static int ask_with_bodies(void *server)
{
    const char *heard =
        ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
            "PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");

    return count_words(heard, "HTTP/1.1 405 Method Not Allowed\r\n") != 2 ||
           count_words(heard, "X-Around: all\r\nAllow: GET, HEAD\r\n") != 2 ||
           count_words(heard, "Connection: close") != 1;
}

static void it_is_around_refusals_too(void **state)
{
    http_use(site, "/", surrounds, "all");
    http_route(site, "GET", "/a", plain, "a");
    serve(ask_with_bodies);
    assert_noted("all end all end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SITE(the_first_given_is_the_outermost),
        ON_SITE(a_failure_can_be_answered),
        ON_SITE(it_is_around_refusals_too),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
