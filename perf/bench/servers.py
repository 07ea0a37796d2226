"""The servers: how each is started, whether it can be, and how it is stopped."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import cpu

PEERS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers")
PATIENCE = 20  # seconds for a server to come up or to go


class Failed(Exception):
    """Something that the user must be told."""


class Server:
    """A way to start a server: its name in tables, and a command in which PORT and DIR are filled in."""

    def __init__(self, name, command, package, cpus=None):
        self.name, self.command, self.package, self.cpus = name, command, package, cpus

    def missing(self):
        """The Debian package that brings it, or None when it is there."""
        return None if self.command and shutil.which(self.command[0]) else self.package

    def start(self, cpus, tracer=()):
        return Running(self, self.cpus or cpus, tracer)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Running:
    """A server that is up; used with `with`. It is a child of the tracer, if there is one."""

    def __init__(self, server, cpus, tracer):
        self.name = server.name
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="gyre-bench-")
        self.errors = open(os.path.join(self.folder.name, "stderr"), "w+", encoding="utf-8", errors="replace")
        command = [*tracer, *(self._fill(word) for word in server.command)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self.errors, preexec_fn=cpu.pinned(cpus))
        self.traced = bool(tracer)

    def _fill(self, word):
        word = word.replace("$PORT", str(self.port)).replace("$DIR", self.folder.name)
        if not word.endswith(".conf"):
            return word
        path = os.path.join(self.folder.name, "conf")
        with open(word, encoding="utf-8") as source, open(path, "w", encoding="utf-8") as file:
            file.write(self._fill(source.read()))
        return path

    @property
    def pid(self):
        """The server's own process, not its tracer's."""
        return cpu.children(self.process.pid)[0] if self.traced else self.process.pid

    def wait_until_up(self):
        end = time.monotonic() + PATIENCE
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                self.errors.seek(0)
                raise Failed(f"{self.name} did not start: {self.errors.read().strip()[-500:]}")
            time.sleep(0.01)

    def __enter__(self):
        try:
            self.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def stop(self):
        """Ends it, and waits for it and for its tracer."""
        if self.process.poll() is not None:
            return
        try:
            os.kill(self.pid, signal.SIGTERM)
            self.process.wait(PATIENCE)
        except (subprocess.TimeoutExpired, IndexError, ProcessLookupError):
            self.process.kill()
            self.process.wait()

    def __exit__(self, *_):
        self.stop()
        self.errors.close()
        self.folder.cleanup()


def python_with_uvloop():
    for python in ("python3", "/usr/bin/python3"):
        if shutil.which(python) and subprocess.run([python, "-c", "import uvloop"], capture_output=True).returncode == 0:
            return python
    return None


def nginx():
    path = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    return [path, "-p", "$DIR", "-e", "stderr", "-c", os.path.join(PEERS, "nginx.conf")] if path else []


def gyre_httpd(folder, shards):
    return [os.path.join(folder, "gyre-httpd"), "--host", "127.0.0.1", "--port", "$PORT", "--shards", str(shards),
            "--quiet"]


def http(folder):
    return [Server("floor", [os.path.join(folder, "floor_http"), "$PORT"], "this repository"),
            Server("nginx", nginx(), "nginx-light"),
            Server("gyre", gyre_httpd(folder, 1), "this repository")]


def echo(folder):
    python = python_with_uvloop()
    uvloop = [python, os.path.join(PEERS, "echo_uvloop.py")] if python else []
    return [Server("floor", [os.path.join(folder, "floor_echo"), "$PORT"], "this repository"),
            Server("gyre", [os.path.join(folder, "echo_protocol"), "$PORT"], "this repository"),
            Server("gyre streams", [os.path.join(folder, "echo_streams"), "$PORT"], "this repository"),
            Server("uvloop", uvloop and [*uvloop, "protocol", "$PORT"], "python3-uvloop"),
            Server("uvloop streams", uvloop and [*uvloop, "streams", "$PORT"], "python3-uvloop")]
