"""The small programs of perf/: each asks one question or a few, and prints a line for each as measure.h says. Every
perf/*.c that includes measure.h is one."""
import glob
import os
import subprocess

from servers import PEERS, Failed, python_with_uvloop

SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def names():
    found = []
    for path in sorted(glob.glob(os.path.join(SOURCES, "*.c"))):
        with open(path, encoding="utf-8") as file:
            if "measure.h" in file.read():
                found.append(os.path.basename(path)[:-2])
    return found


def number(text):
    return float(text) if text else None


def answer(line):
    """A printed line as a dictionary; the fields that it lacks are None."""
    fields = line.split("\t")
    fields += [""] * (8 - len(fields))
    keys = ("ours", "theirs", "ratio", "low", "high")
    values = map(number, (fields[2], *fields[4:8]))
    return {"what": fields[0], "unit": fields[1], "against": fields[3] or None, **dict(zip(keys, values))}


def lines_of(bench, *command):
    environment = {**os.environ, "MEASURE_ROUNDS": str(bench.rounds)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=1800)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")
    return [line for line in done.stdout.splitlines() if "\t" in line]


def ask(bench, name):
    return [{"program": name, **answer(line)} for line in lines_of(bench, os.path.join(bench.bin, name))]


def ask_peers(bench):
    """What asyncio and uvloop need for the same: a dictionary of dictionaries, by question and by peer."""
    python = python_with_uvloop()
    if not python:
        bench.progress.say("left out: asyncio, uvloop (python3-uvloop is not installed)")
        return {}
    found = {}
    for peer in ("asyncio", "uvloop"):
        bench.progress.say(f"small programs of {peer}")
        for line in lines_of(bench, python, os.path.join(PEERS, "scheduling.py"), peer):
            what, value = line.split("\t")
            found.setdefault(what, {})[peer] = float(value)
    return found


def run(bench):
    answers = []
    for name in names():
        if not os.path.exists(os.path.join(bench.bin, name)):
            bench.progress.say(f"{name} is not built")
            continue
        bench.progress.say(f"small program: {name}")
        answers += ask(bench, name)
    peers = ask_peers(bench)
    return [{**one, "peers": peers.get(one["what"], {})} for one in answers]
