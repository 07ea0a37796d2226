"""results.svg: the server's CPU time for a request, on one screen. A panel for each load, a bar for each server, user time
dark and system time light; behind each bar of gyre its ratios."""
from xml.sax.saxutils import escape

from goals import figure
from rounds import TITLES

COLUMNS = ((("HTTP", ("http-1", "http-16", "http-1-512", "conn")), ("TLS", ("tls-1", "tls-full", "tls-resumed"))),
           (("Echo", ("echo-1", "echo-10", "echo-100")), ("UDP echo", ("udp-1",))))
COLOURS = {"floor": ("#6b7280", "#c3c8d0"), "gyre": ("#0f6e84", "#7cc4d4"), "gyre streams": ("#0f6e84", "#7cc4d4")}
OTHERS = ("#b45309", "#f0bd84")
RIVALS = {"gyre": ("floor", "nginx", "uvloop"), "gyre streams": ("floor", "uvloop streams")}
WIDTH, COLUMN, LABEL, BAR, NOTE = 1280, 640, 116, 240, 10
LINE, HEAD = 24, 36


def text(x, y, words, size=13, anchor="start", colour="#1f2937", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def box(x, y, width, height, colour):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height}" fill="{colour}"/>'


def note(found, load, server):
    """What stands behind a bar: 8.10 µs · 1.05 × floor · 0.78 × nginx"""
    words = [f"{figure(found, load, 'cpu', server).value:.2f} µs"]
    for rival in RIVALS.get(server, ()):
        ratio = figure(found, load, "cpu", server, f"/ {rival}")
        if ratio:
            words.append(f"{ratio.value:.2f} × {rival.replace(' streams', '')}")
    return " · ".join(words)


def bar(found, load, server, scale, x, y):
    user, system = (figure(found, load, key, server).value for key in ("user", "system"))
    dark, light = COLOURS.get(server, OTHERS)
    ours = server.startswith("gyre")
    return [text(x + LABEL - 8, y + 14, server, anchor="end", weight="bold" if ours else "normal"),
            box(x + LABEL, y, user * scale, 18, dark), box(x + LABEL + user * scale, y, system * scale, 18, light),
            text(x + LABEL + (user + system) * scale + NOTE, y + 14, note(found, load, server), 12,
                 weight="bold" if ours else "normal")]


def panel(found, load, kind, x, y):
    """The panel's pieces and its height."""
    names = [name for name, values in found["samples"][load].items() if values]
    largest = max(figure(found, load, "user", name).value + figure(found, load, "system", name).value for name in names)
    pieces = [text(x, y + 18, f"{kind}, {TITLES[load]}", 15, weight="bold")]
    for i, name in enumerate(names):
        pieces += bar(found, load, name, BAR / largest, x, y + HEAD - 6 + i * LINE)
    return pieces, HEAD + len(names) * LINE + 18


def columns(found):
    """All panels in their columns, and the height of the longest."""
    pieces, longest, x = [], 0, 24
    for kinds in COLUMNS:
        y = 84
        for kind, load in ((kind, load) for kind, loads in kinds for load in loads):
            if any(found["samples"].get(load, {}).values()):
                drawn, height = panel(found, load, kind, x, y)
                pieces += drawn
                y += height
        x += COLUMN if y > 84 else 0
        longest = max(longest, y)
    return pieces, longest


def legend(y):
    words = "server CPU time for a request; dark: user, light: system; the floor does the least that a server can do"
    return [text(24, y, words, 13, colour="#4b5563")]


def draw(found):
    pieces, height = columns(found)
    facts = found["facts"]
    title = f"What gyre costs against the limit and against its peers: commit {facts['commit']}, {facts['cpu']}"
    pieces = [text(24, 34, title, 18, weight="bold"), *legend(58), *pieces]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'font-family="sans-serif">{box(0, 0, WIDTH, height, "#ffffff")}\n' + "\n".join(pieces) + "\n</svg>\n")
