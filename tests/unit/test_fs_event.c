/* test_fs_event.c - monitor_fs: what happens to a file, and in a folder. */
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <gyre/fs_event.h>
#include <sys/stat.h>

static char folder[64], path[96], other[96];
static gyre_handle handle;

static int set_up(void **state)
{
    strcpy(folder, "/tmp/gyre-fs-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/hello", folder);
    snprintf(other, sizeof other, "%s/hello-new", folder);
    return open_loop(state);
}

static int tear_down(void **state)
{
    int err = close_loop(state);

    unlink(path);
    unlink(other);
    assert_int_equal(rmdir(folder), 0);
    return err;
}

static void write_file(const char *file, const char *text)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void note_event(const char *filename, int event, void *arg)
{
    char words[128];

    snprintf(words, sizeof words, "%s:%s%s", filename, event & GYRE_FS_RENAME ? "r" : "",
             event & GYRE_FS_CHANGE ? "c" : "");
    note(words);
}

/* Passes until so many words were noted, and a few more for what should not come. */
static void run_until(unsigned words)
{
    unsigned count = 0;

    while (count < words) {
        gyre_loop_call_later(loop, 0.001, stop_loop, loop);
        gyre_loop_run_forever(loop);
        count = noted[0] != '\0';
        for (const char *at = noted; *at; at++)
            count += *at == ' ';
    }
    run_passes(3);
}

/* Each event lets the test write again. */
struct writing {
    int events; /* so far */
    int fd;     /* the file */
};

static void write_again(const char *filename, int event, void *arg)
{
    struct writing *writing = arg;

    assert_string_equal(filename, "hello");
    assert_int_equal(event, GYRE_FS_CHANGE);
    if (++writing->events < 4)
        assert_int_equal(write(writing->fd, "hello\n", 6), 6);
    else
        gyre_loop_stop(loop);
}

/* uv:test_fs_event.py::Test_UV_FS_Event::test_fs_event_change */
static void a_file_changes(void **state)
{
    struct writing writing = {0};

    writing.fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    handle = gyre_loop_monitor_fs(loop, path, write_again, &writing);
    assert_int_equal(gyre_handle_error(&handle), 0);
    assert_false(gyre_handle_cancelled(&handle));
    assert_int_equal(write(writing.fd, "hello\n", 6), 6);
    gyre_loop_run_forever(loop);
    assert_int_equal(writing.events, 4);
    gyre_handle_cancel(&handle);
    assert_true(gyre_handle_cancelled(&handle));
    assert_int_equal(write(writing.fd, "hello\n", 6), 6);
    run_passes(3);
    assert_int_equal(writing.events, 4);
    close(writing.fd);
}

/* uv:test_fs_event.py::Test_UV_FS_Event::test_fs_event_rename */
static void a_file_is_renamed(void **state)
{
    write_file(path, "");
    handle = gyre_loop_monitor_fs(loop, folder, note_event, NULL);
    assert_int_equal(rename(path, other), 0);
    run_until(2);
    assert_noted("hello:r hello-new:r");
    gyre_handle_cancel(&handle);
}

/* What is done to the path itself has the last part of its name. */
static void what_is_watched_goes(void **state)
{
    char slash[100];

    write_file(path, "");
    snprintf(slash, sizeof slash, "%s/", folder);
    gyre_loop_monitor_fs(loop, path, note_event, NULL);
    chmod(path, 0400);
    run_until(1);
    assert_noted("hello:c");
    unlink(path);
    run_until(2);
    assert_noted("hello:c hello:r");
    gyre_loop_monitor_fs(loop, slash, note_event, NULL);
    chmod(folder, 0500);
    run_until(1);
    assert_int_equal(strncmp(noted, strrchr(folder, '/') + 1, strlen("gyre-fs-XXXXXX")), 0);
    chmod(folder, 0700);
}

/* A new file is renamed over the old one: only the folder tells. */
static void a_file_is_replaced(void **state)
{
    write_file(path, "old");
    gyre_loop_monitor_fs(loop, folder, note_event, NULL);
    write_file(other, "new");
    rename(other, path);
    run_until(4);
    assert_noted("hello-new:r hello-new:c hello-new:r hello:r");
}

static void cancel_it(const char *filename, int event, void *arg)
{
    note("first");
    gyre_handle_cancel(&handle);
    assert_true(gyre_handle_cancelled(&handle));
}

/* No event comes after, though more were there; the arg goes when the callback has ended, once. */
static void cancelled_inside(void **state)
{
    int released = 0;

    handle = gyre_loop_monitor_fs(loop, folder, cancel_it, &released, .release = count_release);
    write_file(path, "a");
    write_file(other, "b");
    run_until(1);
    assert_noted("first");
    assert_int_equal(released, 1);
    gyre_handle_cancel(&handle);
    assert_int_equal(released, 1);
}

/* Late, double and zeroed tickets do nothing, and one of another loop does not find ours. */
static void late_tickets(void **state)
{
    gyre_handle none = {0}, copy;
    int released = 0;

    handle = gyre_loop_monitor_fs(loop, folder, note_event, &released, .release = count_release);
    copy = handle;
    gyre_handle_cancel(&handle);
    assert_int_equal(released, 1);
    handle = gyre_loop_monitor_fs(loop, folder, note_event, &released, .release = count_release);
    gyre_handle_cancel(&copy);
    gyre_handle_cancel(&none);
    assert_int_equal(released, 1);
    write_file(path, "");
    run_until(1);
    assert_noted("hello:r");
    close_now();
    assert_int_equal(released, 2);
    gyre_handle_cancel(&handle);
    assert_int_equal(released, 2);
}

#define FAILS(code, ...)                                                                       \
    do {                                                                                       \
        handle = gyre_loop_monitor_fs(loop, __VA_ARGS__, &released, .release = count_release); \
        assert_int_equal(gyre_handle_error(&handle), code);                                    \
        gyre_handle_cancel(&handle);                                                           \
    } while (0)

static void what_cannot_be_watched(void **state)
{
    int released = 0;

    FAILS(-ENOENT, other, note_event);
    assert_non_null(strstr(gyre_error_text(), "hello-new' cannot be watched"));
    FAILS(GYRE_ETYPE, folder, NULL);
    close_now();
    FAILS(GYRE_ELOOPCLOSED, folder, note_event);
    assert_int_equal(released, 3);
}

static void not_in_virtual_time(void **state)
{
    int released = 0;

    FAILS(-ENOTSUP, "/", note_event);
    assert_int_equal(released, 1);
}

/* More than the system keeps: all it says is that there was more. */
static void events_are_lost(void **state)
{
    char words[32] = "";
    long most = 0;
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

    if (!file)
        skip();
    assert_int_equal(fscanf(file, "%ld", &most), 1);
    fclose(file);
    if (most > 20000)
        skip();
    write_file(path, "");
    snprintf(words, sizeof words, "%s:rc", strrchr(folder, '/') + 1);
    gyre_loop_monitor_fs(loop, folder, note_event, NULL);
    for (long i = 0; i <= most; i++)
        chmod(i % 2 ? path : folder, 0700);
    while (!strstr(noted, words)) {
        noted[0] = '\0';
        run_once();
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_changes),         IN_FOLDER(a_file_is_renamed), IN_FOLDER(what_is_watched_goes),
        IN_FOLDER(a_file_is_replaced),     IN_FOLDER(cancelled_inside),  IN_FOLDER(late_tickets),
        IN_FOLDER(what_cannot_be_watched), IN_FOLDER(events_are_lost),   ON_SIM(not_in_virtual_time),
    };
    int failed = cmocka_run_group_tests_name("epoll", tests, begin_group, end_group);

    unit_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
}
