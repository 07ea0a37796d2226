/* getaddrinfo answers what the C library's answers, code for code and entry for entry. Some names are made
 * up, since there is no network. */
#include "loop/loop.h"
#include "net_peer.h"
#include <dlfcn.h>
#include <errno.h>
#include <gyre/resolver.h>
#include <gyre/thread.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

typedef int (*resolve)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool held;       /* slow.test has no answer yet */
static int asked_slow;  /* questions for it that have begun */
static char asked[400]; /* the last name that took a thread */

static void wait_while_held(void)
{
    pthread_mutex_lock(&lock);
    asked_slow++;
    pthread_cond_broadcast(&changed);
    while (held)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void note(const char *node)
{
    pthread_mutex_lock(&lock);
    snprintf(asked, sizeof asked, "%s", node);
    pthread_mutex_unlock(&lock);
}

static int answer_made_up(resolve real, const char *node, const char *service, const struct addrinfo *hints,
                          struct addrinfo **list)
{
    note(node);
    if (!strcmp(node, "slow.test"))
        wait_while_held();
    if (!strcmp(node, "system.test")) {
        errno = EMFILE;
        return EAI_SYSTEM;
    }
    if (!strcmp(node, "example.test") || !strcmp(node, "slow.test"))
        return real("192.0.2.7", service, hints, list);
    return EAI_NONAME;
}

/* In the place of the system's: names under test, and overlong ones, ask no server. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    bool number = hints && hints->ai_flags & AI_NUMERICHOST;
    resolve real;

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (number || !node || !(strstr(node, ".test") || strchr(node, '<')))
        return real(node, service, hints, list);
    return answer_made_up(real, node, service, hints, list);
}

static void hold(void)
{
    pthread_mutex_lock(&lock);
    held = true;
    asked_slow = 0;
    pthread_mutex_unlock(&lock);
}

static void let_go(void)
{
    pthread_mutex_lock(&lock);
    held = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_for_slow(int count)
{
    pthread_mutex_lock(&lock);
    while (asked_slow < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void assert_same_entry(const struct addrinfo *here, const struct addrinfo *there)
{
    assert_int_equal(here->ai_family, there->ai_family);
    assert_int_equal(here->ai_socktype, there->ai_socktype);
    assert_int_equal(here->ai_protocol, there->ai_protocol);
    assert_int_equal(here->ai_addrlen, there->ai_addrlen);
    assert_memory_equal(here->ai_addr, there->ai_addr, here->ai_addrlen);
    assert_true(!here->ai_canonname == !there->ai_canonname);
    if (here->ai_canonname)
        assert_string_equal(here->ai_canonname, there->ai_canonname);
}

static void assert_same_list(const struct addrinfo *here, const struct addrinfo *there)
{
    for (; here && there; here = here->ai_next, there = there->ai_next)
        assert_same_entry(here, there);
    assert_ptr_equal(here, there);
}

static void compare_with(gyre_loop *loop, const char *node, const char *service, const struct addrinfo *hints)
{
    struct addrinfo *here = NULL, *there = NULL;
    int eai = getaddrinfo(node, service, hints, &there);
    int err = gyre_loop_getaddrinfo(loop, &here, node, service, hints);

    assert_int_equal(err, eai ? GYRE_EGAI + eai : 0);
    if (eai) {
        assert_memory_equal(gyre_error_text(), gai_strerror(eai), strlen(gai_strerror(eai)));
        return;
    }
    assert_same_list(here, there);
    freeaddrinfo(here);
    freeaddrinfo(there);
}

/* With every type of socket, and with one. */
static void compare(gyre_loop *loop, const char *node, const char *service, int flags)
{
    struct addrinfo hints = {.ai_flags = flags};

    compare_with(loop, node, service, &hints);
    hints.ai_socktype = SOCK_STREAM;
    compare_with(loop, node, service, &hints);
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_1, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_2,
 * uv:test_dns.py::BaseTestDNS::test_getaddrinfo_3, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_5,
 * uv:test_dns.py::BaseTestDNS::test_getaddrinfo_6, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_11 */
static void names(void **state)
{
    compare(*state, "example.test", "80", 0);
    compare(*state, "example.test", "80", AI_CANONNAME);
    compare(*state, "example.test", NULL, 0);
    compare(*state, "nobody.test", "800", 0);
    assert_string_equal(asked, "nobody.test");
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_4 */
static void a_family_that_is_none(void **state)
{
    compare_with(*state, "example.test", "80", &(struct addrinfo){.ai_family = -1});
    compare_with(*state, "127.0.0.1", "80", &(struct addrinfo){.ai_family = -1});
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_7, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_8,
 * uv:test_dns.py::BaseTestDNS::test_getaddrinfo_9, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_10 */
static void nobody_is_asked_for(void **state)
{
    compare(*state, NULL, "0", 0);
    compare(*state, NULL, "", 0);
    compare(*state, NULL, "80", AI_PASSIVE);
    compare(*state, "", "0", 0);
    compare(*state, NULL, NULL, 0);
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_12, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_13,
 * uv:test_dns.py::BaseTestDNS::test_getaddrinfo_19, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_20 */
static void numbers(void **state)
{
    static const char *const nodes[] = {"127.0.0.1", "::1", "127.1", "0x7f000001", "fe80::1%1"};

    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        compare(*state, nodes[i], "80", 0);
        compare(*state, nodes[i], "80", AI_CANONNAME);
        compare(*state, nodes[i], "", 0);
        compare(*state, nodes[i], NULL, 0);
    }
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_14, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_15 */
static void services_have_names(void **state)
{
    compare(*state, "127.0.0.1", "http", 0);
    compare(*state, "127.0.0.1", "no-such-service", 0);
    compare(*state, "127.0.0.1", "-1", 0);
    compare(*state, NULL, "http", AI_PASSIVE);
    compare(*state, "127.0.0.1", "http", AI_NUMERICSERV);
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_16, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_17,
 * uv:test_dns.py::BaseTestDNS::test_getaddrinfo_18 */
static void this_machine(void **state)
{
    compare(*state, "localhost", "http", 0);
    compare(*state, "localhost", "80", 0);
    compare(*state, "localhost", "", 0);
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_21, uv:test_dns.py::BaseTestDNS::test_getaddrinfo_22: cut
 * short, it would be the number of this machine. */
static void a_long_name_is_not_cut(void **state)
{
    char name[300];

    snprintf(name, sizeof name, "0x%0246d7f000001.example.test", 0);
    compare(*state, name, "80", 0);
    assert_string_equal(asked, name);
}

/* uv:test_dns.py::BaseTestDNS::test_getaddrinfo_broadcast: a word of Python's sockets, no host. */
static void broadcast_is_no_host(void **state)
{
    compare(*state, "<broadcast>", "80", 0);
}

static void filters(void **state)
{
    compare_with(*state, "127.0.0.1", "1", &(struct addrinfo){.ai_family = AF_INET6});
    compare_with(*state, "127.0.0.1", "1", &(struct addrinfo){.ai_protocol = IPPROTO_UDP});
    compare_with(*state, "127.0.0.1", "1",
                 &(struct addrinfo){.ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_UDP});
    compare_with(*state, "::1", "1", &(struct addrinfo){.ai_family = AF_INET6, .ai_socktype = SOCK_DGRAM});
    compare_with(*state, "127.0.0.1", "1",
                 &(struct addrinfo){.ai_family = AF_INET6, .ai_flags = AI_V4MAPPED});
    compare_with(*state, "example.test", "1", &(struct addrinfo){.ai_flags = AI_NUMERICHOST});
    compare_with(*state, "127.0.0.1", "1", &(struct addrinfo){.ai_flags = 1 << 30});
    compare_with(*state, "example.test", "80", NULL);
}

/* What the system itself reports is an errno. */
static void a_failure_of_the_system(void **state)
{
    struct addrinfo *list = (void *)1;

    assert_int_equal(gyre_loop_getaddrinfo(*state, &list, "system.test", "80", NULL), -EMFILE);
    assert_non_null(strstr(gyre_error_text(), "system.test"));
    assert_ptr_equal(list, (void *)1);
}

static struct addrinfo *slow_lists[10];

static int ask_slow(void *list)
{
    /* Nothing that makes the C library look at the interfaces, with a lock that ThreadSanitizer cannot see.
     */
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

    return gyre_loop_getaddrinfo(gyre_get_running_loop(), list, "slow.test", "80", &hints);
}

static void start_slow(gyre_loop *loop, gyre_task **tasks, int count)
{
    hold();
    for (int i = 0; i < count; i++)
        gyre_loop_create_task(loop, &tasks[i], ask_slow, &slow_lists[i]);
    net_turns(loop, 1);
}

/* S5: whether the resolver works on the question or has it in its queue. */
static void a_cancel_is_not_kept_waiting(void **state)
{
    gyre_task *tasks[10];

    start_slow(*state, tasks, 10);
    wait_for_slow(4);
    for (int i = 0; i < 10; i++)
        gyre_task_cancel(tasks[i]);
    net_turns(*state, 3);
    for (int i = 0; i < 10; i++) {
        assert_true(gyre_future_cancelled(tasks[i]));
        gyre_future_unref(tasks[i]);
    }
    assert_int_equal(asked_slow, 4);
    let_go();
}

static int return_seven(void *arg)
{
    return 7;
}

static int wait_until_let_go(void *arg)
{
    wait_while_held();
    return 0;
}

enum { JOBS = 64 };

/* The other way about: however much other work blocks, names are looked up. */
static void blocking_work_delays_no_names(void **state)
{
    struct addrinfo *list;
    gyre_loop *loop = *state;
    gyre_future *jobs[JOBS];

    hold();
    for (int i = 0; i < JOBS; i++)
        gyre_loop_run_in_executor(loop, &jobs[i], NULL, wait_until_let_go, NULL);
    wait_for_slow(1);
    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, "example.test", "80", NULL), 0);
    freeaddrinfo(list);
    assert_false(gyre_future_done(jobs[0]));
    let_go();
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(gyre_loop_run_until_complete(loop, jobs[i], NULL), 0);
        gyre_future_unref(jobs[i]);
    }
}

/* Names that answer late keep neither numbers nor other work waiting; the next name has its turn. */
static void slow_names_delay_no_other_work(void **state)
{
    struct addrinfo *list;
    gyre_loop *loop = *state;
    gyre_task *tasks[5];
    gyre_future *job;

    start_slow(loop, tasks, 5);
    wait_for_slow(4);
    assert_int_equal(gyre_loop_getaddrinfo(loop, &list, "127.0.0.1", "80", NULL), 0);
    freeaddrinfo(list);
    gyre_loop_run_in_executor(loop, &job, NULL, return_seven, NULL);
    assert_int_equal(gyre_loop_run_until_complete(loop, job, NULL), 7);
    gyre_future_unref(job);
    let_go();
    for (int i = 0; i < 5; i++) {
        assert_int_equal(gyre_loop_run_until_complete(loop, tasks[i], NULL), 0);
        freeaddrinfo(slow_lists[i]);
        gyre_future_unref(tasks[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_family_that_is_none, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(nobody_is_asked_for, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(numbers, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(services_have_names, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(this_machine, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_long_name_is_not_cut, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(broadcast_is_no_host, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(filters, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_failure_of_the_system, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_cancel_is_not_kept_waiting, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(slow_names_delay_no_other_work, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(blocking_work_delays_no_names, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
