"""Rounds: in each, every server meets every load once, in an order that changes from round to round. So what disturbs
the machine for a while disturbs all alike, and ratios within a round are worth more than the figures."""
import math

import load
import servers

SELDOM = 0.75  # of the rounds, for loads whose ratios vary little

TITLES = {
    "http-1": "depth 1, 64 connections",
    "http-16": "depth 16, 64 connections",
    "http-1-512": "depth 1, 512 connections",
    "http-16-512": "depth 16, 512 connections",
    "conn": "a connection for each request",
    "rate": "constant rate, 64 connections",
    "echo-1": "1 KiB, 64 connections",
    "echo-10": "10 KiB, 64 connections",
    "echo-100": "100 KiB, 64 connections",
    "shards-1": "depth 1, 64 connections",
    "shards-16": "depth 16, 64 connections",
    "tls-1": "depth 1, 64 connections",
    "tls-full": "a connection for each request, full handshakes",
    "tls-resumed": "a connection for each request, resumed",
    "tls-shards": "full TLS handshakes",
    "udp-1": "1 KiB, 64 sockets",
}


class Load:
    """A load by name, the servers that meet it, and the client's words. `often` is in how much of the rounds it is met."""

    def __init__(self, name, rivals, words, often=1.0):
        self.name, self.rivals, self.words, self.often = name, rivals, words, often

    def rounds(self, bench):
        return math.ceil(bench.rounds * self.often)


def http_loads(bench, rivals):
    def words(connections, depth):
        return ["http", "PORT", connections, bench.seconds, depth]

    return [Load("http-1", rivals, words(64, 1)), Load("http-16", rivals, words(64, 16)),
            Load("http-1-512", rivals, words(512, 1)), Load("http-16-512", rivals, words(512, 16)),
            Load("conn", rivals, ["conn", "PORT", 64, bench.seconds, "http"]),
            Load("rate", rivals, ["--rate", bench.rate, *words(64, 1)])]


def echo_loads(bench, rivals):
    return [Load(f"echo-{kib}", rivals, ["echo", "PORT", 64, bench.seconds, kib * 1024]) for kib in (1, 10, 100)]


def shard_rivals(bench, tls=False):
    """One shard against two on the same CPU, which differ in nothing but the shards. Then two on two CPUs, the second of
    which is the client's unless there is a third: that shows the machine more than gyre."""
    second = bench.client_cpu if bench.other_cpu is None else bench.other_cpu
    both = {bench.server_cpu, second}
    one, two = (servers.gyre_httpd(bench.bin, shards, tls) for shards in (1, 2))
    return [servers.Server("1 shard", one, None), servers.Server("2 shards", two, None),
            servers.Server("2 shards, 2 CPUs", two, None, both)]


def shard_loads(bench):
    rivals = shard_rivals(bench)
    return [Load(f"shards-{depth}", rivals, ["http", "PORT", 64, bench.seconds, depth]) for depth in (1, 16)]


def tls_loads(bench, rivals):
    return [Load("tls-1", rivals, ["--tls", "http", "PORT", 64, bench.seconds, 1], SELDOM),
            Load("tls-full", rivals, ["--tls", *handshakes(bench)], SELDOM),
            Load("tls-resumed", rivals, ["--resume", *handshakes(bench)], SELDOM),
            Load("tls-shards", shard_rivals(bench, tls=True), ["--tls", *handshakes(bench)], SELDOM)]


def handshakes(bench):
    return ["conn", "PORT", 64, bench.seconds, "http"]


def udp_loads(bench, rivals):
    return [Load("udp-1", rivals, ["udp", "PORT", 64, bench.seconds, 1024], SELDOM)]


def order(rivals, number):
    """The servers of a load in the order of a round: each begins in turn, and every second round runs backwards."""
    start = number % len(rivals)
    turned = rivals[start:] + rivals[:start]
    return turned[::-1] if number % 2 else turned


def run(bench, loads):
    """Returns samples[load][server][quantity], a list with a value for each round."""
    samples = {one.name: {server.name: {} for server in one.rivals} for one in loads}
    bench.progress.expect(bench.rounds, sum(len(one.rivals) * one.rounds(bench) for one in loads))
    for number in range(bench.rounds):
        for one in (one for one in loads if number < one.rounds(bench)):
            for server in order(one.rivals, number):
                bench.progress.step(number + 1, f"{TITLES[one.name]}: {server.name}")
                sample = load.measure(bench, server, {bench.server_cpu}, one.words)
                for quantity, value in sample.items():
                    samples[one.name][server.name].setdefault(quantity, []).append(value)
    bench.progress.end()
    return samples
