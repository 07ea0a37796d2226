/* 090: add_reader replaces; remove_* tell whether something was removed; a removal by an earlier callback of
 * the batch wins. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

static gyre_loop *loop;
static int a[2], c[2], hits, written;

static void run_for_a_moment(void)
{
    gyre_loop_call_later(loop, .05, oracle_stop, loop);
    gyre_loop_run_forever(loop);
}

static void take(void *arg)
{
    char text[9];
    ssize_t got = recv(a[0], text, sizeof text, 0);

    printf("a %s\n", py_bytes(text, (size_t)got));
    printf("remove %s", py_bool(gyre_loop_remove_reader(loop, a[0])));
    printf(" %s\n", py_bool(gyre_loop_remove_reader(loop, a[0])));
}

static void replaced(void)
{
    gyre_loop_add_reader(loop, a[0], oracle_say, "REPLACED");
    gyre_loop_add_reader(loop, a[0], take, NULL);
    printf("none %s", py_bool(gyre_loop_remove_writer(loop, a[0])));
    printf(" %s\n", py_bool(gyre_loop_remove_reader(loop, c[0])));
    send(a[1], "1", 1, 0);
    run_for_a_moment();
}

static void hit(void *arg)
{
    hits++;
    gyre_loop_remove_reader(loop, c[0]);
    gyre_loop_remove_reader(loop, a[0]);
}

static void removed_by_another(void)
{
    gyre_loop_add_reader(loop, a[0], hit, NULL);
    gyre_loop_add_reader(loop, c[0], hit, NULL);
    send(a[1], "x", 1, 0);
    send(c[1], "x", 1, 0);
    run_for_a_moment();
    printf("exactly one of the two ran: %d\n", hits);
}

static void write_three_times(void *arg)
{
    if (++written < 3)
        return;
    gyre_loop_remove_writer(loop, a[0]);
    gyre_loop_stop(loop);
}

static void level(void)
{
    gyre_loop_add_writer(loop, a[0], write_three_times, NULL);
    gyre_loop_run_forever(loop);
    printf("level triggered writer ran %d times\n", written);
}

static void read_once(void *arg)
{
    puts("reader");
    gyre_loop_remove_reader(loop, a[0]);
}

static void write_once(void *arg)
{
    puts("writer");
    gyre_loop_remove_writer(loop, a[0]);
}

static void both(void)
{
    gyre_loop_add_reader(loop, a[0], read_once, NULL);
    gyre_loop_add_writer(loop, a[0], write_once, NULL);
    run_for_a_moment();
}

static void refused(void)
{
    puts(oracle_name(gyre_loop_add_reader(loop, -1, oracle_say, NULL)));
    gyre_loop_close(loop);
    printf("after close ");
    puts(oracle_name(gyre_loop_add_reader(loop, a[0], oracle_say, NULL)));
    puts(py_bool(gyre_loop_remove_reader(loop, a[1])));
}

static void script(void)
{
    loop = gyre_new_event_loop();
    oracle_socketpair(a);
    oracle_socketpair(c);
    replaced();
    removed_by_another();
    level();
    both();
    refused();
    gyre_loop_unref(loop);
    for (int i = 0; i < 2; i++) {
        close(a[i]);
        close(c[i]);
    }
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
