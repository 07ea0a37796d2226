"""test_slow.py - slowhttptest against gyre-httpd: crowds that send a byte now and then, or read one, do not keep wrk
from its answers, and the server lets go of them."""
import re
import subprocess
import time
import unittest
import urllib.request

import program

program.need("slowhttptest", "wrk")

SECONDS = 2
CROWD = "100" if program.BRIEF else "400"
ATTACKS = {
    "headers": ["-H", "-i", "1", "-u", "{}/plaintext"],
    "body": ["-B", "-i", "1", "-s", "8192", "-u", "{}/echo"],
    "read": ["-X", "-k", "10", "-w", "10", "-y", "20", "-n", "1", "-z", "32", "-u", "{}/"],
}


class Slow(program.HttpdTest):
    alone = 0  # wrk's answers when nobody else is there

    def attack(self, name):
        args = [arg.format(self.url) for arg in ATTACKS[name]]
        command = ["slowhttptest", *args, "-c", CROWD, "-r", CROWD, "-l", str(SECONDS + 2), "-p", "5", "-v", "1"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wrk(self):
        return program.wrk(self.url + "/plaintext", SECONDS, "-c32")

    def assert_harmless(self, *names):
        if not Slow.alone:
            Slow.alone = self.wrk()
        crowds = [self.attack(name) for name in names]
        among = self.wrk()
        for name, crowd in zip(names, crowds):
            words, _ = crowd.communicate(timeout=60)
            self.assertRegex(words, r"service available:\S* +\S*YES", f"{name}: {words[-600:]}")
        # A server that waits for each of them in turn would answer next to nothing.
        self.assertGreater(among, Slow.alone / 10)

    @unittest.skipIf(program.BRIEF, "all at once will do")
    def test_slow_headers(self):
        self.assert_harmless("headers")

    @unittest.skipIf(program.BRIEF, "all at once will do")
    def test_slow_bodies(self):
        self.assert_harmless("body")

    @unittest.skipIf(program.BRIEF, "all at once will do")
    def test_slow_readers(self):
        self.assert_harmless("read")

    def test_all_at_once(self):
        self.assert_harmless("headers", "body", "read")

    def connections(self):
        with urllib.request.urlopen(self.url + "/stats", timeout=20) as answer:
            return sum(int(count) for count in re.findall(rb'"connections": *(\d+)', answer.read()))

    def test_nobody_stays(self):
        """When a crowd has gone, so have its connections."""
        self.attack("headers").communicate(timeout=60)
        for _ in range(200):
            if self.connections() <= 1:
                return
            time.sleep(0.1)
        self.fail(f"{self.connections()} connections stay")


program.run_tests()
