"""What the figures belong to: the machine, the commit, the compiler, the command."""
import os
import platform
import re
import shlex
import subprocess
import sys
import time

import servers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def ask(*command):
    """The first line that a command prints; empty when it fails."""
    try:
        lines = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.splitlines()
        return lines[0].strip() if lines else ""
    except (OSError, subprocess.CalledProcessError):
        return ""


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", file.read(), re.M)
    return found[1] if found else platform.machine()


def commit():
    name = ask("git", "rev-parse", "--short", "HEAD") or "unknown"
    return name + ("-changed" if ask("git", "status", "--porcelain", "--untracked-files=no") else "")


def version(*command):
    found = re.search(r"\d+\.\d+[.\d]*", ask(*command))
    return found[0] if found else "absent"


def uvloop():
    """Its version, and that of the python that the peers run with."""
    python = servers.python_with_uvloop()
    if not python:
        return "absent"
    return ask(python, "-c", "import platform, uvloop; print(uvloop.__version__, 'on python', platform.python_version())")


def collect(bench):
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit(),
        "command": "./dev bench " + shlex.join(sys.argv[1:]),
        "cpu": f"{os.cpu_count()} x {cpu_model()}",
        "kernel": platform.release(),
        "compiler": ask("gcc", "--version"),
        "nginx": version("sh", "-c", "PATH=$PATH:/usr/sbin nginx -v 2>&1"),
        "uvloop": uvloop(),
        "load": os.getloadavg()[0],
        "rounds": bench.rounds,
        "seconds": bench.seconds,
        "rate": bench.rate,
        "server_cpu": bench.server_cpu,
        "client_cpu": bench.client_cpu,
    }
