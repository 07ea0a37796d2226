/* A host with many addresses: tried in turn or in a race, in virtual time, on a network of paper. */
#include "net/interleave.h"
#include "net/search.h"
#include "paper_net.h"
#include "unit.h"

/* Fails, or answers, after so many seconds. */
static void set(int port, double delay, int outcome)
{
    paper_ports[port].delay = delay;
    paper_ports[port].outcome = outcome;
}

static int open_paper(void **state)
{
    open_sim(state);
    paper_begin(loop);
    return 0;
}

static int close_paper(void **state)
{
    return close_loop(state) || paper_open() ? -1 : 0;
}

static struct gyre__search search_for(const char *addresses, double delay)
{
    return (struct gyre__search){.loop = loop, .remote = paper_addresses(addresses), .delay = delay};
}

static int run_search(void *arg)
{
    int fd = -1, err = gyre__search(arg, &fd);

    if (err)
        return err;
    assert_int_equal(paper_open(), 1);
    err = paper_socket(fd)->port;
    assert_int_equal(paper_close(fd), 0);
    return err;
}

/* The port that answered, or the code. */
static int find(struct gyre__search search)
{
    return run_main(run_search, &search);
}

static void assert_log(const char *text)
{
    assert_string_equal(paper_log, text);
    paper_log[0] = '\0';
}

/* RFC 8305, section 4. */
static void families_take_turns(void **state)
{
    static const struct {
        const char *resolved;
        int first;
        const char *order;
    } cases[] = {{"6:1 6:2 6:3 4:4 4:5", 0, "12345"},     {"6:1 6:2 6:3 4:4 4:5", 1, "14253"},
                 {"6:1 6:2 6:3 4:4 4:5", 2, "12435"},     {"6:1 6:2 6:3 4:4 4:5", 3, "12345"},
                 {"6:1 6:2 6:3 4:4 4:5", 9, "12345"},     {"4:1 6:2 6:3 6:4", 1, "1234"},
                 {"4:1 4:2 4:3 6:4", 1, "1423"},          {"4:1", 1, "1"},
                 {"4:1 6:2 4:3 6:4 4:5 6:6", 2, "132546"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count;
        const struct addrinfo **order =
            gyre__interleave(paper_addresses(cases[i].resolved), cases[i].first, &count);
        char text[20] = "";

        for (size_t k = 0; k < count; k++)
            snprintf(text + k, sizeof text - k, "%d", paper_port(order[k]->ai_addr));
        assert_string_equal(text, cases[i].order);
        free(order);
    }
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_multiple */
static void in_turn(void **state)
{
    set(1, 0, -ECONNREFUSED);
    set(2, 3, -EHOSTUNREACH);
    set(3, 2, 0);
    assert_int_equal(find(search_for("6:1 4:2 6:3 4:4", 0)), 3);
    assert_log("6:1@0 4:2@0 6:3@3 ");
}

static void the_next_starts_after_the_delay(void **state)
{
    set(1, -1, 0);
    set(2, 0.5, 0);
    assert_int_equal(find(search_for("6:1 4:2 6:3", 1)), 2);
    assert_log("6:1@0 4:2@1 ");
    assert_true(gyre_loop_time(loop) == 1.5);
}

static void the_next_starts_when_one_has_failed(void **state)
{
    set(1, 0, -ENETUNREACH);
    set(2, 0.25, -ECONNREFUSED);
    set(3, 2, 0);
    set(4, 0.25, 0);
    assert_int_equal(find(search_for("6:1 4:2 6:3 4:4", 1)), 4);
    assert_log("6:1@0 4:2@0 6:3@0.25 4:4@1.25 ");
}

/* The first that was tried may still win. */
static void the_first_answer_wins(void **state)
{
    set(1, 1.5, 0);
    set(2, 5, 0);
    assert_int_equal(find(search_for("6:1 4:2 6:3", 1)), 1);
    assert_log("6:1@0 4:2@1 ");
}

static void all_at_once(void **state)
{
    set(1, 3, 0);
    set(2, 1, 0);
    set(3, 2, 0);
    assert_int_equal(find(search_for("6:1 4:2 6:3", -1)), 2);
    assert_log("6:1@0 4:2@0 6:3@0 ");
}

/* Two that answer in one turn: run_search sees that one socket is left. */
static void two_answers_at_once(void **state)
{
    set(1, 2, 0);
    set(2, 1, 0);
    assert_int_not_equal(find(search_for("6:1 4:2", 1)), 0);
    set(1, 1, 0);
    assert_int_not_equal(find(search_for("6:1 4:2", -1)), 0);
}

static void never_in_parallel(void **state)
{
    set(1, 60, -ETIMEDOUT);
    set(2, 1, 0);
    assert_int_equal(find(search_for("6:1 4:2", INFINITY)), 2);
    assert_log("6:1@0 4:2@60 ");
}

static void turns_in_a_race(void **state)
{
    struct gyre__search search = search_for("6:1 6:2 4:3", 1);

    search.interleave = 1;
    set(1, -1, 0);
    set(3, 0.5, 0);
    assert_int_equal(find(search), 3);
    assert_log("6:1@0 4:3@1 ");
}

static void expect_failure(struct gyre__search search, int code, const char *text)
{
    assert_int_equal(find(search), code);
    assert_string_equal(gyre_error_text(), text);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_multiple_errors: in the order
 * of the addresses, whichever failed first. */
static void nobody_answers(void **state)
{
    static const double delays[] = {0, 1, -1, INFINITY};

    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        set(1, 3, -ECONNREFUSED);
        set(2, 0, -EHOSTUNREACH);
        expect_failure(search_for("4:1 4:2", delays[i]), -ECONNREFUSED,
                       "Multiple exceptions: [Errno 111] Connect call failed ('0.0.0.0', 1), "
                       "[Errno 113] Connect call failed ('0.0.0.0', 2)");
        expect_failure(search_for("4:1", delays[i]), -ECONNREFUSED,
                       "[Errno 111] Connect call failed ('0.0.0.0', 1)");
    }
}

static void equal_errors_speak_once(void **state)
{
    struct gyre__search search = search_for("4:1 4:1", 0);

    set(1, 0, -ECONNREFUSED);
    expect_failure(search, -ECONNREFUSED, "[Errno 111] Connect call failed ('0.0.0.0', 1)");
    search.all_errors = true;
    expect_failure(search, -ECONNREFUSED,
                   "create_connection failed (2 sub-exceptions): [Errno 111] Connect call failed ('0.0.0.0', "
                   "1), [Errno 111] Connect call failed ('0.0.0.0', 1)");
    search.remote = paper_addresses("4:1");
    search.delay = 1;
    expect_failure(search, -ECONNREFUSED,
                   "create_connection failed (1 sub-exception): [Errno 111] Connect call failed ('0.0.0.0', "
                   "1)");
}

/* Each family from its own address.
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_multiple_errors_local_addr,
 * test_events.py::EventLoopTestsMixin::test_create_connection_local_addr_skip_different_family */
static void from_local_addresses(void **state)
{
    struct gyre__search search = search_for("6:1 4:2 4:3", 0);

    search.local = paper_addresses("4:8 4:9");
    set(2, 0, -ECONNREFUSED);
    set(3, 1, 0);
    set(8, 0, -EADDRINUSE);
    assert_int_equal(find(search), 3);
    assert_log("4:2@0 4:3@0 ");
    set(3, 1, -ECONNREFUSED);
    set(9, 0, -EADDRINUSE);
    search.remote = paper_addresses("6:1 4:2");
    search.local = paper_addresses("4:8 4:9");
    expect_failure(search, -EADDRNOTAVAIL,
                   "Multiple exceptions: no matching local address with family=10 found, "
                   "[Errno 98] error while attempting to bind on address ('0.0.0.0', 8): address already in "
                   "use, [Errno 98] error while attempting to bind on address ('0.0.0.0', 9): address "
                   "already in use");
}

/* However many: no words are cut. */
static void many_errors(void **state)
{
    const char *text = "4:1 4:2 4:3 4:4 4:5 4:6 4:7 4:8 4:9 4:10 4:11 4:12 4:13 4:14 4:15";

    for (int i = 1; i < PAPER_PORTS; i++)
        set(i, 0, -ECONNREFUSED);
    assert_int_equal(find(search_for(text, 0)), -ECONNREFUSED);
    assert_non_null(strstr(gyre_error_text(), "('0.0.0.0', 15)"));
}

static int expect_cancel(void *arg)
{
    assert_int_equal(gyre__search(arg, &(int){0}), GYRE_ECANCELLED);
    return GYRE_ECANCELLED;
}

static void a_cancelled_search(void **state)
{
    static const double delays[] = {0, 1, -1};

    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        struct gyre__search search = search_for("6:1 4:2", delays[i]);
        gyre_task *task;

        set(1, -1, 0);
        set(2, -1, 0);
        gyre_loop_create_task(loop, &task, expect_cancel, &search);
        run_passes(8);
        assert_true(paper_open() > 0);
        gyre_task_cancel(task);
        run_passes(8);
        assert_true(gyre_future_cancelled(task));
        assert_int_equal(paper_open(), 0);
        gyre_future_unref(task);
    }
}

/* Outside of tasks it drives the loop, also when that is stopped. */
static void outside_of_tasks(void **state)
{
    struct gyre__search search = search_for("6:1 4:2", 1);
    int fd;

    set(1, 5, 0);
    set(2, 1, 0);
    assert_int_equal(gyre__search(&search, &fd), 0);
    assert_int_equal(paper_socket(fd)->port, 2);
    paper_close(fd);
    gyre_loop_call_later(loop, 0.5, stop_loop, loop);
    assert_int_equal(gyre__search(&search, &fd), GYRE_ESTOPPED);
    set(1, 0, -ECONNREFUSED);
    set(2, 0, -ECONNREFUSED);
    assert_int_equal(gyre__search(&search, &fd), -ECONNREFUSED);
    assert_non_null(strstr(gyre_error_text(), "Multiple exceptions: "));
}

static void closing_the_loop_ends_a_race(void **state)
{
    struct gyre__search search = search_for("6:1 4:2", 1);
    gyre_task *task;

    set(1, -1, 0);
    set(2, -1, 0);
    gyre_loop_create_task(loop, &task, expect_cancel, &search);
    run_passes(8);
    close_now();
    gyre_future_unref(task);
    assert_int_equal(paper_open(), 0);
}

#define ON_PAPER(test) cmocka_unit_test_setup_teardown(test, open_paper, close_paper)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_PAPER(families_take_turns),
        ON_PAPER(in_turn),
        ON_PAPER(the_next_starts_after_the_delay),
        ON_PAPER(the_next_starts_when_one_has_failed),
        ON_PAPER(the_first_answer_wins),
        ON_PAPER(all_at_once),
        ON_PAPER(two_answers_at_once),
        ON_PAPER(never_in_parallel),
        ON_PAPER(turns_in_a_race),
        ON_PAPER(nobody_answers),
        ON_PAPER(equal_errors_speak_once),
        ON_PAPER(from_local_addresses),
        ON_PAPER(many_errors),
        ON_PAPER(a_cancelled_search),
        ON_PAPER(outside_of_tasks),
        ON_PAPER(closing_the_loop_ends_a_race),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
