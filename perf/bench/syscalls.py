"""System calls for a request, counted by strace: of two runs that differ only in their length, the difference. So what
starting, accepting and ending cost is not among them."""
import os
import shutil
import tempfile

import load
from servers import Failed

SHORT = 4096  # requests of the shorter run


def parse(text):
    """{call: count} of what strace -c prints."""
    counts = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 5 and words[0].replace(".", "").isdigit() and words[-1] != "total":
            counts[words[-1]] = counts.get(words[-1], 0) + int(words[3])
    return counts


def count(bench, server, depth, requests, tls):
    """{call: count} of a server's life with so many requests, and how many were answered."""
    with tempfile.TemporaryDirectory(prefix="gyre-bench-") as folder:
        path = os.path.join(folder, "calls")
        with server.start({bench.server_cpu}, ("strace", "-f", "-c", "-o", path)) as running:
            words = [*(["--tls"] if tls else []), "--requests", requests, "http", running.port, 64, 60, depth]
            answered = int(load.run(bench, words)[0][0])
            running.stop()
        with open(path, encoding="ascii") as file:
            return parse(file.read()), answered


def per_request(bench, server, depth, tls):
    few, answered_few = count(bench, server, depth, SHORT, tls)
    many, answered_many = count(bench, server, depth, SHORT + bench.traced_requests * depth, tls)
    more = answered_many - answered_few
    return {call: (n - few.get(call, 0)) / more for call, n in many.items()}


def run(bench, http, tls):
    """samples as rounds.run gives them, and {load: {server: {call: count for a request}}}."""
    samples, calls = {}, {}
    if not shutil.which("strace"):
        bench.progress.say("left out: system calls (strace is not installed)")
        return samples, calls
    for name, title, rivals, depth in (("1", "depth 1", http, 1), ("16", "depth 16", http, 16), ("tls", "TLS", tls, 1)):
        calls[title], samples[f"syscalls-{name}"] = {}, {}
        for server in rivals:
            bench.progress.say(f"system calls, {title}: {server.name}")
            found = per_request(bench, server, depth, tls=rivals is tls)
            if not found:
                raise Failed(f"strace counted nothing of {server.name}")
            calls[title][server.name] = {call: n for call, n in found.items() if n > 0.0005}
            samples[f"syscalls-{name}"][server.name] = {"calls": [sum(found.values())]}
    return samples, calls
