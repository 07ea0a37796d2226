"""results.md: the goals first, then every table that they come from."""
from math import ceil

from goals import figure
from rounds import SELDOM, TITLES
from stats import confidence, outside


def digits(value):
    """A number with about three digits."""
    if not value:
        return "" if value is None else "0"
    places = next(n for n, least in enumerate((100, 10, 0.2, 0)) if abs(value) >= least)
    return f"{value:.{places}f}"


def row(*cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def table(head, rows):
    """Lines of Markdown; a column of numbers stands to the right."""
    words = [any(letter.isalpha() for cells in rows for letter in str(cells[i])) for i in range(len(head))]
    rule = "|" + "|".join("---" if one else "--:" for one in words) + "|"
    return [row(*head), rule, *(row(*cells) for cells in rows), ""]


def interval(low, high):
    return "" if low is None else f"{digits(low)} .. {digits(high)}"


def with_interval(measured):
    if measured is None:
        return ""
    span = interval(measured.low, measured.high)
    return digits(measured.value) + (f" ({span})" if span else "")


def method(rounds, seconds):
    if rounds < 2:
        return f"One round of {seconds:g} s."
    cut = outside(rounds)
    return (f"Medians of {rounds} rounds of {seconds:g} s, for TLS and UDP of {ceil(rounds * SELDOM)}; an interval is from value {cut + 1} to value {rounds - cut} of the "
            f"{rounds} sorted ones, and holds the true median with {confidence(rounds) * 100:.1f} % confidence.")


def heading(facts):
    return [f"Commit {facts['commit']}, {facts['time']}: `{facts['command'].strip()}`", "",
            f"{facts['cpu']}, Linux {facts['kernel']}, {facts['compiler']}, nginx {facts['nginx']}, "
            f"uvloop {facts['uvloop']}; load average {facts['load']:.1f} at the start. Servers on CPU {facts['server_cpu']}, client on "
            f"CPU {facts['client_cpu']}. {method(facts['rounds'], facts['seconds'])}", ""]


def tally(goals):
    missed = sum(goal["verdict"].startswith("missed") for goal in goals)
    unknown = sum(goal["verdict"] == "not measured" for goal in goals)
    rest = f", {unknown} not measured" if unknown else ""
    return f"{len(goals) - missed - unknown} of {len(goals)} met, {missed} missed{rest}."


def goal_lines(goals):
    rows = [(goal["title"], goal["verdict"], digits(goal.get("value")), interval(goal.get("low"), goal.get("high")),
             f"{'≤' if goal['sense'] == '<=' else '≥'} {goal['limit']}") for goal in goals]
    return ["### Goals", "", tally(goals), "", *table(("what", "verdict", "measured", "interval", "goal"), rows)]


def load_lines(found, title, names, rivals):
    """A table of loads: a row for each load and server, with ratios of CPU time to each rival."""
    names = [name for name in names if name in found["samples"]]
    rivals = [one for one in rivals if any(one in found["samples"][name] for name in names)]
    rows = []
    for name in names:
        for server in found["samples"][name]:
            cells = [digits(getattr(figure(found, name, key, server), "value", None))
                     for key in ("rate", "cpu", "user", "system", "p50", "p99")]
            ratios = ["" if one == server else with_interval(figure(found, name, "cpu", server, f"/ {one}"))
                      for one in rivals]
            rows.append((TITLES[name], server, *cells, *ratios))
    head = ("load", "server", "req/s", "CPU µs", "user", "system", "p50 µs", "p99 µs", *(f"CPU / {one}" for one in rivals))
    return [f"### {title}", "", *table(head, rows)] if rows else []


def rate_lines(found):
    servers = found["samples"].get("rate")
    if not servers:
        return []
    keys = ("p50", "p90", "p99", "p99.9", "p99.99", "max")
    rows = [(server, *(digits(figure(found, "rate", key, server).value) for key in keys)) for server in servers]
    title = f"### Latency at {found['facts']['rate']} requests/s, µs from when a request was due"
    return [title, "", *table(("server", *keys), rows)]


def call_lines(found):
    rows = [(title, server, digits(sum(calls.values())),
             ", ".join(f"{call} {n:.3f}" for call, n in sorted(calls.items(), key=lambda item: -item[1])))
            for title, servers in found["calls"].items() for server, calls in servers.items()]
    return ["### System calls for a request", "", *table(("load", "server", "calls", "which"), rows)] if rows else []


def memory_lines(found):
    rows = [(name.partition(", ")[0], name.partition(", ")[2], digits(values["KiB"][0]))
            for name, values in found["samples"].get("idle", {}).items()]
    return ["### User memory of an idle connection", "", *table(("kind", "server", "KiB"), rows)] if rows else []


def program_lines(found):
    rows = []
    for one in found["programs"]:
        ratio = "" if one["ratio"] is None else f"{digits(one['ratio'])} ({interval(one['low'], one['high'])})"
        rows.append((one["what"], one["unit"], digits(one["ours"]), one["against"] or "", digits(one["theirs"]), ratio))
    head = ("question", "unit", "gyre", "against", "theirs", "gyre / theirs")
    return ["### Small programs", "", *table(head, rows)] if rows else []


def peer_lines(found):
    rows = []
    for one in found["programs"]:
        others = [one.get("peers", {}).get(peer) for peer in ("asyncio", "uvloop")]
        if any(others):
            least = min(filter(None, others))
            rows.append((one["what"], one["unit"], digits(one["ours"]), *map(digits, others), digits(one["ours"] / least)))
    head = ("question", "unit", "gyre", "asyncio", "uvloop", "gyre / the faster")
    return ["### Beside asyncio and uvloop", "", *table(head, rows)] if rows else []


def text(found):
    http = ("http-1", "http-16", "http-1-512", "http-16-512", "conn", "rate")
    lines = [*heading(found["facts"]), *goal_lines(found["goals"]),
             *load_lines(found, "HTTP", http, ("floor", "nginx")), *rate_lines(found),
             *load_lines(found, "Echo", ("echo-1", "echo-10", "echo-100"), ("floor", "uvloop", "uvloop streams")),
             *load_lines(found, "TLS", ("tls-1", "tls-full", "tls-resumed"), ("floor", "nginx")),
             *load_lines(found, "UDP echo", ("udp-1",), ("floor", "floor, one by one", "uvloop")),
             *load_lines(found, "Shards", ("shards-1", "shards-16", "tls-shards"), ("1 shard",)),
             *call_lines(found), *memory_lines(found), *program_lines(found), *peer_lines(found)]
    return "\n".join(lines)
