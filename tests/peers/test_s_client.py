"""test_s_client.py - `openssl s_client` against a server of TLS."""
import os
import subprocess
import unittest

import bed

bed.need("openssl")
CERT = bed.Certificates()
VERSIONS = {"-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}


class Client(bed.Running):
    """A running s_client, which trusts CERT.ca and nobody else."""

    def __init__(self, port, *options):
        super().__init__("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", CERT.ca, "-verify_return_error",
                         *options, stdin=subprocess.PIPE)

    def tells(self):
        """What the server knows of this connection."""
        return bed.facts(self.send("tell\n", r"shard=.*version=.*\n")[0].strip())

    def leave(self):
        self.process.stdin.close()
        return self.wait()


def serve(*options):
    return bed.Server("tcp", "--tls", "--tell", "--cert", CERT.server, *options)


class SClient(unittest.TestCase):
    def tells(self, server, *options):
        """What the server knows of a connection, which then ends well."""
        with Client(server.port, *options) as client:
            told = client.tells()
            self.assertEqual(client.leave(), 0)
        return told

    def is_refused(self, server, words, *options):
        """The client ends with an error of these words; another one is still served."""
        with Client(server.port, *options) as client:
            client.expect(words)
            self.assertNotEqual(client.leave(), 0)

    def test_versions(self):
        with serve() as server:
            for option, version in VERSIONS.items():
                self.assertEqual(self.tells(server, option)["version"], version)
            server.expect("lost None .*TLSv1.2 .*truncated=0")
            server.expect("lost None .*TLSv1.3 .*truncated=0")

    def test_versions_that_are_refused(self):
        with serve("--max", "1.2") as older, serve("--min", "1.3") as newer:
            self.is_refused(older, "alert protocol version", "-tls1_3")
            self.is_refused(newer, "alert protocol version", "-tls1_2")
            for old in ("-tls1", "-tls1_1"):
                self.is_refused(older, "alert protocol version", old, "-cipher", "ALL:@SECLEVEL=0")
            self.assertEqual(self.tells(older)["version"], "TLSv1.2")
            self.assertEqual(self.tells(newer)["version"], "TLSv1.3")

    def test_ciphers(self):
        with serve("--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384", "--suites", "TLS_CHACHA20_POLY1305_SHA256") as server:
            self.is_refused(server, "alert handshake failure", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
            self.is_refused(server, "alert handshake failure", "-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256")
            self.assertEqual(self.tells(server, "-tls1_2")["cipher"], "ECDHE-ECDSA-AES256-GCM-SHA384")
            self.assertEqual(self.tells(server, "-tls1_3")["cipher"], "TLS_CHACHA20_POLY1305_SHA256")

    def test_ciphers_that_nobody_should_use(self):
        with serve() as server:
            for weak in ("aNULL", "eNULL", "SHA1", "kRSA", "ARIA", "CAMELLIA"):
                self.is_refused(server, "alert handshake failure", "-tls1_2", "-cipher", weak + ":@SECLEVEL=0")

    def resumed(self, version, *options):
        """Each connection after the first is a short one, until another shard than the first has answered."""
        session = os.path.join(CERT.folder.name, "session")
        with serve("--shards", "2", *options) as server:
            first = self.tells(server, version, "-sess_out", session)
            self.assertEqual(first["reused"], "0")
            shards = {first["shard"]}
            for _ in range(200):
                told = self.tells(server, version, "-sess_in", session, "-sess_out", session)
                self.assertEqual(told["reused"], "1", f"from shard {shards} to {told}")
                shards.add(told["shard"])
                if len(shards) == 2:
                    return
        self.fail(f"only shard {shards} answered")

    def test_sessions_cross_shards(self):
        self.resumed("-tls1_3")

    def test_sessions_of_the_older_version_cross_shards(self):
        self.resumed("-tls1_2")

    def test_sessions_with_certificates_of_clients(self):
        self.resumed("-tls1_3", "--verify", "optional", "--ca", CERT.ca)

    def test_no_sessions(self):
        with serve("--no_tickets") as server, Client(server.port, "-tls1_2") as client:
            client.tells()
            self.assertNotIn("TLS session ticket", client.said())

    def test_certificates_of_clients(self):
        required = "alert (certificate required|handshake failure)"
        with serve("--verify", "required", "--ca", CERT.ca) as server:
            for version in VERSIONS:
                self.is_refused(server, required, version)
                self.is_refused(server, "alert (unknown ca|unknown CA)", version, "-cert", CERT.stranger)
                self.is_refused(server, "alert certificate expired", version, "-cert", CERT.expired)
                told = self.tells(server, version, "-cert", CERT.client)
                self.assertEqual(told["subject"], "/CN=client")

    def test_certificates_that_may_be_missing(self):
        with serve("--verify", "optional", "--ca", CERT.ca) as server:
            self.assertEqual(self.tells(server)["subject"], "")
            self.assertEqual(self.tells(server, "-cert", CERT.client)["subject"], "/CN=client")
            self.is_refused(server, "alert (unknown ca|unknown CA)", "-cert", CERT.stranger)

    def test_a_chain(self):
        with bed.Server("tcp", "--tls", "--tell", "--cert", CERT.chained) as server, Client(server.port) as client:
            client.tells()
            client.expect("1 s:CN = between\n")

    def test_names(self):
        with serve("--sni", f"www.example.org={CERT.www}", "--sni", f"*.example.net={CERT.client}") as server:
            for asked, shown in (("www.example.org", "www.example.org"), ("WWW.Example.Org", "www.example.org"),
                                 ("a.example.net", "client"), ("b.a.example.net", "localhost"), ("localhost", "localhost"),
                                 (None, "localhost")):
                options = ["-servername", asked] if asked else ["-noservername"]
                with Client(server.port, *options) as client:
                    client.expect(rf"subject=CN = {shown}\n")
                    self.assertEqual(client.tells()["name"], asked or "")

    def test_protocols(self):
        with serve("--alpn", "h2", "--alpn", "http/1.1") as server:
            for offered, chosen in (("http/1.1,h2", "h2"), ("http/1.1", "http/1.1"), ("spdy,http/1.1", "http/1.1"), ("spdy", "")):
                for version in VERSIONS:
                    self.assertEqual(self.tells(server, version, "-alpn", offered)["alpn"], chosen, offered)
            self.assertEqual(self.tells(server)["alpn"], "")

    def test_renegotiation_is_refused(self):
        with serve() as server:
            with Client(server.port, "-tls1_2") as client:
                client.tells()
                client.send("R\n", "no renegotiation")
            self.assertEqual(self.tells(server)["version"], "TLSv1.3")

    def test_keys_are_changed(self):
        with serve() as server, Client(server.port, "-tls1_3") as client:
            client.tells()
            for letter in "kKKk":
                client.send(letter + "\n", "KEYUPDATE")
                self.assertEqual(client.tells()["version"], "TLSv1.3")
            self.assertEqual(client.leave(), 0)

    def test_early_data_is_refused(self):
        session = os.path.join(CERT.folder.name, "early")
        with serve() as server:
            with Client(server.port, "-tls1_3", "-sess_out", session) as client:
                client.tells()
                client.leave()
            known = subprocess.run(["openssl", "sess_id", "-in", session, "-noout", "-text"], capture_output=True, text=True)
            self.assertIn("Max Early Data: 0\n", known.stdout)
            with Client(server.port, "-tls1_3", "-sess_in", session, "-early_data", bed.__file__) as client:
                client.expect("Early data was (not sent|rejected)")
                self.assertEqual(client.tells()["reused"], "1")

    def test_the_server_says_its_end(self):
        for version in VERSIONS:
            with serve() as server, Client(server.port, version) as client:
                client.tells()
                self.assertEqual(server.end(), 0)
                client.expect(r"(?m)^closed$")
                self.assertEqual(client.wait(), 0)

    def test_a_client_that_is_killed(self):
        with serve() as server, Client(server.port) as client:
            client.tells()
            client.end(9)
            server.expect("lost None .*truncated=1")


bed.run_tests()
