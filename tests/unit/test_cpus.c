/* Counting CPUs: affinity, quotas of both cgroup versions in trees that a test builds, and the smaller of the
 * two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gyre/executor.h>

#include "executor/cgroup.h"
#include "executor/cpus.h"

enum { PATH_SIZE = 512 };

static int make_root(void **state)
{
    char *root = strdup("/tmp/gyre-cgroup-XXXXXX");

    *state = root;
    return root && mkdtemp(root) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    return remove(path);
}

static int remove_root(void **state)
{
    int err = nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return err;
}

static void make_folders(char *path)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

static void put(const char *root, const char *name, const char *text)
{
    char path[PATH_SIZE];
    FILE *file;

    snprintf(path, sizeof path, "%s%s", root, name);
    make_folders(path);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void check_quota(const char *root, double expected)
{
    double difference = gyre__cgroup_quota(root) - expected;

    assert_true(difference > -1e-9 && difference < 1e-9);
}

static void without_cgroups_there_is_no_quota(void **state)
{
    check_quota(*state, 0);
}

static void v2_quota_is_read_from_the_processs_group(void **state)
{
    put(*state, "/proc/self/cgroup", "0::/app\n");
    put(*state, "/sys/fs/cgroup/app/cpu.max", "150000 100000\n");
    check_quota(*state, 1.5);
}

static void v2_max_is_no_quota(void **state)
{
    put(*state, "/proc/self/cgroup", "0::/app\n");
    put(*state, "/sys/fs/cgroup/app/cpu.max", "max 100000\n");
    check_quota(*state, 0);
}

static void v2_smallest_quota_on_the_way_up_wins(void **state)
{
    put(*state, "/proc/self/cgroup", "0::/a/b/c\n");
    put(*state, "/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
    put(*state, "/sys/fs/cgroup/a/b/cpu.max", "50000 50000\n");
    put(*state, "/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
    check_quota(*state, 1);
}

static void v2_quota_of_the_top_counts(void **state)
{
    put(*state, "/proc/self/cgroup", "0::/\n");
    put(*state, "/sys/fs/cgroup/cpu.max", "300000 100000\n");
    check_quota(*state, 3);
}

/* In a container without a cgroup namespace the named group isn't mounted; its own is the top. */
static void v2_group_that_is_not_visible_falls_back_to_the_top(void **state)
{
    put(*state, "/proc/self/cgroup", "0::/docker/0123456789abcdef\n");
    put(*state, "/sys/fs/cgroup/cpu.max", "50000 100000\n");
    check_quota(*state, 0.5);
}

static void v2_group_may_contain_a_colon(void **state)
{
    put(*state, "/proc/self/cgroup", "0::/a:b\n");
    put(*state, "/sys/fs/cgroup/a:b/cpu.max", "200000 100000\n");
    check_quota(*state, 2);
}

static void v1_quota_is_read_from_the_cpu_controller(void **state)
{
    put(*state, "/proc/self/cgroup", "3:cpuset:/other\n2:cpu:/app\n1:memory:/app\n");
    put(*state, "/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "250000\n");
    put(*state, "/sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000\n");
    put(*state, "/sys/fs/cgroup/cpu/other/cpu.cfs_quota_us", "10000\n");
    put(*state, "/sys/fs/cgroup/cpu/other/cpu.cfs_period_us", "100000\n");
    check_quota(*state, 2.5);
}

static void v1_cpu_and_cpuacct_may_be_mounted_together(void **state)
{
    put(*state, "/proc/self/cgroup", "4:cpuacct,cpu:/app\n");
    put(*state, "/sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "20000\n");
    put(*state, "/sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_period_us", "10000\n");
    check_quota(*state, 2);
}

static void v1_minus_one_is_no_quota(void **state)
{
    put(*state, "/proc/self/cgroup", "2:cpu:/\n");
    put(*state, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put(*state, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    check_quota(*state, 0);
}

static void v1_smallest_quota_on_the_way_up_wins(void **state)
{
    put(*state, "/proc/self/cgroup", "2:cpu:/a/b\n");
    put(*state, "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "100000\n");
    put(*state, "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    put(*state, "/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "400000\n");
    put(*state, "/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000\n");
    check_quota(*state, 1);
}

static void broken_files_are_no_quota(void **state)
{
    put(*state, "/proc/self/cgroup", "nonsense\n1\n::\n2:cpu\n0::/app\n2:cpu:/app\n");
    put(*state, "/sys/fs/cgroup/app/cpu.max", "lots\n");
    put(*state, "/sys/fs/cgroup/cpu.max", "100000 0\n");
    put(*state, "/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "100000\n");
    put(*state, "/sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "");
    check_quota(*state, 0);
}

static void usable_is_the_smaller_of_affinity_and_quota_rounded_up(void **state)
{
    assert_int_equal(gyre__cpus_usable(4, 0), 4);
    assert_int_equal(gyre__cpus_usable(4, 1.5), 2);
    assert_int_equal(gyre__cpus_usable(4, 2), 2);
    assert_int_equal(gyre__cpus_usable(4, 3.01), 4);
    assert_int_equal(gyre__cpus_usable(4, 64), 4);
    assert_int_equal(gyre__cpus_usable(4, 0.1), 1);
    assert_int_equal(gyre__cpus_usable(0, 0), 1);
}

static int first_cpu(void)
{
    cpu_set_t mask;
    int cpu = 0;

    assert_int_equal(sched_getaffinity(0, sizeof mask, &mask), 0);
    while (!CPU_ISSET(cpu, &mask))
        cpu++;
    return cpu;
}

static void *count_on_one_cpu(void *arg)
{
    cpu_set_t mask;

    CPU_ZERO(&mask);
    CPU_SET(first_cpu(), &mask);
    sched_setaffinity(0, sizeof mask, &mask);
    gyre_count_cpus(arg);
    return NULL;
}

static void affinity_is_the_one_of_the_calling_thread(void **state)
{
    gyre_cpus cpus;
    pthread_t thread;

    pthread_create(&thread, NULL, count_on_one_cpu, &cpus);
    pthread_join(thread, NULL);
    assert_int_equal(cpus.affinity, 1);
    assert_int_equal(cpus.usable, 1);
}

static void *count_allowed(void *arg)
{
    gyre_cpus *cpus = arg;
    cpu_set_t before;

    sched_getaffinity(0, sizeof before, &before);
    gyre__cpus_allow(&before, sizeof before);
    count_on_one_cpu(&cpus[0]);
    gyre__cpus_allow(NULL, 0);
    gyre_count_cpus(&cpus[1]);
    return NULL;
}

/* Of a thread that was pinned, only what it was allowed before counts. */
static void what_is_allowed_counts_more_than_the_affinity(void **state)
{
    gyre_cpus before, cpus[2];
    pthread_t thread;

    gyre_count_cpus(&before);
    pthread_create(&thread, NULL, count_allowed, cpus);
    pthread_join(thread, NULL);
    assert_int_equal(cpus[0].affinity, before.affinity);
    assert_int_equal(cpus[0].usable, before.usable);
    assert_int_equal(cpus[1].affinity, 1);
}

static void this_machine_has_cpus(void **state)
{
    gyre_cpus cpus = {0};

    gyre_count_cpus(&cpus);
    assert_true(cpus.online >= 1);
    assert_in_range(cpus.affinity, 1, cpus.online);
    assert_in_range(cpus.usable, 1, cpus.affinity);
    assert_true(cpus.quota >= 0);
}

int main(void)
{
    const struct CMUnitTest trees[] = {
        cmocka_unit_test_setup_teardown(without_cgroups_there_is_no_quota, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v2_quota_is_read_from_the_processs_group, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v2_max_is_no_quota, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v2_smallest_quota_on_the_way_up_wins, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v2_quota_of_the_top_counts, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v2_group_that_is_not_visible_falls_back_to_the_top, make_root,
                                        remove_root),
        cmocka_unit_test_setup_teardown(v2_group_may_contain_a_colon, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v1_quota_is_read_from_the_cpu_controller, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v1_cpu_and_cpuacct_may_be_mounted_together, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v1_minus_one_is_no_quota, make_root, remove_root),
        cmocka_unit_test_setup_teardown(v1_smallest_quota_on_the_way_up_wins, make_root, remove_root),
        cmocka_unit_test_setup_teardown(broken_files_are_no_quota, make_root, remove_root),
    };
    const struct CMUnitTest counts[] = {
        cmocka_unit_test(usable_is_the_smaller_of_affinity_and_quota_rounded_up),
        cmocka_unit_test(affinity_is_the_one_of_the_calling_thread),
        cmocka_unit_test(what_is_allowed_counts_more_than_the_affinity),
        cmocka_unit_test(this_machine_has_cpus),
    };
    int failed = cmocka_run_group_tests(trees, NULL, NULL);

    return failed + cmocka_run_group_tests(counts, NULL, NULL);
}
