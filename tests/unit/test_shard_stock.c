/* test_shard_stock.c - the memory of posts: taken in order, used again when it is home, given back after a
 * burst. */
#include "shard/stock.h"
#include "unit.h"

enum { PAGE = 4096, SMALL = 100, MOST_PAGES = 64 };

static struct gyre__stock stock;

static int clear(void **state)
{
    gyre__stock_clear(&stock);
    return 0;
}

static char *take(size_t size)
{
    void *end;
    char *memory = gyre__stock_begin(&stock, size, &end);

    assert_true(memory + size <= (char *)end);
    memset(memory, 1, size);
    gyre__stock_end(&stock, memory + size);
    return memory;
}

static unsigned count(const struct gyre__page *page)
{
    unsigned pages = 0;

    for (; page; page = *(struct gyre__page *const *)page)
        pages++;
    return pages;
}

/* Takes until so many more pages are in use. */
static void fill(unsigned pages)
{
    unsigned before = count(stock.oldest);

    while (count(stock.oldest) < before + pages)
        take(PAGE / 2);
}

static void test_each_take_has_lines_of_its_own(void **state)
{
    char *one = take(SMALL), *two = take(1), *three = take(64);

    assert_int_equal((uintptr_t)one % 64, 0);
    assert_ptr_equal(two, one + 128);
    assert_ptr_equal(three, one + 192);
}

static void test_what_is_begun_may_fill_the_page(void **state)
{
    void *end;
    char *one = gyre__stock_begin(&stock, SMALL, &end);

    assert_ptr_equal(end, (char *)stock.newest + PAGE);
    memset(one, 1, (size_t)((char *)end - one));
    gyre__stock_end(&stock, one + 130);
    assert_ptr_equal(take(1), one + 192);
    assert_int_equal(count(stock.oldest), 1);
    gyre__stock_begin(&stock, SMALL, &end);
    gyre__stock_end(&stock, end);
    take(1);
    assert_int_equal(count(stock.oldest), 2);
}

static void test_a_receipt_is_due_after_some_pages(void **state)
{
    take(SMALL);
    assert_false(gyre__stock_due(&stock));
    fill(3);
    assert_true(gyre__stock_due(&stock));
    gyre__stock_mark(&stock);
    assert_false(gyre__stock_due(&stock));
}

/* What was taken after the mark is still the receiver's. */
static void test_pages_before_the_mark_come_home(void **state)
{
    char *after;

    fill(3);
    gyre__stock_mark(&stock);
    fill(2);
    after = take(SMALL);
    gyre__stock_come_home(&stock, false);
    assert_int_equal(count(stock.oldest), 3);
    assert_int_equal(stock.spares, 2);
    take(SMALL);
    assert_int_equal(after[SMALL - 1], 1);
}

static bool among(char *const *pages, const char *page)
{
    for (int i = 0; i < MOST_PAGES; i++)
        if (pages[i] == page)
            return true;
    return false;
}

static void run_round(char **pages)
{
    int i = 0;

    while (!gyre__stock_due(&stock)) {
        take(PAGE / 2);
        pages[i++] = (char *)stock.newest;
    }
    gyre__stock_mark(&stock);
    gyre__stock_come_home(&stock, false);
}

static void test_a_steady_flow_makes_no_new_pages(void **state)
{
    char *first[MOST_PAGES] = {0};

    /* One page is always out: the second round makes it. */
    run_round(first);
    run_round(first + MOST_PAGES / 2);
    for (int i = 0; i < 100; i++) {
        char *again[MOST_PAGES] = {0};

        run_round(again);
        for (int j = 0; again[j]; j++)
            assert_true(among(first, again[j]));
    }
}

static void test_most_of_a_burst_is_given_back(void **state)
{
    fill(40);
    gyre__stock_mark(&stock);
    take(PAGE / 2 + 1);
    gyre__stock_come_home(&stock, false);
    assert_int_equal(count(stock.oldest), 2);
    assert_int_equal(stock.spares, 16);
    assert_int_equal(count(stock.spare), 16);
}

static void test_idle_it_keeps_little(void **state)
{
    char *first;

    fill(1);
    first = (char *)stock.newest;
    fill(20);
    gyre__stock_mark(&stock);
    gyre__stock_come_home(&stock, true);
    assert_int_equal(count(stock.oldest), 1);
    assert_int_equal(stock.spares, 4);
    /* The page that is left is used from its begin. */
    assert_ptr_equal(take(SMALL), (char *)stock.newest + 64);
    assert_ptr_not_equal((char *)stock.newest, first);
}

/* Calls alone take no memory. */
static void test_nothing_was_taken(void **state)
{
    gyre__stock_mark(&stock);
    gyre__stock_come_home(&stock, true);
    assert_null(stock.oldest);
    assert_false(gyre__stock_due(&stock));
}

/* A receipt of calls leaves before the first post, and comes home after it. */
static void test_marked_when_empty(void **state)
{
    gyre__stock_mark(&stock);
    take(SMALL);
    gyre__stock_come_home(&stock, false);
    assert_int_equal(count(stock.oldest), 1);
    assert_int_equal(take(SMALL)[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_each_take_has_lines_of_its_own, clear),
        cmocka_unit_test_teardown(test_what_is_begun_may_fill_the_page, clear),
        cmocka_unit_test_teardown(test_a_receipt_is_due_after_some_pages, clear),
        cmocka_unit_test_teardown(test_pages_before_the_mark_come_home, clear),
        cmocka_unit_test_teardown(test_a_steady_flow_makes_no_new_pages, clear),
        cmocka_unit_test_teardown(test_most_of_a_burst_is_given_back, clear),
        cmocka_unit_test_teardown(test_idle_it_keeps_little, clear),
        cmocka_unit_test_teardown(test_nothing_was_taken, clear),
        cmocka_unit_test_teardown(test_marked_when_empty, clear),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
