/* Names to addresses: numbers need no thread, names have threads of their own, and late answers are dropped.
 */
#include "loop/loop.h"
#include "net/resolver.h"
#include "net_peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static bool threads_were_made(const gyre_loop *loop)
{
    return loop->floors[GYRE__FLOOR_RESOLVER].state != NULL;
}

static int port_of(const struct addrinfo *info)
{
    return ntohs(((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_port);
}

/* test_base_events.py::BaseEventTests::test_ipaddr_info */
static void numbers_need_no_thread(void **state)
{
    static const struct {
        const char *node, *service;
        int family, port;
    } questions[] = {{"127.0.0.1", "80", AF_INET, 80}, {"::1", "443", AF_INET6, 443},
                     {NULL, "8080", 0, 8080},          {"127.0.0.1", NULL, AF_INET, 0},
                     {"fe80::1%lo", "1", AF_INET6, 1}, {"0.0.0.0", "0", AF_INET, 0},
                     {"::", "65535", AF_INET6, 65535}, {"255.255.255.255", "7", AF_INET, 7},
                     {"127.0.0.1", "", AF_INET, 0}};
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    gyre_loop *loop = *state;

    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        struct addrinfo *list = NULL;

        assert_int_equal(gyre_loop_getaddrinfo(loop, &list, questions[i].node, questions[i].service, &hints),
                         0);
        assert_int_equal(port_of(list), questions[i].port);
        if (questions[i].family)
            assert_int_equal(list->ai_family, questions[i].family);
        freeaddrinfo(list);
    }
    assert_false(threads_were_made(loop));
}

/* The zone of a literal survives. */
static void a_zone_survives(void **state)
{
    gyre_loop *loop = *state;
    struct addrinfo *list;

    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, "fe80::1%lo", "1", NULL), 0);
    assert_int_not_equal(((struct sockaddr_in6 *)(void *)list->ai_addr)->sin6_scope_id, 0);
    freeaddrinfo(list);
}

/* S4: one entry for each socket type. */
static void no_type_gives_every_type(void **state)
{
    struct addrinfo hints = {.ai_family = AF_INET};
    struct addrinfo *list;
    gyre_loop *loop = *state;
    int types = 0;

    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, "127.0.0.1", "1", &hints), 0);
    for (struct addrinfo *info = list; info; info = info->ai_next)
        types++;
    assert_true(types >= 2);
    freeaddrinfo(list);
}

static void the_codes_are_the_resolvers(void **state)
{
    struct addrinfo six = {.ai_family = AF_INET6};
    struct addrinfo *list = (void *)1;
    gyre_loop *loop = *state;

    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, NULL, NULL, NULL), GYRE_EGAI + EAI_NONAME);
    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, "127.0.0.1", "65536", NULL), GYRE_EGAI + EAI_SERVICE);
    assert_true(gyre_loop_getaddrinfo(loop, &list, "127.0.0.1", "1", &six) < GYRE_EGAI);
    assert_ptr_equal(list, (void *)1);
    assert_string_equal(gyre_error_name(GYRE_EGAI + EAI_NONAME), "gaierror");
    assert_false(threads_were_made(loop));
}

/* /etc/hosts and /etc/services: no network is needed. */
static void names_are_resolved_on_a_thread(void **state)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    gyre_loop *loop = *state;

    net_need_localhost();
    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, "localhost", "80", &hints), 0);
    assert_int_equal(((struct sockaddr_in *)(void *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    freeaddrinfo(list);
    assert_true(threads_were_made(loop));
}

static int ask(void *arg)
{
    struct addrinfo **list = arg;

    return gyre_loop_getaddrinfo(gyre_get_running_loop(), list, "localhost", "80", NULL);
}

/* S5: the waiter goes on at once; the answer is dropped and freed whenever it comes. */
static void a_cancelled_wait_ends_at_once(void **state)
{
    gyre_loop *loop = *state;

    for (int i = 0; i < 50; i++) {
        struct addrinfo *list = (void *)1;
        gyre_task *task = NULL;

        gyre_loop_create_task(loop, &task, ask, &list);
        net_turns(loop, 1 + i % 3);
        gyre_task_cancel(task);
        while (!gyre_future_done(task))
            net_turns(loop, 1);
        if (gyre_future_cancelled(task))
            assert_ptr_equal(list, (void *)1);
        else
            freeaddrinfo(list);
        gyre_future_unref(task);
    }
}

/* uv:test_dns.py::Test_UV_DNS::test_getaddrinfo_close_loop */
static void the_loop_may_close_with_questions_open(void **state)
{
    gyre_loop *loop = *state;
    struct addrinfo *lists[20];
    gyre_task *tasks[20] = {0};

    for (int i = 0; i < 20; i++)
        gyre_loop_create_task(loop, &tasks[i], ask, &lists[i]);
    net_turns(loop, 1);
    gyre_loop_close(loop);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(gyre_future_result(tasks[i], NULL), GYRE_ECANCELLED);
        gyre_future_unref(tasks[i]);
    }
}

static void ask_in_callback(void *arg)
{
    struct addrinfo *list;

    assert_int_equal(gyre_loop_getaddrinfo(arg, &list, "localhost", "80", NULL), GYRE_EAWAIT);
    assert_int_equal(gyre_loop_getaddrinfo(arg, &list, "127.0.0.1", "80", NULL), 0);
    freeaddrinfo(list);
}

static void a_plain_callback_gets_numbers_alone(void **state)
{
    gyre_loop_call_soon(*state, ask_in_callback, *state);
    net_turns(*state, 1);
    net_run(*state, 0.02);
}

static void a_closed_loop_answers_nothing(void **state)
{
    struct addrinfo *list;

    gyre_loop_close(*state);
    assert_int_equal(gyre_loop_getaddrinfo(*state, &list, "127.0.0.1", "1", NULL), GYRE_ELOOPCLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_need_no_thread, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_zone_survives, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_type_gives_every_type, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_codes_are_the_resolvers, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(names_are_resolved_on_a_thread, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_wait_ends_at_once, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_loop_may_close_with_questions_open, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_plain_callback_gets_numbers_alone, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_closed_loop_answers_nothing, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
