/* Nothing outside of the folder is ever opened, with openat2(2) and without. */
#include "httpd/beneath.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[] = "/tmp/gyre-beneath-XXXXXX";
static int root;

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
}

/* TOP/secret; TOP/root/{file, folder/file, ...} */
static int build(void **state)
{
    if (!mkdtemp(top) || chdir(top) || mkdir("root", 0700) || mkdir("root/folder", 0700))
        return -1;
    put("secret", "secret");
    put("root/file", "file");
    put("root/folder/file", "inner");
    if (symlink("file", "root/link") || symlink("../file", "root/folder/up") ||
        symlink("../secret", "root/out") || symlink("/etc/passwd", "root/absolute") ||
        symlink("..", "root/parent") || symlink("loop", "root/loop") ||
        symlink("/proc/self/root", "root/magic") || mkfifo("root/pipe", 0600))
        return -1;
    root = beneath_root("root");
    return root < 0;
}

static int tear_down(void **state)
{
    char command[100];

    close(root);
    snprintf(command, sizeof command, "rm -rf %s", top);
    return chdir("/") || system(command);
}

typedef int (*opener)(int root, const char *path, struct stat *stat);

static void holds(opener open_file, const char *path, const char *text)
{
    struct stat stat;
    char data[16];
    int fd = open_file(root, path, &stat);

    if (fd < 0)
        fail_msg("%s: %s", path, strerror(-fd));
    assert_int_equal(stat.st_size, strlen(text));
    assert_int_equal(read(fd, data, sizeof data), strlen(text));
    assert_memory_equal(data, text, strlen(text));
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static const struct {
    const char *path;
    int err;
} refused[] = {
    {"", -EXDEV},
    {"/", -EXDEV},
    {".", -EXDEV},
    {"..", -EXDEV},
    {"/etc/passwd", -EXDEV},
    {"../secret", -EXDEV},
    {"folder/../../secret", -EXDEV},
    {"folder/../file", -EXDEV},
    {"./file", -EXDEV},
    {"folder//file", -EXDEV},
    {"folder/", -EXDEV},
    {"file/", -EXDEV},
    {"nothing", -ENOENT},
    {"folder/nothing", -ENOENT},
    {"nothing/file", -ENOENT},
    {"file/file", -ENOTDIR},
    {"folder", -EISDIR},
    {"pipe", -EINVAL},
    {"loop", -ELOOP},
};

static void refuses(opener open_file)
{
    struct stat stat;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (open_file(root, refused[i].path, &stat) != refused[i].err)
            fail_msg("\"%s\": %d", refused[i].path, open_file(root, refused[i].path, &stat));
}

static void never_leaves(opener open_file)
{
    static const char *const paths[] = {"out", "absolute", "parent/secret", "magic/etc/passwd", "parent"};
    struct stat stat;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (open_file(root, paths[i], &stat) >= 0)
            fail_msg("%s was opened", paths[i]);
}

static void too_long(opener open_file)
{
    char name[300];
    struct stat stat;

    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(open_file(root, name, &stat), -ENAMETOOLONG);
}

static void check(opener open_file)
{
    holds(open_file, "file", "file");
    holds(open_file, "folder/file", "inner");
    refuses(open_file);
    never_leaves(open_file);
    too_long(open_file);
}

static void with_openat2(void **state)
{
    check(beneath_open);
    holds(beneath_open, "link", "file");
    holds(beneath_open, "folder/up", "file");
}

static void by_walking(void **state)
{
    struct stat stat;

    check(beneath_walk);
    assert_int_equal(beneath_walk(root, "link", &stat), -ELOOP);
    assert_int_equal(beneath_walk(root, "folder/up", &stat), -ELOOP);
}

/* As an older kernel (ENOSYS), or a container that forbids what it does not know (EPERM). */
static void forbid_openat2(int err)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)err),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        _exit(77);
}

static int try_forbidden(int err)
{
    struct stat stat;
    int status = -1;
    pid_t child = fork();

    if (!child) {
        forbid_openat2(err);
        _exit(beneath_open(root, "folder/file", &stat) < 0 || beneath_open(root, "out", &stat) >= 0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void where_openat2_is_forbidden(void **state)
{
    int status = try_forbidden(ENOSYS);

    if (status == 77)
        skip();
    assert_int_equal(status, 0);
    assert_int_equal(try_forbidden(EPERM), 0);
}

static void descriptors_stay_few(void **state)
{
    int before = dup(root), after;

    close(before);
    for (int i = 0; i < 3; i++) {
        refuses(beneath_open);
        refuses(beneath_walk);
    }
    after = dup(root);
    close(after);
    assert_int_equal(before, after);
}

static void the_folder_itself(void **state)
{
    assert_int_equal(beneath_root("nothing"), -ENOENT);
    assert_int_equal(beneath_root("secret"), -ENOTDIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_openat2),
        cmocka_unit_test(by_walking),
        cmocka_unit_test(where_openat2_is_forbidden),
        cmocka_unit_test(descriptors_stay_few),
        cmocka_unit_test(the_folder_itself),
    };

    return cmocka_run_group_tests(tests, build, tear_down);
}
