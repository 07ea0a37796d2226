/* The queue of a pool: order, removal from anywhere, states, and the look-out of the spinning worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "executor/jobs.h"

enum { COUNT = 5 };

static void push_all(struct gyre__jobs *jobs, gyre_job *job)
{
    for (int i = 0; i < COUNT; i++)
        gyre__jobs_push(jobs, &job[i], 1);
}

static void jobs_come_out_in_the_order_they_went_in(void **state)
{
    struct gyre__jobs jobs = {0};
    gyre_job job[COUNT] = {0};

    for (int round = 0; round < 2; round++) {
        push_all(&jobs, job);
        assert_int_equal(gyre__jobs_count(&jobs), COUNT);
        for (int i = 0; i < COUNT; i++)
            assert_ptr_equal(gyre__jobs_pop(&jobs), &job[i]);
        assert_int_equal(gyre__jobs_count(&jobs), 0);
        assert_null(gyre__jobs_pop(&jobs));
    }
}

/* Takes out one position of five and checks that the others keep their order. */
static void check_removal_of(int position)
{
    struct gyre__jobs jobs = {0};
    gyre_job job[COUNT] = {0};

    push_all(&jobs, job);
    assert_true(gyre__jobs_remove(&jobs, &job[position]));
    assert_int_equal(gyre__jobs_count(&jobs), COUNT - 1);
    for (int i = 0; i < COUNT; i++)
        if (i != position)
            assert_ptr_equal(gyre__jobs_pop(&jobs), &job[i]);
    assert_null(gyre__jobs_pop(&jobs));
}

static void a_job_leaves_from_any_position(void **state)
{
    for (int i = 0; i < COUNT; i++)
        check_removal_of(i);
}

static void the_only_job_can_be_removed_and_the_list_still_works(void **state)
{
    struct gyre__jobs jobs = {0};
    gyre_job job = {0};

    gyre__jobs_push(&jobs, &job, 1);
    assert_true(gyre__jobs_remove(&jobs, &job));
    assert_null(gyre__jobs_pop(&jobs));
    gyre__jobs_push(&jobs, &job, 1);
    assert_ptr_equal(gyre__jobs_pop(&jobs), &job);
}

static void only_a_queued_job_can_be_removed(void **state)
{
    struct gyre__jobs jobs = {0};
    gyre_job job = {0};

    assert_false(gyre__jobs_remove(&jobs, &job));
    gyre__jobs_push(&jobs, &job, 1);
    gyre__jobs_pop(&jobs);
    assert_false(gyre__jobs_remove(&jobs, &job));
    gyre__job_release(&job);
    assert_false(gyre__jobs_remove(&jobs, &job));
}

static void a_job_is_busy_from_push_to_release(void **state)
{
    struct gyre__jobs jobs = {0};
    gyre_job job = {0};

    assert_false(gyre__job_busy(&job));
    gyre__jobs_push(&jobs, &job, 1);
    assert_true(gyre__job_busy(&job));
    gyre__jobs_pop(&jobs);
    assert_true(gyre__job_busy(&job));
    gyre__job_release(&job);
    assert_false(gyre__job_busy(&job));
}

static void a_removed_job_is_its_owners_again(void **state)
{
    struct gyre__jobs jobs = {0};
    gyre_job job = {0};

    gyre__jobs_push(&jobs, &job, 1);
    gyre__jobs_remove(&jobs, &job);
    assert_false(gyre__job_busy(&job));
}

static void push_notes_the_time_and_forgets_an_earlier_drop(void **state)
{
    struct gyre__jobs jobs = {0};
    gyre_job job = {.dropped = true};

    gyre__jobs_push(&jobs, &job, 42);
    assert_int_equal(job.submitted, 42);
    assert_false(job.dropped);
}

static void spinning_ends_when_the_time_is_over(void **state)
{
    struct gyre__jobs jobs = {0};
    uint64_t start = gyre__jobs_clock();

    gyre__jobs_spin(&jobs, 2000000);
    assert_true(gyre__jobs_clock() - start >= 2000000);
}

static void spinning_ends_when_a_job_is_there(void **state)
{
    const uint64_t hour = UINT64_C(3600) * 1000000000;
    struct gyre__jobs jobs = {0};
    gyre_job job = {0};

    gyre__jobs_push(&jobs, &job, 1);
    gyre__jobs_spin(&jobs, hour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_out_in_the_order_they_went_in),
        cmocka_unit_test(a_job_leaves_from_any_position),
        cmocka_unit_test(the_only_job_can_be_removed_and_the_list_still_works),
        cmocka_unit_test(only_a_queued_job_can_be_removed),
        cmocka_unit_test(a_job_is_busy_from_push_to_release),
        cmocka_unit_test(a_removed_job_is_its_owners_again),
        cmocka_unit_test(push_notes_the_time_and_forgets_an_earlier_drop),
        cmocka_unit_test(spinning_ends_when_the_time_is_over),
        cmocka_unit_test(spinning_ends_when_a_job_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
