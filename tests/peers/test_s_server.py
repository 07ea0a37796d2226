"""test_s_server.py - a client of TLS against `openssl s_server`."""
import subprocess
import unittest

import bed

bed.need("openssl", "stdbuf")
CERT = bed.Certificates()
ECHO = ("-rev",)  # it sends lines back, in reverse


class SServer(bed.Running):
    """A running s_server, which says things when they happen."""

    def __init__(self, *options, cert=None):
        super().__init__("stdbuf", "-o0", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", cert or CERT.server, *options,
                         stdin=subprocess.PIPE)
        self.port = self.expect(r"ACCEPT .*:(\d+)\n")[1]


class Ask(unittest.TestCase):
    def ask(self, server, *options, send=b"drow\n", trust="ca"):
        return bed.ask("tcp", "--tls", "--ca", getattr(CERT, trust), "--port", server.port, *options, send=send)

    def succeeds(self, server, *options, **more):
        """It hears its line in reverse; what it knows of the connection."""
        got = self.ask(server, *options, **more)
        self.assertEqual((got.error, got.text), ("None", ""))
        self.assertEqual(got.bytes, b"word\n" * len(got.connections))
        return got.connections[-1]

    def fails(self, server, error, words, *options, **more):
        got = self.ask(server, *options, **more)
        self.assertEqual(got.error, error, got.text)
        self.assertRegex(got.text, words)

    def test_versions(self):
        for version, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            with SServer(*ECHO, version) as server:
                self.assertEqual(self.succeeds(server)["version"], name)
                self.assertEqual(self.succeeds(server, "--times", 2)["reused"], "1")
                self.assertEqual(self.succeeds(server, "--times", 2, "--no_tickets")["reused"], "0")

    def test_versions_and_suites_that_are_refused(self):
        with SServer(*ECHO, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256") as server:
            self.fails(server, "SSLError", "TLSV1_ALERT_PROTOCOL_VERSION", "--min", "1.3")
            self.fails(server, "SSLError", "HANDSHAKE_FAILURE", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384")
            self.assertEqual(self.succeeds(server)["cipher"], "ECDHE-ECDSA-AES128-GCM-SHA256")
        with SServer(*ECHO, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as server:
            self.fails(server, "SSLError", "PROTOCOL_VERSION")

    def test_a_server_that_wants_another_key(self):
        """RFC 8446 4.1.4: it knows none of the groups that the first hello has a key for."""
        with SServer(*ECHO, "-tls1_3", "-groups", "P-384") as server:
            self.assertEqual(self.succeeds(server)["version"], "TLSv1.3")
            self.assertEqual(self.succeeds(server, "--times", 2)["reused"], "1")

    def test_who_is_there(self):
        refused = "SSLCertVerificationError"
        with SServer(*ECHO) as server:
            self.assertEqual(self.succeeds(server)["subject"], "/CN=localhost")
            self.succeeds(server, "--name", "localhost")
            self.fails(server, refused, "[Hh]ostname mismatch", "--name", "www.example.org")
            self.fails(server, refused, "unable to get local issuer", trust="alone")
            self.succeeds(server, "--verify", "none", trust="alone")
        with SServer(*ECHO, cert=CERT.alone) as server:
            self.fails(server, refused, "self.signed certificate", "--name", "localhost")
            self.succeeds(server, "--name", "localhost", trust="alone")
        with SServer(*ECHO, cert=CERT.expired) as server:
            self.fails(server, refused, "certificate has expired")

    def test_names(self):
        with SServer(*ECHO, "-servername", "www.example.org", "-cert2", CERT.www, "-key2", CERT.www) as server:
            self.assertEqual(self.succeeds(server, "--name", "www.example.org")["subject"], "/CN=www.example.org")
            self.assertEqual(self.succeeds(server, "--name", "localhost")["subject"], "/CN=localhost")

    def test_who_we_are(self):
        demanding = ("-Verify", "1", "-verify_return_error", "-CAfile", CERT.ca)
        for version in ("-tls1_2", "-tls1_3"):
            with SServer(*ECHO, *demanding, version) as server:
                self.succeeds(server, "--cert", CERT.client)
                self.fails(server, "SSLError", "CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE")
                self.fails(server, "SSLError", "UNKNOWN_CA", "--cert", CERT.stranger)
                self.fails(server, "SSLError", "CERTIFICATE_EXPIRED", "--cert", CERT.expired)

    def test_protocols(self):
        with SServer(*ECHO, "-alpn", "h2,http/1.1") as server:
            self.assertEqual(self.succeeds(server, "--alpn", "http/1.1", "--alpn", "h2")["alpn"], "h2")
            self.assertEqual(self.succeeds(server, "--alpn", "http/1.1")["alpn"], "http/1.1")
            self.assertEqual(self.succeeds(server)["alpn"], "")
            self.fails(server, "SSLError", "NO_APPLICATION_PROTOCOL", "--alpn", "spdy")

    def test_an_end_that_is_said(self):
        with SServer(*ECHO) as server:
            got = self.ask(server, "--expect", -1, send=b"drow\nCLOSE\n")
            self.assertEqual((got.bytes, got.error, got.connections[0]["truncated"]), (b"word\n", "None", "0"))

    def talk(self, server, *options):
        """A client that is connected to it, and says nothing."""
        command = [bed.PEER, "ask", "tcp", "--tls", "--ca", CERT.ca, "--port", server.port, *options]
        client = bed.Running(*command)
        server.expect("CIPHER is")
        return client

    def test_a_server_that_is_killed(self):
        with SServer() as server, self.talk(server, "--expect", "-1") as client:
            server.end(9)
            client.expect("truncated=1 .*\nSSLEOFError: EOF occurred in violation of protocol\n")

    def test_keys_are_changed(self):
        for letter in "kK":
            with SServer("-tls1_3") as server, self.talk(server, "--expect", "5") as client:
                server.send(letter + "\n", "SSL_do_handshake -> 1")
                server.process.stdin.write(b"word\n")
                client.expect("word\n")
                client.expect("\nNone: \n")

    def test_renegotiation_is_refused(self):
        with SServer("-tls1_2") as server, self.talk(server, "--expect", "-1") as client:
            server.process.stdin.write(b"R\n")
            client.expect("SSLError: .*HANDSHAKE_FAILURE")
            server.expect("no renegotiation")


bed.run_tests()
