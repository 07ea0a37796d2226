/* Addresses to names: as the C library tells them, numbers without a thread. */
#include "loop/loop.h"
#include "net_peer.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <gyre/resolver.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

typedef int (*look_up)(const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int);

static bool made_up;        /* every name is example.test */
static pthread_t asked_by;  /* the thread that asked last */
static int asked_flags;     /* and its flags */
static in_port_t asked_for; /* and the port */

/* In the place of the system's. */
int getnameinfo(const struct sockaddr *address, socklen_t size, char *host, socklen_t host_size,
                char *service, socklen_t service_size, int flags)
{
    look_up real;

    if (made_up) {
        asked_by = pthread_self();
        asked_flags = flags;
        asked_for = ((const struct sockaddr_in *)(const void *)address)->sin_port;
        snprintf(host, host_size, "example.test");
        snprintf(service, service_size, "http");
        return 0;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "getnameinfo");
    return real(address, size, host, host_size, service, service_size, flags);
}

static const struct sockaddr_in four = {.sin_family = AF_INET};
static const struct sockaddr_in6 six = {.sin6_family = AF_INET6};

static struct sockaddr_storage address_of(const char *host, int port)
{
    union {
        struct sockaddr_storage any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};

    if (inet_pton(AF_INET, host, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = four.sin_family;
        address.v4.sin_port = htons((in_port_t)port);
    } else {
        inet_pton(AF_INET6, host, &address.v6.sin6_addr);
        address.v6.sin6_family = six.sin6_family;
        address.v6.sin6_port = htons((in_port_t)port);
    }
    return address.any;
}

static bool threads_were_made(const gyre_loop *loop)
{
    return loop->floors[GYRE__FLOOR_RESOLVER].state != NULL;
}

static void compare(gyre_loop *loop, const char *number, int flags)
{
    struct sockaddr_storage address = address_of(number, 80);
    socklen_t size = address.ss_family == AF_INET ? sizeof four : sizeof six;
    char host[2][NI_MAXHOST], service[2][NI_MAXSERV];
    int eai = getnameinfo((struct sockaddr *)&address, size, host[0], sizeof host[0], service[0],
                          sizeof service[0], flags);
    int err = gyre_loop_getnameinfo(loop, host[1], sizeof host[1], service[1], sizeof service[1],
                                    (struct sockaddr *)&address, size, flags);

    assert_int_equal(err, eai ? GYRE_EGAI + eai : 0);
    if (eai)
        return;
    assert_string_equal(host[1], host[0]);
    assert_string_equal(service[1], service[0]);
}

/* uv:test_dns.py::BaseTestDNS::test_getnameinfo_1, uv:test_dns.py::BaseTestDNS::test_getnameinfo_4 */
static void as_the_system_says(void **state)
{
    static const int flags[] = {0, NI_NUMERICHOST, NI_NUMERICSERV, NI_DGRAM, NI_NUMERICHOST | NI_NUMERICSERV};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        compare(*state, "127.0.0.1", flags[i]);
        compare(*state, "::1", flags[i]);
    }
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_getnameinfo */
static void a_name_is_asked_for_on_a_thread(void **state)
{
    struct sockaddr_storage address = address_of("127.0.0.1", 80);
    char host[20], service[20];

    made_up = true;
    assert_int_equal(gyre_loop_getnameinfo(*state, host, sizeof host, service, sizeof service,
                                           (struct sockaddr *)&address, sizeof four, NI_NAMEREQD),
                     0);
    made_up = false;
    assert_string_equal(host, "example.test");
    assert_string_equal(service, "http");
    assert_int_equal(asked_flags, NI_NAMEREQD);
    assert_int_equal(asked_for, htons(80));
    assert_false(pthread_equal(asked_by, pthread_self()));
}

/* Also where only one of the two is asked for. */
static void numbers_need_no_thread(void **state)
{
    struct sockaddr_storage address = address_of("::1", 443);
    gyre_loop *loop = *state;
    char host[20], service[20];

    assert_int_equal(gyre_loop_getnameinfo(loop, host, sizeof host, service, sizeof service,
                                           (struct sockaddr *)&address, sizeof six,
                                           NI_NUMERICHOST | NI_NUMERICSERV),
                     0);
    assert_string_equal(host, "::1");
    assert_string_equal(service, "443");
    assert_int_equal(gyre_loop_getnameinfo(loop, host, sizeof host, NULL, 0, (struct sockaddr *)&address,
                                           sizeof six, NI_NUMERICHOST),
                     0);
    assert_int_equal(gyre_loop_getnameinfo(loop, NULL, 0, service, sizeof service,
                                           (struct sockaddr *)&address, sizeof six, NI_NUMERICSERV),
                     0);
    assert_false(threads_were_made(loop));
}

/* uv:test_dns.py::BaseTestDNS::test_getnameinfo_3: an address of the one family with the size of the other,
 * and others that are none. */
static void what_is_no_address(void **state)
{
    static const struct {
        socklen_t size;
        int family;
    } wrong[] = {{sizeof four, AF_INET6},
                 {2, AF_INET},
                 {0, AF_INET},
                 {sizeof six, -1},
                 {sizeof(struct sockaddr_storage) + 1, AF_INET}};
    char host[NI_MAXHOST] = "kept", service[NI_MAXSERV] = "kept";

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sockaddr_storage address = {.ss_family = (sa_family_t)wrong[i].family};

        assert_int_equal(gyre_loop_getnameinfo(*state, host, sizeof host, service, sizeof service,
                                               (struct sockaddr *)&address, wrong[i].size, 0),
                         GYRE_EGAI + EAI_FAMILY);
        assert_string_equal(gyre_error_text(), gai_strerror(EAI_FAMILY));
    }
    assert_string_equal(host, "kept");
    assert_string_equal(service, "kept");
}

static void what_has_no_room(void **state)
{
    struct sockaddr_storage address = address_of("127.0.0.1", 65535);
    int flags = NI_NUMERICHOST | NI_NUMERICSERV;
    char host[10] = "kept", service[6] = "kept";
    struct sockaddr *name = (struct sockaddr *)&address;

    assert_int_equal(
        gyre_loop_getnameinfo(*state, host, 9, service, sizeof service, name, sizeof four, flags),
        GYRE_EGAI + EAI_OVERFLOW);
    assert_int_equal(gyre_loop_getnameinfo(*state, host, sizeof host, service, 5, name, sizeof four, flags),
                     GYRE_EGAI + EAI_OVERFLOW);
    assert_string_equal(host, "kept");
    assert_string_equal(service, "kept");
    assert_int_equal(gyre_loop_getnameinfo(*state, host, sizeof host, service, 6, name, sizeof four, flags),
                     0);
}

static void look_up_in_callback(void *loop)
{
    struct sockaddr_storage address = address_of("127.0.0.1", 80);
    char host[40];

    assert_int_equal(
        gyre_loop_getnameinfo(loop, host, sizeof host, NULL, 0, (struct sockaddr *)&address, sizeof four, 0),
        GYRE_EAWAIT);
}

static void a_plain_callback_gets_numbers_alone(void **state)
{
    gyre_loop_call_soon(*state, look_up_in_callback, *state);
    net_turns(*state, 1);
    net_run(*state, 0.02);
}

static void a_closed_loop_knows_no_names(void **state)
{
    char host[40];

    gyre_loop_close(*state);
    assert_int_equal(gyre_loop_getnameinfo(*state, host, sizeof host, NULL, 0, (const struct sockaddr *)&four,
                                           sizeof four, NI_NUMERICHOST),
                     GYRE_ELOOPCLOSED);
}

static int look_up_in_task(void *name)
{
    return gyre_loop_getnameinfo(gyre_get_running_loop(), name, NI_MAXHOST, NULL, 0,
                                 (const struct sockaddr *)&four, sizeof four, 0);
}

static void a_cancelled_wait_ends_at_once(void **state)
{
    for (int i = 0; i < 20; i++) {
        char name[NI_MAXHOST] = "kept";
        gyre_task *task;

        gyre_loop_create_task(*state, &task, look_up_in_task, name);
        net_turns(*state, 1 + i % 3);
        gyre_task_cancel(task);
        net_turns(*state, 3);
        assert_true(gyre_future_done(task));
        if (gyre_future_cancelled(task))
            assert_string_equal(name, "kept");
        gyre_future_unref(task);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_the_system_says, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_name_is_asked_for_on_a_thread, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(numbers_need_no_thread, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_address, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_has_no_room, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_plain_callback_gets_numbers_alone, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_closed_loop_knows_no_names, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_wait_ends_at_once, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
