/* test_shard_post.c - one-way messages: order, limits, threads that are no shards, and what is left at the
 * end. */
#include "shard/outbox.h"
#include "sharded.h"

enum { LIMIT = 65536 };

static atomic_int count, released, next;

static int reset(void **state)
{
    atomic_store(&count, 0);
    atomic_store(&released, 0);
    atomic_store(&next, 0);
    return 0;
}

static int on_first(void *test)
{
    int (*fn)(void) = (int (*)(void))(intptr_t)test;

    return gyre_shard_id() == 0 ? fn() : 0;
}

#define assert_first(fn) assert_runs(0, 2, on_first, (void *)(intptr_t)(fn))

static void expect_number(void *number)
{
    expect(gyre_shard_id() == 1);
    expect(gyre_current_task() == NULL);
    expect(atomic_fetch_add(&next, 1) == (int)(intptr_t)number);
}

static int expect_last(void *arg)
{
    return atomic_load(&next);
}

/* Posts and calls between two shards keep their order. */
static int post_in_order(void)
{
    enum { MANY = 1000 };

    for (intptr_t i = 0; i < MANY; i++) {
        expect(gyre_shard_post(1, expect_number, (void *)i) == 0);
        if (i % 100 == 50)
            expect(gyre_sleep(0) == 0);
    }
    expect(gyre_shard_call(1, expect_last, NULL) == MANY);
    return 0;
}

static void test_posts_keep_their_order(void **state)
{
    assert_first(post_in_order);
}

static int expect_number_in_task(void *number)
{
    expect(atomic_fetch_add(&next, 1) == (int)(intptr_t)number);
    return 0;
}

/* In one turn: a call between two posts stays between them. */
static int mix(void)
{
    enum { MANY = 500 };

    for (intptr_t i = 0; i < MANY; i++) {
        if (i % 7 == 3)
            expect(gyre_shard_submit(1, NULL, expect_number_in_task, (void *)i) == 0);
        else
            expect(gyre_shard_post(1, expect_number, (void *)i) == 0);
    }
    expect(gyre_shard_call(1, expect_last, NULL) == MANY);
    return 0;
}

static void test_posts_and_calls_of_a_turn_keep_their_order(void **state)
{
    assert_first(mix);
}

static void note_release(void *arg)
{
    atomic_fetch_add(&released, 1);
}

static void expect_number_too(void *number)
{
    expect_number(number);
    atomic_fetch_add(&count, 1);
}

/* Other functions, or another release, in one turn: they are not told apart by more than their order. */
static int mix_functions(void)
{
    enum { MANY = 3000 };
    int too = 0, with = 0;

    for (intptr_t i = 0; i < MANY; i++) {
        gyre_callback fn = i / 5 % 3 ? expect_number : expect_number_too;
        bool release = i % 11 > 6;

        too += fn == expect_number_too;
        with += release;
        expect((release ? gyre_shard_post(1, fn, (void *)i, .release = note_release)
                        : gyre_shard_post(1, fn, (void *)i)) == 0);
    }
    /* They have left, and no receipt can be home. */
    expect(gyre_sleep(0) == 0);
    expect(gyre__shard_here()->outboxes[1].under_way == MANY);
    expect(gyre_shard_call(1, expect_last, NULL) == MANY);
    expect(atomic_load(&count) == too);
    expect(atomic_load(&released) == with);
    return 0;
}

static void test_posts_of_many_kinds_keep_their_order(void **state)
{
    assert_first(mix_functions);
}

static void count_one(void *arg)
{
    atomic_fetch_add(&count, 1);
}

static void count_release_of(void *arg)
{
    atomic_fetch_add(&released, 1);
}

static int post_all(void)
{
    int sent = 0, err;

    while ((err = gyre_shard_post(1, count_one, NULL, .release = count_release_of)) == 0)
        sent++;
    expect(err == GYRE_EQUEUEFULL);
    return sent;
}

static int post_too_many(void)
{
    gyre_future *future;

    expect(post_all() == LIMIT);
    expect(atomic_load(&released) == 1);
    expect(gyre_shard_submit(1, &future, expect_last, NULL) == GYRE_EQUEUEFULL);
    expect(wait_until(&count, LIMIT) == 0);
    /* The receipt is on its way home. */
    while (gyre_shard_post(1, count_one, NULL) == GYRE_EQUEUEFULL)
        expect(gyre_sleep(0.001) == 0);
    expect(wait_until(&count, LIMIT + 1) == 0);
    expect(atomic_load(&released) == LIMIT + 1);
    return 0;
}

static void test_too_many_posts(void **state)
{
    assert_first(post_too_many);
}

static unsigned count_pages(const struct gyre__stock *stock)
{
    unsigned pages = stock->spares;

    for (const struct gyre__page *page = stock->oldest; page; page = *(struct gyre__page *const *)page)
        pages++;
    return pages;
}

static int flood_and_trickle(void)
{
    const struct gyre__stock *stock = &gyre__shard_here()->outboxes[1].stock;
    unsigned most = 0;

    expect(post_all() == LIMIT);
    most = count_pages(stock);
    expect(wait_until(&count, LIMIT) == 0);
    /* One at a time, each as large as it gets, until their receipts brought all of the flood home. */
    for (int i = 1; i <= 1000; i++) {
        while (gyre_shard_post(1, count_one, NULL) == GYRE_EQUEUEFULL)
            expect(gyre_sleep(0.001) == 0);
        expect(gyre_shard_call(1, expect_last, NULL) == 0);
    }
    expect(most > 100);
    expect(count_pages(stock) <= 32);
    return 0;
}

/* A flood's memory is given back when the flood is over. */
static void test_the_memory_of_a_flood_goes(void **state)
{
    assert_first(flood_and_trickle);
}

static int call_when_full(void)
{
    expect(post_all() == LIMIT);
    expect(gyre_shard_call(1, expect_last, NULL) == 0);
    expect(atomic_load(&count) == LIMIT);
    return 0;
}

/* A call waits its turn where a post is refused. */
static void test_a_call_waits_for_room(void **state)
{
    assert_first(call_when_full);
}

static int call_in_task(void *arg)
{
    return gyre_shard_call(1, expect_last, NULL);
}

static int cancel_the_waiting(void)
{
    gyre_task *patient, *cancelled;

    expect(post_all() == LIMIT);
    gyre_create_task(&cancelled, call_in_task, NULL, .eager_start = GYRE_YES);
    gyre_create_task(&patient, call_in_task, NULL, .eager_start = GYRE_YES);
    gyre_task_cancel(cancelled);
    expect(gyre_await(cancelled, NULL) == GYRE_ECANCELLED);
    expect(gyre_await(patient, NULL) == 0);
    gyre_future_unref(cancelled);
    gyre_future_unref(patient);
    return 0;
}

/* One that waits for room and is cancelled takes nobody along. */
static void test_a_waiting_call_is_cancelled(void **state)
{
    assert_first(cancel_the_waiting);
}

static int keep_posting(void)
{
    enum { ROUNDS = 10, EACH = 30000 };

    for (int i = 0; i < ROUNDS; i++) {
        for (int j = 0; j < EACH; j++)
            while (gyre_shard_post(1, count_one, NULL) == GYRE_EQUEUEFULL)
                expect(gyre_sleep(0) == 0);
        expect(gyre_sleep(0) == 0);
    }
    return wait_until(&count, ROUNDS * EACH);
}

static void test_room_comes_back(void **state)
{
    assert_first(keep_posting);
}

static int post_from_thread(void *arg)
{
    for (intptr_t i = 0; i < 1000; i++)
        expect(gyre_shard_post(1, expect_number, (void *)i, .release = count_release_of) == 0);
    expect(gyre_shard_post(2, expect_number, NULL, .release = count_release_of) == GYRE_EVALUE);
    expect(gyre_shard_count() == 2);
    expect(gyre_shard_id() == -1);
    return 0;
}

static int use_thread(void)
{
    expect(gyre_to_thread(post_from_thread, NULL) == 0);
    expect(wait_until(&next, 1000) == 0);
    expect(wait_until(&released, 1001) == 0);
    return 0;
}

static void test_a_thread_posts(void **state)
{
    assert_first(use_thread);
}

static atomic_int hold, held;

static void block(void *arg)
{
    atomic_store(&held, 1);
    while (atomic_load(&hold))
        nap(0.001);
}

static int flood_from_thread(void *arg)
{
    int sent = 0, err;

    while ((err = gyre_shard_post(1, count_one, NULL, .release = count_release_of)) == 0)
        sent++;
    expect(err == GYRE_EQUEUEFULL);
    expect(sent == LIMIT);
    atomic_store(&hold, 0);
    return 0;
}

static int post_once(void *arg)
{
    return gyre_shard_post(1, count_one, NULL, .release = count_release_of);
}

static int flood(void)
{
    atomic_store(&hold, 1);
    expect(gyre_shard_post(1, block, NULL) == 0);
    expect(wait_until(&held, 1) == 0);
    expect(gyre_to_thread(flood_from_thread, NULL) == 0);
    expect(wait_until(&released, LIMIT + 1) == 0);
    expect(gyre_to_thread(post_once, NULL) == 0);
    return wait_until(&released, LIMIT + 2);
}

static void test_a_thread_posts_too_many(void **state)
{
    assert_first(flood);
}

static atomic_int handed;

/* Goes on, turn by turn, until its loop closes; slow enough for the other to have closed before. */
static void post_on(void *arg)
{
    for (int i = 0; i < 3; i++)
        expect(gyre_shard_post(1 - gyre_shard_id(), count_one, NULL, .release = count_release_of) == 0);
    atomic_fetch_add(&handed, 3);
    nap(0.0005);
    gyre_loop_call_soon(gyre_get_running_loop(), post_on, NULL);
}

static int post_for_ever(void *arg)
{
    gyre_loop_call_soon(gyre_get_running_loop(), post_on, NULL);
    return gyre_sleep(0.005);
}

/* Run, or dropped by the one that closes or by the one that finds it closed: each is released. */
static void test_posts_at_the_end(void **state)
{
    for (int i = 0; i < 10; i++) {
        reset(state);
        atomic_store(&handed, 0);
        assert_runs(0, 2, post_for_ever, NULL);
        assert_int_equal(released, handed);
    }
}

static int count_posted(void)
{
    gyre_shard_stats stats;

    for (int i = 0; i < 10; i++)
        expect(gyre_shard_post(i % 2, count_one, NULL) == 0);
    expect(gyre_shard_get_stats(0, &stats) == 0);
    expect(stats.posted == 10);
    expect(stats.loop.tasks == 1);
    expect(wait_until(&count, 10) == 0);
    return 0;
}

static void test_posts_are_counted(void **state)
{
    assert_first(count_posted);
}

/* Many leave together, and to the loop each is a call of its own. */
static int count_calls(void)
{
    enum { MANY = 1000 };
    gyre_shard_stats before, after;

    expect(gyre_shard_get_stats(1, &before) == 0);
    for (int i = 0; i < MANY; i++)
        expect(gyre_shard_post(1, count_one, NULL) == 0);
    expect(wait_until(&count, MANY) == 0);
    expect(gyre_shard_get_stats(1, &after) == 0);
    expect(after.loop.calls - before.loop.calls >= MANY);
    return 0;
}

static void test_the_loop_counts_each_post(void **state)
{
    assert_first(count_calls);
}

/* A post that is running posts to its own shard: that is for the next turn. */
static void post_again(void *left)
{
    atomic_fetch_add(&count, 1);
    if (left)
        expect(gyre_shard_post(gyre_shard_id(), post_again, (void *)((intptr_t)left - 1)) == 0);
}

static int post_to_itself(void)
{
    enum { CHAINS = 300, LENGTH = 300 };

    for (int i = 0; i < CHAINS; i++)
        expect(gyre_shard_post(0, post_again, (void *)(intptr_t)(LENGTH - 1)) == 0);
    return wait_until(&count, CHAINS * LENGTH);
}

static void test_a_shard_posts_to_itself(void **state)
{
    assert_first(post_to_itself);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_posts_keep_their_order, reset),
        cmocka_unit_test_setup(test_posts_and_calls_of_a_turn_keep_their_order, reset),
        cmocka_unit_test_setup(test_posts_of_many_kinds_keep_their_order, reset),
        cmocka_unit_test_setup(test_too_many_posts, reset),
        cmocka_unit_test_setup(test_the_memory_of_a_flood_goes, reset),
        cmocka_unit_test_setup(test_a_call_waits_for_room, reset),
        cmocka_unit_test_setup(test_a_waiting_call_is_cancelled, reset),
        cmocka_unit_test_setup(test_room_comes_back, reset),
        cmocka_unit_test_setup(test_a_thread_posts, reset),
        cmocka_unit_test_setup(test_a_thread_posts_too_many, reset),
        cmocka_unit_test_setup(test_posts_at_the_end, reset),
        cmocka_unit_test_setup(test_posts_are_counted, reset),
        cmocka_unit_test_setup(test_the_loop_counts_each_post, reset),
        cmocka_unit_test_setup(test_a_shard_posts_to_itself, reset),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
