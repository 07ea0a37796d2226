/* The stacks of coroutines: sizes, guards, pooling, and what goes back to the system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "task/fiber.h"
#include "task/stack.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KIB = 1024, DEEP = 60 * KIB, WARM = 4096 };

static struct gyre__stack_pool pool;

static int set_up(void **state)
{
    gyre__stack_pool_init(&pool, 0);
    return 0;
}

static int tear_down(void **state)
{
    gyre__stack_pool_clear(&pool);
    return pool.alive || pool.count || pool.chunks;
}

static void test_sizes(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    assert_int_equal(pool.size, 128 * KIB);
    gyre__stack_pool_init(&pool, 1);
    assert_int_equal(pool.size, page > 16 * KIB ? page : 16 * KIB);
    gyre__stack_pool_init(&pool, 200 * KIB + 1);
    assert_true(pool.size > 200 * KIB && pool.size <= 200 * KIB + page);
    assert_int_equal(pool.size % page, 0);
}

static void test_every_byte_is_usable(void **state)
{
    struct gyre__stack *stack = gyre__stack_get(&pool);

    assert_non_null(stack);
    assert_int_equal(stack->size, pool.size);
    assert_int_equal((uintptr_t)(stack->base + stack->size) % 16, 0);
    memset(stack->base, 0xa5, stack->size);
    gyre__stack_put(&pool, stack);
}

static void test_the_smallest_stack(void **state)
{
    gyre__stack_pool_init(&pool, 1);
    test_every_byte_is_usable(state);
}

static void test_last_used_first(void **state)
{
    struct gyre__stack *a = gyre__stack_get(&pool);
    struct gyre__stack *b = gyre__stack_get(&pool);

    gyre__stack_put(&pool, b);
    gyre__stack_put(&pool, a);
    assert_int_equal(pool.count, 2);
    assert_ptr_equal(gyre__stack_get(&pool), a);
    assert_ptr_equal(gyre__stack_get(&pool), b);
    assert_int_equal(pool.count, 0);
    assert_int_equal(pool.alive, 2);
    gyre__stack_put(&pool, a);
    gyre__stack_put(&pool, b);
}

/* Stacks of several chunks do not overlap. */
static void test_stacks_are_apart(void **state)
{
    enum { N = 200 };
    struct gyre__stack *stacks[N];

    for (int i = 0; i < N; i++) {
        assert_non_null(stacks[i] = gyre__stack_get(&pool));
        memset(stacks[i]->base, i, 64);
        memset(stacks[i]->base + stacks[i]->size - 64, i, 64);
    }
    for (int i = 0; i < N; i++) {
        assert_int_equal((unsigned char)stacks[i]->base[63], i);
        assert_int_equal((unsigned char)stacks[i]->base[stacks[i]->size - 64], i);
        gyre__stack_put(&pool, stacks[i]);
    }
    assert_int_equal(pool.alive, N);
}

static void test_where_the_guard_is(void **state)
{
    struct gyre__stack *stack = gyre__stack_get(&pool);

    assert_true(gyre__stack_guards(stack, stack->base - 1));
    assert_true(gyre__stack_guards(stack, stack->base - 64 * KIB));
    assert_false(gyre__stack_guards(stack, stack->base));
    assert_false(gyre__stack_guards(stack, stack->base + stack->size));
    assert_false(gyre__stack_guards(stack, stack->base - 64 * KIB - 1));
    assert_false(gyre__stack_guards(stack, NULL));
    gyre__stack_put(&pool, stack);
}

/* Writes at `address` in a child: the signal that ended it, 0 for none. */
static int signal_of_writing(char *address)
{
    int status = 0;
    pid_t child = fork();

    if (!child) {
        signal(SIGSEGV, SIG_DFL);
        *(volatile char *)address = 1;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_the_guard_faults(void **state)
{
    struct gyre__stack *first = gyre__stack_get(&pool);
    struct gyre__stack *second = gyre__stack_get(&pool);

    assert_int_equal(signal_of_writing(first->base - 1), SIGSEGV);
    assert_int_equal(signal_of_writing(first->base - 64 * KIB), SIGSEGV);
    assert_int_equal(signal_of_writing(second->base - 1), SIGSEGV);
    assert_int_equal(signal_of_writing(first->base), 0);
    gyre__stack_put(&pool, first);
    gyre__stack_put(&pool, second);
}

/* How many bytes of the stack are committed. */
static size_t committed(const struct gyre__stack *stack)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char present[64];
    size_t count = 0;

    assert_in_range(stack->size / page, 1, sizeof present);
    assert_int_equal(mincore(stack->base, stack->size, present), 0);
    for (size_t i = 0; i < stack->size / page; i++)
        count += present[i] & 1;
    return count * page;
}

static void use(struct gyre__stack *stack, size_t depth)
{
    memset(stack->base + stack->size - depth, 0xff, depth);
}

static void test_deep_pages_go_back(void **state)
{
    struct gyre__stack *stack = gyre__stack_get(&pool);

    use(stack, DEEP);
    assert_in_range(committed(stack), DEEP, pool.size);
    gyre__stack_put(&pool, stack);
    assert_in_range(committed(stack), 1, pool.kept);
}

static void test_shallow_pages_stay(void **state)
{
    struct gyre__stack *stack = gyre__stack_get(&pool);

    use(stack, 12 * KIB);
    gyre__stack_put(&pool, stack);
    assert_in_range(committed(stack), 12 * KIB, pool.kept + (size_t)sysconf(_SC_PAGESIZE));
    assert_int_equal((unsigned char)stack->base[stack->size - 1], 0xff);
}

static void test_deep_pages_go_back_each_time(void **state)
{
    test_deep_pages_go_back(state);
    test_deep_pages_go_back(state);
    assert_int_equal(pool.alive, 1);
}

static void test_a_large_pool_is_cold(void **state)
{
    enum { N = WARM + 1 };
    struct gyre__stack **stacks = test_malloc(N * sizeof *stacks);

    for (int i = 0; i < N; i++)
        use(stacks[i] = gyre__stack_get(&pool), KIB);
    for (int i = 0; i < N; i++)
        gyre__stack_put(&pool, stacks[i]);
    assert_true(committed(stacks[0]) > 0);
    assert_true(committed(stacks[WARM - 1]) > 0);
    assert_int_equal(committed(stacks[WARM]), 0);
    test_free(stacks);
}

static void test_clear_leaves_what_is_held(void **state)
{
    struct gyre__stack *held = gyre__stack_get(&pool);
    struct gyre__stack *ready = gyre__stack_get(&pool);

    use(held, KIB);
    gyre__stack_put(&pool, ready);
    gyre__stack_pool_clear(&pool);
    assert_int_equal((unsigned char)held->base[held->size - 1], 0xff);
    gyre__stack_put(&pool, held);
    gyre__stack_pool_clear(&pool);
    assert_int_equal(pool.alive, 0);
    assert_null(pool.free);
}

static void test_clear_unmaps(void **state)
{
    struct gyre__stack *stack = gyre__stack_get(&pool);
    char *base = stack->base;
    unsigned char present;

    assert_int_equal(mincore(base, 1, &present), 0);
    gyre__stack_put(&pool, stack);
    gyre__stack_pool_clear(&pool);
    assert_int_equal(mincore(base, 1, &present), -1);
}

enum { WHOLE, BROKEN, UNLIMITED };

/* In a child whose address space is full: WHOLE when the answer was NULL in the end and the pool is as it
 * was. */
static int get_without_memory(void)
{
    struct rlimit none = {0, RLIM_INFINITY};
    int n = 0;

    if (setrlimit(RLIMIT_AS, &none) || sbrk(KIB * KIB) != (void *)-1)
        return UNLIMITED; /* an emulator */
    while (n <= 64 && gyre__stack_get(&pool))
        n++;
    return n == 64 && pool.alive == 64 ? WHOLE : BROKEN;
}

static void test_no_memory(void **state)
{
    int status = -1;
    pid_t child;

#if defined GYRE__ASAN || defined GYRE__TSAN
    skip();
#endif
    gyre__stack_put(&pool, gyre__stack_get(&pool));
    if (!(child = fork()))
        _exit(get_without_memory());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == UNLIMITED)
        skip();
    assert_int_equal(WEXITSTATUS(status), WHOLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sizes),
        TEST(test_every_byte_is_usable),
        TEST(test_the_smallest_stack),
        TEST(test_last_used_first),
        TEST(test_stacks_are_apart),
        TEST(test_where_the_guard_is),
        TEST(test_the_guard_faults),
        TEST(test_deep_pages_go_back),
        TEST(test_shallow_pages_stay),
        TEST(test_deep_pages_go_back_each_time),
        TEST(test_a_large_pool_is_cold),
        TEST(test_clear_leaves_what_is_held),
        TEST(test_clear_unmaps),
        TEST(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
