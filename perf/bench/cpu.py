"""The CPU time of a process and its children, and the CPUs they may run on.

The sum is the kernel's exact count of nanoseconds, over all threads, living and gone. How it splits into user and
system time the kernel only samples, at each tick of its clock; /proc/PID/stat tells it in steps of 10 ms.
"""
import os
import time


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def family(pid):
    found = [pid]
    for child in children(pid):
        found += family(child)
    return found


def exact_ns(pid):
    return time.clock_gettime_ns((~pid << 3) | 2)  # the clock that clock_getcpuclockid(3) names


def ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def read(pid):
    """Nanoseconds, user ticks and system ticks of a process and its children."""
    pids = family(pid)
    sampled = [ticks(one) for one in pids]
    return sum(map(exact_ns, pids)), sum(user for user, _ in sampled), sum(system for _, system in sampled)


def spent(before, after):
    """Seconds between two readings: all, user, system."""
    total = (after[0] - before[0]) / 1e9
    user, system = after[1] - before[1], after[2] - before[2]
    share = user / (user + system) if user + system else 0
    return total, total * share, total * (1 - share)


def pinned(cpus):
    """What a child calls before it becomes the program."""
    return lambda: os.sched_setaffinity(0, cpus)
