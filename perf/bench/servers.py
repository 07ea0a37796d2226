"""The servers: how each is started, whether it can be, and how it is stopped."""
import functools
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
    """A way to start a server: its name in tables, and a command in which PORT, DIR and CERT are filled in."""

    def __init__(self, name, command, package, cpus=None, datagrams=False):
        self.name, self.command, self.package, self.cpus, self.datagrams = name, command, package, cpus, datagrams

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


def echoes(port):
    """Whether a datagram comes back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.1)
        try:
            probe.connect(("127.0.0.1", port))
            probe.send(b"?")
            return probe.recv(1) == b"?"
        except OSError:
            return False


@functools.cache
def certificate():
    """A folder with cert.pem and key.pem, for all servers; it goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="gyre-bench-")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
               "-subj", "/CN=localhost", "-keyout", folder.name + "/key.pem", "-out", folder.name + "/cert.pem"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"openssl made no certificate: {done.stderr.strip()[-500:]}")
    return folder


class Running:
    """A server that is up; used with `with`. It is a child of the tracer, if there is one."""

    def __init__(self, server, cpus, tracer):
        self.name = server.name
        self.up = echoes if server.datagrams else answers
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="gyre-bench-")
        self.errors = open(os.path.join(self.folder.name, "stderr"), "w+", encoding="utf-8", errors="replace")
        command = [*tracer, *(self._fill(word) for word in server.command)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self.errors, preexec_fn=cpu.pinned(cpus))
        self.traced = bool(tracer)

    def _fill(self, word):
        word = word.replace("$PORT", str(self.port)).replace("$DIR", self.folder.name)
        if "$CERT" in word:
            word = word.replace("$CERT", certificate().name)
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
        while not self.up(self.port):
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


def nginx(conf):
    path = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    return [path, "-p", "$DIR", "-e", "stderr", "-c", os.path.join(PEERS, conf)] if path else []


IDENTITY = ("$CERT/cert.pem", "$CERT/key.pem")


def gyre_httpd(folder, shards, tls=False):
    return [os.path.join(folder, "gyre-httpd"), "--host", "127.0.0.1", "--port", "$PORT", "--shards", str(shards),
            "--quiet", *(("--tls", *IDENTITY) if tls else ())]


def http(folder):
    return [Server("floor", [os.path.join(folder, "floor_http"), "$PORT"], "this repository"),
            Server("nginx", nginx("nginx.conf"), "nginx-light"),
            Server("gyre", gyre_httpd(folder, 1), "this repository")]


def tls(folder):
    return [Server("floor", [os.path.join(folder, "floor_tls"), "$PORT", *IDENTITY], "this repository"),
            Server("nginx", nginx("nginx_tls.conf"), "nginx-light"),
            Server("gyre", gyre_httpd(folder, 1, tls=True), "this repository")]


def echo_uvloop():
    python = python_with_uvloop()
    return [python, os.path.join(PEERS, "echo_uvloop.py")] if python else []


def udp(folder):
    uvloop, floor = echo_uvloop(), [os.path.join(folder, "floor_udp"), "$PORT"]
    rivals = [("floor", floor, "this repository"),
              ("floor, one by one", [*floor, "alone"], "this repository"),
              ("gyre", [os.path.join(folder, "echo_udp"), "$PORT"], "this repository"),
              ("uvloop", uvloop and [*uvloop, "datagrams", "$PORT"], "python3-uvloop")]
    return [Server(*rival, datagrams=True) for rival in rivals]


def echo(folder):
    uvloop = echo_uvloop()
    return [Server("floor", [os.path.join(folder, "floor_echo"), "$PORT"], "this repository"),
            Server("gyre", [os.path.join(folder, "echo_protocol"), "$PORT"], "this repository"),
            Server("gyre streams", [os.path.join(folder, "echo_streams"), "$PORT"], "this repository"),
            Server("uvloop", uvloop and [*uvloop, "protocol", "$PORT"], "python3-uvloop"),
            Server("uvloop streams", uvloop and [*uvloop, "streams", "$PORT"], "python3-uvloop")]
