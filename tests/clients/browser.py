"""browser.py - a headless Chromium, spoken to over a pair of pipes: one page, its errors kept."""
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find():
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """Used with `with`. Errors of the page's console, and of its loading, are in .errors."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        self.errors = []
        self.answers = {}
        self.numbers = itertools.count(1)
        self.news = threading.Condition()
        self.ended = False
        self._start(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-extensions",
                     "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "about:blank"])
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
    def _start(self, options):
        """It reads its orders from descriptor 3 and answers on 4."""
        orders, self.orders = os.pipe()
        self.replies, replies = os.pipe()
        self.session = None
        command = 'exec "$0" "$@" 3<&%d 4>&%d' % (orders, replies)
        self.process = subprocess.Popen(["/bin/sh", "-c", command, find(), *options], pass_fds=(orders, replies),
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(orders)
        os.close(replies)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        left = b""
        while data := os.read(self.replies, 1 << 20):
            *messages, left = (left + data).split(b"\0")
            with self.news:
                for message in messages:
                    self._take(json.loads(message))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def _take(self, message):
        method, values = message.get("method"), message.get("params", {})
        if "id" in message:
            self.answers[message["id"]] = message
        elif method == "Runtime.exceptionThrown":
            self.errors.append(values["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.errors.append(str([arg.get("value") for arg in values["args"]]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.errors.append(values["entry"]["text"])

    def call(self, method, timeout=60, **values):
        """One order, and its answer."""
        number = next(self.numbers)
        order = {"id": number, "method": method, "params": values}
        if self.session:
            order["sessionId"] = self.session
        os.write(self.orders, json.dumps(order).encode() + b"\0")
        with self.news:
            self.news.wait_for(lambda: self.ended or number in self.answers, timeout)
            answer = self.answers.pop(number, {"error": "no answer"})
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url, width=1280, height=900, dark=False):
        """Shows a page in a window of that size; what the one before complained about is forgotten."""
        self.call("Page.navigate", url="about:blank")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.errors.clear()
        self.call("Page.navigate", url=url)

    def ask(self, expression):
        """The value of an expression of JavaScript."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        os.close(self.orders)
        os.close(self.replies)
        shutil.rmtree(self.folder, ignore_errors=True)
