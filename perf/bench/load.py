"""One run of the load client against one running server."""
import os
import subprocess

import cpu
from servers import Failed


def client(bench, words):
    """Starts the client, pinned; the words are its arguments."""
    command = [os.path.join(bench.bin, "load"), *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, preexec_fn=cpu.pinned({bench.client_cpu}))


def run(bench, words):
    """Runs it to its end; returns the lines that it printed, as lists of words."""
    process = client(bench, words)
    try:
        out, err = process.communicate(timeout=300)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        raise Failed(f"load {' '.join(map(str, words))}: {err.strip()}")
    return [line.split() for line in out.splitlines()]


def measure(bench, server, cpus, words):
    """What one server cost and gave under one load, times in microseconds; the words after PORT are filled in."""
    with server.start(cpus) as running:
        before = cpu.read(running.pid)
        lines = run(bench, [running.port if word == "PORT" else word for word in words])
        total, user, system = cpu.spent(before, cpu.read(running.pid))
    requests, elapsed = int(lines[0][0]), float(lines[0][1])
    if not requests:
        raise Failed(f"{server.name} answered nothing")
    sample = {"rate": requests / elapsed, "cpu": total / requests * 1e6, "user": user / requests * 1e6,
              "system": system / requests * 1e6, "p50": float(lines[0][2]), "p99": float(lines[0][3]),
              "errors": int(lines[0][4])}
    sample.update((name, float(value)) for name, value, _ in lines[1:])
    return sample
