/* unix_bed.h - what the tests of unix sockets share: a folder for their files, and plain sockets. */
#ifndef GYRE_TESTS_UNIX_BED_H
#define GYRE_TESTS_UNIX_BED_H

#include <gyre/unix.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The folder of the test, and a path in it. */
static char folder[64], path[96];

static inline void make_folder(void)
{
    strcpy(folder, "/tmp/gyre-unix-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sock", folder);
}

static inline void remove_folder(void)
{
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static inline bool exists(const char *file)
{
    return access(file, F_OK) == 0;
}

static inline struct sockaddr_un address_of(const char *file)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    assert_true(strlen(file) < sizeof address.sun_path);
    memcpy(address.sun_path, file, strlen(file));
    return address;
}

/* A plain bound socket. */
static inline int bind_at(const char *file)
{
    struct sockaddr_un address = address_of(file);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A plain connection; -errno. */
static inline int try_dial(const char *file)
{
    struct sockaddr_un address = address_of(file);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int err = connect(fd, (struct sockaddr *)&address, sizeof address) ? -errno : 0;

    if (err)
        close(fd);
    return err ? err : fd;
}

static inline int dial_at(const char *file)
{
    int fd = try_dial(file);

    assert_true(fd >= 0);
    return fd;
}

#endif
