/* cgroup.h - how much CPU time the control groups of this process allow. */
#ifndef GYRE_EXECUTOR_CGROUP_H
#define GYRE_EXECUTOR_CGROUP_H

/* The smallest quota on the way from this process's group up to the top, in CPUs; 0 when there is none.
 * `root` stands before /proc and /sys: "" for the machine, a folder for a test. */
double gyre__cgroup_quota(const char *root);

#endif
