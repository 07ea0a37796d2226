/* What the resolver answers, made up: no address at all, a zone, several addresses of this machine. */
#include "loop/loop.h"
#include "net_peer.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t zone;
static int binds;

/* In the place of the system's: nobody.test has no address. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    *list = NULL;
    if (!node || strcmp(node, "nobody.test"))
        return real(node, service, hints, list);
    return hints && hints->ai_flags & AI_NUMERICHOST ? EAI_NONAME : 0;
}

/* It notes the zone, and nobody is there. */
static int refuse(int fd, const struct sockaddr *address, socklen_t size)
{
    const struct sockaddr_in6 *six = (const void *)address;

    zone = address->sa_family == AF_INET6 ? six->sin6_scope_id : 0;
    return -ECONNREFUSED;
}

/* Every address is this machine's. */
static int accept_any(int fd, const struct sockaddr *address, socklen_t size)
{
    binds++;
    return 0;
}

static void replace_system(gyre_loop *loop)
{
    static struct gyre__driver_class copy;

    copy = *loop->driver_class;
    copy.connect = refuse;
    copy.bind = accept_any;
    loop->driver_class = &copy;
}

static void expect_none(int err)
{
    assert_int_equal(err, -EADDRNOTAVAIL);
    assert_string_equal(gyre_error_text(), "getaddrinfo() returned empty list");
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_no_getaddrinfo,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_no_local_addr,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_no_getaddrinfo */
static void no_address_is_an_error(void **state)
{
    gyre_loop *loop = *state;

    expect_none(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "nobody.test", .port = 80));
    expect_none(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = 80,
                                            .local_host = "nobody.test"));
    expect_none(gyre_loop_create_server(loop, NULL, &net_diary, .host = "nobody.test", .port = 80));
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ipv6_scope */
static void a_zone_reaches_the_system(void **state)
{
    int err;

    replace_system(*state);
    err = gyre_loop_create_connection(*state, NULL, &net_diary, .host = "fe80::1%1", .port = 80);
    if (err == -EAFNOSUPPORT)
        skip();
    assert_int_equal(err, -ECONNREFUSED);
    assert_int_equal(zone, 1);
}

/* test_events.py::EventLoopTestsMixin::test_create_server_multiple_hosts_ipv6 */
static void several_hosts_of_version_6(void **state)
{
    static const char *const hosts[] = {"::1", "::2", "::1", NULL};
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int probe = socket(AF_INET6, SOCK_STREAM, 0);

    if (probe < 0)
        skip();
    close(probe);
    binds = 0;
    replace_system(loop);
    assert_int_equal(gyre_loop_create_server(loop, &server, &net_diary, .hosts = hosts, .port = 80,
                                             .start_serving = GYRE_NO),
                     0);
    assert_int_equal(gyre_server_sockets(server, NULL, 0), 2);
    assert_int_equal(binds, 2);
    gyre_server_close(server);
    gyre_server_unref(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_address_is_an_error, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_zone_reaches_the_system, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(several_hosts_of_version_6, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
