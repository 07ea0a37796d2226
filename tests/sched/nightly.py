#!/usr/bin/env python3
"""Compares sched_trace with the asyncio of an installed Python, seed by seed, on several processes.

  nightly.py FIRST END [--wide] [--jobs N] [--python PROGRAM] [--program build/release/bin/sched_trace] [--driver NAME]

Needs Python 3.12 or newer (gather of futures that are done took one turn more before); --wide was written
down with 3.13.0. Prints how far it is, and for the first seed that differs its program and a diff of the two
traces. Ends with 0 when all are equal, 1 when one differs, 2 when something could not run."""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CHUNK = 500


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--program", default=str(HERE.parent.parent / "build/release/bin/sched_trace"))
    parser.add_argument("--driver", default="default")
    return parser.parse_args()


class Side:
    """One of the two that are compared: how it is asked for sums, a program, and the trace of a file."""

    def __init__(self, command, sums, program, trace):
        self.command, self.words = command, {"sums": sums, "program": program, "trace": trace}

    def ask(self, what, *values):
        command = self.command + self.words[what] + [str(value) for value in values]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr.strip()[-2000:]}")
            raise SystemExit(2)
        return done.stdout


def sides(options):
    script = HERE / ("wide.py" if options.wide else "sched_fuzz.py")
    wide = ["--wide"] if options.wide else []
    return (Side([options.python, "-B", str(script)], ["sums"], ["gen"], ["run"]),
            Side([options.program, "--driver", options.driver, *wide], ["--sums"], ["--gen"], []))


def check_python(options):
    """Refuses a Python whose asyncio is known to differ."""
    version = "import sys; sys.exit(sys.version_info < (3, 13 if sys.argv[1:] else 12))"
    if subprocess.run([options.python, "-c", version] + ["--wide"] * options.wide).returncode:
        print(f"{options.python} is older than Python 3.{13 if options.wide else 12}")
        raise SystemExit(2)


def differing(pair, first, end):
    """The first seed of a chunk whose sums differ, or None."""
    wanted, got = (side.ask("sums", first, end).splitlines() for side in pair)
    for seed, lines in zip(range(first, end), zip(wanted, got)):
        if lines[0] != lines[1]:
            return seed
    return None if len(wanted) == len(got) == end - first else first


def show(pair, seed):
    """Prints the program and what the two make of it."""
    python, c = pair
    program = python.ask("program", seed)
    print(f"seed {seed} differs:\n{program}")
    if program != c.ask("program", seed):
        print("sched_trace --gen makes another program of this seed")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(program)
        file.flush()
        traces = [side.ask("trace", file.name).splitlines() for side in pair]
    print("\n".join(difflib.unified_diff(*traces, "asyncio", "gyre", n=100, lineterm="")))


def main():
    options = arguments()
    check_python(options)
    if not os.access(options.program, os.X_OK):
        print(f"{options.program} is not there: build it, or say --program")
        return 2
    pair, begun, done = sides(options), time.monotonic(), 0
    chunks = [(first, min(first + CHUNK, options.end)) for first in range(options.first, options.end, CHUNK)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = [(first, end, pool.submit(differing, pair, first, end)) for first, end in chunks]
        for first, end, answer in running:
            seed = answer.result()
            if seed is not None:
                pool.shutdown(cancel_futures=True)
                show(pair, seed)
                return 1
            done += end - first
            print(f"{done} seeds equal, up to {end - 1}, {time.monotonic() - begun:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
