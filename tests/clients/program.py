"""program.py - starts a program of bin/ on a free port, and ends it: the other files are tests of it.

The first argument of each test is the folder of the programs; the second, if any, is "brief": a sanitizer makes
everything slow, so do less.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

BIN = sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin"
BRIEF = sys.argv[2:] == ["brief"]
SKIP = 77


def need(*tools):
    """Ends the test as skipped when a tool is not installed."""
    for tool in tools:
        if not shutil.which(tool):
            print(f"skipped: no {tool}")
            sys.exit(SKIP)


def is_known(name):
    """A bare chroot has no /etc/hosts."""
    try:
        return socket.getaddrinfo(name, 0, socket.AF_INET)
    except OSError:
        return []


def wrk(url, seconds, *args):
    """Runs wrk, which must meet no error; how many answers came."""
    run = subprocess.run(["wrk", "-t2", f"-d{seconds}", *args, url], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "Socket errors" not in run.stdout and "Non-2xx" not in run.stdout, run.stdout
    return int(re.search(r"(\d+) requests in", run.stdout)[1])


def settle(process, seconds=10):
    """Waits until it sleeps: ThreadSanitizer loses a signal that comes in a thread's first call that may block."""
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        with open(f"/proc/{process.pid}/stat") as file:
            if file.read().rpartition(")")[2].split()[0] == "S":
                return
        time.sleep(0.01)


def run_tests():
    unittest.main(argv=sys.argv[:1], verbosity=2)


class Program:
    """A running program; used with `with`. Its start-up line says the port; its errors are kept."""

    def __init__(self, name, *args):
        self.process = subprocess.Popen([os.path.join(BIN, name), *args], stderr=subprocess.PIPE, text=True)
        self.errors = []
        self.port = self._read_port()
        self.reader = threading.Thread(target=self._read_errors, daemon=True)
        self.reader.start()

    def _read_port(self):
        for line in self.process.stderr:
            found = re.search(r"https?://\S+:(\d+)", line)
            if found:
                return int(found[1])
            self.errors.append(line)
        raise AssertionError(f"it did not start: {self.errors}")

    def _read_errors(self):
        self.errors.extend(self.process.stderr)

    def stop(self, sig=signal.SIGTERM, timeout=30):
        """Signals and waits; the exit status."""
        self.signal(sig)
        return self.wait(timeout)

    def signal(self, sig=signal.SIGTERM):
        if BRIEF:
            settle(self.process, 1)
        self.process.send_signal(sig)

    def wait(self, timeout=30):
        status = self.process.wait(timeout)
        self.reader.join(timeout)
        self.process.stderr.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.kill()
            self.wait()
        if kind and self.errors:
            print("stderr:", "".join(self.errors), file=sys.stderr)


def httpd(*args):
    """gyre-httpd with two shards, on a free port of 127.0.0.1."""
    return Program("gyre-httpd", "--host", "127.0.0.1", "--port", "0", "--shards", "2", *args)


class HttpdTest(unittest.TestCase):
    """Tests that share one gyre-httpd, which must end well and without complaints."""

    args = ()

    @classmethod
    def setUpClass(cls):
        cls.program = httpd(*cls.args)
        cls.port = cls.program.port
        cls.url = f"http://127.0.0.1:{cls.port}"

    @classmethod
    def tearDownClass(cls):
        with cls.program:
            status = cls.program.stop()
            assert status == 0, f"exit status {status}"
            assert not cls.program.errors, "".join(cls.program.errors)
