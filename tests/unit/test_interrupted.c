/* A signal that comes while the system reads: it is asked again, and nobody notices. */
#include "net_peer.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static int interruptions;

/* In the place of the system's. */
ssize_t recv(int fd, void *buffer, size_t len, int flags)
{
    if (interruptions == 0)
        return recvfrom(fd, buffer, len, flags, NULL, NULL);
    interruptions--;
    errno = EINTR;
    return -1;
}

static void read_interrupted(gyre_loop *loop, const gyre_protocol *protocol, const char *text)
{
    struct diary diary = {.room = 8};
    int peer = net_pair_with(loop, &diary, protocol);

    interruptions = 3;
    write(peer, "abc", 3);
    while (!diary.received)
        net_step(loop);
    assert_int_equal(interruptions, 0);
    assert_string_equal(diary.text, text);
    assert_int_equal(report.count, 0);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_read_ready_tryagain_interrupted */
static void a_plain_protocol(void **state)
{
    read_interrupted(*state, &net_diary, "made data:3 ");
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready_tryagain_interrupted
 */
static void a_buffered_protocol(void **state)
{
    read_interrupted(*state, &net_buffered, "made updated:3 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_protocol, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_buffered_protocol, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
