"""test_examples.py - the seed's three examples print what the seed's do, and the others what they should."""
import asyncio
import os
import pty
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import program

SECONDS = 2  # between two greetings


def path(name):
    return os.path.join(program.BIN, name)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Hello(unittest.TestCase):
    def greets(self, name):
        """Reads two lines from a terminal, where they come at once; how it ends after SIGINT."""
        try:
            terminal, end = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal: {error}")
        process = subprocess.Popen([path(name)], stdout=end)
        os.close(end)
        with os.fdopen(terminal) as lines:
            self.assertEqual(lines.readline(), "Hello World\n")
            begin = time.monotonic()
            self.assertEqual(lines.readline(), "Hello World\n")
            self.assertGreater(time.monotonic() - begin, SECONDS - 0.5)
            process.send_signal(signal.SIGINT)
            return process.wait(30)

    def test_callback(self):
        self.assertEqual(self.greets("hello_callback"), -signal.SIGINT)

    def test_coroutine(self):
        self.assertEqual(self.greets("hello_coroutine"), 130)


class Unix(unittest.TestCase):
    """The example at either end, and python's asyncio at the other."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "sock")

    def ask(self):
        done = subprocess.run([path("unix"), "ask", self.path], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_serve(self):
        async def talk(name):
            reader, writer = await asyncio.open_unix_connection(self.path)
            writer.write(name.encode() + b"\n")
            answer = await reader.read()
            writer.close()
            return answer.decode()

        async def talk_all():
            return await asyncio.gather(*(talk(f"client {i}") for i in range(50)))

        with subprocess.Popen([path("unix"), "serve", self.path], stdout=subprocess.PIPE, text=True) as server:
            try:
                self.assertEqual(server.stdout.readline(), "listening\n")
                me = f"process {os.getpid()} of user {os.getuid()}\n"
                self.assertEqual(asyncio.run(talk_all()), [f"hello, client {i}: {me}" for i in range(50)])
                self.assertRegex(self.ask(), rf"^hello, gyre: process \d+ of user {os.getuid()}$")
            finally:
                server.send_signal(signal.SIGINT)
        self.assertEqual(server.returncode, 130)
        self.assertFalse(os.path.exists(self.path))

    def test_ask(self):
        async def answer(reader, writer):
            writer.write(b"heard: " + await reader.readline())
            writer.close()

        async def serve():
            async with await asyncio.start_unix_server(answer, self.path):
                return await asyncio.to_thread(self.ask)

        self.assertEqual(asyncio.run(serve()), "heard: gyre\n")

    def test_nobody_is_there(self):
        done = subprocess.run([path("unix"), "ask", self.path], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"Connect call failed '{self.path}'", done.stderr)


class Pages(unittest.TestCase):
    def prints(self, lines, *command):
        done = subprocess.run([path(command[0]), *command[1:]], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), lines)

    def test_tasks(self):
        self.prints(["hello", "world", "world", "hello", "greeting: not today"], "tasks")

    def test_task_group(self):
        self.prints(["cooking", "soup: ready", "rice: ready", "cake: ready", "dinner"], "task_group")
        self.prints(["cooking", "soup: ready", "cake: taken off the fire", "no dinner: the rice is burnt"],
                    "task_group", "--burn")

    def test_subprocess(self):
        self.prints(["apple", "fig", "pear", "the child says 3", "the child says 2", "the child says 1", "and ends with 7",
                     "too long: TimeoutError", "ended by signal 15"], "subprocess")

    def test_timeout(self):
        self.prints(["insist: TimeoutError", "move on: with some answers", "clean up: CancelledError",
                     "behind the shield: None"], "timeout")

    def test_combine(self):
        self.prints(["the logo is there first", "then comes the logo", "then comes the song", "then comes the film",
                     "too late, and cancelled", "too late, and still under way", "server 2 has answered"], "combine")

    def test_deadlines(self):
        self.prints(["greeted: None", "worked: TimeoutError, expired", "worked: TimeoutError at once", "no more than 60 s",
                     "called off"], "deadlines")

    def test_group_errors(self):
        self.prints(["cook: too hot", "waiter: too late", "found by 1 of 3"], "group_errors")

    def test_inspect(self):
        self.prints(["waiter awaits looker", "there is main", "there is looker", "there is waiter",
                     "* Task(name='looker', coro=look_around)",
                     "  + Awaited by:",
                     "     * Task(name='waiter', coro=wait_for_it)",
                     "       + Awaited by:",
                     "          * Task(name='main', coro=inspect)",
                     "asked to end: None", "hello, factory", "1 made", "hello, eager", "eager it is"], "inspect")

    def test_queues(self):
        self.prints(["2 of 2 places are taken", "in order: pear", "in order: apple", "in order: fig",
                     "the last one first: fig", "the last one first: apple", "the last one first: pear",
                     "<PriorityQueue maxsize=0>", "by alphabet: apple", "by alphabet: fig", "by alphabet: pear"], "queues")

    def test_workers(self):
        self.prints(["worker 1: has worked", "worker 2: has worked", "worker 3: has worked", "9 jobs done"],
                    "workers")


class Echo(unittest.TestCase):
    def echo(self, client, *args):
        """Runs the server, a client against it, and returns what the server printed."""
        port = free_port()
        process = subprocess.Popen(
            [path("echo"), "--port", str(port), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            asyncio.run(asyncio.wait_for(self.when_up(port, client), 60))
        finally:
            process.terminate()
            printed, errors = process.communicate(timeout=30)
        self.assertEqual((process.returncode, errors), (0, ""))
        return printed.splitlines()

    async def when_up(self, port, client):
        for _ in range(200):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
        await client(reader, writer, port)

    async def talk(self, reader, writer, port):
        for message in (b"one", b"two"):
            writer.write(message)
            self.assertEqual(await reader.readexactly(7), b"Re: " + message)
        writer.close()
        await writer.wait_closed()

    def test_talk(self):
        self.assertEqual(self.echo(self.talk), [
            "connection made",
            "data received:  one",
            "data received:  two",
            "connection lost: None",
        ])

    async def fall_silent(self, reader, writer, port):
        begin = time.monotonic()
        await asyncio.sleep(0.8)
        writer.write(b"one")
        self.assertEqual(await reader.read(), b"Re: one")
        self.assertGreater(time.monotonic() - begin, 2.5)
        writer.close()

    def test_timeout_counts_from_the_last_data(self):
        self.assertEqual(self.echo(self.fall_silent, "--timeout", "2"), [
            "connection made",
            "data received:  one",
            "connection timeout, closing.",
            "connection lost: None",
        ])

    async def many(self, reader, writer, port):
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        await asyncio.gather(*(self.talk(*stream, port) for stream in streams))
        writer.close()

    def test_quiet_on_two_shards(self):
        self.assertEqual(self.echo(self.many, "--shards", "2", "--quiet"), [])

    async def large(self, reader, writer, port):
        size = 1 << 20
        writer.write(b"x" * size)
        got = 0
        while got < size:
            got += (await reader.read(1 << 16)).replace(b"Re: ", b"").count(b"x")
        self.assertEqual(got, size)
        writer.close()

    def test_large_messages(self):
        self.assertEqual(self.echo(self.large, "--quiet"), [])

    def test_wrong_flag(self):
        done = subprocess.run([path("echo"), "--bogus"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--bogus", done.stderr)


program.run_tests()
