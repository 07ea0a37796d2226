"""The small programs of perf/: each asks one question or a few, and prints a line for each as measure.h says. Every
perf/*.c that includes measure.h is one."""
import glob
import os
import subprocess

from servers import Failed

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


def ask(bench, name):
    environment = {**os.environ, "MEASURE_ROUNDS": str(bench.rounds)}
    done = subprocess.run([os.path.join(bench.bin, name)], capture_output=True, text=True, env=environment, timeout=1800)
    if done.returncode:
        raise Failed(f"{name}: {done.stderr.strip()}")
    return [{"program": name, **answer(line)} for line in done.stdout.splitlines() if "\t" in line]


def run(bench):
    answers = []
    for name in names():
        if not os.path.exists(os.path.join(bench.bin, name)):
            bench.progress.say(f"{name} is not built")
            continue
        bench.progress.say(f"small program: {name}")
        answers += ask(bench, name)
    return answers
