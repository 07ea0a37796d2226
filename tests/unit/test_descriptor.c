/* test_descriptor.c - add_reader and add_writer, on every driver of this system. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <gyre/server.h>
#include <sys/socket.h>

/* The test's descriptors: two ends each. */
static int one[2], two[2];

static void make_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static int open_pairs(void **state)
{
    make_pair(one);
    make_pair(two);
    return open_loop(state);
}

static int close_pairs(void **state)
{
    int err = close_loop(state);

    close_pair(one);
    close_pair(two);
    return err;
}

static void send_byte(const int pair[2])
{
    assert_int_equal(send(pair[1], "x", 1, 0), 1);
}

/* True when some epoll instance of the process still knows the descriptor. */
static bool is_known(int fd)
{
    DIR *folder = opendir("/proc/self/fdinfo");
    struct dirent *entry;
    bool known = false;

    while ((entry = readdir(folder))) {
        char path[300], line[200];
        FILE *file;
        int told_fd;

        snprintf(path, sizeof path, "/proc/self/fdinfo/%s", entry->d_name);
        file = fopen(path, "r");
        while (file && fgets(line, sizeof line, file))
            known |= sscanf(line, "tfd: %d", &told_fd) == 1 && told_fd == fd;
        if (file)
            fclose(file);
    }
    closedir(folder);
    return known;
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_add_reader; spec 23 S1: a level, each turn. */
static void test_add_reader(void **state)
{
    assert_int_equal(gyre_loop_add_reader(loop, one[0], note, "r"), 0);
    run_passes(2);
    assert_noted("");
    send_byte(one);
    run_passes(4);
    assert_noted("r r r");
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_add_writer */
static void test_add_writer(void **state)
{
    assert_int_equal(gyre_loop_add_writer(loop, one[0], note, "w"), 0);
    run_passes(3);
    assert_noted("w w");
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_add_reader_existing; spec 23 S2: the old one does
 * not run even when it was ready. */
static void test_add_reader_existing(void **state)
{
    int released = 0;

    send_byte(one);
    gyre_loop_add_reader(loop, one[0], count_call, &released, .release = count_release);
    run_once();
    assert_int_equal(gyre_loop_add_reader(loop, one[0], note, "new"), 0);
    assert_int_equal(released, 1);
    run_passes(2);
    assert_noted("new");
    assert_int_equal(released, 1);
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_add_writer_existing */
static void test_add_writer_existing(void **state)
{
    int released = 0;

    gyre_loop_add_writer(loop, one[0], count_call, &released, .release = count_release);
    run_once();
    assert_int_equal(gyre_loop_add_writer(loop, one[0], note, "new"), 0);
    assert_int_equal(released, 1);
    run_passes(2);
    assert_noted("new");
    assert_int_equal(released, 1);
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_add_reader_existing_writer; spec 23 S5 */
static void test_both(void **state)
{
    gyre_loop_add_writer(loop, one[0], note, "w");
    assert_int_equal(gyre_loop_add_reader(loop, one[0], note, "r"), 0);
    run_passes(2);
    assert_noted("w");
    send_byte(one);
    run_passes(1);
    assert_noted("w");
    run_passes(1);
    assert_noted("r w");
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_remove_reader,
 * test_selector_events.py::BaseSelectorEventLoopTests::test_remove_reader_unknown; spec 23 S3 */
static void test_remove_reader(void **state)
{
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 0);
    assert_int_equal(gyre_loop_remove_reader(loop, 1 << 20), 0);
    gyre_loop_add_reader(loop, one[0], note, "never");
    send_byte(one);
    run_once();
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 0);
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 1);
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 0);
    run_passes(3);
    assert_noted("");
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_remove_writer,
 * test_selector_events.py::BaseSelectorEventLoopTests::test_remove_writer_unknown */
static void test_remove_writer(void **state)
{
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 0);
    gyre_loop_add_writer(loop, one[0], note, "never");
    run_once();
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 0);
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 1);
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 0);
    run_passes(3);
    assert_noted("");
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_remove_reader_read_write,
 * test_selector_events.py::BaseSelectorEventLoopTests::test_remove_writer_read_write */
static void test_remove_one_of_both(void **state)
{
    send_byte(one);
    gyre_loop_add_reader(loop, one[0], note, "r");
    gyre_loop_add_writer(loop, one[0], note, "w");
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 1);
    run_passes(2);
    assert_noted("w");
    gyre_loop_add_reader(loop, one[0], note, "r");
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 1);
    run_passes(2);
    assert_noted("r");
}

struct intake {
    int fd;
    char text[16];
    size_t len;
};

static void take_some(void *arg)
{
    struct intake *intake = arg;
    ssize_t got = recv(intake->fd, intake->text + intake->len, sizeof intake->text - intake->len, 0);

    if (got > 0) {
        intake->len += (size_t)got;
        return;
    }
    assert_int_equal(gyre_loop_remove_reader(loop, intake->fd), 1);
    gyre_loop_stop(loop);
}

static void send_text(void *text)
{
    assert_int_equal(send(one[1], text, strlen(text), 0), (ssize_t)strlen(text));
}

static void end_sending(void *arg)
{
    shutdown(one[1], SHUT_WR);
}

/* test_events.py::EventLoopTestsMixin::test_reader_callback */
static void test_reader_callback(void **state)
{
    struct intake intake = {.fd = one[0]};

    gyre_loop_add_reader(loop, one[0], take_some, &intake);
    gyre_loop_call_soon(loop, send_text, "abc");
    gyre_loop_call_later(loop, 0.002, send_text, "def");
    gyre_loop_call_later(loop, 0.004, end_sending, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    assert_int_equal(intake.len, 6);
    assert_memory_equal(intake.text, "abcdef", 6);
}

static void fill(void *arg)
{
    static char block[4096];
    size_t *sent = arg;
    ssize_t took;

    while ((took = send(one[0], block, sizeof block, 0)) > 0)
        *sent += (size_t)took;
    note("full");
}

/* test_events.py::EventLoopTestsMixin::test_writer_callback: called while there is room, and then no more. */
static void test_writer_callback(void **state)
{
    static char block[4096];
    size_t sent = 0, came = 0;
    ssize_t got;

    gyre_loop_add_writer(loop, one[0], fill, &sent);
    run_passes(5);
    assert_noted("full");
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 1);
    shutdown(one[0], SHUT_WR);
    while ((got = recv(one[1], block, sizeof block, 0)) > 0)
        came += (size_t)got;
    assert_int_equal(came, sent);
}

/* test_events.py::EventLoopTestsMixin::test_remove_fds_after_closing,
 * test_events.py::EventLoopTestsMixin::test_add_fds_after_closing */
static void test_after_closing(void **state)
{
    int released = 0;

    gyre_loop_add_reader(loop, one[0], do_nothing, &released, .release = count_release);
    gyre_loop_add_writer(loop, one[0], do_nothing, &released, .release = count_release);
    run_once();
    close_now();
    assert_int_equal(released, 2);
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 0);
    assert_int_equal(gyre_loop_remove_writer(loop, one[0]), 0);
    assert_int_equal(gyre_loop_add_reader(loop, one[0], do_nothing, &released, .release = count_release),
                     GYRE_ELOOPCLOSED);
    assert_int_equal(gyre_loop_add_writer(loop, one[0], do_nothing, NULL), GYRE_ELOOPCLOSED);
    assert_int_equal(released, 3);
}

/* test_unix_events.py::TestFunctional::test_add_reader_invalid_argument; spec 23 S6 */
static void test_no_descriptor(void **state)
{
    int closed = dup(one[0]), file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), released = 0;

    close(closed);
    assert_int_equal(gyre_loop_add_reader(loop, -1, do_nothing, &released, .release = count_release),
                     GYRE_EVALUE);
    assert_int_equal(gyre_loop_add_writer(loop, -1, do_nothing, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_loop_remove_reader(loop, -1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_remove_writer(loop, -1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_add_reader(loop, file, do_nothing, &released, .release = count_release),
                     -EPERM);
    close(file);
    assert_int_equal(gyre_loop_add_reader(loop, closed, do_nothing, &released, .release = count_release),
                     -EBADF);
    assert_int_equal(released, 3);
    assert_int_equal(gyre_loop_remove_reader(loop, closed), 0);
}

static const gyre_protocol silent = {0};

static int use_transport(void *arg)
{
    gyre_transport *transport;
    int fd = one[0], err = gyre_loop_connect_accepted_socket(loop, &transport, &silent, fd);

    assert_int_equal(err, 0);
    assert_int_equal(gyre_loop_add_reader(loop, fd, do_nothing, NULL), GYRE_ERUNTIME);
    assert_non_null(strstr(gyre_error_text(), "is used by a transport"));
    assert_int_equal(gyre_loop_add_writer(loop, fd, do_nothing, NULL), GYRE_ERUNTIME);
    assert_int_equal(gyre_loop_remove_reader(loop, fd), GYRE_ERUNTIME);
    assert_int_equal(gyre_loop_remove_writer(loop, fd), GYRE_ERUNTIME);
    gyre_transport_pause_reading(transport);
    assert_int_equal(gyre_loop_add_reader(loop, fd, do_nothing, NULL), GYRE_ERUNTIME);
    gyre_transport_abort(transport);
    gyre_sleep(0.01);
    gyre_transport_unref(transport);
    return 0;
}

/* test_unix_events.py::TestFunctional::test_add_reader_or_writer_transport_fd,
 * uv:test_sockets.py::TestUVSockets::test_add_reader_or_writer_transport_fd; its number is free again after
 * the loss. */
static void test_a_transports_descriptor(void **state)
{
    assert_int_equal(run_main(use_transport, NULL), 0);
    assert_int_equal(dup(two[0]), one[0]);
    assert_int_equal(gyre_loop_add_writer(loop, one[0], note, "w"), 0);
    run_passes(2);
    assert_noted("w");
    gyre_loop_remove_writer(loop, one[0]);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_sync_remove: the kernel forgets it at once. */
static void test_removed_at_once(void **state)
{
    gyre_loop_add_reader(loop, one[0], do_nothing, NULL);
    run_passes(2);
    assert_true(is_known(one[0]));
    gyre_loop_remove_reader(loop, one[0]);
    assert_false(is_known(one[0]));
}

/* uv:test_sockets.py::_TestSockets::test_socket_sync_remove_and_immediately_close */
static void test_removed_and_closed(void **state)
{
    int fd = dup(one[0]);

    send_byte(one);
    gyre_loop_add_reader(loop, fd, do_nothing, NULL);
    run_passes(2);
    gyre_loop_remove_reader(loop, fd);
    close(fd);
    run_passes(3);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_close_remove_reader,
 * uv:test_sockets.py::TestUVSockets::test_socket_close_remove_writer: without a turn in between. */
static void test_added_removed_closed(void **state)
{
    int fd = dup(one[0]);

    gyre_loop_add_reader(loop, fd, do_nothing, NULL);
    assert_int_equal(gyre_loop_remove_reader(loop, fd), 1);
    gyre_loop_add_writer(loop, fd, do_nothing, NULL);
    assert_int_equal(gyre_loop_remove_writer(loop, fd), 1);
    close(fd);
    run_passes(2);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_close_many_add_readers,
 * uv:test_sockets.py::TestUVSockets::test_socket_close_many_remove_writers */
static void test_many_times(void **state)
{
    int fd = dup(one[0]), released = 0;

    for (int i = 0; i < 3; i++) {
        gyre_loop_add_reader(loop, fd, do_nothing, &released, .release = count_release);
        gyre_loop_add_writer(loop, fd, do_nothing, &released, .release = count_release);
    }
    assert_int_equal(released, 4);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gyre_loop_remove_reader(loop, fd), i == 0);
        assert_int_equal(gyre_loop_remove_writer(loop, fd), i == 0);
    }
    assert_int_equal(released, 6);
    close(fd);
    run_passes(2);
}

static void remove_both(void *word)
{
    note(word);
    gyre_loop_remove_reader(loop, one[0]);
    gyre_loop_remove_reader(loop, two[0]);
}

/* Spec 23 S4: ready together, whichever runs first ends the other. */
static void test_removed_by_an_earlier_callback(void **state)
{
    gyre_loop_add_reader(loop, one[0], remove_both, "x");
    gyre_loop_add_reader(loop, two[0], remove_both, "x");
    send_byte(one);
    send_byte(two);
    run_passes(3);
    assert_noted("x");
}

static void remove_itself(void *arg)
{
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 1);
    /* The function has not ended: its arg must be there. */
    assert_int_equal(*(int *)arg, 0);
    note("removed");
}

static void replace_itself(void *arg)
{
    assert_int_equal(gyre_loop_add_reader(loop, one[0], remove_itself, arg, .release = count_release), 0);
    note("replaced");
}

/* Release comes when the function has ended, also when it removed or replaced itself. */
static void test_a_reader_removes_itself(void **state)
{
    int released = 0, later = 0;

    send_byte(one);
    gyre_loop_add_reader(loop, one[0], remove_itself, &released, .release = count_release);
    run_passes(3);
    assert_noted("removed");
    assert_int_equal(released, 1);
    gyre_loop_add_reader(loop, one[0], replace_itself, &later);
    run_passes(4);
    assert_noted("replaced removed");
    assert_int_equal(later, 1);
}

static void remove_the_writer(void *arg)
{
    note("released");
    gyre_loop_remove_writer(loop, one[0]);
}

/* What a release does finds nothing half done. */
static void test_a_release_removes_the_other(void **state)
{
    gyre_loop_add_reader(loop, one[0], do_nothing, NULL, .release = remove_the_writer);
    gyre_loop_add_writer(loop, one[0], note, "never");
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 1);
    run_passes(2);
    assert_noted("released");
    assert_false(is_known(one[0]));
}

static gyre_context_var number;

static void count_up(void *arg)
{
    gyre_context_var_set(&number, (char *)gyre_context_var_get(&number) + 1);
    *(intptr_t *)arg = (intptr_t)gyre_context_var_get(&number);
}

/* Spec 23 S7: one handle, one context: what a call sets the next one sees, and nobody else. */
static void test_its_context(void **state)
{
    gyre_context *context = gyre_context_new();
    intptr_t seen = 0;

    send_byte(one);
    gyre_loop_add_reader(loop, one[0], count_up, &seen);
    run_passes(4);
    assert_int_equal(seen, 3);
    assert_null(gyre_context_var_get(&number));
    gyre_loop_add_reader(loop, one[0], count_up, &seen, .context = context);
    run_passes(3);
    assert_int_equal((intptr_t)gyre_context_get(context, &number), 2);
    gyre_loop_remove_reader(loop, one[0]);
    gyre_context_unref(context);
}

static void raise_something(void *arg)
{
    gyre_loop_remove_reader(loop, one[0]);
    gyre_loop_call_exception_handler(loop, .exception = GYRE_EVALUE);
}

/* Spec 23 S7: it is a handle, and what goes wrong in it is told as in any other. */
static void test_it_is_a_handle(void **state)
{
    send_byte(one);
    gyre_loop_add_reader(loop, one[0], raise_something, NULL);
    run_passes(2);
    assert_true(told.handle);
    assert_non_null(strstr(told.message, "Exception in callback"));
    told.count = 0;
}

static void send_and_go_on(void *word)
{
    send_byte(one);
    gyre_loop_call_soon(loop, note, word);
}

/* Spec 0.7: what is ready already comes before what the poll finds. */
static void test_order(void **state)
{
    gyre_loop_add_reader(loop, one[0], note, "io");
    gyre_loop_call_soon(loop, send_and_go_on, "soon");
    run_passes(2);
    assert_noted("soon io");
}

/* Closed first, removed then: found out by a change, and told once. */
static void test_closed_while_watched(void **state)
{
    int fd = dup(one[0]), released = 0;

    gyre_loop_add_reader(loop, fd, do_nothing, &released, .release = count_release);
    gyre_loop_add_writer(loop, fd, do_nothing, &released, .release = count_release);
    run_once();
    close(fd);
    assert_int_equal(gyre_loop_remove_writer(loop, fd), 1);
    gyre_loop_call_later(loop, 0.01, stop_loop, NULL);
    gyre_loop_run_forever(loop);
    assert_told(1, "a descriptor was closed while it was watched");
    assert_int_equal(told.exception, -EBADF);
    assert_int_equal(released, 2);
    assert_int_equal(gyre_loop_remove_reader(loop, fd), 0);
}

/* Before libuv, which would end the process, was told of it. */
static void test_closed_before_the_poll(void **state)
{
    int fd = dup(one[0]);

    gyre_loop_add_reader(loop, fd, note, "never");
    close(fd);
    run_passes(3);
    gyre_loop_remove_reader(loop, fd);
    assert_noted("");
    told.count = 0;
}

/* T33: the number comes back. The new reader is called for the new descriptor. */
static void test_a_number_is_used_again(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    gyre_loop_add_reader(loop, fd, note, "old");
    gyre_loop_remove_reader(loop, fd);
    gyre_loop_add_reader(loop, fd, note, "old");
    close(fd);
    assert_int_equal(dup(one[0]), fd);
    assert_int_equal(gyre_loop_add_reader(loop, fd, note, "new"), 0);
    send_byte(one);
    run_passes(2);
    assert_noted("new");
    gyre_loop_remove_reader(loop, fd);
    close(fd);
}

static int use_again(void *arg)
{
    gyre_transport *transport;
    int fd = dup(one[0]), released = 0;

    gyre_loop_add_reader(loop, fd, note, "never");
    gyre_loop_add_writer(loop, fd, do_nothing, &released, .release = count_release);
    close(fd);
    assert_int_equal(dup(two[0]), fd);
    assert_int_equal(gyre_loop_connect_accepted_socket(loop, &transport, &silent, fd), 0);
    assert_told(1, "a descriptor was closed while it was watched");
    assert_int_equal(released, 1);
    assert_int_equal(gyre_loop_remove_reader(loop, fd), GYRE_ERUNTIME);
    close(two[1]);
    gyre_sleep(0.02);
    assert_true(gyre_transport_is_closing(transport));
    gyre_transport_unref(transport);
    two[1] = dup(two[0]);
    return 0;
}

/* T33: the number comes back as a transport's, which hears what is its own. */
static void test_a_number_is_used_by_a_transport(void **state)
{
    assert_int_equal(run_main(use_again, NULL), 0);
    assert_noted("");
}

static void *watch_elsewhere(void *arg)
{
    int *result = arg;

    result[0] = gyre_loop_add_reader(loop, one[0], do_nothing, NULL);
    result[1] = gyre_loop_remove_reader(loop, one[0]);
    return NULL;
}

static void call_from_a_thread(void *result)
{
    pthread_t thread;

    pthread_create(&thread, NULL, watch_elsewhere, result);
    pthread_join(thread, NULL);
}

static void test_debug_mode(void **state)
{
    int result[2];

    gyre_loop_set_debug(loop, true);
    gyre_loop_call_soon(loop, call_from_a_thread, result);
    run_once();
    assert_int_equal(result[0], GYRE_EWRONGTHREAD);
    assert_int_equal(result[1], GYRE_EWRONGTHREAD);
    assert_int_equal(gyre_loop_add_reader(loop, one[0], NULL, NULL), GYRE_ETYPE);
}

/* The loop ends with callbacks watched, queued, and their args still to be released. */
static void test_close_releases(void **state)
{
    int released = 0;

    send_byte(one);
    gyre_loop_add_reader(loop, one[0], do_nothing, &released, .release = count_release);
    run_once();
    close_now();
    assert_int_equal(released, 1);
}

static void test_virtual_time(void **state)
{
    int released = 0;

    assert_int_equal(gyre_loop_add_reader(loop, one[0], do_nothing, &released, .release = count_release),
                     -ENOTSUP);
    assert_int_equal(released, 1);
    assert_int_equal(gyre_loop_remove_reader(loop, one[0]), 0);
}

#define WATCHING(test) cmocka_unit_test_setup_teardown(test, open_pairs, close_pairs)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHING(test_add_reader),
        WATCHING(test_add_writer),
        WATCHING(test_add_reader_existing),
        WATCHING(test_add_writer_existing),
        WATCHING(test_both),
        WATCHING(test_remove_reader),
        WATCHING(test_remove_writer),
        WATCHING(test_remove_one_of_both),
        WATCHING(test_reader_callback),
        WATCHING(test_writer_callback),
        WATCHING(test_after_closing),
        WATCHING(test_no_descriptor),
        WATCHING(test_a_transports_descriptor),
        WATCHING(test_removed_at_once),
        WATCHING(test_removed_and_closed),
        WATCHING(test_added_removed_closed),
        WATCHING(test_many_times),
        WATCHING(test_removed_by_an_earlier_callback),
        WATCHING(test_a_reader_removes_itself),
        WATCHING(test_a_release_removes_the_other),
        WATCHING(test_its_context),
        WATCHING(test_it_is_a_handle),
        WATCHING(test_order),
        WATCHING(test_closed_while_watched),
        WATCHING(test_closed_before_the_poll),
        WATCHING(test_a_number_is_used_again),
        WATCHING(test_a_number_is_used_by_a_transport),
        WATCHING(test_debug_mode),
        WATCHING(test_close_releases),
    };
    const struct CMUnitTest virtual_tests[] = {WATCHING(test_virtual_time)};
    int failures;

    unit_driver = GYRE_DRIVER_SIM;
    failures = cmocka_run_group_tests_name("sim", virtual_tests, begin_group, end_group);
    unit_driver = GYRE_DRIVER_UV;
    failures += cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
    unit_driver = GYRE_DRIVER_DEFAULT;
    return failures + cmocka_run_group_tests_name("default", tests, begin_group, end_group);
}
