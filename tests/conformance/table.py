"""table.py - which published test cases of asyncio the tests here port, by area: `table.py [AREA...]` lists what is missing.

A port names its case, in full, in a comment at the test: `test_locks.py::LockTests::test_cancel_race` is CPython's,
`uv:test_base.py::_TestBase::test_call_soon_1` is uvloop's. It fails when a name is unknown or cut short, when a case that
struck.md excuses is ported, and when an area that areas.tsv calls complete misses one.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
NAME = re.compile(r"(?:uv:)?\btest_\w+\.py::\w+::test_\w+")
SHORT = re.compile(r"\btest_\w+\.py\b|::test_\w+|\buvloop (?=test_)|(?:, |\.\. )_\w+|(?<![\w/])test_\w+(?!\.[ch]\b)\b")
COMMENT = {".c": r"/\*.*?\*/|//[^\n]*", ".h": r"/\*.*?\*/|//[^\n]*", ".py": r"^ *#[^\n]*"}


def rows(name):
    """The lines of a table, cut at the tabs."""
    return [line.split("\t") for line in (HERE / name).read_text().splitlines() if line]


def struck_cases():
    """Case -> why it cannot exist in C. A line of struck.md: - `case`: the reason."""
    return dict(re.findall(r"^- `(\S+)`: (.+)$", (HERE / "struck.md").read_text(), re.MULTILINE))


def comments(path):
    """Its comments, each with the number of its first line."""
    text = path.read_text()
    for found in re.finditer(COMMENT[path.suffix], text, re.DOTALL if path.suffix != ".py" else re.MULTILINE):
        yield text.count("\n", 0, found.start()) + 1, found[0]


def named(errors):
    """Case -> where a test names it. A name cut short beside one in full, or a file's name alone, is an error."""
    found = {}
    for path in sorted(path for path in HERE.parent.rglob("*") if path.suffix in COMMENT and path.parent != HERE):
        for line, comment in comments(path):
            where = f"{path.relative_to(HERE.parent)}:{line}"
            names = NAME.findall(comment)
            found.update((name, where) for name in names)
            if names or re.search(r"\btest_\w+\.py::", comment):
                errors += [f"{where}: not a case in full: {short}" for short in SHORT.findall(NAME.sub("", comment))]
    return found


class Areas:
    """The distinct semantics of each area: ported, struck or missing."""

    def __init__(self):
        self.errors = []
        self.copies = {case: original[0] if original else case for _, case, *original in rows("cases.tsv")}
        self.struck = struck_cases()
        self.names = named(self.errors)
        self.ported = {self.copies.get(name) for name in self.names}
        self.extras = {case for case, in rows("extras.tsv")}
        self.table = [(area, title, bool(state), self.split(area)) for area, title, *state in rows("areas.tsv")]

    def split(self, area):
        """Its cases in three heaps: ported, struck, missing. Copies are counted with what they copy."""
        heaps = ([], [], [])
        for case in (case for home, case, *original in rows("cases.tsv") if home == area and not original):
            heaps[0 if case in self.ported else 1 if case in self.struck else 2].append(case)
        return heaps

    def check(self):
        """What is wrong, one sentence each."""
        known = self.copies.keys() | self.extras
        yield from self.errors
        yield from (f"{where}: no such case: {name}" for name, where in self.names.items() if name not in known)
        yield from (f"struck.md: no such case: {name}" for name in self.struck if self.copies.get(name) != name)
        yield from (f"struck.md: {name} is ported" for name in self.struck if name in self.ported)
        for area, title, complete, (_, _, missing) in self.table:
            yield from (f"area {area} ({title}) is not complete: {name}" for name in missing if complete)

    def show(self):
        """The table; its last line is the sum."""
        print(f"{'area':<64}{'ported':>8}{'struck':>8}{'missing':>8}")
        for area, title, complete, heaps in self.table:
            print(f"{area} {title:<61}" + "".join(f"{len(heap):>8}" for heap in heaps) + " complete" * complete)
        extras = len(self.extras & self.names.keys())
        print(f"ported from outside the areas: {extras}")
        ported, struck, missing = (sum(len(heaps[i]) for *_, heaps in self.table) for i in range(3))
        print(f"total: {ported} ported, {struck} struck, {missing} missing of {ported + struck + missing}")


def main():
    """0 when nothing is wrong."""
    areas = Areas()
    errors = list(areas.check())
    for case in (case for area, *_, heaps in areas.table if area in sys.argv[1:] for case in heaps[2]):
        print(case)
    if not sys.argv[1:]:
        areas.show()
    print(*errors, sep="\n", end="\n" * bool(errors), file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
