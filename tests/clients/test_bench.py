"""test_bench.py - the bench and its client: they run, and what they write can be read. Not how fast anything is."""
import glob
import json
import os
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree

import program

PERF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../perf")
sys.path.append(os.path.join(PERF, "bench"))
import goals  # noqa: E402 (they are in the bench's folder)
import keep  # noqa: E402
import servers  # noqa: E402

PARTS = "http,memory" if program.BRIEF else "http,echo,tls,udp,shards,syscalls,memory,programs"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
STALL = 0.3


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """The client ends a connection with a reset."""


class Staller(socketserver.StreamRequestHandler):
    """Answers every GET, but all of them late while one of them stalls."""

    lock = threading.Lock()
    requests = 0

    def handle(self):
        while self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            with self.lock:
                Staller.requests += 1
                time.sleep(STALL if Staller.requests == 20 else 0)
            self.wfile.write(ANSWER)


class Secret(socketserver.StreamRequestHandler):
    """Answers every GET over TLS, and counts the connections that went on with a session."""

    connections = resumed = 0

    def handle(self):
        with self.server.context.wrap_socket(self.request, server_side=True) as secret, secret.makefile("rb") as lines:
            Secret.connections += 1
            Secret.resumed += secret.session_reused
            while lines.readline():
                while lines.readline().strip():
                    pass
                secret.sendall(ANSWER)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(self.request[0], self.client_address)


def load(*words):
    """The first line and the table of the client."""
    run = subprocess.run([os.path.join(program.BIN, "load"), *map(str, words)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines()]
    return lines[0], {name: (float(value), int(count)) for name, value, count in lines[1:]}


class Client(unittest.TestCase):
    def setUp(self):
        Staller.requests = 0
        self.server = Server(("127.0.0.1", 0), Staller)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def test_a_stall_is_paid_for_by_all_that_were_due_in_it(self):
        line, table = load("--rate", 200, "http", self.port, 4, 1, 1)
        self.assertEqual((int(line[0]), int(line[4])), (200, 0))
        self.assertGreater(table["p90"][0], STALL / 4 * 1e6)
        self.assertGreater(table["max"][0], STALL * 0.9 * 1e6)

    def test_a_new_connection_for_each_request_keeps_the_rate(self):
        line, _ = load("--rate", 100, "conn", self.port, 4, 0.5, "http")
        self.assertEqual((int(line[0]), int(line[4])), (50, 0))

    def test_percentiles_rise_and_end_with_all(self):
        line, table = load("--table", "http", self.port, 2, 0.3, 2)
        names = ["p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "p99.999", "max"]
        self.assertEqual([table[name] for name in names], sorted(table[name] for name in names))
        self.assertEqual(table["max"][1], int(line[0]))

    def test_it_ends_after_so_many_requests(self):
        line, _ = load("--requests", 10, "http", self.port, 1, 60, 1)
        self.assertEqual(int(line[0]), 10)

    def test_datagrams_go_there_and_back(self):
        with socketserver.UDPServer(("127.0.0.1", 0), Echo) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            line, _ = load("--requests", 100, "udp", server.server_address[1], 4, 30, 500)
            server.shutdown()
        self.assertGreaterEqual(int(line[0]), 100)
        self.assertEqual(int(line[4]), 0)

    def test_sessions_of_tls_are_resumed_when_asked_for(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(os.path.join(servers.certificate().name, name) for name in ("cert.pem", "key.pem")))
        self.server.context, self.server.RequestHandlerClass = context, Secret
        for option, resumes in (("--tls", False), ("--resume", True)):
            Secret.connections = Secret.resumed = 0
            line, _ = load(option, "--requests", 20, "conn", self.port, 2, 30, "http")
            self.assertGreaterEqual(int(line[0]), 20)
            self.assertEqual(int(line[4]), 0)
            self.assertEqual(Secret.resumed > Secret.connections / 2, resumes)

    def test_who_is_lost_is_an_error(self):
        run = subprocess.run([os.path.join(program.BIN, "load"), "http", "1", "1", "1", "1"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (1, ""))


class Bench(unittest.TestCase):
    def test_it_writes_what_it_found(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([sys.executable, "-B", os.path.join(PERF, "bench"), "--rounds", "1", "--seconds", "0.1",
                                  "--idle", "50", "--rate", "500", "--only", PARTS, "--bin", program.BIN,
                                  "--results", folder], capture_output=True, text=True, timeout=170)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.check(*glob.glob(folder + "/*/"))

    def test_rows_that_are_named_are_measured_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([sys.executable, "-B", os.path.join(PERF, "bench"), "udp", "tls-full", "--rounds", "1",
                                  "--seconds", "0.1", "--bin", program.BIN, "--results", folder],
                                 capture_output=True, text=True, timeout=100)
            self.assertEqual(run.returncode, 0, run.stderr)
            with open(glob.glob(folder + "/*/results.json")[0], encoding="utf-8") as file:
                self.assertEqual(set(json.load(file)["samples"]), {"udp-1", "tls-full"})

    def check(self, folder):
        with open(folder + "results.json", encoding="utf-8") as file:
            found = json.load(file)
        self.assertGreater(found["samples"]["http-1"]["gyre"]["rate"][0], 0)
        measured = {goal["title"] for goal in found["goals"] if goal["verdict"] != "not measured"}
        self.assertIn("HTTP depth 1: CPU against the floor", measured)
        with open(folder + "results.md", encoding="utf-8") as file:
            self.assertIn("| HTTP depth 1: CPU against the floor |", file.read())
        bars = xml.etree.ElementTree.parse(folder + "results.svg").iter("{http://www.w3.org/2000/svg}rect")
        self.assertGreater(len(list(bars)), 6)


class Files(unittest.TestCase):
    def test_goals_name_questions_that_are_asked(self):
        sources = ""
        for path in glob.glob(os.path.join(PERF, "*.c")):
            with open(path, encoding="utf-8") as file:
                sources += file.read()
        for goal in goals.read():
            self.assertIn(goal["sense"], ("<=", ">="))
            self.assertGreater(float(goal["limit"]), 0)
            if goal["load"] == "program":
                self.assertIn(f'"{goal["of"]}"', sources)

    def test_results_are_kept_between_the_marks(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as perf:
            for name in ("results.md", "results.svg"):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write("what was found")
            shutil.copy(os.path.join(PERF, "README.md"), perf)
            with open(os.path.join(PERF, "README.md"), encoding="utf-8") as file:
                page = file.read()
            begin, end = page.split(keep.BEGIN)[0], keep.END + page.split(keep.END)[1]
            for _ in range(2):
                keep.keep(folder, perf)
            with open(os.path.join(perf, "README.md"), encoding="utf-8") as file:
                self.assertEqual(file.read(), begin + keep.BEGIN + "![](results.svg)\n\nwhat was found\n" + end)
            self.assertTrue(os.path.exists(os.path.join(perf, "results.svg")))


program.run_tests()
