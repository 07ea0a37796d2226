"""test_page.py - the page at "/" in a headless Chromium: its numbers, its plots, and nothing to complain about."""
import json
import threading
import time
import urllib.request

import browser
import program

if not browser.find():
    print("skipped: no chromium")
    raise SystemExit(program.SKIP)


full = program.unittest.skipIf(program.BRIEF, "only without a sanitizer")


class Page(program.HttpdTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        with cls.page:
            pass
        super().tearDownClass()

    def open(self, **options):
        """The page, with its first numbers."""
        self.page.open(self.url + "/", **options)
        self.wait(self.page, "document.getElementById('state')?.textContent === 'live'")
        return self.page

    def stats(self):
        with urllib.request.urlopen(self.url + "/stats", timeout=20) as answer:
            return json.load(answer)

    def wait(self, page, expression):
        end = time.monotonic() + 60
        while not page.ask(expression):
            self.assertLess(time.monotonic(), end, f"{expression}: {page.errors}")
            time.sleep(0.1)

    def values(self, page, *names):
        """What it shows at one moment."""
        values = page.ask(f"{json.dumps(names)}.map(name => document.getElementById(name).dataset.value)")
        return dict(zip(names, map(float, values)))

    def load(self):
        """Requests, until it is told to stop: some over one connection, some with one of their own."""
        while not self.quiet.is_set():
            for path in ("/plaintext", "/json", "/hash/100"):
                with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                    answer.read()

    def under_load(self):
        self.quiet = threading.Event()
        thread = threading.Thread(target=self.load)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.quiet.set)

    def drawn(self, page, canvas):
        """How many pixels of a plot are not empty."""
        return page.ask(f"""(() => {{
            const canvas = document.getElementById('{canvas}');
            const data = canvas.getContext('2d').getImageData(60, 0, canvas.width - 60, canvas.height - 24).data;
            return data.filter((value, i) => i % 4 === 3 && value).length;
        }})()""")

    def check_numbers(self, page):
        before = self.stats()
        self.wait(page, f"last && last.time > {before['time']}")
        shown = self.values(page, "requests", "done", "shard-0-requests", "shard-1-requests", "rate", "threads")
        after = self.stats()
        for i in (0, 1):
            least, most = (stats["shards"][i]["requests"] for stats in (before, after))
            self.assertTrue(least <= shown[f"shard-{i}-requests"] <= most, (least, shown, most))
        self.assertEqual(shown["requests"], shown["shard-0-requests"] + shown["shard-1-requests"])
        self.assertTrue(before["executor"]["done"] <= shown["done"] <= after["executor"]["done"])
        self.assertTrue(before["executor"]["threads"] <= shown["threads"] <= after["executor"]["threads"])
        self.assertGreater(shown["rate"], 0)

    def test_numbers_under_load(self):
        self.under_load()
        page = self.open()
        self.wait(page, "samples.length > 2")
        self.check_numbers(page)
        self.assertGreater(self.drawn(page, "flow"), 1000)
        before = page.ask("document.getElementById('flow').toDataURL()")
        self.wait(page, "document.getElementById('flow').toDataURL() !== " + json.dumps(before))
        self.assertEqual(page.errors, [])

    @full
    def test_it_can_be_read_aloud_and_in_the_dark(self):
        for dark in (False, True):
            with self.subTest(dark=dark):
                page = self.open(dark=dark)
                self.assertEqual(page.ask("document.querySelectorAll('canvas').length"), 4)
                self.assertTrue(page.ask("[...document.querySelectorAll('canvas')].every(c => "
                                         "c.getAttribute('role') === 'img' && c.getAttribute('aria-label'))"))
                self.assertTrue(page.ask("[...document.querySelectorAll('section')].every(s => "
                                         "document.getElementById(s.getAttribute('aria-labelledby')).textContent)"))
                self.assertGreater(self.contrast(page), 4.5)
                self.assertEqual(page.errors, [])

    def contrast(self, page):
        """The least contrast of a text to its ground (WCAG 2.2, 1.4.3)."""
        return page.ask("""(() => {
            const light = colour => {
                const [r, g, b] = colour.match(/[0-9.]+/g).map(v => v / 255).map(
                    v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = e => { const c = getComputedStyle(e).backgroundColor;
                                  return c === 'rgba(0, 0, 0, 0)' ? ground(e.parentElement) : c; };
            return Math.min(...[...document.querySelectorAll('h1, h2, dt, dd, p, li, footer, a, small, #state')].map(e => {
                const [low, high] = [light(getComputedStyle(e).color), light(ground(e))].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
            }));
        })()""")

    @full
    def test_a_narrow_window_needs_no_scrolling_sideways(self):
        page = self.open(width=360, height=700)
        self.assertLessEqual(page.ask("document.documentElement.scrollWidth"), 360)
        self.assertEqual(page.errors, [])

    @full
    def test_nothing_else_may_run_in_it(self):
        with urllib.request.urlopen(self.url + "/", timeout=20) as answer:
            policy = answer.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        page = self.open()
        page.ask("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))")
        self.assertIsNone(page.ask("window.ran"))
        self.assertEqual(len(page.errors), 1, page.errors)

    @full
    def test_it_says_when_the_server_is_gone_and_when_it_is_back(self):
        page = self.page
        with program.httpd() as server:
            port = str(server.port)
            page.open(f"http://127.0.0.1:{port}/")
            self.wait(page, "document.getElementById('state')?.textContent === 'live'")
            self.assertEqual(server.stop(), 0)
        self.wait(page, "document.getElementById('state').className === 'lost'")
        with program.Program("gyre-httpd", "--host", "127.0.0.1", "--port", port, "--shards", "3") as server:
            self.wait(page, "document.getElementById('state').textContent === 'live' && shards.length === 3")
            self.assertEqual(server.stop(), 0)


program.run_tests()
