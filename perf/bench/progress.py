"""What the bench is doing, on stderr: one line that changes on a terminal, one line a round elsewhere."""
import sys
import time


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Progress:
    def __init__(self, quiet=False):
        self.quiet = quiet
        self.live = sys.stderr.isatty()
        self.width = 0

    def _write(self, text, end):
        if not self.quiet:
            print(("\r" if self.live else "") + text.ljust(self.width), end=end, file=sys.stderr, flush=True)
        self.width = len(text)

    def say(self, text):
        self._write(text, "\n")
        self.width = 0

    def expect(self, rounds, steps):
        """So many rounds will come, of so many steps in all."""
        self.rounds, self.steps, self.done, self.round = rounds, steps, 0, 0
        self.begun = time.monotonic()

    def step(self, number, what):
        """A step of a round begins."""
        passed = time.monotonic() - self.begun
        left = f", {clock(passed / self.done * (self.steps - self.done))} left" if self.done else ""
        self.done += 1
        if self.live:
            self._write(f"round {number} of {self.rounds}{left}: {what}", "")
        elif number != self.round:
            self.say(f"round {number} of {self.rounds}{left}")
        self.round = number

    def end(self):
        self.say(f"{self.rounds} rounds in {clock(time.monotonic() - self.begun)}")
