"""test_httpd.py - curl, s_client and, where PEERS_TESTSSL is set, testssl against gyre-httpd --tls.

testssl takes minutes. What it looks for, and is ours and not OpenSSL's, test_what_testssl_looks_for asks for itself.
"""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import bed

bed.need("openssl", "curl")
CERT = bed.Certificates()
BIG = 8 << 20
VERSIONS = {"1.2": ["--tls-max", "1.2"], "1.3": ["--tlsv1.3"]}


class Httpd(bed.Running):
    def __init__(self, *options):
        super().__init__(os.path.join(bed.BIN, "gyre-httpd"), "--shards", "2", "--tls", CERT.server, CERT.server, *options)
        self.port = self.expect(r"gyre-httpd: (?:https://127.0.0.1:(\d+)|unix:).*\n")[1]

    def __exit__(self, kind, value, trace):
        status = self.end()
        super().__exit__(kind, value, trace)
        assert kind or (status, self.err.count(b"\n")) == (0, 1), f"gyre-httpd ended with {status}: {self.said()}"


class Test(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def serve(self, *options):
        return Httpd("--host", "127.0.0.1", "--port", "0", *options)


class Curl(Test):
    def curl(self, *args, status=0):
        done = subprocess.run(["curl", "-sS", "--max-time", str(bed.LONG), "--cacert", CERT.ca, *args], capture_output=True)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done

    def test_versions(self):
        with self.serve() as server:
            url = f"https://localhost:{server.port}/plaintext"
            for version, options in VERSIONS.items():
                done = self.curl("-v", *options, *[url] * 3)
                self.assertEqual(done.stdout, b"Hello, World!" * 3)
                self.assertIn(f"SSL connection using TLSv{version}".encode(), done.stderr)
                self.assertEqual(done.stderr.count(b"Re-using existing connection"), 2)
            self.curl("--tls-max", "1.1", url, status=35)

    def test_a_stranger(self):
        with self.serve() as server:
            self.curl("--cacert", CERT.alone, f"https://localhost:{server.port}/plaintext", status=60)
            self.curl("--resolve", f"elsewhere:{server.port}:127.0.0.1", f"https://elsewhere:{server.port}/plaintext", status=60)

    def test_large_bodies(self):
        name = os.path.join(self.folder, "large")
        with open(name, "wb") as file:
            file.write(bed.pattern(BIG))
        with open(name + ".part", "wb") as file:
            file.write(bed.pattern(1 << 20))
        with self.serve("--root", self.folder) as server:
            url = f"https://localhost:{server.port}"
            for options in VERSIONS.values():
                got = self.curl(*options, f"{url}/file/large").stdout
                self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(bed.pattern(BIG)).digest())
                got = self.curl(*options, "--data-binary", f"@{name}.part", f"{url}/echo").stdout
                self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(bed.pattern(1 << 20)).digest())
                got = self.curl(*options, "-H", "Transfer-Encoding: chunked", "-T", name + ".part", "-X", "POST", f"{url}/echo").stdout
                self.assertEqual(len(got), 1 << 20)

    def test_a_unix_socket(self):
        path = os.path.join(self.folder, "socket")
        with Httpd("--unix", path):
            got = self.curl("--unix-socket", path, "-d", "x" * 100000, "https://localhost/echo").stdout
            self.assertEqual(got, b"x" * 100000)


class Audit(Test):
    def s_client(self, server, *options):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *options]
        done = subprocess.run(command, input=b"", capture_output=True, timeout=bed.LONG)
        return (done.stdout + done.stderr).decode("latin-1")

    def test_what_testssl_looks_for(self):
        weak = ["-cipher", "ALL:@SECLEVEL=0"]
        with self.serve() as server:
            for version in ("-tls1", "-tls1_1"):
                self.assertIn("alert protocol version", self.s_client(server, version, *weak))
            older = self.s_client(server, "-tls1_2", "-comp", "-tlsextdebug")
            for words in ("Secure Renegotiation IS supported", "Compression: NONE", "Server Temp Key: X25519",
                          "Extended master secret: yes"):
                self.assertIn(words, older)
            self.assertNotIn("heartbeat", older)
            self.assertIn("alert inappropriate fallback", self.s_client(server, "-tls1_2", "-fallback_scsv"))
            for suites in ("kRSA", "aNULL", "eNULL", "SHA1"):
                self.assertIn("alert handshake failure", self.s_client(server, "-tls1_2", "-cipher", suites + ":@SECLEVEL=0"))
            for order in ("ECDHE+AES128:ECDHE+AESGCM", "ECDHE+AESGCM:ECDHE+AES128"):  # the server's, whatever the client likes
                self.assertIn("ECDHE-ECDSA-AES256-GCM-SHA384", self.s_client(server, "-tls1_2", "-cipher", order))

    @unittest.skipUnless(os.environ.get("PEERS_TESTSSL") and shutil.which("testssl"), "no PEERS_TESTSSL, or no testssl")
    def test_testssl(self):
        findings = os.path.join(self.folder, "findings.json")
        with self.serve() as server:
            subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--add-ca", CERT.ca,
                            "--jsonfile", findings, f"https://127.0.0.1:{server.port}"], timeout=1800, stdout=subprocess.DEVNULL)
        with open(findings, encoding="utf-8") as file:
            serious = [finding for finding in json.load(file) if finding["severity"] in ("MEDIUM", "HIGH", "CRITICAL")]
        # Of the certificate, which is one of tests: it ends soon, and nobody can revoke it.
        serious = [finding for finding in serious if not finding["id"].startswith("cert_")]
        self.assertEqual(serious, [])


bed.run_tests()
