"""test_tls.py - gyre-httpd --tls: HTTPS is what HTTP is, for every client, through a change of the certificate and the end."""
import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
import warnings

import program
from certificates import Certificates
from wire import Wire, get

program.need("openssl", "curl")

BIG = (1 if program.BRIEF else 8) << 20
HANDSHAKE = 10  # seconds that the server gives for it


def setUpModule():
    global files, pair
    files = Certificates()
    pair = files.make("localhost", "localhost", "127.0.0.1")
    unittest.addModuleCleanup(files.remove)


class Https(unittest.TestCase):
    def serve(self, *args):
        server = program.httpd(*(args or pair))
        self.addCleanup(server.__exit__, None, None, None)
        return server

    def wire(self, server, name="localhost", trusted="localhost", **rules):
        wire = Wire(server.port, tls=files.client(trusted, **rules), name=name)
        self.wires.append(wire)
        self.addCleanup(wire.socket.close)
        return wire

    def setUp(self):
        self.wires = []

    def end(self, server):
        """Clients that are still there but do not listen would be waited for."""
        for wire in self.wires:
            wire.socket.close()
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.errors, [])

    def ask(self, wire, path="/plaintext", *fields):
        wire.send(get(path, *fields))
        return wire.answer()


class Talk(Https):
    def test_keep_alive(self):
        server = self.serve()
        wire = self.wire(server)
        for _ in range(20):
            self.assertEqual(self.ask(wire)[::2], (200, b"Hello, World!"))
        wire.send(get("/json") * 50)
        self.assertEqual(wire.statuses(50), [200] * 50)
        wire.send(get("/echo", method="POST", body=b"x" * 300000))
        self.assertEqual(wire.answer()[2], b"x" * 300000)
        wire.send_bytewise(get("/sleep/5"))
        self.assertEqual(wire.answer()[0], 200)
        self.assertEqual(self.ask(wire, "/plaintext", "Connection: close")[0], 200)
        self.assertTrue(wire.closed())
        self.end(server)

    def test_curl(self):
        server = self.serve()
        url = f"https://localhost:{server.port}"
        run = subprocess.run(["curl", "-sSv", "--max-time", "30", "--cacert", files.path("localhost.pem"), *[url + "/json"] * 5],
                             capture_output=True, text=True)
        self.assertEqual(run.stdout, '{"message":"Hello, World!"}' * 5, run.stderr)
        self.assertEqual(len(re.findall("Re-using existing connection", run.stderr)), 4)
        self.assertIn("server accepted http/1.1", run.stderr)
        self.end(server)

    def test_versions(self):
        server = self.serve()
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            wire = self.wire(server, minimum_version=version, maximum_version=version)
            self.assertEqual(wire.socket.version(), name)
            self.assertEqual(self.ask(wire)[0], 200)
        with warnings.catch_warnings(), self.assertRaises(ssl.SSLError):
            warnings.simplefilter("ignore")
            self.wire(server, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        self.end(server)

    def test_a_certificate_for_each_name(self):
        other = files.make("www.example.org", "www.example.org", "*.example.net")
        server = self.serve(*pair, *other)
        for name, trusted in (("localhost", "localhost"), ("www.example.org", "www.example.org"),
                              ("WWW.Example.ORG", "www.example.org"), ("any.example.net", "www.example.org")):
            self.assertEqual(self.ask(self.wire(server, name, trusted))[0], 200, name)
        for name in ("example.org", "a.b.example.net", None):
            wire = self.wire(server, name, "localhost", check_hostname=False)
            self.assertEqual(dict(*wire.socket.getpeercert()["subject"])["commonName"], "localhost", name)
        self.end(server)

    def test_sessions_are_resumed(self):
        """By the other shard too: after a few connections either has seen the client."""
        server = self.serve()
        context = files.client("localhost", maximum_version=ssl.TLSVersion.TLSv1_2)
        session = None
        for turn in range(12):
            plain = socket.create_connection(("127.0.0.1", server.port), 20)
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as client:
                self.assertEqual(client.session_reused, turn > 0)
                session = client.session
        self.end(server)

    def test_ticket_keys_are_renewed(self):
        """A key opens tickets for three rotations: soon a session is none any more, and the next one is."""
        server = self.serve(*pair, "--ticket-rotation", "1")
        context = files.client("localhost", maximum_version=ssl.TLSVersion.TLSv1_2)

        def visit(session):
            plain = socket.create_connection(("127.0.0.1", server.port), 20)
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as client:
                return client.session, client.session_reused

        first, _ = visit(None)
        end = time.monotonic() + 60
        while visit(first)[1]:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        self.assertTrue(visit(visit(first)[0])[1])
        self.end(server)

    def test_the_log_and_the_counters(self):
        log = files.path("access.log")
        server = self.serve(*pair, "--access-log", log)
        wire = self.wire(server)
        self.assertIn(b'"requests":', self.ask(wire, "/stats")[2])
        self.ask(wire, "/nothing")
        rude = self.wire(server)
        rude.send(get("/sleep/60000"))
        time.sleep(0.1)
        rude.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        rude.socket.close()
        self.end(server)
        with open(log) as file:
            lines = file.readlines()
        self.assertEqual({line.split()[0] for line in lines}, {"127.0.0.1"})
        self.assertEqual({re.search(r'"GET (\S+) \S+ (\d+)', line).groups() for line in lines},
                         {("/stats", "200"), ("/nothing", "404"), ("/sleep/60000", "0")})


class Files(Https):
    def setUp(self):
        super().setUp()
        self.big = hashlib.shake_128(b"big").digest(BIG)
        with open(files.path("big.bin"), "wb") as file:
            file.write(self.big)
        self.server = self.serve(*pair, "--root", files.folder)

    def test_whole_and_parts(self):
        wire = self.wire(self.server)
        self.assertTrue(self.ask(wire, "/file/big.bin")[2] == self.big)
        for first, last in ((0, 0), (1000, 20000), (16383, 16384), (BIG - 5, BIG - 1), (1, BIG - 2)):
            status, fields, body = self.ask(wire, "/file/big.bin", f"Range: bytes={first}-{last}")
            self.assertEqual((status, fields["content-range"]), (206, f"bytes {first}-{last}/{BIG}"))
            self.assertTrue(body == self.big[first:last + 1])
        self.assertEqual(self.ask(wire, "/file/big.bin", f"Range: bytes={BIG}-")[0], 416)
        wire.send(get("/file/big.bin") * 3 + get("/json"))
        self.assertTrue([wire.answer()[2] for _ in range(3)] == [self.big] * 3)
        self.assertEqual(wire.answer()[0], 200)
        self.end(self.server)

    def test_a_client_that_leaves_in_the_middle(self):
        for _ in range(5):
            wire = self.wire(self.server)
            wire.send(get("/file/big.bin"))
            wire.socket.recv(1000)
            wire.socket.close()
        self.assertEqual(self.ask(self.wire(self.server))[0], 200)
        self.end(self.server)

    def test_the_end_waits_for_who_is_served(self):
        wire, asleep = self.wire(self.server), self.wire(self.server)
        wire.send(get("/file/big.bin"))
        asleep.send(get("/sleep/1000"))
        time.sleep(0.2)
        self.server.signal()
        time.sleep(0.5)
        status, _, body = wire.answer()
        self.assertTrue(status == 200 and body == self.big)
        status, fields, _ = asleep.answer()
        self.assertEqual((status, fields["connection"]), (200, "close"))
        self.assertTrue(asleep.closed())
        self.assertEqual(self.server.wait(), 0)
        self.assertEqual(self.server.errors, [])


class Reload(Https):
    def shown(self, server):
        with socket.create_connection(("127.0.0.1", server.port), 20) as plain:
            with self.anybody.wrap_socket(plain) as client:
                return client.getpeercert(True)

    def setUp(self):
        super().setUp()
        self.anybody = ssl._create_unverified_context()
        self.pair = files.make("mine", "localhost")

    def all_show(self, server, certificate):
        """Whichever shard one comes to."""
        with open(certificate) as file:
            expected = ssl.PEM_cert_to_DER_cert(file.read())
        end = time.monotonic() + 30
        streak = 0
        while streak < 12:
            self.assertLess(time.monotonic(), end)
            streak = streak + 1 if self.shown(server) == expected else 0

    def test_a_new_certificate(self):
        server = self.serve(*self.pair)
        wires = [self.wire(server, trusted="mine") for _ in range(4)]
        stop = threading.Event()
        served = []

        def keep_on(wire):
            while not stop.is_set():
                served.append(self.ask(wire)[0])

        threads = [threading.Thread(target=keep_on, args=(wire,)) for wire in wires]
        for thread in threads:
            thread.start()
        for _ in range(3):
            files.make("mine", "localhost")
            server.signal(signal.SIGHUP)
            self.all_show(server, self.pair[1])
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(set(served), {200})
        self.assertEqual([self.ask(wire)[0] for wire in wires], [200] * 4)
        self.end(server)

    def test_new_names(self):
        server = self.serve(*pair, *self.pair)
        files.make("mine", "new.example.org")
        server.signal(signal.SIGHUP)
        end = time.monotonic() + 30
        streak = 0
        while streak < 12:
            self.assertLess(time.monotonic(), end)
            try:
                self.wire(server, "new.example.org", "mine").socket.close()
                streak += 1
            except ssl.SSLCertVerificationError:
                streak = 0
        self.end(server)

    def complaint(self, server, text):
        server.signal(signal.SIGHUP)
        end = time.monotonic() + 30
        while not server.errors:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        self.assertRegex(server.errors.pop(), text)

    def test_bad_files(self):
        server = self.serve(*self.pair)
        wire = self.wire(server, trusted="mine")
        certificate, key = self.pair[1:]
        for file in ("mine.pem", "mine.key"):
            files.copy(file, file + ".old")
        files.write("mine.pem", "nonsense")
        self.complaint(server, "--tls: .*mine.pem: no certificate in PEM; the old certificate stays\n")
        os.unlink(certificate)
        self.complaint(server, "--tls: .*mine.pem: No such file or directory; the old")
        files.copy("localhost.pem", "mine.pem")
        self.complaint(server, "--tls: .*mine.key: not the key of .*mine.pem; the old")
        files.copy("mine.pem.old", "mine.pem")
        files.write("mine.key", "-----BEGIN PRIVATE KEY-----\n")
        self.complaint(server, "--tls: .*mine.key: no key in PEM, or one behind a password; the old")
        self.all_show(server, files.path("mine.pem.old"))
        self.assertEqual(self.ask(wire)[0], 200)
        files.copy("mine.key.old", "mine.key")
        server.signal(signal.SIGHUP)
        self.all_show(server, files.path("mine.pem.old"))
        self.end(server)

    def test_the_log_is_opened_anew_by_the_same_signal(self):
        log = files.path("turned.log")
        server = self.serve(*self.pair, "--access-log", log)
        self.ask(self.wire(server, trusted="mine"))
        files.make("mine", "localhost")
        os.rename(log, log + ".1")
        server.signal(signal.SIGHUP)
        self.all_show(server, self.pair[1])
        end = time.monotonic() + 30
        while not os.path.exists(log):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        self.end(server)


class Odd(Https):
    def test_who_does_not_speak_tls(self):
        """Each is sent away at once, and hears no secrets."""
        server = self.serve()
        for words in (get("/plaintext"), b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 1000, os.urandom(2000), b"\r\n\r\n\r\n"):
            with Wire(server.port) as wire:
                wire.send(words)
                begin = time.monotonic()
                try:
                    while got := wire.socket.recv(1000):
                        self.assertNotIn(b"HTTP", got)
                except ConnectionResetError:
                    pass
                self.assertLess(time.monotonic() - begin, HANDSHAKE / 2)
        self.assertEqual(self.ask(self.wire(server))[0], 200)
        self.end(server)

    def test_a_handshake_that_never_comes(self):
        server = self.serve()
        begin = time.monotonic()
        silent, halting = Wire(server.port, 60), Wire(server.port, 60)
        halting.send(b"\x16\x03\x01\x02\x00\x01")
        self.assertEqual(self.ask(self.wire(server))[0], 200)
        self.assertTrue(silent.closed() and halting.closed())
        self.assertGreater(time.monotonic() - begin, HANDSHAKE - 0.5)
        silent.socket.close()
        halting.socket.close()
        self.end(server)

    def say_goodbye(self, client):
        try:
            client.unwrap()
        except ssl.SSLError as error:
            self.assertEqual(error.reason, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY")

    def test_who_leaves_early(self):
        """In the handshake, behind it, with and without a goodbye, while an answer is being made: nobody complains."""
        server = self.serve()
        Wire(server.port).socket.close()
        wire = Wire(server.port)
        wire.send(b"\x16\x03\x01\x02\x00\x01")
        wire.socket.close()
        for request in (b"", get("/plaintext"), get("/sleep/300"), get("/sleep/300") * 3, get("/sleep/300")[:-1]):
            for leave in (self.say_goodbye, socket.socket.close):
                wire = self.wire(server)
                wire.send(request)
                time.sleep(0.05)
                leave(wire.socket)
        self.assertEqual(self.ask(self.wire(server))[0], 200)
        self.end(server)

    def test_the_end_with_silent_clients(self):
        """Those that do not say goodbye, in the handshake or behind it, hold nothing up."""
        server = self.serve()
        wires = [self.wire(server) for _ in range(4)] + [Wire(server.port)]
        self.ask(wires[0])
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begin, 9)
        self.assertEqual(server.errors, [])
        self.assertTrue(all(wire.closed() for wire in wires))
        wires[-1].socket.close()


by_name = unittest.skipUnless(program.is_known("localhost"), "no localhost")


class Check(Https):
    def check(self, status, pattern, *args):
        done = subprocess.run([os.path.join(program.BIN, "gyre-httpd"), "--check", *args], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertRegex(done.stderr, pattern)

    @by_name
    def test_check(self):
        server = self.serve()
        here, name = f"https://127.0.0.1:{server.port}", f"https://localhost:{server.port}"
        trusted = files.path("localhost.pem")
        self.check(0, "^$", here + "/plaintext")
        self.check(0, "^$", here + "/plaintext", "--ca", trusted)
        self.check(0, "^$", name, "--ca", trusted)
        self.check(1, "/nothing: answered with 404\n$", here + "/nothing")
        self.check(1, "no answer in HTTP/1.1\n$", here.replace("https", "http"))
        files.make("stranger", "localhost")
        self.check(1, "CERTIFICATE_VERIFY_FAILED", name, "--ca", files.path("stranger.pem"))
        self.check(1, "No such file", name, "--ca", files.path("nowhere.pem"))
        self.end(server)
        self.check(1, "Connect call failed", here)

    @by_name
    def test_another_name(self):
        server = self.serve(*files.make("other", "www.example.org"))
        self.check(1, "CERTIFICATE_VERIFY_FAILED.*ostname mismatch", f"https://localhost:{server.port}", "--ca", files.path("other.pem"))
        self.check(0, "^$", f"https://localhost:{server.port}")
        self.end(server)

    def test_of_what_speaks_no_tls(self):
        with program.httpd() as server:
            self.check(1, f"https://127.0.0.1:{server.port}/: .*SSL", f"https://127.0.0.1:{server.port}/")
            self.end(server)


class Start(unittest.TestCase):
    def fails(self, status, pattern, *args):
        """One line, before anything listens."""
        done = subprocess.run([os.path.join(program.BIN, "gyre-httpd"), "--port", "0", *args], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (status, ""))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertRegex(done.stderr, "^gyre-httpd: " + pattern)

    def test_flags(self):
        self.fails(2, "--tls needs", "--tls")
        self.fails(2, "--tls wants two files", "--tls", "a.pem")
        self.fails(2, "--tls wants two files", "--tls", "a.pem", "--quiet")
        self.fails(2, "at most 16 times", *["--tls", "a", "b"] * 17)
        self.fails(2, "--ticket-rotation wants", "--ticket-rotation", "often")

    def test_files(self):
        _, certificate, key = pair
        other = files.make("other", "other")[2]
        locked = files.path("locked.key")
        subprocess.run(["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:x", "-out", locked], check=True, capture_output=True)
        self.fails(1, "--tls: /nowhere.pem: No such file", "--tls", "/nowhere.pem", key)
        self.fails(1, "--tls: /nowhere.key: No such file", "--tls", certificate, "/nowhere.key")
        self.fails(1, "--tls: .*other.key: not the key of .*localhost.pem", "--tls", certificate, other)
        self.fails(1, "--tls: .*localhost.key: no certificate in PEM", "--tls", key, certificate)
        self.fails(1, "--tls: .*localhost.pem: no key in PEM", "--tls", certificate, certificate)
        self.fails(1, "--tls: .*locked.key: .*behind a password", "--tls", certificate, locked)
        self.fails(1, "--tls: /tmp: no certificate", "--tls", "/tmp", key)
        self.fails(1, "--tls: .*other.key: not the key", *pair, "--tls", certificate, other)

    def test_line(self):
        process = subprocess.Popen([os.path.join(program.BIN, "gyre-httpd"), "--host", "127.0.0.1", "--port", "0", *pair],
                                   stderr=subprocess.PIPE, text=True)
        self.assertRegex(process.stderr.readline(), r"^gyre-httpd: https://127\.0\.0\.1:\d+, \d+ shards? ")
        program.settle(process)
        process.terminate()
        self.assertEqual(process.communicate(timeout=30)[1], "")
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    program.run_tests()
