"""test_access_log.py - --access-log: a line for each request, whole, in time, whatever the disk and the clients do."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import program
from wire import Wire, get

LINE = re.compile(r'(\S+) - - \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000)\] "([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)" (\d+\.\d{6})\n')


class AccessLog(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "access.log")

    def lines(self, path=None):
        """Each line, taken apart: host, time, request, status, bytes, referer, agent, seconds."""
        with open(path or self.path, encoding="ascii") as file:
            lines = file.readlines()
        for line in lines:
            self.assertRegex(line, LINE)
        return [LINE.fullmatch(line).groups() for line in lines]

    def wait_for_lines(self, count, path=None):
        end = time.monotonic() + 30
        while len(self.lines(path)) < count:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def ask(self, server, *requests):
        with Wire(server.port) as wire:
            wire.send(b"".join(requests))
            for _ in requests:
                wire.answer()

    def test_what_a_line_says(self):
        with program.httpd("--access-log", self.path) as server:
            self.ask(server, get("/plaintext?a=b", "Referer: http://here/", "User-Agent: me/1.0"))
            self.ask(server, get("/echo", method="POST", body=b"12345"), get("/nothing"), get("/sleep/30"))
            with Wire(server.port) as wire:
                wire.send(b"GET / HTTP/1.1\r\n\r\n")
                wire.answer()
            self.wait_for_lines(5)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, [])
        lines = self.lines()
        first, echo, nothing, sleep = (next(line for line in lines if word in line[2])
                                       for word in ("/plaintext", "/echo", "/nothing", "/sleep"))
        self.assertEqual(first[2:7], ("GET /plaintext?a=b HTTP/1.1", "200", "13", "http://here/", "me/1.0"))
        self.assertEqual(first[0], "127.0.0.1")
        said = time.mktime(time.strptime(first[1][:-6], "%d/%b/%Y:%H:%M:%S"))
        self.assertLess(abs(time.mktime(time.gmtime()) - said), 60)
        self.assertEqual(echo[2:7], ("POST /echo HTTP/1.1", "200", "5", "-", "-"))
        self.assertEqual(nothing[2:5], ("GET /nothing HTTP/1.1", "404", "14"))
        self.assertGreaterEqual(float(sleep[7]), 0.03)
        self.assertEqual([line[3] for line in lines].count("400"), 1)

    def test_no_client_writes_lines_of_its_own(self):
        with program.httpd("--access-log", self.path) as server:
            self.ask(server, get('/"%0a\\', 'User-Agent: "evil" \\ \t\xe4'), get("/" + "x" * 5000),
                     get("/plaintext", 'Referer: a" 200 0 "'))
            self.assertEqual(server.stop(), 0)
        odd, long, quoted = self.lines()
        self.assertEqual(odd[2], "GET /\\x22%0a\\x5c HTTP/1.1")
        self.assertEqual(odd[6], "\\x22evil\\x22 \\x5c \\x09\\xc3\\xa4")
        self.assertEqual(long[2], "GET /" + "x" * 2047 + "... HTTP/1.1")
        self.assertEqual((quoted[5], quoted[3]), ("a\\x22 200 0 \\x22", "200"))

    def test_to_stdout(self):
        process = subprocess.Popen(
            [os.path.join(program.BIN, "gyre-httpd"), "--host", "127.0.0.1", "--port", "0", "--access-log", "-"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        port = int(re.search(r":(\d+),", process.stderr.readline())[1])
        with Wire(port) as wire:
            wire.send(get("/plaintext"))
            wire.answer()
        line = process.stdout.readline()
        self.assertRegex(line, LINE)
        program.settle(process)
        process.terminate()
        self.assertEqual(process.communicate(timeout=30), ("", ""))
        self.assertEqual(process.returncode, 0)

    def test_clients_that_leave_have_a_line_too(self):
        with program.httpd("--access-log", self.path) as server:
            with Wire(server.port) as wire:
                wire.send(get("/plaintext") + get("/sleep/60000"))
                wire.answer()
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.wait_for_lines(2)
            self.assertEqual(self.lines()[1][2:5], ("GET /sleep/60000 HTTP/1.1", "0", "0"))
            self.assertEqual([line[0] for line in self.lines()], ["127.0.0.1"] * 2)
            self.assertEqual(server.stop(), 0)

    def wrk(self, server, seconds):
        """Runs wrk; how many requests it has counted. It leaves in the middle of some more."""
        return program.wrk(f"http://127.0.0.1:{server.port}/plaintext", seconds, "-c32")

    @unittest.skipUnless(shutil.which("wrk"), "no wrk")
    def test_nothing_is_lost_under_load(self):
        with program.httpd("--access-log", self.path) as server:
            count = self.wrk(server, 1 if program.BRIEF else 2)
            self.assertEqual(server.stop(), 0)
            lost = sum(int(re.search(r"(\d+) lines? lost", line)[1]) for line in server.errors)
        lines = self.lines()
        self.assertGreaterEqual(len(lines) + lost, count)
        self.assertLess(len(lines) + lost, count + 1000)
        self.assertEqual({line[2:5] for line in lines}, {("GET /plaintext HTTP/1.1", "200", "13")})

    def test_sigterm_under_load_loses_nothing(self):
        """Every answer that a client got is in the log."""
        answers = []
        with program.httpd("--access-log", self.path) as server:
            threads = [threading.Thread(target=self.ask_until_the_end, args=(server.port, answers)) for _ in range(8)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            self.assertEqual(server.stop(), 0)
            for thread in threads:
                thread.join()
            self.assertEqual(server.errors, [])
        self.assertEqual(len(self.lines()), sum(answers))

    def ask_until_the_end(self, port, answers):
        count = 0
        try:
            with Wire(port) as wire:
                while not wire.left:
                    wire.send(get("/plaintext"))
                    _, fields, _ = wire.answer()
                    count += 1
                    if fields.get("connection") == "close":
                        break
        except (EOFError, ConnectionError):
            pass
        answers.append(count)

    def test_rotation(self):
        with program.httpd("--access-log", self.path) as server:
            self.ask(server, get("/json"))
            self.wait_for_lines(1)
            os.rename(self.path, self.path + ".1")
            server.signal(signal.SIGHUP)
            end = time.monotonic() + 30
            while not os.path.exists(self.path):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            self.ask(server, get("/plaintext"), get("/plaintext"))
            self.wait_for_lines(2)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, [])
        self.assertEqual([line[2] for line in self.lines(self.path + ".1")], ["GET /json HTTP/1.1"])
        self.assertEqual([line[2] for line in self.lines()], ["GET /plaintext HTTP/1.1"] * 2)

    def test_rotation_without_a_place_goes_on_in_the_old_file(self):
        with program.httpd("--access-log", self.path) as server:
            os.rename(self.path, self.path + ".1")
            os.mkdir(self.path)
            server.signal(signal.SIGHUP)
            self.ask(server, get("/plaintext"))
            self.wait_for_lines(1, self.path + ".1")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, [f"gyre-httpd: access log {self.path}: Is a directory\n"])

    def test_a_full_disk(self):
        with program.httpd("--access-log", "/dev/full") as server:
            for _ in range(3):
                self.ask(server, get("/plaintext"))
                time.sleep(0.6)
            self.assertEqual(server.stop(), 0)
            lost = [re.fullmatch(r"gyre-httpd: access log /dev/full: (.*): (\d) lines? lost\n", line) for line in server.errors]
            self.assertEqual([line[1] for line in lost], ["No space left on device", "at the end"])
            self.assertEqual(sum(int(line[2]) for line in lost), 3)

    def test_a_disk_that_takes_half_a_line(self):
        """The rest is lost, and told; what a program reads of it later are whole lines."""
        with program.httpd("--access-log", self.path) as server:
            self.ask(server, get("/plaintext"))
            self.wait_for_lines(1)
            size = os.stat(self.path).st_size
            limit = ["prlimit", f"--pid={server.process.pid}"]
            if not shutil.which("prlimit"):
                self.skipTest("no prlimit")
            subprocess.run([*limit, f"--fsize={size + 20}:"], check=True)
            self.ask(server, get("/json"))
            end = time.monotonic() + 30
            while not server.errors:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            subprocess.run([*limit, "--fsize=unlimited:"], check=True)
            self.ask(server, get("/plaintext"))
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, [f"gyre-httpd: access log {self.path}: File too large: 1 line lost\n"])
        with open(self.path, encoding="ascii") as file:
            first, torn, last = file.readlines()
        self.assertRegex(first, LINE)
        self.assertEqual(len(torn), 21)
        self.assertRegex(last, LINE)

    def test_a_reader_that_takes_nothing(self):
        """Memory is bounded, the server answers, and the end comes: with a line on what was lost."""
        os.mkfifo(self.path)
        reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        agent = "User-Agent: " + "x" * 2000
        with program.httpd("--access-log", self.path) as server:
            for _ in range(20):
                self.ask(server, *[get("/plaintext", agent)] * 100)
            begin = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 25)
            self.assertTrue(server.errors)
            self.assertRegex(server.errors[-1], "at the end: [0-9]+ lines lost")


program.run_tests()
