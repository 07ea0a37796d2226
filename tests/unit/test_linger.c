/* T30: the answer survives a close with input unread, and nothing stays behind. */
#include "net/net.h"
#include "net_peer.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REPLY = 200000 };

static char reply[REPLY];

static void answer_and_close(struct diary *diary)
{
    gyre_transport_write(diary->transport, reply, REPLY);
    gyre_transport_close(diary->transport);
}

struct uploader {
    int port;
    long got; /* bytes of the answer, or -errno */
};

/* Sends 8 MiB whatever happens, and only then reads. */
static void *upload(void *arg)
{
    static char chunk[65536];
    struct uploader *uploader = arg;
    int fd = net_dial(uploader->port);

    for (int i = 0; i < 128; i++)
        if (send(fd, chunk, sizeof chunk, MSG_NOSIGNAL) < 0)
            break;
    uploader->got = net_read_all(fd);
    close(fd);
    return NULL;
}

static size_t lingering(gyre_loop *loop)
{
    struct gyre__list *lingers = &gyre__net(loop)->lingers;
    size_t count = 0;

    for (struct gyre__list *link = lingers->next; link != lingers; link = link->next)
        count++;
    return count;
}

/* A server that answers at the first bytes, while its peer sends on and on, and only then reads. */
static void the_peer_gets_the_whole_answer(void **state)
{
    gyre_loop *loop = *state;

    for (int i = 0; i < 10; i++) {
        struct diary diary = {.on_data = answer_and_close};
        struct diaries diaries = {.diary = &diary, .max = 1};
        struct uploader uploader = {0};
        gyre_server *server;
        pthread_t thread;

        assert_int_equal(gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1",
                                                 .arg = &diaries, .linger = 20),
                         0);
        uploader.port = gyre_server_get_port(server);
        pthread_create(&thread, NULL, upload, &uploader);
        while (!diary.lost || lingering(loop))
            net_step(loop);
        pthread_join(thread, NULL);
        assert_int_equal(uploader.got, REPLY);
        assert_int_equal(diary.err, 0);
        gyre_server_close(server);
        gyre_server_unref(server);
    }
}

static gyre_server *serve(gyre_loop *loop, struct diaries *diaries, double linger)
{
    gyre_server *server;

    assert_int_equal(gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1", .arg = diaries,
                                             .linger = linger),
                     0);
    return server;
}

static void pause_it(struct diary *diary)
{
    gyre_transport_pause_reading(diary->transport);
}

/* A transport with unread input, about to be closed. */
static int unread(gyre_loop *loop, struct diary *diary, double linger)
{
    struct diaries diaries = {.diary = diary, .max = 1};
    gyre_server *server = serve(loop, &diaries, linger);
    int fd = net_dial(gyre_server_get_port(server));

    diary->on_made = pause_it;
    while (!diary->made)
        net_step(loop);
    write(fd, "unread", 6);
    net_run(loop, 0.01);
    gyre_server_close(server);
    gyre_server_unref(server);
    return fd;
}

/* connection_lost comes at once; the socket goes when the peer closes. */
static void lingering_ends_with_the_peer(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = unread(loop, &diary, 20);
    char byte;

    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(diary.lost, 1);
    assert_int_equal(lingering(loop), 1);
    assert_int_equal(read(fd, &byte, 1), 0);
    assert_int_equal(write(fd, "more", 4), 4);
    net_run(loop, 0.01);
    assert_int_equal(lingering(loop), 1);
    close(fd);
    while (lingering(loop))
        net_step(loop);
}

static void lingering_ends_with_its_time(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = unread(loop, &diary, 0.05);
    double begun = gyre_loop_time(loop);

    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(lingering(loop), 1);
    while (lingering(loop))
        net_step(loop);
    assert_true(gyre_loop_time(loop) - begun >= 0.05);
    close(fd);
}

/* A peer that never stops sending is cut off after so many bytes. */
static void lingering_ends_with_its_bytes(void **state)
{
    static char chunk[1 << 20];
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = unread(loop, &diary, 50);
    size_t sent = 0;
    ssize_t some;

    gyre_transport_close(diary.transport);
    do {
        some = send(fd, chunk, sizeof chunk, MSG_DONTWAIT | MSG_NOSIGNAL);
        sent += some > 0 ? (size_t)some : 0;
        net_step(loop);
    } while (some > 0 || errno == EAGAIN);
    assert_true(sent >= 8 << 20);
    assert_int_equal(lingering(loop), 0);
    close(fd);
}

static void answer_in_callback(void *arg)
{
    answer_and_close(arg);
}

static void answer_soon(struct diary *diary)
{
    gyre_loop_call_soon(gyre_get_running_loop(), answer_in_callback, diary);
}

/* Nothing is unread at that moment, but the peer was just heard: more may be on its way. The answer may come
 * from a coroutine, a turn later. */
static void linger_after_answer(gyre_loop *loop, void (*answer)(struct diary *diary))
{
    struct diary diary = {.on_data = answer};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server = serve(loop, &diaries, 20);
    int fd = net_dial(gyre_server_get_port(server));
    char byte;

    write(fd, "ask", 3);
    while (!diary.lost)
        net_turns(loop, 1);
    assert_int_equal(lingering(loop), 1);
    for (long got = 0; got < REPLY; got++)
        assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
    while (lingering(loop))
        net_step(loop);
    gyre_server_close(server);
    gyre_server_unref(server);
}

static void lingering_after_an_answer(void **state)
{
    linger_after_answer(*state, answer_and_close);
    linger_after_answer(*state, answer_soon);
}

static void no_linger_when_told_so(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = unread(loop, &diary, -1);
    char byte;

    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(lingering(loop), 0);
    assert_int_equal(read(fd, &byte, 1), -1);
    close(fd);
}

/* Nothing unread, nothing coming: closed at once. */
static void no_linger_without_need(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server = serve(loop, &diaries, 20);
    int fd = net_dial(gyre_server_get_port(server));

    while (!diary.made)
        net_step(loop);
    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(diary.lost, 1);
    assert_int_equal(lingering(loop), 0);
    gyre_server_close(server);
    gyre_server_unref(server);
    close(fd);
}

static void close_it(struct diary *diary)
{
    gyre_transport_close(diary->transport);
}

/* Nor when it was never heard at all. */
static void no_linger_for_the_silent(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = close_it};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server = serve(loop, &diaries, 20);
    int fd = net_dial(gyre_server_get_port(server));

    while (!diary.lost)
        net_turns(loop, 1);
    assert_int_equal(lingering(loop), 0);
    gyre_server_close(server);
    gyre_server_unref(server);
    close(fd);
}

static void abort_never_lingers(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = unread(loop, &diary, 20);

    gyre_transport_abort(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(lingering(loop), 0);
    close(fd);
}

static void closing_the_loop_ends_lingering(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = unread(loop, &diary, 20);

    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(lingering(loop), 1);
    gyre_loop_close(loop);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_peer_gets_the_whole_answer, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(lingering_ends_with_the_peer, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(lingering_ends_with_its_time, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(lingering_ends_with_its_bytes, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(lingering_after_an_answer, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_linger_when_told_so, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_linger_without_need, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_linger_for_the_silent, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(abort_never_lingers, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_the_loop_ends_lingering, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
