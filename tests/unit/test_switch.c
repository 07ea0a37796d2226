/* Switching stacks: what the ABI lets a caller count on is there again. */
#include "tests/unit/coro_bed.h"

#include <stdio.h>

/* The sum of 1 to n, by recursion with a suspension at the bottom. */
static unsigned sum(unsigned n)
{
    volatile unsigned here = n;

    if (!n)
        yield();
    return n ? sum(n - 1) + here : 0;
}

static void recurse(void *arg)
{
    *(unsigned *)arg = sum(*(unsigned *)arg);
}

static void test_deep_recursion(void **state)
{
    struct gyre__coro coro;
    unsigned n = 500;

    start(&coro, recurse, &n);
    assert_true(gyre__coro_resume(&coro));
    assert_false(gyre__coro_resume(&coro));
    assert_int_equal(n, 125250);
    gyre__coro_finish(&coro, &pool);
}

/* More values than there are registers, all of them live across each suspension. */
struct values {
    long seed;
    long whole;
    double real;
};

static void compute(void *arg)
{
    struct values *v = arg;
    long a = v->seed, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6;
    double p = a, q = p / 2, r = p / 4, s = p / 8, t = p / 16, u = p / 32, w = p / 64, x = p / 128;

    for (int i = 0; i < 10; i++) {
        yield();
        a += b, b += c, c += d, d += e, e += f, f += g, g += i;
        p += q, q += r, r += s, s += t, t += u, u += w, w += x, x += i;
    }
    v->whole = a ^ b ^ c ^ d ^ e ^ f ^ g;
    v->real = p + q + r + s + t + u + w + x;
}

static void test_registers(void **state)
{
    enum { N = 3 };
    struct gyre__coro coros[N], alone;
    struct values together[N], expected;

    for (int i = 0; i < N; i++) {
        together[i] = (struct values){.seed = 1000 + 77 * i};
        start(&coros[i], compute, &together[i]);
    }
    for (int round = 0; round < 11; round++)
        for (int i = 0; i < N; i++)
            assert_int_equal(gyre__coro_resume(&coros[i]), round < 10);
    for (int i = 0; i < N; i++) {
        gyre__coro_finish(&coros[i], &pool);
        expected = (struct values){.seed = together[i].seed};
        start(&alone, compute, &expected);
        run_to_end(&alone);
        assert_int_equal(together[i].whole, expected.whole);
        assert_memory_equal(&together[i].real, &expected.real, sizeof(double));
    }
}

#if defined __x86_64__ || defined __aarch64__
#if defined __x86_64__
#define KEPT(x86, arm) __asm__(x86)
#else
#define KEPT(x86, arm) __asm__(arm)
#endif

/* The registers that a callee keeps, by name: what the compiler might not have used above. */
static void fill_registers(void *arg)
{
    long seed = *(long *)arg;
    register long a KEPT("rbx", "x19") = seed;
    register long b KEPT("r12", "x20") = seed + 1;
    register long c KEPT("r13", "x21") = seed + 2;
    register long d KEPT("r14", "x22") = seed + 3;
    register long e KEPT("r15", "x23") = seed + 4;

    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
    yield();
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
    *(long *)arg = a + 10 * b + 100 * c + 1000 * d + 10000 * e;
}

static void test_named_registers(void **state)
{
    struct gyre__coro coros[2];
    long values[2] = {1, 5};

    for (int i = 0; i < 2; i++) {
        start(&coros[i], fill_registers, &values[i]);
        assert_true(gyre__coro_resume(&coros[i]));
    }
    for (int i = 0; i < 2; i++)
        run_to_end(&coros[i]);
    assert_int_equal(values[0], 54321);
    assert_int_equal(values[1], 98765);
}
#else
static void test_named_registers(void **state)
{
    skip();
}
#endif

/* %Lf and %f go through code that stores aligned vectors. */
static void format(void *arg)
{
    _Alignas(16) char aligned[16];
    volatile uintptr_t address = (uintptr_t)aligned;

    snprintf(arg, 64, "%.1f %.1Lf %d", 1.5, 2.5L, (int)(address % 16));
    yield();
    snprintf((char *)arg + 32, 32, "%.2e", 1234.5);
}

static void test_alignment(void **state)
{
    struct gyre__coro coro;
    char text[64];

    start(&coro, format, text);
    assert_true(gyre__coro_resume(&coro));
    assert_string_equal(text, "1.5 2.5 0");
    assert_false(gyre__coro_resume(&coro));
    assert_string_equal(text + 32, "1.23e+03");
    gyre__coro_finish(&coro, &pool);
}

static void test_smallest_stack(void **state)
{
    gyre__stack_pool_init(&pool, 1);
    test_alignment(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_deep_recursion), TEST(test_registers),      TEST(test_named_registers),
        TEST(test_alignment),      TEST(test_smallest_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
