#!/usr/bin/env python3
"""Faults for a night: nightly.py BUILD [SEEDS]

Plays every run of every scenario, with many pairs of faults, and runs each test that asks something of the system under
broken calls. Such a test may fail, which it does by the first expectation that is not met, or wait for what was broken; it
may not crash, or be found out by a sanitizer. Hangs are for the scenarios to find.
"""
import os
import pathlib
import re
import subprocess
import sys

GAVE_UP = 77  # the status of a test that has failed as it may
HUNG = 20  # seconds
ALARM = -14  # the status of a test that has waited for a minute


def has_faults(program):
    names = subprocess.run(['nm', program], capture_output=True, text=True).stdout
    return ' fault_ask\n' in names


def names_of(program):
    text = subprocess.run([program], capture_output=True, text=True, timeout=HUNG, stdin=subprocess.DEVNULL)
    return sorted(set(re.findall(r'RUN      \] (\w+)', text.stdout + text.stderr)))


def run_one(program, name, seed):
    """The words of a failure, and how many faults there were."""
    environment = dict(os.environ, GYRE_FAULTS='broken', GYRE_FAULTS_SEED=str(seed), GYRE_FAULTS_RATE='30',
                       GYRE_FAULTS_ONLY=name)
    environment['ASAN_OPTIONS'] = 'detect_leaks=0:' + os.environ.get('ASAN_OPTIONS', '')
    try:
        done = subprocess.run([program], capture_output=True, text=True, errors='replace', timeout=HUNG,
                              env=environment, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None, 0
    found = re.search(r'(\d+) faults injected', done.stderr)
    faults = int(found.group(1)) if found else 0
    if done.returncode in (0, GAVE_UP, ALARM):
        return None, faults
    return f'status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-6000:]}', faults


def run_tests(build, seeds):
    faults = runs = failures = 0
    for program in sorted(pathlib.Path(build, 'tests').glob('test_*')):
        if not has_faults(program):
            continue
        for name in names_of(program):
            for seed in range(1, seeds + 1):
                words, some = run_one(program, name, seed)
                runs += 1
                faults += some
                if words:
                    failures += 1
                    print(f'{program.name} {name} seed {seed}: {words}', flush=True)
    print(f'{faults} faults injected in {runs} runs of tests, {failures} failures')
    return failures


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else 'build/asan'
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    environment = dict(os.environ, FAULTS_RUNS='0', FAULTS_PAIRS='400')
    played = subprocess.run([f'{build}/tests/faults_play'], env=environment).returncode
    sys.exit(bool(run_tests(build, seeds) or played))


if __name__ == '__main__':
    main()
