"""test_files.py - /file/...: what is shown of a folder, how, and that nothing else ever is."""
import hashlib
import os
import shutil
import socket
import tempfile
import threading
import time
import unittest

import program
from wire import Wire, get

BIG = (1 if program.BRIEF else 8) << 20


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


class Folder(program.HttpdTest):
    """A folder on the disk, and a secret beside it."""

    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp()
        cls.root = os.path.join(cls.top, "root")
        os.makedirs(os.path.join(cls.root, "folder", "deep"))
        os.makedirs(os.path.join(cls.root, "bare"))
        write(os.path.join(cls.top, "secret"), b"secret")
        cls.text = bytes(range(48, 58)) * 100
        write(os.path.join(cls.root, "text.txt"), cls.text)
        write(os.path.join(cls.root, "empty"), b"")
        write(os.path.join(cls.root, "a b+c%41.html"), b"odd name")
        write(os.path.join(cls.root, "folder", "index.html"), b"<p>index")
        write(os.path.join(cls.root, "folder", "deep", "x.PNG"), b"png")
        os.symlink("text.txt", os.path.join(cls.root, "inside"))
        os.symlink("../secret", os.path.join(cls.root, "outside"))
        os.symlink("/etc/passwd", os.path.join(cls.root, "absolute"))
        os.symlink("..", os.path.join(cls.root, "parent"))
        os.symlink("/proc/self", os.path.join(cls.root, "magic"))
        os.mkfifo(os.path.join(cls.root, "pipe"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.join(cls.root, "socket"))
        cls.big = hashlib.shake_128(b"big").digest(BIG)
        write(os.path.join(cls.root, "big.bin"), cls.big)
        cls.args = ("--root", cls.root)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.top)
        super().tearDownClass()

    def setUp(self):
        self.wire = Wire(self.port)
        self.addCleanup(self.wire.socket.close)

    def ask(self, path, *fields, method="GET"):
        self.wire.send(get("/file/" + path, *fields, method=method))
        return self.wire.answer(head=method == "HEAD")


class Files(Folder):
    def test_a_file(self):
        status, fields, body = self.ask("text.txt")
        self.assertEqual((status, body), (200, self.text))
        self.assertEqual(fields["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(fields["accept-ranges"], "bytes")
        self.assertEqual(fields["x-content-type-options"], "nosniff")
        self.assertRegex(fields["etag"], '^"[!#-~]+"$')
        self.assertEqual(time.strptime(fields["last-modified"], "%a, %d %b %Y %H:%M:%S GMT")[:6],
                         time.gmtime(os.stat(os.path.join(self.root, "text.txt")).st_mtime)[:6])

    def test_types_and_names(self):
        for path, kind, body in (("folder/deep/x.PNG", "image/png", b"png"),
                                 ("a%20b+c%2541.html", "text/html; charset=utf-8", b"odd name"),
                                 ("folder%2fdeep/x.PNG?query", "image/png", b"png"),
                                 ("inside", "application/octet-stream", self.text),
                                 ("folder/", "text/html; charset=utf-8", b"<p>index"),
                                 ("empty", "application/octet-stream", b"")):
            status, fields, got = self.ask(path)
            self.assertEqual((status, fields["content-type"], got), (200, kind, body), path)

    def test_head(self):
        status, fields, _ = self.ask("text.txt", method="HEAD")
        self.assertEqual((status, fields["content-length"]), (200, "1000"))
        self.assertEqual(self.ask("text.txt", "Range: bytes=0-1", method="HEAD")[0], 200)
        self.assertEqual(self.ask("text.txt", method="DELETE")[0], 405)
        self.assertEqual(self.ask("empty", method="HEAD")[1]["content-length"], "0")
        self.assertEqual(self.ask("text.txt")[2], self.text)

    def test_folders(self):
        self.assertEqual(self.ask("folder")[1]["location"], "/file/folder/")
        self.assertEqual(self.ask("folder?x")[0], 301)
        for path in ("", "bare/", "folder/index.html/", "folder//"):
            self.assertEqual(self.ask(path)[0], 404, path)

    def test_a_big_file(self):
        self.assertTrue(self.ask("big.bin")[2] == self.big)
        self.assertTrue(self.ask("big.bin", "Range: bytes=1000-")[2] == self.big[1000:])
        self.assertEqual(self.ask("text.txt")[2], self.text)

    def test_pipelined(self):
        self.wire.send(b"".join(get("/file/" + name) for name in ("text.txt", "empty", "nothing", "big.bin", "folder/")))
        self.assertTrue([self.wire.answer()[0::2] for _ in range(5)] ==
                        [(200, self.text), (200, b""), (404, b"404 Not Found\n"), (200, self.big), (200, b"<p>index")])

    def test_nothing_outside(self):
        for path in ("..", "../secret", "%2e%2e/secret", "%2E%2E%2Fsecret", "..%2fsecret", "folder/../../secret",
                     "folder/../text.txt", "./text.txt", "/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "....//secret",
                     "outside", "absolute", "parent/secret", "magic/root/etc/passwd", "magic/environ", "..\\secret",
                     "text.txt/", "text.txt/.", "%252e%252e/secret", "~root", "x" * 300, "x/" * 3000 + "x"):
            self.assertEqual(self.ask(path)[0], 404, path)

    def test_no_zero_bytes(self):
        self.assertEqual(self.ask("text.txt%00")[0], 400)

    def test_only_files(self):
        for path in ("pipe", "socket", "nothing", "folder/nothing", "text.txt/x"):
            self.assertEqual(self.ask(path)[0], 404, path)

    def test_without_a_root(self):
        with program.httpd() as other, Wire(other.port) as wire:
            wire.send(get("/file/text.txt"))
            self.assertEqual(wire.answer()[0], 404)
            self.assertEqual(other.stop(), 0)


class Ranges(Folder):
    def part(self, value, *fields):
        status, fields, body = self.ask("text.txt", "Range: " + value, *fields)
        return status, fields.get("content-range"), body

    def test_one_part(self):
        for value, said, body in (("bytes=0-9", "0-9", self.text[:10]), ("bytes=10-", "10-999", self.text[10:]),
                                  ("bytes=-3", "997-999", self.text[-3:]), ("bytes=0-0", "0-0", b"0"),
                                  ("bytes=998-5000", "998-999", b"89"), ("bytes=-5000", "0-999", self.text)):
            self.assertEqual(self.part(value), (206, f"bytes {said}/1000", body), value)

    def test_beyond(self):
        for value in ("bytes=1000-", "bytes=5000-6000", "bytes=-0"):
            status, said, _ = self.part(value)
            self.assertEqual((status, said), (416, "bytes */1000"), value)

    def test_several_or_none_are_the_whole(self):
        for value in ("bytes=0-1,3-4", "bytes=x", "lines=0-1", "bytes=5-4", "bytes="):
            self.assertEqual(self.part(value), (200, None, self.text), value)

    def test_if_range(self):
        _, fields, _ = self.ask("text.txt")
        os.utime(os.path.join(self.root, "text.txt"), (1e9, 1e9))
        self.assertEqual(self.part("bytes=0-1", "If-Range: " + fields["etag"])[0], 200)
        _, fields, _ = self.ask("text.txt")
        self.assertEqual(self.part("bytes=0-1", "If-Range: " + fields["etag"])[0], 206)
        self.assertEqual(self.part("bytes=0-1", "If-Range: W/" + fields["etag"])[0], 200)
        self.assertEqual(self.part("bytes=0-1", "If-Range: " + fields["last-modified"])[0], 206)
        self.assertEqual(self.part("bytes=0-1", "If-Range: Sun, 06 Nov 1994 08:49:37 GMT")[0], 200)


class Conditions(Folder):
    def test_not_modified(self):
        _, known, _ = self.ask("text.txt")
        for field in ("If-None-Match: " + known["etag"], 'If-None-Match: "x", W/' + known["etag"], "If-None-Match: *",
                      'If-None-Match: "x"\r\nIf-None-Match: "y", ' + known["etag"],
                      "If-Modified-Since: " + known["last-modified"]):
            for method in ("GET", "HEAD"):
                status, fields, body = self.ask("text.txt", field, "Range: bytes=0-1", method=method)
                self.assertEqual((status, body), (304, b""), field)
                self.assertEqual(fields["etag"], known["etag"])
                self.assertNotIn("content-length", fields)

    def test_modified(self):
        for field in ('If-None-Match: "x"', "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "If-Modified-Since: soon"):
            self.assertEqual(self.ask("text.txt", field)[0], 200, field)

    def test_preconditions(self):
        _, known, _ = self.ask("text.txt")
        for status, field in ((200, "If-Match: " + known["etag"]), (412, 'If-Match: "x"'), (412, "If-Match: W/" + known["etag"]),
                              (200, "If-Unmodified-Since: " + known["last-modified"]),
                              (412, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT")):
            self.assertEqual(self.ask("text.txt", field)[0], status, field)

    def test_a_change_changes_the_tag(self):
        path = os.path.join(self.root, "changing")
        write(path, b"one")
        before = self.ask("changing")[1]["etag"]
        write(path + ".new", b"two")
        os.rename(path + ".new", path)
        status, fields, body = self.ask("changing", "If-None-Match: " + before)
        self.assertEqual((status, body), (200, b"two"))
        self.assertNotEqual(fields["etag"], before)


class Trouble(unittest.TestCase):
    """What goes wrong with a file is the client's answer and at most a line; the server lives."""

    def serve(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        server = program.httpd("--root", folder.name)
        return server

    def test_a_file_that_shrinks(self):
        with self.serve() as server:
            path = os.path.join(self.root, "big")
            with open(path, "wb") as file:
                file.truncate(1 << 28)
            with Wire(server.port) as wire:
                wire.send(get("/file/big"))
                wire.socket.recv(1000)
                os.truncate(path, 1 << 20)
                size = 0
                while data := wire.socket.recv(1 << 20):
                    size += len(data)
                self.assertLess(size, 1 << 28)
            with Wire(server.port) as wire:
                wire.send(get("/file/big", "Range: bytes=0-3"))
                self.assertEqual(wire.answer()[2], bytes(4))
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, ["gyre-httpd: a file got shorter while it was sent\n"])

    def test_clients_that_leave(self):
        with self.serve() as server:
            with open(os.path.join(self.root, "big"), "wb") as file:
                file.truncate(1 << 28)
            for reset in (False, True):
                for _ in range(5):
                    with Wire(server.port) as wire:
                        wire.send(get("/file/big") * 3)
                        wire.socket.recv(100)
                        if reset:
                            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            with Wire(server.port) as wire:
                wire.send(get("/plaintext"))
                self.assertEqual(wire.answer()[0], 200)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, [])

    def test_a_download_outlives_sigterm(self):
        with self.serve() as server:
            with open(os.path.join(self.root, "big"), "wb") as file:
                file.truncate(1 << 23)
            with Wire(server.port) as wire:
                wire.send(get("/file/big"))
                start = wire.socket.recv(100)
                server.signal()
                time.sleep(0.2)
                wire.left = start
                self.assertEqual(len(wire.answer()[2]), 1 << 23)
            self.assertEqual(server.wait(), 0)
            self.assertEqual(server.errors, [])

    def test_a_file_that_may_not_be_read(self):
        """Root may read everything: then the server is somebody else."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        path = os.path.join(folder.name, "closed\n")
        write(path, b"x")
        os.chmod(path, 0)
        command = [os.path.abspath(os.path.join(program.BIN, "gyre-httpd"))]
        if os.geteuid() == 0:
            command = [shutil.which("setpriv"), "--reuid=65534", "--clear-groups", *command]
        with program.Program(*command, "--host", "127.0.0.1", "--port", "0", "--root", folder.name) as server:
            for _ in range(5):
                with Wire(server.port) as wire:
                    wire.send(get("/file/closed%0a"))
                    self.assertEqual(wire.answer()[0], 403)
            self.assertEqual(server.stop(), 0)
            self.assertIn("gyre-httpd: cannot read closed\\x0a: Permission denied\n", server.errors)
            self.assertLess(len(server.errors), 5)

    def test_many_at_once(self):
        with self.serve() as server:
            data = os.urandom(200000)
            write(os.path.join(self.root, "file"), data)
            wrong = []

            def fetch():
                with Wire(server.port) as wire:
                    for _ in range(5 if program.BRIEF else 20):
                        wire.send(get("/file/file"))
                        if wire.answer()[2] != data:
                            wrong.append(1)

            threads = [threading.Thread(target=fetch) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.errors, [])


del Folder
program.run_tests()
