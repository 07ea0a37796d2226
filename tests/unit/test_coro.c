/* Coroutines: order, what each keeps to itself, how many there can be, and what is refused. */
#include "tests/unit/coro_bed.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What happened, a letter each. */
static char story[64];

static void tell(const char *what)
{
    strcat(story, what);
}

static void say_three(void *arg)
{
    for (int i = 0; i < 3; i++) {
        tell(arg);
        yield();
    }
}

static void test_ping_pong(void **state)
{
    struct gyre__coro a, b;

    story[0] = '\0';
    start(&a, say_three, "a");
    start(&b, say_three, "b");
    assert_string_equal(story, "");
    for (int i = 0; i < 3; i++) {
        assert_true(gyre__coro_resume(&a));
        tell("-");
        assert_true(gyre__coro_resume(&b));
    }
    assert_string_equal(story, "a-ba-ba-b");
    assert_false(gyre__coro_resume(&a));
    assert_false(gyre__coro_resume(&b));
    gyre__coro_finish(&a, &pool);
    gyre__coro_finish(&b, &pool);
}

static void resume_twice(void *arg)
{
    tell("o");
    gyre__coro_resume(arg);
    tell(gyre__coro_current() == arg ? "!" : "O");
    yield();
    gyre__coro_resume(arg);
}

static void test_nested(void **state)
{
    struct gyre__coro outer, inner;

    story[0] = '\0';
    start(&inner, say_three, "i");
    start(&outer, resume_twice, &inner);
    assert_true(gyre__coro_resume(&outer));
    tell("-");
    assert_true(gyre__coro_resume(&inner)); /* now from the thread's own stack */
    assert_null(gyre__coro_current());
    assert_false(gyre__coro_resume(&outer));
    assert_string_equal(story, "oiO-ii");
    assert_false(gyre__coro_resume(&inner));
    gyre__coro_finish(&outer, &pool);
    gyre__coro_finish(&inner, &pool);
}

static void note_current(void *arg)
{
    *(struct gyre__coro **)arg = gyre__coro_current();
}

static void test_current(void **state)
{
    struct gyre__coro coro;
    struct gyre__coro *seen = NULL;

    assert_null(gyre__coro_current());
    start(&coro, note_current, &seen);
    assert_null(gyre__coro_current());
    assert_false(gyre__coro_resume(&coro));
    assert_ptr_equal(seen, &coro);
    assert_null(gyre__coro_current());
    gyre__coro_finish(&coro, &pool);
}

/* A compiler may look errno's address up once in a function, and one of them goes on in another thread here.
 */
static __attribute__((noinline)) int replace_errno(int err)
{
    int old = errno;

    errno = err;
    return old;
}

static void errno_of_coroutine(void *arg)
{
    int *seen = arg;

    seen[0] = replace_errno(EAGAIN);
    yield();
    seen[1] = replace_errno(EPIPE);
}

static void test_errno(void **state)
{
    struct gyre__coro a, b;
    int seen_a[2], seen_b[2];

    start(&a, errno_of_coroutine, seen_a);
    start(&b, errno_of_coroutine, seen_b);
    errno = ENOENT;
    assert_true(gyre__coro_resume(&a));
    assert_int_equal(errno, ENOENT);
    errno = EINTR;
    assert_true(gyre__coro_resume(&b));
    assert_false(gyre__coro_resume(&a));
    assert_false(gyre__coro_resume(&b));
    assert_int_equal(errno, EINTR);
    assert_int_equal(seen_a[0], 0);
    assert_int_equal(seen_a[1], EAGAIN);
    assert_int_equal(seen_b[1], EAGAIN);
    gyre__coro_finish(&a, &pool);
    gyre__coro_finish(&b, &pool);
}

static void *finish_elsewhere(void *arg)
{
    errno = ERANGE;
    gyre__coro_resume(arg);
    return (void *)(intptr_t)errno;
}

/* A loop may run in another thread than the last time. */
static void test_another_thread(void **state)
{
    struct gyre__coro coro;
    pthread_t thread;
    void *err;
    int seen[2];

    start(&coro, errno_of_coroutine, seen);
    errno = ENOENT;
    assert_true(gyre__coro_resume(&coro));
    assert_int_equal(pthread_create(&thread, NULL, finish_elsewhere, &coro), 0);
    assert_int_equal(pthread_join(thread, &err), 0);
    assert_int_equal((intptr_t)err, ERANGE);
    assert_int_equal(errno, ENOENT);
    assert_null(coro.context);
    gyre__coro_finish(&coro, &pool);
}

static void test_stacks_are_reused(void **state)
{
    struct gyre__coro coro;
    char *base = NULL;

    for (int i = 0; i < 1000; i++) {
        story[0] = '\0';
        start(&coro, say_three, "x");
        assert_true(!base || base == coro.stack->base);
        base = coro.stack->base;
        run_to_end(&coro);
        assert_string_equal(story, "xxx");
        assert_null(coro.stack);
    }
    assert_int_equal(pool.alive, 1);
}

static void test_finish_before_the_first_resume(void **state)
{
    struct gyre__coro coro;

    start(&coro, say_three, "x");
    gyre__coro_finish(&coro, &pool);
    assert_int_equal(pool.count, 1);
    start(&coro, say_three, "y");
    run_to_end(&coro);
    assert_int_equal(pool.alive, 1);
}

static int count_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int lines = 0, c;

    assert_non_null(maps);
    while ((c = getc(maps)) != EOF)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

#if defined GYRE__ASAN || defined GYRE__TSAN
enum { MANY = 2000, MAPPINGS = 5 * MANY }; /* each of their fibers costs far more than a stack */
#else
enum { MANY = 100000, MAPPINGS = 100 };
#endif

static void add_up(void *arg)
{
    long *total = arg;
    long mine = *total;

    yield();
    *total += mine % 2 + 1;
}

/* Starts and suspends up to MANY, returns how many there was memory for. */
static size_t suspend_many(struct gyre__coro *coros, long *total)
{
    size_t n = 0;

    while (n < MANY && !gyre__coro_start(&coros[n], &pool, add_up, total))
        assert_true(gyre__coro_resume(&coros[n++]));
    return n;
}

static void test_many(void **state)
{
    struct gyre__coro *coros = calloc(MANY, sizeof *coros);
    int before = count_mappings();
    long total = 0;
    size_t n = suspend_many(coros, &total);
    int added = count_mappings() - before;

    for (size_t i = 0; i < n; i++)
        run_to_end(&coros[i]);
    free(coros);
    assert_int_equal(total, n);
    if (n < MANY) {
        print_message("only %zu stacks: the kernel has no guard markers\n", n);
        skip();
    }
    assert_in_range(added, 0, MAPPINGS);
}

static void resume_me(void *arg)
{
    gyre__coro_resume(arg);
}

static void resume_itself(void)
{
    struct gyre__coro coro;

    start(&coro, resume_me, &coro);
    gyre__coro_resume(&coro);
}

static void resume_the_dead(void)
{
    struct gyre__coro coro;

    start(&coro, note_current, &(void *){NULL});
    gyre__coro_resume(&coro);
    gyre__coro_resume(&coro);
}

static void suspend_from_outside(void)
{
    struct gyre__coro coro;

    start(&coro, say_three, "x");
    gyre__coro_resume(&coro);
    gyre__coro_suspend(&coro);
}

static void finish_the_living(void)
{
    struct gyre__coro coro;

    start(&coro, say_three, "x");
    gyre__coro_resume(&coro);
    gyre__coro_finish(&coro, &pool);
}

static void check_refused(void (*fn)(void), const char *sentence)
{
    char said[512];
    int status = run_child(fn, said, sizeof said);

    assert_non_null(strstr(said, sentence));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_misuse(void **state)
{
    check_refused(resume_itself, "resumed while it ran");
    check_refused(resume_the_dead, "after its end");
    check_refused(suspend_from_outside, "suspended from outside");
    check_refused(finish_the_living, "has not ended");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ping_pong),
        TEST(test_nested),
        TEST(test_current),
        TEST(test_errno),
        TEST(test_another_thread),
        TEST(test_stacks_are_reused),
        TEST(test_finish_before_the_first_resume),
        TEST(test_many),
        TEST(test_misuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
