"""test_service.py - gyre-httpd on unix sockets, and as a service: inherited sockets, and what it tells its manager."""
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import program
from certificates import Certificates
from wire import Wire, get

program.need("curl")

# What a service manager does between fork and exec: descriptors from 3 on, and variables that name this process.
START = """
import os, sys
count = int(sys.argv[1])
for i in range(count):
    os.dup2(int(sys.argv[2 + i]), 3 + i)
if count:
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count))
os.environ.update(WATCHDOG_PID=str(os.getpid()))
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


class Service:
    """A gyre-httpd, started as a manager would; used with `with`."""

    def __init__(self, *args, sockets=(), **environment):
        self.high = [fcntl.fcntl(given, fcntl.F_DUPFD, 100) for given in sockets]
        path = os.path.join(program.BIN, "gyre-httpd")
        command = [sys.executable, "-c", START, str(len(self.high)), *map(str, self.high), path, "--shards", "2", *args]
        self.process = subprocess.Popen(command, pass_fds=self.high, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        for fd in self.high:
            os.close(fd)

    def line(self):
        """The announcement: it listens."""
        return self.process.stderr.readline()

    def stop(self):
        program.settle(self.process)
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        self.rest = self.process.communicate(timeout=60)[1]
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def curl(*args):
    run = subprocess.run(["curl", "-sS", "--max-time", "20", *args], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "sock")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def listen(self, family, address):
        listener = socket.socket(family)
        listener.bind(address)
        listener.listen(100)
        self.addCleanup(listener.close)
        return listener

    def end(self, service):
        self.assertEqual(service.stop(), 0)
        self.assertEqual(service.rest, "")


class Unix(Folder):
    def test_in_place_of_the_port(self):
        with Service("--unix", self.path) as service:
            self.assertRegex(service.line(), f"^gyre-httpd: unix:{self.path}, 2 shards")
            self.assertEqual(curl("--unix-socket", self.path, "http://here/plaintext"), "Hello, World!")
            self.assertEqual(curl("--unix-socket", self.path, "-d", "x" * 100000, "http://here/echo"), "x" * 100000)
            self.end(service)
        self.assertFalse(os.path.exists(self.path))

    def test_beside_the_port(self):
        with Service("--unix", self.path, "--port", "0", "--host", "127.0.0.1") as service:
            found = re.match(r"gyre-httpd: (http://127.0.0.1:\d+) and unix:(\S+), ", service.line())
            self.assertEqual(found[2], self.path)
            self.assertEqual(curl(found[1] + "/plaintext"), "Hello, World!")
            self.assertEqual(curl("--unix-socket", self.path, "http://here/plaintext"), "Hello, World!")
            self.end(service)

    def test_an_abstract_name(self):
        name = f"gyre-service-{os.getpid()}"
        with Service("--unix", "@" + name) as service:
            self.assertIn(f"unix:@{name},", service.line())
            self.assertEqual(curl("--abstract-unix-socket", name, "http://here/plaintext"), "Hello, World!")
            self.end(service)

    def test_both_shards_serve(self):
        with Service("--unix", self.path) as service:
            service.line()
            wires = []
            for _ in range(20):
                wires.append(socket.socket(socket.AF_UNIX))
                wires[-1].connect(self.path)
                wires[-1].sendall(get("/plaintext"))
                self.assertIn(b"Hello, World!", wires[-1].recv(65536))
            stats = json.loads(curl("--unix-socket", self.path, "http://here/stats"))
            shares = [shard["connections"] for shard in stats["shards"]]
            self.assertGreaterEqual(min(shares), 4)
            for wire in wires:
                wire.close()
            self.end(service)

    def test_what_is_in_the_way(self):
        open(self.path, "w").close()
        with Service("--unix", self.path) as service:
            self.assertEqual(service.wait(), 1)
            self.assertIn(f"Address '{self.path}' is already in use", service.rest)

    def test_requests_under_way_are_finished(self):
        with Service("--unix", self.path) as service:
            service.line()
            client = socket.socket(socket.AF_UNIX)
            client.connect(self.path)
            client.sendall(get("/sleep/800"))
            time.sleep(0.2)
            self.end(service)
            self.assertIn(b" 200 ", client.recv(65536))
            client.close()


class Activation(Folder):
    def test_both_kinds(self):
        internet = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        local = self.listen(socket.AF_UNIX, self.path)
        port = internet.getsockname()[1]
        with Service(sockets=(internet, local), LISTEN_FDNAMES="web:side") as service:
            line = service.line()
            self.assertIn(f"http://127.0.0.1:{port} (inherited as web) and unix:{self.path} (inherited as side), ", line)
            for _ in range(5):
                self.assertEqual(curl(f"http://127.0.0.1:{port}/plaintext"), "Hello, World!")
                self.assertEqual(curl("--unix-socket", self.path, "http://here/plaintext"), "Hello, World!")
            self.end(service)
        self.assertTrue(os.path.exists(self.path))

    def test_the_next_one_takes_over(self):
        """The sockets are not the program's: who comes while nobody serves waits for the next."""
        internet = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        local = self.listen(socket.AF_UNIX, self.path)
        port = internet.getsockname()[1]
        with Service(sockets=(internet, local)) as service:
            service.line()
            self.end(service)
        with Wire(port) as wire, socket.socket(socket.AF_UNIX) as early:
            early.connect(self.path)
            early.sendall(get("/plaintext"))
            wire.send(get("/plaintext"))
            with Service(sockets=(internet, local)) as service:
                self.assertEqual(wire.answer()[0], 200)
                self.assertIn(b"Hello, World!", early.recv(65536))
                service.line()
                self.end(service)

    def test_both_shards_serve(self):
        internet = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        port = internet.getsockname()[1]
        with Service(sockets=(internet,)) as service:
            service.line()
            wires = [Wire(port) for _ in range(20)]
            for wire in wires:
                wire.send(get("/plaintext"))
                self.assertEqual(wire.answer()[0], 200)
            stats = json.loads(curl(f"http://127.0.0.1:{port}/stats"))
            self.assertGreaterEqual(min(shard["connections"] for shard in stats["shards"]), 8)
            for wire in wires:
                wire.socket.close()
            self.end(service)

    def test_another_process_was_meant(self):
        with Service("--unix", self.path, LISTEN_PID="1", LISTEN_FDS="1") as service:
            self.assertRegex(service.line(), f"^gyre-httpd: unix:{self.path}, ")
            self.end(service)

    def test_no_listening_socket(self):
        for given in (socket.socket(), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)):
            with given, Service(sockets=(given,)) as service:
                self.assertEqual(service.wait(), 2)
                self.assertEqual(service.rest, "gyre-httpd: LISTEN_FDS: descriptor 3 is no listening stream socket\n")


@unittest.skipUnless(shutil.which("openssl"), "no openssl")
class Secure(Folder):
    """The same with TLS."""

    def setUp(self):
        super().setUp()
        self.files = Certificates()
        self.addCleanup(self.files.remove)
        self.pair = self.files.make("here", "here", "127.0.0.1")

    def curl(self, *args):
        return curl("--cacert", self.files.path("here.pem"), *args)

    def test_unix(self):
        with Service("--unix", self.path, *self.pair) as service:
            self.assertRegex(service.line(), rf"^gyre-httpd: unix:{self.path} \(https\), 2 shards")
            self.assertEqual(self.curl("--unix-socket", self.path, "https://here/plaintext"), "Hello, World!")
            self.assertEqual(self.curl("--unix-socket", self.path, "-d", "x" * 100000, "https://here/echo"), "x" * 100000)
            self.end(service)

    def test_activation(self):
        internet = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        local = self.listen(socket.AF_UNIX, self.path)
        port = internet.getsockname()[1]
        with Service(*self.pair, sockets=(internet, local)) as service:
            self.assertIn(f"https://127.0.0.1:{port} (inherited) and unix:{self.path} (https) (inherited), ", service.line())
            for _ in range(5):
                self.assertEqual(self.curl(f"https://127.0.0.1:{port}/plaintext"), "Hello, World!")
                self.assertEqual(self.curl("--unix-socket", self.path, "https://here/plaintext"), "Hello, World!")
            self.end(service)


class Notify(Folder):
    def converse(self, address, shown):
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.settimeout(30)
        manager.bind(address)
        begin = time.monotonic()
        with manager, Service("--unix", self.path, NOTIFY_SOCKET=shown, WATCHDOG_USEC="200000") as service:
            heard = [manager.recv(100) for _ in range(7)]
            self.assertGreater(time.monotonic() - begin, 0.55)
            self.assertEqual(sorted(heard), [b"READY=1"] + [b"WATCHDOG=1"] * 6)
            self.assertEqual(curl("--unix-socket", self.path, "http://here/plaintext"), "Hello, World!")
            service.line()
            self.end(service)
            heard = []
            manager.setblocking(False)
            while not heard or heard[-1] != b"STOPPING=1":
                heard.append(manager.recv(100))
            self.assertEqual(set(heard[:-1]) - {b"WATCHDOG=1"}, set())

    def test_a_path(self):
        path = os.path.join(self.folder, "notify")
        self.converse(path, path)

    def test_an_abstract_name(self):
        name = f"gyre-manager-{os.getpid()}"
        self.converse("\0" + name, "@" + name)

    def test_stopping_comes_before_the_drain(self):
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(30)
            manager.bind(path)
            with Service("--unix", self.path, NOTIFY_SOCKET=path) as service:
                self.assertEqual(manager.recv(100), b"READY=1")
                client = socket.socket(socket.AF_UNIX)
                client.connect(self.path)
                client.sendall(get("/sleep/1500"))
                time.sleep(0.1)
                service.process.send_signal(signal.SIGTERM)
                self.assertEqual(manager.recv(100), b"STOPPING=1")
                self.assertIsNone(service.process.poll())
                self.assertIn(b" 200 ", client.recv(65536))
                client.close()
                self.assertEqual(service.wait(), 0)

    def test_nobody_listens(self):
        with Service("--unix", self.path, NOTIFY_SOCKET=self.path + "-none", WATCHDOG_USEC="20000") as service:
            service.line()
            time.sleep(0.1)
            self.end(service)


if __name__ == "__main__":
    program.run_tests()
