/* test_http_memory.c - what becomes of requests when the system has no memory for them. */
#include "http_scene.h"

/* The linker sends every realloc of this program here. */
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

/* How many of the next ones are refused. */
static atomic_int refusals;

void *__wrap_realloc(void *memory, size_t size)
{
    if (refusals > 0 && atomic_fetch_sub(&refusals, 1) > 0)
        return NULL;
    return __real_realloc(memory, size);
}

/* A connection that has served before: the loop has all that it wants for itself. */
static int dial_warm(void)
{
    char answer[1000];
    int fd = dial();

    say(fd, GET("/none"));
    if (recv(fd, answer, sizeof answer, 0) <= 0)
        abort();
    return fd;
}

static int slow(http_request *request, void *arg)
{
    gyre_future *never = gyre_loop_create_future(loop);
    int err;

    note("began");
    refusals = 1;
    err = gyre_await(never, NULL);
    gyre_future_unref(never);
    /* What was lent is gone; asking for it is not wrong. */
    assert_string_equal(http_method(request), "");
    assert_string_equal(http_path(request), "");
    assert_null(http_header(request, "Host"));
    note("ended");
    return err;
}

static int half_a_head(void *arg)
{
    int fd = dial_warm();

    refusals = 1;
    say(fd, "GET / HTTP/1.1\r\nHost: x\r\nX-Unfinished");
    assert_non_null(strstr(hear(fd), "HTTP/1.1 503"));
    assert_non_null(strstr(ask(GET_CLOSE("/")), "HTTP/1.1 404"));
    return 0;
}

/* The beginning of a head has to be kept. */
static void test_no_memory_for_half_a_head(void **state)
{
    serve(half_a_head);
}

static int half_a_body(void *arg)
{
    int fd = dial_warm();

    refusals = 1;
    say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc");
    assert_non_null(strstr(hear(fd), "HTTP/1.1 503"));
    return 0;
}

static void test_no_memory_for_half_a_body(void **state)
{
    serve(half_a_body);
}

static int suspended(void *arg)
{
    int fd = dial_warm();

    say(fd, GET("/slow"));
    assert_string_equal(hear(fd), "");
    return 0;
}

/* The head that a suspended handler looks at has to be kept, too. */
static void test_no_memory_for_a_suspended_handler(void **state)
{
    http_route(site, "GET", "/slow", slow, NULL);
    serve(suspended);
    assert_noted("began ended");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SITE(test_no_memory_for_half_a_head),
        ON_SITE(test_no_memory_for_half_a_body),
        ON_SITE(test_no_memory_for_a_suspended_handler),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
