/* test_slab.c - places of one size, their numbers, and their second use. */
#include "unit.h"

#include "base/slab.h"

static void test_fresh_places_are_zeroed_and_numbered(void **state)
{
    struct gyre__slab slab;
    static const char zeros[24];

    gyre__slab_init(&slab, 20);
    assert_null(gyre__slab_at(&slab, 0));
    for (uint32_t i = 0; i < 5000; i++) {
        void *place = gyre__slab_get(&slab);

        assert_memory_equal(place, zeros, 20);
        assert_ptr_equal(gyre__slab_at(&slab, i), place);
        memset(place, 0xff, 20);
    }
    assert_int_equal(slab.used, 5000);
    assert_null(gyre__slab_at(&slab, 5000));
    gyre__slab_clear(&slab);
}

static void test_places_do_not_move_or_overlap(void **state)
{
    enum { COUNT = 3000 };
    static uint64_t *places[COUNT];
    struct gyre__slab slab;

    gyre__slab_init(&slab, 3 * sizeof(uint64_t));
    for (uint64_t i = 0; i < COUNT; i++) {
        places[i] = gyre__slab_get(&slab);
        places[i][0] = places[i][2] = i;
    }
    for (uint64_t i = 0; i < COUNT; i++)
        assert_true(places[i][0] == i && places[i][2] == i);
    gyre__slab_clear(&slab);
}

static void test_reuse(void **state)
{
    struct gyre__slab slab;
    void *first, *second;

    gyre__slab_init(&slab, 16);
    first = gyre__slab_get(&slab);
    second = gyre__slab_get(&slab);
    gyre__slab_put(&slab, first);
    assert_int_equal(slab.used, 1);
    /* The memory stays: a stale number can be looked at. */
    assert_ptr_equal(gyre__slab_at(&slab, 0), first);
    assert_ptr_equal(gyre__slab_get(&slab), first);
    assert_ptr_not_equal(gyre__slab_get(&slab), second);
    assert_int_equal(slab.used, 3);
    assert_int_equal(slab.fresh, 3);
    gyre__slab_clear(&slab);
    assert_int_equal(slab.used, 0);
    assert_null(gyre__slab_at(&slab, 0));
}

static void test_object_larger_than_a_chunk(void **state)
{
    struct gyre__slab slab;

    gyre__slab_init(&slab, 100000);
    memset(gyre__slab_get(&slab), 1, 100000);
    memset(gyre__slab_get(&slab), 1, 100000);
    assert_int_equal(slab.chunks, 2);
    gyre__slab_clear(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fresh_places_are_zeroed_and_numbered),
        cmocka_unit_test(test_places_do_not_move_or_overlap),
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_object_larger_than_a_chunk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
