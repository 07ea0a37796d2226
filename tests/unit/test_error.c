/* test_error.c - codes, their classes, and the sentence of the last failure. */
#include "unit.h"

#include "base/error.h"
#include "base/memory.h"
#include <netdb.h>

static void test_names(void **state)
{
    static const struct {
        int code;
        const char *name;
    } cases[] = {
        {0, "None"},
        {7, "None"},
        {GYRE_ECANCELLED, "CancelledError"},
        {GYRE_EINVALIDSTATE, "InvalidStateError"},
        {GYRE_EVALUE, "ValueError"},
        {GYRE_ETYPE, "TypeError"},
        {GYRE_ERUNTIME, "RuntimeError"},
        {GYRE_ELOOPCLOSED, "RuntimeError"},
        {GYRE_EQUEUEFULL, "QueueFull"},
        {GYRE_EBROKENBARRIER, "BrokenBarrierError"},
        {GYRE_EGAI + EAI_NONAME, "gaierror"},
        {-ETIMEDOUT, "TimeoutError"},
        {-ECONNREFUSED, "ConnectionRefusedError"},
        {-ECONNRESET, "ConnectionResetError"},
        {-EPIPE, "BrokenPipeError"},
        {-EBADF, "OSError"},
        {GYRE_EUSER, "Exception"},
        {GYRE_EUSER - 12345, "Exception"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(gyre_error_name(cases[i].code), cases[i].name);
}

static void test_texts(void **state)
{
    assert_string_equal(gyre_strerror(0), "Success");
    assert_string_equal(gyre_strerror(3), "Success");
    assert_string_equal(gyre_strerror(-ENOENT), strerror(ENOENT));
    assert_string_equal(gyre_strerror(GYRE_ELOOPCLOSED), "Event loop is closed");
    assert_string_equal(gyre_strerror(GYRE_ENOLOOP), "no running event loop");
    assert_string_equal(gyre_strerror(GYRE_EGAI + EAI_NONAME), gai_strerror(EAI_NONAME));
    for (int code = GYRE_ECANCELLED; code >= GYRE_EBROKENBARRIER; code--)
        assert_null(strstr(gyre_strerror(code), "Unknown"));
    assert_non_null(gyre_strerror(GYRE_EUSER - 1));
}

/* Spec 31: CancelledError is outside: code that catches all errors must not eat it. */
static void test_a_cancellation_is_no_error(void **state)
{
    assert_false(gyre_is_error(0));
    assert_false(gyre_is_error(1));
    assert_false(gyre_is_error(GYRE_ECANCELLED));
    assert_true(gyre_is_error(-ECANCELED));
    assert_true(gyre_is_error(GYRE_EUSER));
}

static void test_the_sentence(void **state)
{
    assert_string_equal(gyre_error_text(), "");
    assert_int_equal(gyre_error_set(-EIO, "disk %d", 3), -EIO);
    assert_string_equal(gyre_error_text(), "disk 3");
    /* The old sentence may be part of the new one. */
    assert_int_equal(gyre_error_set(-EIO, "again: %s", gyre_error_text()), -EIO);
    assert_string_equal(gyre_error_text(), "again: disk 3");
    gyre__error_put(NULL);
    assert_string_equal(gyre_error_text(), "");
}

static void test_long_sentences_are_cut(void **state)
{
    gyre_error_set(-EIO, "%600d", 1);
    assert_int_equal(strlen(gyre_error_text()), 511);
    gyre__error_put(NULL);
}

static void test_places(void **state)
{
    char *other = NULL;
    char **before;

    gyre_error_set(-EIO, "mine");
    before = gyre__error_switch(&other);
    assert_string_equal(gyre_error_text(), "");
    assert_ptr_equal(gyre__error_place(), &other);
    gyre_error_set(-EIO, "other");
    assert_ptr_equal(gyre__error_switch(before), &other);
    assert_string_equal(gyre_error_text(), "mine");
    assert_string_equal(other, "other");
    free(other);
    gyre__error_put(NULL);
}

static void *fail_elsewhere(void *arg)
{
    gyre_error_set(-EIO, "elsewhere");
    snprintf(arg, 64, "%s", gyre_error_text());
    return NULL;
}

/* Each thread has its own sentence, which ends with it: a leak here is AddressSanitizer's to find. */
static void test_threads(void **state)
{
    char theirs[64];
    pthread_t thread;

    gyre_error_set(-EIO, "here");
    pthread_create(&thread, NULL, fail_elsewhere, theirs);
    pthread_join(thread, NULL);
    assert_string_equal(theirs, "elsewhere");
    assert_string_equal(gyre_error_text(), "here");
    gyre__error_put(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_a_cancellation_is_no_error),
        cmocka_unit_test(test_the_sentence),
        cmocka_unit_test(test_long_sentences_are_cut),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
