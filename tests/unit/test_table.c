/* test_table.c - ids of loops: small, used again, and never pointing at rubbish. */
#include "unit.h"

#include "loop/loop.h"
#include "loop/table.h"

static void test_lookup(void **state)
{
    struct gyre__inbox *inbox;
    uint32_t id = loop->id;

    assert_ptr_equal(gyre__table_loop(id), loop);
    inbox = gyre__table_inbox(id);
    assert_ptr_equal(inbox, loop->inbox);
    gyre__inbox_unref(inbox);
    assert_null(gyre__table_loop(UINT32_MAX));
    assert_null(gyre__table_inbox(UINT32_MAX));
}

static void test_ids_differ(void **state)
{
    gyre_loop *others[10];

    for (int i = 0; i < 10; i++) {
        others[i] = gyre_loop_new();
        assert_ptr_equal(gyre__table_loop(others[i]->id), others[i]);
        assert_int_not_equal(others[i]->id, loop->id);
    }
    for (int i = 0; i < 10; i++)
        gyre_loop_unref(others[i]);
}

/* Generations and numbers go on where the last loop of the place ended. */
static void test_a_place_is_used_again(void **state)
{
    gyre_loop *other = gyre_loop_new();
    uint32_t id = other->id, generation;
    uint64_t number;

    gyre_loop_call_soon(other, do_nothing, NULL);
    gyre_loop_call_soon_threadsafe(other, do_nothing, NULL);
    generation = other->generation;
    number = atomic_load(&other->inbox->number);
    assert_true(generation > 0 && number > 0);
    gyre_loop_unref(other);
    assert_null(gyre__table_loop(id));
    assert_null(gyre__table_inbox(id));
    other = gyre_loop_new();
    assert_int_equal(other->id, id);
    assert_int_equal(other->generation, generation);
    assert_int_equal(atomic_load(&other->inbox->number), number);
    gyre_loop_unref(other);
}

enum { THREADS = 4, ROUNDS = 10 };

static pthread_barrier_t barrier;

/* Loops come together and go together: libuv closes descriptors behind ThreadSanitizer's back, so that one
 * thread must not get a number that another one has just given up. */
static void *come_and_go(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        gyre_loop *made = gyre_loop_new();

        assert_ptr_equal(gyre__table_loop(made->id), made);
        pthread_barrier_wait(&barrier);
        assert_ptr_equal(gyre__table_loop(made->id), made);
        gyre_loop_unref(made);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[THREADS];

    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, come_and_go, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_lookup),
        ON_LOOP(test_ids_differ),
        ON_LOOP(test_a_place_is_used_again),
        ON_LOOP(test_threads),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
