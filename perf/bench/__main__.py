"""bench - what gyre costs against the limit and against its peers, in one go. `./dev bench` builds and runs it; the
parts are in the modules beside this one, and README.md says how to read what comes out."""
import argparse
import json
import os
import sys
import time

import facts
import goals
import keep
import memory
import plot
import programs
import report
import rounds
import servers
import syscalls
from progress import Progress

USUAL = {"rounds": 12, "seconds": 1.5, "idle": 5000}
PARTS = ("http", "echo", "tls", "udp", "shards", "syscalls", "memory", "programs")


def parse(words):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split(".")[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="parts, or loads of them, alone: " + ", ".join(PARTS) + "; "
                        + ", ".join(rounds.TITLES))
    parser.add_argument("--rounds", type=int, help="paired rounds (12)")
    parser.add_argument("--seconds", type=float, help="length of each load (1.5)")
    parser.add_argument("--quick", action="store_true", help="a short look: 3 rounds of 0.5 seconds")
    parser.add_argument("--only", default=",".join(PARTS), help="the same, by comma")
    parser.add_argument("--rate", type=int, default=20000, help="requests/s where the rate is constant (20000)")
    parser.add_argument("--idle", type=int, help="idle connections for memory (5000)")
    parser.add_argument("--bin", default=os.path.join(facts.ROOT, "build/release/bin"), help="the programs' folder")
    parser.add_argument("--results", default=os.path.join(facts.ROOT, "results"), help="where to write")
    parser.add_argument("--keep", metavar="FOLDER", help="put the results of this folder into perf/README.md, and end")
    bench = parser.parse_args(words)
    for name, value in {"rounds": 3, "seconds": 0.5, "idle": 1000}.items() if bench.quick else USUAL.items():
        if getattr(bench, name) is None:
            setattr(bench, name, value)
    bench.traced_requests = 64 * max(1, int(100 * bench.seconds))
    bench.only = bench.rows or bench.only.split(",")
    unknown = set(bench.only) - set(PARTS) - set(rounds.TITLES)
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}")
    if bench.rounds < 1 or bench.seconds <= 0:
        parser.error("at least one round and some seconds are needed")
    return bench


def choose_cpus(bench):
    """The server has the first CPU, the client the second; a third is for a second shard."""
    cpus = sorted(os.sched_getaffinity(0))
    bench.server_cpu, bench.client_cpu = cpus[0], cpus[1 % len(cpus)]
    bench.other_cpu = cpus[2] if len(cpus) > 2 else None


def present(bench, rivals):
    """Those that are installed; says which are not."""
    for server in rivals:
        if server.missing():
            bench.progress.say(f"left out: {server.name} ({server.missing()} is not installed or not built)")
    return [server for server in rivals if not server.missing()]


def all_loads(bench, rivals):
    """Each part's."""
    return {"http": rounds.http_loads(bench, rivals["http"]), "echo": rounds.echo_loads(bench, rivals["echo"]),
            "tls": rounds.tls_loads(bench, rivals["tls"]), "udp": rounds.udp_loads(bench, rivals["udp"]),
            "shards": rounds.shard_loads(bench)}


def run_rounds(bench, found, rivals):
    loads = [one for part, of_part in all_loads(bench, rivals).items() for one in of_part
             if part in bench.only or one.name in bench.only]
    if loads:
        found["samples"].update(rounds.run(bench, loads))


def count_syscalls(bench, found, rivals):
    if "syscalls" in bench.only:
        samples, found["calls"] = syscalls.run(bench, rivals["http"], rivals["tls"])
        found["samples"].update(samples)


def weigh_memory(bench, found, rivals):
    if "memory" in bench.only:
        found["samples"].update(memory.run(bench, rivals["http"], rivals["echo"], rivals["tls"]))


def ask_programs(bench, found, _):
    if "programs" in bench.only:
        found["programs"] = programs.run(bench)


def measure(bench):
    """All the parts that are wanted: samples, calls and programs, see the modules. What fails is told and left out."""
    rivals = {kind.__name__: present(bench, kind(bench.bin))
              for kind in (servers.http, servers.echo, servers.tls, servers.udp)}
    found = {"facts": facts.collect(bench), "samples": {}, "calls": {}, "programs": [], "failures": []}
    for part in (run_rounds, count_syscalls, weigh_memory, ask_programs):
        try:
            part(bench, found, rivals)
        except servers.Failed as failure:
            bench.progress.say(f"failed: {failure}")
            found["failures"].append(str(failure))
    return found


def write(bench, found):
    """Judges the goals, writes the three files and returns the text of results.md."""
    found["goals"] = goals.judge(found)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    folder = os.path.join(bench.results, f"{stamp}-{found['facts']['commit']}")
    os.makedirs(folder)
    texts = {"results.json": json.dumps(found, indent=1), "results.svg": plot.draw(found), "results.md": report.text(found)}
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    bench.progress.say(f"written: {folder}/results.md, .json, .svg")
    return texts["results.md"]


def lost(found):
    """How many requests failed."""
    return sum(int(sum(values.get("errors", ()))) for one in found["samples"].values() for values in one.values())


def main():
    bench = parse(sys.argv[1:])
    if bench.keep:
        keep.keep(bench.keep)
        return
    bench.progress = Progress()
    choose_cpus(bench)
    if not os.access(os.path.join(bench.bin, "load"), os.X_OK):
        raise servers.Failed(f"no program {bench.bin}/load: build first")
    if os.getloadavg()[0] > 0.5:
        bench.progress.say(f"the machine is not quiet (load average {os.getloadavg()[0]:.1f}): the figures will be coarse")
    found = measure(bench)
    print(write(bench, found))
    if found["failures"]:
        raise servers.Failed("; ".join(found["failures"]))
    if lost(found):
        raise servers.Failed(f"{lost(found)} requests failed: these figures mean nothing")


try:
    main()
except servers.Failed as failure:
    sys.exit(f"bench: {failure}")
except KeyboardInterrupt:
    sys.exit("bench: stopped; nothing was written")
