"""test_load.py - wrk against gyre-httpd: no error, and every shard takes its part."""
import json
import re
import subprocess
import tempfile
import unittest
import urllib.request

import program

program.need("wrk")

SECONDS = "1" if program.BRIEF else "2"
PIPELINE = """
init = function()
    local request = wrk.format("GET", "/plaintext")
    batch = request:rep(16)
end
request = function() return batch end
"""
POST = """
wrk.method = "POST"
wrk.body = ("x"):rep(3000)
"""


class Load(program.HttpdTest):
    def wrk(self, path, *args):
        """Runs it and returns how many answers came."""
        run = subprocess.run(["wrk", "-t2", "-d" + SECONDS, *args, self.url + path], capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn("Socket errors", run.stdout)
        self.assertNotIn("Non-2xx", run.stdout)
        return int(re.search(r"(\d+) requests in", run.stdout)[1])

    def script(self, text, path, *args):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(text)
            file.flush()
            return self.wrk(path, "-s", file.name, *args)

    def stats(self):
        return json.load(urllib.request.urlopen(self.url + "/stats", timeout=20))

    def test_plaintext(self):
        before = sum(shard["requests"] for shard in self.stats()["shards"])
        answers = self.wrk("/plaintext", "-c64")
        shards = self.stats()["shards"]
        self.assertGreaterEqual(sum(shard["requests"] for shard in shards) - before, answers)
        self.assertTrue(all(shard["requests"] and shard["turns"] for shard in shards))

    def test_pipelined(self):
        self.assertGreater(self.script(PIPELINE, "/plaintext", "-c16"), 0)

    def test_post(self):
        self.assertGreater(self.script(POST, "/echo", "-c32"), 0)

    def test_suspended_handlers(self):
        self.assertGreater(self.wrk("/sleep/5", "-c64"), 0)
        self.assertGreater(self.wrk("/hash/50", "-c16"), 0)

    def test_a_connection_for_each_request(self):
        self.assertGreater(self.wrk("/plaintext", "-c16", "-H", "Connection: close"), 0)


program.run_tests()
