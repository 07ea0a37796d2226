"""test_socat.py - socat at the other end: unix sockets and names, datagrams, pipes, terminals."""
import os
import pty
import subprocess
import tempfile
import time
import unittest

import bed

bed.need("socat")


class Socat(bed.Running):
    """A running socat, between two addresses; "-" are its stdin and stdout."""

    def __init__(self, *args):
        super().__init__("socat", *args, stdin=subprocess.PIPE if "-" in args else subprocess.DEVNULL)

    def hears(self, data):
        with self.news:
            self.news.wait_for(lambda: len(self.out) >= len(data), bed.LONG)
        assert (self.out, self.err) == (data, b""), f"{len(self.out)} of {len(data)} bytes came: {self.err}"

    def echoes(self, data):
        """Sends it, and hears it from the other end."""
        self.process.stdin.write(data)
        self.hears(data)

    def leave(self):
        self.process.stdin.close()
        assert self.wait() == 0, self.err


class Test(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "socket")

    def appears(self):
        """Waits until somebody has made the path."""
        for _ in range(bed.LONG * 100):
            if os.path.exists(self.path):
                return
            time.sleep(0.01)
        self.fail(f"nobody made {self.path}")


class Unix(Test):
    def exchange(self, address, *options):
        with bed.Server("unix", "--path", self.path, *options), Socat("-", address) as socat:
            socat.echoes(bed.pattern(300000))
            socat.leave()

    def test_client(self):
        self.exchange(f"UNIX-CONNECT:{self.path}")

    def test_client_of_a_name(self):
        self.exchange(f"ABSTRACT-CONNECT:{self.path}", "--abstract")

    def ask(self, address, *options):
        """What a client hears that half-closes, from socat in front of a cat."""
        with Socat("-d", "-d", address, "EXEC:cat") as socat:
            socat.expect("listening on")
            got = bed.ask("unix", "--path", self.path, "--eof", *options, send=bed.pattern(300000))
        self.assertEqual((got.error, got.bytes), ("None", bed.pattern(300000)))

    def test_server(self):
        self.ask(f"UNIX-LISTEN:{self.path}")

    def test_server_of_a_name(self):
        self.ask(f"ABSTRACT-LISTEN:{self.path}", "--abstract")


class Datagrams(Test):
    def test_client(self):
        with bed.Server("udp") as server, Socat("-", f"UDP:127.0.0.1:{server.port}") as socat:
            socat.echoes(bed.pattern(8000))
            socat.leave()

    def test_client_of_a_path(self):
        with bed.Server("udp", "--path", self.path), Socat("-", f"UNIX-SENDTO:{self.path},bind={self.path}.own") as socat:
            socat.echoes(bed.pattern(8000))
            socat.leave()

    def test_server(self):
        with Socat(f"UNIX-RECVFROM:{self.path},fork", "EXEC:cat"):
            self.appears()
            got = bed.ask("udp", "--path", self.path, "--local", self.path + ".own", "--sizes", 5000, "--sizes", 1)
        self.assertEqual(got.bytes, b"5000: 5000\n1: 1\n")


class Pipes(Test):
    def read(self):
        return bed.Running(bed.PEER, "read", self.path)

    def write(self, data):
        file = tempfile.TemporaryFile()
        self.addCleanup(file.close)
        file.write(data)
        file.seek(0)
        return bed.Running(bed.PEER, "write", self.path, stdin=file)

    def ends(self, end, out, err=b"None:\n"):
        self.assertEqual(end.wait(), 0)
        self.assertEqual((end.out, end.err), (out, err))


class Fifos(Pipes):
    def setUp(self):
        super().setUp()
        os.mkfifo(self.path)

    def test_read(self):
        with self.read() as reader, Socat("-u", "-", f"OPEN:{self.path},wronly") as socat:
            socat.process.stdin.write(bed.pattern(300000))
            socat.leave()
            self.ends(reader, bed.pattern(300000))

    def test_write(self):
        with Socat("-u", f"OPEN:{self.path},rdonly", "STDOUT") as socat, self.write(bed.pattern(300000)) as writer:
            socat.hears(bed.pattern(300000))
            self.ends(writer, b"")

    def test_a_reader_that_goes(self):
        with Socat("-u", f"OPEN:{self.path},rdonly,readbytes=1000", "STDOUT") as socat, self.write(bed.pattern(300000)) as writer:
            socat.hears(bed.pattern(1000))
            self.ends(writer, b"", b"BrokenPipeError:\n")


class Terminals(Pipes):
    """Terminals whose other end is socat."""

    def setUp(self):
        super().setUp()
        try:
            for end in pty.openpty():
                os.close(end)
        except OSError as error:
            self.skipTest(f"no terminal: {error}")
        self.terminal = f"PTY,link={self.path},raw,echo=0,wait-slave"

    def test_read(self):
        with Socat("-u", "-", self.terminal) as socat:
            self.appears()
            with self.read() as reader:
                socat.process.stdin.write(bed.pattern(3000))
                reader.expect("00000374")
                socat.leave()
                self.ends(reader, bed.pattern(3000))

    def test_write(self):
        with Socat("-u", self.terminal, "STDOUT") as socat:
            self.appears()
            with self.write(bed.pattern(30000)) as writer:
                self.ends(writer, b"")
            socat.hears(bed.pattern(30000))


bed.run_tests()
