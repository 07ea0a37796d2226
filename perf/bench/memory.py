"""User memory of an idle connection: what a process holds (the pages that no file backs, those it shares divided by
how many share them: Pss_Anon) with many connections that have exchanged one message each, less what it held with a few of them."""
import resource

import cpu
import load
from servers import Failed

FEW = 100


def held_kib(pid):
    total = 0
    for one in cpu.family(pid):
        with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Pss_Anon:"))
    return total


def sit(bench, port, count, kind):
    """A client with so many idle connections; it is ready when this returns."""
    words = ["--tls", "idle", port, count, 600, "http"] if kind == "tls" else ["idle", port, count, 600, kind]
    process = load.client(bench, words)
    if process.stdout.readline().strip() != "ready":
        raise Failed(f"load idle: {process.stderr.read().strip()}")
    return process


def leave(process):
    process.kill()
    process.communicate()


def per_connection(bench, server, kind):
    with server.start({bench.server_cpu}) as running:
        clients = [sit(bench, running.port, FEW, kind)]
        before = held_kib(running.pid)
        try:
            clients.append(sit(bench, running.port, bench.idle, kind))
            return (held_kib(running.pid) - before) / bench.idle
        finally:
            for client in clients:
                leave(client)


def raise_limit():
    """The servers inherit it: a descriptor for each connection."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def run(bench, http, echo, tls):
    raise_limit()
    samples = {}
    for kind, rivals in (("http", http), ("echo", echo), ("tls", tls)):
        for server in rivals:
            bench.progress.say(f"memory of {bench.idle} idle connections: {kind}, {server.name}")
            samples[f"{kind}, {server.name}"] = {"KiB": [per_connection(bench, server, kind)]}
    return {"idle": samples}
