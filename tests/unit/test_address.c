/* Addresses as text. */
#include "net/address.h"
#include "net_peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/un.h>

static struct sockaddr_in v4(const char *host, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

static struct sockaddr_in6 v6(const char *host, int port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

    inet_pton(AF_INET6, host, &address.sin6_addr);
    return address;
}

static void internet_addresses(void **state)
{
    struct sockaddr_in four = v4("127.0.0.1", 8888);
    struct sockaddr_in6 six = v6("::1", 80);
    char text[GYRE__ADDRESS_TEXT];

    assert_int_equal(gyre__address_print((void *)&four, sizeof four, text, sizeof text), 0);
    assert_string_equal(text, "127.0.0.1:8888");
    assert_int_equal(gyre__address_print((void *)&six, sizeof six, text, sizeof text), 0);
    assert_string_equal(text, "[::1]:80");
    assert_string_equal(gyre__address_tuple((void *)&four, sizeof four, text), "('127.0.0.1', 8888)");
    assert_string_equal(gyre__address_tuple((void *)&six, sizeof six, text), "('::1', 80, 0, 0)");
}

/* INET6_ADDRSTRLEN + 8 always fits; one byte too few is an error and leaves the text alone. */
static void the_room_is_counted(void **state)
{
    struct sockaddr_in6 six = v6("1111:2222:3333:4444:5555:6666:7777:8888", 65535);
    char text[INET6_ADDRSTRLEN + 8] = "same";
    size_t len = strlen("[1111:2222:3333:4444:5555:6666:7777:8888]:65535");

    assert_int_equal(gyre__address_print((void *)&six, sizeof six, text, len), -ENOSPC);
    assert_string_equal(text, "same");
    assert_int_equal(gyre__address_print((void *)&six, sizeof six, text, len + 1), 0);
    assert_int_equal(gyre__address_print((void *)&six, 0, text, sizeof text), -ENOTCONN);
}

static void unix_addresses(void **state)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/socket"};
    char text[GYRE__ADDRESS_TEXT];

    assert_int_equal(gyre__address_print((void *)&local, sizeof local, text, sizeof text), 0);
    assert_string_equal(text, "/tmp/socket");
    assert_string_equal(gyre__address_tuple((void *)&local, sizeof local, text), "'/tmp/socket'");
    assert_int_equal(gyre__address_print((void *)&local, sizeof(sa_family_t), text, sizeof text), 0);
    assert_string_equal(text, "");
}

static void only_internet_addresses_are_kept(void **state)
{
    struct sockaddr_in four = v4("127.0.0.1", 1);
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    union gyre__address address;

    gyre__address_set(&address, (void *)&four, sizeof four);
    assert_int_equal(gyre__address_size(&address), sizeof four);
    assert_memory_equal(&address, &four, sizeof four);
    gyre__address_set(&address, (void *)&local, sizeof local);
    assert_int_equal(gyre__address_size(&address), 0);
    gyre__address_set(&address, (void *)&four, 0);
    assert_int_equal(gyre__address_size(&address), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(internet_addresses),
        cmocka_unit_test(the_room_is_counted),
        cmocka_unit_test(unix_addresses),
        cmocka_unit_test(only_internet_addresses_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
