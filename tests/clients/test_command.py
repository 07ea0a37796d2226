"""test_command.py - the command line of gyre-httpd, and what it says when it cannot start."""
import os
import socket
import subprocess
import tempfile
import threading
import unittest

import program


def run(*args):
    command = [os.path.join(program.BIN, "gyre-httpd"), *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


class Command(unittest.TestCase):
    def fails(self, status, pattern, *args):
        """It ends with this status, and one line that says why."""
        done = run(*args)
        self.assertEqual(done.returncode, status)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertRegex(done.stderr, pattern)

    def test_help(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("--host", "--port", "--shards", "--executor-threads", "--no-balance", "--root", "--backlog", "--stall-limit",
                     "--access-log", "--check", "--ca", "--tls", "--ticket-rotation", "/stats", "/file/", "SIGTERM", "SIGHUP"):
            self.assertIn(word, done.stdout)
        self.assertLess(max(map(len, done.stdout.split("\n"))), 111)

    def test_wrong_flags(self):
        self.fails(2, "--bogus", "--bogus")
        self.fails(2, "-x", "-x")
        self.fails(2, "--port needs", "--port")
        self.fails(2, '--port wants .* "70000"', "--port", "70000")
        self.fails(2, '--port wants .* "http"', "--port", "http")
        self.fails(2, '--shards wants .* "0"', "--shards", "0")
        self.fails(2, '--shards wants .* "-1"', "--shards", "-1")
        self.fails(2, "--executor-threads wants", "--executor-threads", "many")
        self.fails(2, "--stall-limit wants", "--stall-limit", "soon")
        self.fails(2, '--backlog wants .* "0"', "--backlog", "0")
        self.fails(2, "--root needs", "--root")
        self.fails(2, "--access-log needs", "--access-log")
        self.fails(2, "--quiet=yes", "--quiet=yes")
        self.fails(2, "--ca goes with --check", "--ca", "x.pem")
        self.fails(2, '"file"', "file")

    def test_busy_port(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            for shards in ("1", "2", "4"):
                self.fails(1, f"{port}.*address already in use", "--host", "127.0.0.1", "--port", port, "--shards", shards)

    def test_two_of_them_do_not_share_a_port(self):
        with program.httpd() as server:
            self.fails(1, "address already in use", "--host", "127.0.0.1", "--port", str(server.port))
            self.assertEqual(server.stop(), 0)

    def test_hosts_that_are_not_here(self):
        self.fails(1, "192.0.2.1", "--host", "192.0.2.1", "--port", "0")
        self.fails(1, "name.invalid", "--host", "name.invalid", "--port", "0")

    def test_roots_that_are_none(self):
        self.fails(1, "--root /nowhere: No such file", "--root", "/nowhere")
        self.fails(1, "--root /etc/passwd: Not a directory", "--root", "/etc/passwd")

    def test_logs_that_cannot_be_opened(self):
        self.fails(1, "access log /nowhere/x: No such file", "--access-log", "/nowhere/x")
        self.fails(1, "access log /tmp: Is a directory", "--access-log", "/tmp")
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            self.fails(1, "access log .*/pipe: No such device", "--access-log", pipe)

    def start_line(self, *options):
        process = subprocess.Popen(
            [os.path.join(program.BIN, "gyre-httpd"), "--host", "127.0.0.1", "--port", "0", *options],
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        line = process.stderr.readline()
        program.settle(process)
        process.terminate()
        self.assertEqual(process.communicate(timeout=30)[1], "")
        self.assertEqual(process.returncode, 0)
        return line

    def test_start_line(self):
        self.assertRegex(self.start_line("--shards", "3"),
                         r"^gyre-httpd: http://127\.0\.0\.1:\d+, 3 shards \(as asked; \d+ CPUs?, .*quota.*\)\n$")
        self.assertRegex(self.start_line(),
                         r"^gyre-httpd: http://127\.0\.0\.1:\d+, \d+ shards? \(\d+ CPUs?, .*quota.*\)\n$")

    def test_check(self):
        with program.httpd() as server:
            url = f"http://127.0.0.1:{server.port}"
            for path in ("", "/", "/stats", "/plaintext?x"):
                done = run("--check", url + path)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            self.fails(1, "/nothing: answered with 404", "--check", url + "/nothing")
            if not program.BRIEF:
                self.fails(1, "no answer within 5 seconds", "--check", url + "/sleep/20000")
            self.assertEqual(server.stop(), 0)
        self.fails(1, "Connect call failed", "--check", url)
        for wrong in ("", "x", "ftp://x/", "http://", "https://", "http://x:0/", "http://x y/"):
            self.fails(2, "--check wants http", "--check", wrong)

    def test_check_of_what_is_no_web_server(self):
        for answer in (b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 2"):
            with self.subTest(answer), socket.create_server(("127.0.0.1", 0)) as other:
                def serve():
                    with other.accept()[0] as client:
                        client.recv(1000)
                        client.sendall(answer)

                thread = threading.Thread(target=serve)
                thread.start()
                self.fails(1, "no answer in HTTP/1.1", "--check", f"http://127.0.0.1:{other.getsockname()[1]}/")
                thread.join()

    def test_options_that_change_how_it_serves(self):
        name = ["--host", "localhost"] if program.is_known("localhost") else []
        for options in (["--no-balance"], ["--backlog", "1"], ["--root", "/tmp"], ["--shards", "1"], ["--executor-threads", "1"], ["--stall-limit", "100"], name):
            with self.subTest(options), program.Program("gyre-httpd", "--host", "127.0.0.1", "--port", "0", *options) as server:
                with socket.create_connection(("127.0.0.1", server.port), 20) as client:
                    client.sendall(b"GET /hash/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    self.assertIn(b" 200 OK", client.recv(100))
                self.assertEqual(server.stop(), 0)
                self.assertEqual(server.errors, [])


program.run_tests()
