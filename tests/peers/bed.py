"""bed.py - starts what talks to each other, and ends it: the other files are tests of it.

The first argument of each test is the folder with `peer`, the second that with gyre-httpd; what follows are the names of the
cases to run, as unittest takes them.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

PEER = os.path.join(sys.argv[1], "peer")
BIN = sys.argv[2]
SKIP = 77
LONG = 30  # seconds: only what is broken lasts as long
SIZES = (0, 1, 16383, 16385, 1 << 20)


def need(*tools):
    """Ends the test as skipped when a tool is not installed."""
    for tool in tools:
        if not shutil.which(tool):
            print(f"skipped: no {tool}")
            sys.exit(SKIP)


def run_tests():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2, warnings="ignore")


def pattern(size):
    """Bytes that tell when one is missing, or twice there."""
    return (b"".join(b"%08d" % i for i in range(size // 8 + 1)))[:size]


class Running:
    """A program that runs; used with `with`. What it says is kept, and may be waited for."""

    def __init__(self, *command, stdin=subprocess.DEVNULL):
        self.command = command
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.out, self.err = b"", b""
        self.news = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("out", "err")]
        for reader in self.readers:
            reader.start()

    def _read(self, name):
        stream = getattr(self.process, "std" + name)
        while data := stream.read(1 << 16):
            with self.news:
                setattr(self, name, getattr(self, name) + data)
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def said(self):
        return (self.out + self.err).decode("latin-1")

    def mark(self):
        """A place to expect something behind."""
        with self.news:
            return len(self.out), len(self.err)

    def expect(self, words, behind=(0, 0)):
        """Waits until it says what matches; the match."""
        def look():
            parts = (self.out[behind[0]:], self.err[behind[1]:])
            return next(filter(None, (re.search(words, part.decode("latin-1")) for part in parts)), None)

        with self.news:
            self.news.wait_for(look, LONG)
            found = look()
        assert found, f"{' '.join(self.command)} did not say {words!r}: {self.said()[-3000:]}"
        return found

    def send(self, text, answer):
        """Writes to its stdin, and waits until it says what matches `answer`; the match."""
        mark = self.mark()
        self.process.stdin.write(text.encode())
        return self.expect(answer, mark)

    def wait(self):
        """Its exit status, and all that it said is there."""
        status = self.process.wait(LONG)
        for reader in self.readers:
            reader.join(LONG)
        return status

    def end(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()  # nobody reads any more what is closed now, and whose number the next program gets
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        if kind:
            print(f"{' '.join(self.command)} said: {self.said()[-3000:]}", file=sys.stderr)


class Server(Running):
    """`peer serve ...`: must end well when it is told to, and without a complaint."""

    def __init__(self, kind, *options):
        super().__init__(PEER, "serve", kind, *options)
        self.port = int(self.expect(r"listening (-?\d+)")[1])

    def __exit__(self, kind, value, trace):
        status = self.end() if self.process.poll() is None else self.wait()
        super().__exit__(kind, value, trace)
        if not kind:
            assert (status, self.err) == (0, b""), f"the server ended with {status}: {self.said()}"


def facts(line):
    """What peer_describe says: a dict."""
    return dict(word.split("=", 1) for word in line.split(" ") if "=" in word)


class Answer:
    """What a `peer ask` that has ended said: the bytes, a dict for each connection, and how it went."""

    def __init__(self, out, err):
        lines = err.decode().splitlines()
        self.bytes = out
        self.connections = [facts(line) for line in lines[:-1]]
        self.error, self.text = lines[-1].split(": ", 1) if lines else ("nothing", "")


def ask(kind, *options, send=b""):
    done = subprocess.run([PEER, "ask", kind, *map(str, options)], input=send, capture_output=True, timeout=LONG)
    assert done.returncode == 0, f"peer ask {kind} {options}: {done.returncode}, {done.stderr.decode()}"
    return Answer(done.stdout, done.stderr)


class Certificates:
    """Files that hold a certificate and its key each: made for a run, gone with it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self._sign("ca", "gyre's peers", signer=None)
        self._sign("alone", "localhost", "DNS:localhost", signer=None)
        self._sign("server", "localhost", "DNS:localhost,IP:127.0.0.1")
        self._sign("www", "www.example.org", "DNS:www.example.org")
        self._sign("client", "client")
        self._sign("stranger", "stranger", signer="alone")
        self._sign("expired", "localhost", "DNS:localhost,IP:127.0.0.1", days="-1")
        self._sign("between", "between", authority="critical,CA:TRUE")
        self._sign("chained", "localhost", "DNS:localhost,IP:127.0.0.1", signer="between")
        self._append("chained", "between.crt")

    def __getattr__(self, name):
        return os.path.join(self.folder.name, name + ".pem")

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=LONG)

    def _append(self, name, other):
        with open(getattr(self, name), "a", encoding="ascii") as to, open(os.path.join(self.folder.name, other), encoding="ascii") as file:
            to.write(file.read())

    def _sign(self, name, subject, names=None, signer="ca", days="2", authority=None):
        path = os.path.join(self.folder.name, name)
        about = ["-subj", f"/CN={subject}", *(["-addext", f"subjectAltName={names}"] if names else [])]
        about += ["-addext", f"basicConstraints={authority}"] if authority else []
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path + ".key"]
        if signer:
            by = getattr(self, signer)
            self._openssl("req", *key, *about, "-out", path + ".csr")
            self._openssl("x509", "-req", "-in", path + ".csr", "-copy_extensions", "copy", "-CA", by, "-CAkey", by,
                          "-days", days, "-out", path + ".crt")
        else:
            self._openssl("req", "-x509", *key, *about, "-days", days, "-out", path + ".crt")
        for part in (".crt", ".key"):
            self._append(name, name + part)
