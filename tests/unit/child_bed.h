/* child_bed.h - what the tests of process/ share: a protocol of children that keeps a diary, and runs on both
 * of the system's drivers. */
#ifndef GYRE_TESTS_CHILD_BED_H
#define GYRE_TESTS_CHILD_BED_H

#include "unit.h"
#include <errno.h>
#include <gyre/process.h>

/* The state of a child's protocol; zeroes at first. */
struct child {
    gyre_subprocess_transport *transport; /* set by connection_made */
    char text[256];                       /* "made exited:0 gone:1:0 lost " */
    char out[3][256];                     /* the first bytes of each pipe */
    size_t size[3];                       /* all bytes of each pipe */
    bool gone[3];                         /* pipe_connection_lost was called */
    int errs[3];                          /* and with this */
    bool exited, lost;                    /* so were these */
    int destroyed;                        /* how often */
    int code;                             /* the returncode in process_exited */
    int pauses, resumes;                  /* how often */
};

static inline void write_down(struct child *child, const char *word)
{
    size_t len = strlen(child->text);

    snprintf(child->text + len, sizeof child->text - len, "%s ", word);
}

static inline void *child_create(void *arg)
{
    return arg;
}

static inline void child_destroy(void *self)
{
    ((struct child *)self)->destroyed++;
}

static inline void child_made(void *self, gyre_subprocess_transport *transport)
{
    struct child *child = self;

    child->transport = gyre_subprocess_transport_ref(transport);
    write_down(child, "made");
}

static inline void child_data(void *self, int fd, const void *data, size_t len)
{
    struct child *child = self;

    if (child->size[fd] + len < sizeof child->out[fd])
        memcpy(child->out[fd] + child->size[fd], data, len);
    child->size[fd] += len;
}

static inline void child_pipe_lost(void *self, int fd, int err)
{
    struct child *child = self;
    char word[32];

    child->gone[fd] = true;
    child->errs[fd] = err;
    snprintf(word, sizeof word, "gone:%d", fd);
    write_down(child, word);
}

static inline void child_exited(void *self)
{
    struct child *child = self;

    child->exited = gyre_subprocess_transport_get_returncode(child->transport, &child->code);
    write_down(child, "exited");
}

static inline void child_lost(void *self, int err)
{
    struct child *child = self;

    assert_int_equal(err, 0);
    child->lost = true;
    write_down(child, "lost");
}

static inline void child_pause(void *self)
{
    ((struct child *)self)->pauses++;
}

static inline void child_resume(void *self)
{
    ((struct child *)self)->resumes++;
}

static const gyre_subprocess_protocol diary = {
    .create = child_create,
    .destroy = child_destroy,
    .connection_made = child_made,
    .pipe_data_received = child_data,
    .pipe_connection_lost = child_pipe_lost,
    .process_exited = child_exited,
    .connection_lost = child_lost,
    .pause_writing = child_pause,
    .resume_writing = child_resume,
};

/* Runs the loop until it is so; the test's alarm ends what never is. */
static inline void await_flag(const bool *flag)
{
    while (!*flag)
        assert_int_equal(gyre_sleep(0.001), 0);
}

/* Runs the loop until the child is lost, and gives it back; its diary began and ended as it must. */
static inline void bury(struct child *child)
{
    await_flag(&child->lost);
    gyre_subprocess_transport_close(child->transport);
    gyre_subprocess_transport_unref(child->transport);
    assert_int_equal(child->destroyed, 1);
    assert_int_equal(strncmp(child->text, "made ", 5), 0);
    assert_string_equal(child->text + strlen(child->text) - 5, "lost ");
}

/* Starts a shell's line. */
#define start_shell(child, ...) \
    assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, &diary, __VA_ARGS__, .arg = (child)), 0)

/* True while there is a process, or a zombie, of this number. */
static inline bool exists(int pid)
{
    return kill(pid, 0) == 0;
}

/* Runs the tests on the loop's own driver and on libuv's. */
#define run_on_both(tests)                                               \
    (cmocka_run_group_tests_name("own", tests, begin_group, end_group) + \
     (unit_driver = GYRE_DRIVER_UV, cmocka_run_group_tests_name("uv", tests, begin_group, end_group)))

#endif
