/* expect.c - a test that is broken on purpose ends at the first expectation that is not met.
 *
 * cmocka would jump out of it, perhaps off a coroutine's stack, and go on with what it has left behind.
 * GYRE_FAULTS_ONLY names the one test to run.
 */
#include "fault.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { GAVE_UP = 77 };

/* Without a fault so far the failure is the test's own. */
static void expect(int holds)
{
    const char *kind = getenv("GYRE_FAULTS");

    if (holds || !kind || strcmp(kind, "broken") != 0 || !fault_injected())
        return;
    fprintf(stderr, "%u faults injected\n", fault_injected());
    _exit(GAVE_UP);
}

void __real__assert_true(LargestIntegralType result, const char *words, const char *file, int line);
void __wrap__assert_true(LargestIntegralType result, const char *words, const char *file, int line);
void __wrap__assert_true(LargestIntegralType result, const char *words, const char *file, int line)
{
    expect(result != 0);
    __real__assert_true(result, words, file, line);
}

void __real__assert_int_equal(LargestIntegralType a, LargestIntegralType b, const char *file, int line);
void __wrap__assert_int_equal(LargestIntegralType a, LargestIntegralType b, const char *file, int line);
void __wrap__assert_int_equal(LargestIntegralType a, LargestIntegralType b, const char *file, int line)
{
    expect(a == b);
    __real__assert_int_equal(a, b, file, line);
}

void __real__assert_int_not_equal(LargestIntegralType a, LargestIntegralType b, const char *file, int line);
void __wrap__assert_int_not_equal(LargestIntegralType a, LargestIntegralType b, const char *file, int line);
void __wrap__assert_int_not_equal(LargestIntegralType a, LargestIntegralType b, const char *file, int line)
{
    expect(a != b);
    __real__assert_int_not_equal(a, b, file, line);
}

void __real__assert_string_equal(const char *a, const char *b, const char *file, int line);
void __wrap__assert_string_equal(const char *a, const char *b, const char *file, int line);
void __wrap__assert_string_equal(const char *a, const char *b, const char *file, int line)
{
    expect(a && b && !strcmp(a, b));
    __real__assert_string_equal(a, b, file, line);
}

void __real__assert_memory_equal(const void *a, const void *b, size_t size, const char *file, int line);
void __wrap__assert_memory_equal(const void *a, const void *b, size_t size, const char *file, int line);
void __wrap__assert_memory_equal(const void *a, const void *b, size_t size, const char *file, int line)
{
    expect(a && b && !memcmp(a, b, size));
    __real__assert_memory_equal(a, b, size, file, line);
}

void __real__fail(const char *file, int line);
void __wrap__fail(const char *file, int line);
void __wrap__fail(const char *file, int line)
{
    expect(0);
    __real__fail(file, line);
}

/* What cmocka's asserts cannot say, because they jump: a test that has its own says it so. */
void __wrap_print_error(const char *format, ...);
void __wrap_print_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprint_error(format, args);
    va_end(args);
    expect(0);
}

__attribute__((constructor)) static void choose(void)
{
    const char *name = getenv("GYRE_FAULTS_ONLY");

    if (name)
        cmocka_set_test_filter(name);
}
