/* cgroup.c - reads CPU quotas of control groups, version 2 and version 1.
 *
 * /proc/self/cgroup names the process's group in each hierarchy; every group above it may hold a quota too,
 * and the smallest one counts. In a container the named group is often not visible; the way up then ends at
 * the container's own.
 */
#include "cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where version 1 mounts the controller that has the quota. */
static const char *const mounts_v1[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"};

static double smaller(double a, double b)
{
    if (a <= 0 || b <= 0)
        return a > b ? a : b;
    return a < b ? a : b;
}

static FILE *open_file(const char *root, const char *mount, const char *group, const char *name)
{
    char *path;
    FILE *file = NULL;

    if (asprintf(&path, "%s%s%s/%s", root, mount, group, name) >= 0) {
        file = fopen(path, "re");
        free(path);
    }
    return file;
}

/* "max 100000" has no quota and doesn't scan. */
static double read_v2(const char *root, const char *mount, const char *group)
{
    FILE *file = open_file(root, mount, group, "cpu.max");
    double quota = 0, period = 0;
    int found = 0;

    if (file) {
        found = fscanf(file, "%lf %lf", &quota, &period);
        fclose(file);
    }
    return found == 2 && quota > 0 && period > 0 ? quota / period : 0;
}

static double read_number(const char *root, const char *mount, const char *group, const char *name)
{
    FILE *file = open_file(root, mount, group, name);
    double number = 0;

    if (file) {
        if (fscanf(file, "%lf", &number) != 1)
            number = 0;
        fclose(file);
    }
    return number;
}

/* A quota of -1 is none. */
static double read_v1(const char *root, const char *mount, const char *group)
{
    double quota = read_number(root, mount, group, "cpu.cfs_quota_us");
    double period = read_number(root, mount, group, "cpu.cfs_period_us");

    return quota > 0 && period > 0 ? quota / period : 0;
}

/* From `group` up to the top; shortens `group` on the way. */
static double walk(double (*read)(const char *, const char *, const char *), const char *root,
                   const char *mount, char *group)
{
    double quota = read(root, mount, group);
    char *slash;

    while ((slash = strrchr(group, '/'))) {
        *slash = '\0';
        quota = smaller(quota, read(root, mount, group));
    }
    return quota;
}

static double walk_v1(const char *root, const char *group)
{
    double quota = 0;

    for (size_t i = 0; i < sizeof mounts_v1 / sizeof *mounts_v1; i++) {
        char *copy = strdup(group);

        if (copy)
            quota = smaller(quota, walk(read_v1, root, mounts_v1[i], copy));
        free(copy);
    }
    return quota;
}

static bool has_cpu(char *controllers)
{
    char *rest = NULL;

    for (char *name = strtok_r(controllers, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        if (!strcmp(name, "cpu"))
            return true;
    return false;
}

/* A line is "id:controllers:group"; version 2 has no controllers, and a group may contain colons. */
static double read_line(const char *root, char *line)
{
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;

    if (!group)
        return 0;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (!*++controllers)
        return walk(read_v2, root, "/sys/fs/cgroup", group);
    return has_cpu(controllers) ? walk_v1(root, group) : 0;
}

double gyre__cgroup_quota(const char *root)
{
    FILE *file = open_file(root, "/proc", "/self", "cgroup");
    char *line = NULL;
    size_t size = 0;
    double quota = 0;

    if (!file)
        return 0;
    while (getline(&line, &size, file) > 0)
        quota = smaller(quota, read_line(root, line));
    free(line);
    fclose(file);
    return quota;
}
