/* test_ck_tsan.c - does ThreadSanitizer understand ck_stack?
 *
 * Producers push numbered entries, one consumer takes whole batches. Done right it must be silent; with a
 * payload that is written only after the push it must be reported, or the silence of every other test under
 * the sanitizer would mean nothing.
 */
#include <ck_stack.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
    PRODUCERS = 3,
    ENTRIES = 20000 /* by each producer */
};

struct entry {
    ck_stack_entry_t link; /* first, so that a link is an entry */
    uint64_t payload;
};

static ck_stack_t stack;

static void *push_published(void *arg)
{
    struct entry *entries = arg;

    for (size_t i = 0; i < ENTRIES; i++) {
        entries[i].payload = i;
        ck_stack_push_upmc(&stack, &entries[i].link);
    }
    return NULL;
}

static void *push_unpublished(void *arg)
{
    struct entry *entries = arg;

    for (size_t i = 0; i < ENTRIES; i++) {
        ck_stack_push_upmc(&stack, &entries[i].link);
        entries[i].payload = i;
    }
    return NULL;
}

static size_t take_batch(uint64_t *sum)
{
    size_t taken = 0;

    for (ck_stack_entry_t *link = ck_stack_batch_pop_upmc(&stack); link; link = link->next) {
        *sum += ((struct entry *)link)->payload;
        taken++;
    }
    return taken;
}

static uint64_t run(void *(*push)(void *))
{
    struct entry *entries = calloc((size_t)PRODUCERS * ENTRIES, sizeof *entries);
    pthread_t producers[PRODUCERS];
    uint64_t sum = 0;

    for (int i = 0; i < PRODUCERS; i++)
        pthread_create(&producers[i], NULL, push, entries + (size_t)i * ENTRIES);
    for (size_t taken = 0; taken < (size_t)PRODUCERS * ENTRIES;)
        taken += take_batch(&sum);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    free(entries);
    return sum;
}

static void published_entries_are_silent(void **state)
{
    assert_int_equal(run(push_published), (uint64_t)PRODUCERS * ENTRIES * (ENTRIES - 1) / 2);
}

/* The exit status of a process that runs the producers; the sanitizer turns a report into a failure. */
static int run_apart(void *(*push)(void *))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        close(STDERR_FILENO);
        run(push);
        exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void planted_race_is_reported(void **state)
{
    if (!SANITIZED)
        skip();
    assert_int_equal(run_apart(push_published), 0);
    assert_int_not_equal(run_apart(push_unpublished), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_entries_are_silent),
        cmocka_unit_test(planted_race_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
