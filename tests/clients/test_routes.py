"""test_routes.py - every route of gyre-httpd, as curl sees it."""
import hashlib
import json
import re
import subprocess
import time

import program

program.need("curl")


class Routes(program.HttpdTest):
    args = ("--executor-threads", "3")

    def curl(self, *args):
        """Status, header fields and body of one exchange."""
        run = subprocess.run(["curl", "-sS", "--max-time", "30", "-D", "-", *args], capture_output=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        head, body = run.stdout.split(b"\r\n\r\n", 1)
        while head.startswith(b"HTTP/1.1 100"):
            head, body = body.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), fields, body

    def get(self, path, *args):
        return self.curl(*args, self.url + path)

    def test_plaintext(self):
        status, fields, body = self.get("/plaintext")
        self.assertEqual((status, body), (200, b"Hello, World!"))
        self.assertEqual(fields["content-type"], "text/plain")
        self.assertEqual(fields["content-length"], "13")
        self.assertEqual(fields["server"], "gyre")
        said = time.mktime(time.strptime(fields["date"], "%a, %d %b %Y %H:%M:%S gmt"))
        self.assertLess(abs(time.mktime(time.gmtime()) - said), 60)

    def test_json(self):
        status, fields, body = self.get("/json")
        self.assertEqual((status, body), (200, b'{"message":"Hello, World!"}'))
        self.assertEqual(fields["content-type"], "application/json")

    def test_echo(self):
        for body in ("hello", "x" * 100000):
            status, fields, answer = self.get("/echo", "--data-binary", body, "-H", "Content-Type: a/b")
            self.assertEqual((status, answer.decode()), (200, body))
            self.assertEqual(fields["content-type"], "a/b")

    def test_echo_of_a_megabyte_with_expect_continue(self):
        run = subprocess.run(
            ["curl", "-sS", "--max-time", "30", "-H", "Expect: 100-continue", "--data-binary", "@-", self.url + "/echo"],
            input=b"abcdefgh" * 131072, capture_output=True)
        self.assertEqual(run.stdout, b"abcdefgh" * 131072)

    def test_echo_of_more_than_a_megabyte(self):
        run = subprocess.run(
            ["curl", "-sS", "--max-time", "30", "--data-binary", "@-", "-o", "/dev/null", "-w", "%{http_code}",
             self.url + "/echo"], input=b"abcdefgh" * 131073, capture_output=True)
        self.assertEqual(run.stdout, b"413")

    def test_sleep(self):
        begin = time.monotonic()
        self.assertEqual(self.get("/sleep/150")[0], 200)
        self.assertGreaterEqual(time.monotonic() - begin, 0.15)
        self.assertEqual(self.get("/sleep/0")[0], 200)
        for wrong in ("-1", "60001", "1.5", "x", "1x", "%31x"):
            self.assertEqual(self.get("/sleep/" + wrong)[0], 400, wrong)
        self.assertEqual(self.get("/sleep/%31%30")[0], 200)

    def test_hash(self):
        for query, password, salt in (("", "password", "salt"), ("?password=a+b&salt=%26c", "a b", "&c")):
            expected = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1000).hex() + "\n"
            self.assertEqual(self.get("/hash/1000" + query)[2].decode(), expected)
        for wrong in ("0", "1000001", "x"):
            self.assertEqual(self.get("/hash/" + wrong)[0], 400, wrong)

    def test_stats(self):
        for _ in range(5):
            self.get("/plaintext")
        self.get("/hash/1")
        status, fields, body = self.get("/stats")
        stats = json.loads(body)
        self.assertEqual((status, fields["content-type"]), (200, "application/json"))
        self.assertEqual(list(stats), ["time", "shards", "executor", "imbalance"])
        self.assertEqual(len(stats["shards"]), 2)
        for shard in stats["shards"]:
            self.assertEqual(list(shard), ["connections", "accepted", "handed_off", "requests", "requests_per_second", "waiting", "turns",
                                           "tasks"])
        self.assertGreaterEqual(sum(shard["requests"] for shard in stats["shards"]), 6)
        self.assertGreaterEqual(sum(shard["accepted"] for shard in stats["shards"]), 7)
        self.assertEqual(list(stats["executor"]), ["threads", "queued", "running", "done", "longest_wait"])
        self.assertTrue(1 <= stats["executor"]["threads"] <= 3)
        self.assertGreaterEqual(stats["executor"]["done"], 1)
        self.assertGreaterEqual(stats["imbalance"], 1)

    def test_head(self):
        status, fields, body = self.get("/json", "-I", "-o", "/dev/null")
        self.assertEqual((status, fields["content-length"], body), (200, "27", b""))

    def test_what_is_not_there(self):
        status, fields, body = self.get("/nothing")
        self.assertEqual((status, body), (404, b"404 Not Found\n"))
        status, fields, body = self.get("/plaintext", "-X", "DELETE")
        self.assertEqual((status, fields["allow"]), (405, "get, head"))
        self.assertEqual(self.get("/echo")[1]["allow"], "post")

    def test_one_connection_for_many(self):
        run = subprocess.run(
            ["curl", "-sS", "-v", "--max-time", "30", *[self.url + "/json"] * 5], capture_output=True, text=True)
        self.assertEqual(run.stdout, '{"message":"Hello, World!"}' * 5)
        self.assertEqual(len(re.findall("Re-using existing connection", run.stderr)), 4)

    def test_old_client(self):
        self.assertEqual(self.get("/plaintext", "-0")[1]["connection"], "close")


program.run_tests()
