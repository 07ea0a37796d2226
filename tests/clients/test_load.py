"""test_load.py - wrk against gyre-httpd: no error, and every shard takes its part."""
import json
import os
import shutil
import subprocess
import unittest
import urllib.request

import program

program.need("wrk")

SECONDS = "1" if program.BRIEF else "2"
LOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../perf/wrk/load.sh")
SCRIPTS = ["plaintext", "pipeline", "json", "post", "mixed"]


class Load(program.HttpdTest):
    def wrk(self, path, *args):
        """Runs it and returns how many answers came."""
        return program.wrk(self.url + path, SECONDS, *args)

    def stats(self):
        return json.load(urllib.request.urlopen(self.url + "/stats", timeout=20))

    def test_plaintext(self):
        before = sum(shard["requests"] for shard in self.stats()["shards"])
        answers = self.wrk("/plaintext", "-c64")
        shards = self.stats()["shards"]
        self.assertGreaterEqual(sum(shard["requests"] for shard in shards) - before, answers)
        self.assertTrue(all(shard["requests"] and shard["turns"] for shard in shards))

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_all_scripts(self):
        run = subprocess.run([LOAD, "--url", self.url, "--seconds", "1", "--connections", "32"], capture_output=True, text=True,
                             timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr)
        table, spread = run.stdout.strip().split("\n\n")
        rows = [line.split() for line in table.splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], SCRIPTS)
        for script, rate, *latencies, errors in rows:
            self.assertGreater(int(rate), 0)
            self.assertEqual(int(errors), 0, script)
            if script != "pipeline":
                self.assertEqual(latencies, sorted(latencies, key=int), script)
        self.assertEqual([line.split()[0] for line in spread.splitlines()[1::2]], SCRIPTS)

    def test_suspended_handlers(self):
        self.assertGreater(self.wrk("/sleep/5", "-c64"), 0)
        self.assertGreater(self.wrk("/hash/50", "-c16"), 0)

    def test_a_connection_for_each_request(self):
        self.assertGreater(self.wrk("/plaintext", "-c16", "-H", "Connection: close"), 0)


program.run_tests()
