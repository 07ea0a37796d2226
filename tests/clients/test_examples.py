"""test_examples.py - the seed's three examples print what the seed's do, and the others what they should."""
import asyncio
import os
import pty
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import program
from certificates import Certificates

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


class Watch(unittest.TestCase):
    def test_what_happens(self):
        with tempfile.TemporaryDirectory() as folder:
            with subprocess.Popen([path("watch"), folder], stdout=subprocess.PIPE, text=True) as watch:
                self.assertEqual(watch.stdout.readline(), "watching\n")
                with open(os.path.join(folder, "new"), "w") as file:
                    file.write("text")
                os.rename(os.path.join(folder, "new"), os.path.join(folder, "other"))
                lines = [watch.stdout.readline() for i in range(4)]
                watch.send_signal(signal.SIGINT)
        self.assertEqual(
            lines,
            [
                "made, removed or renamed new\n",
                "changed new\n",
                "made, removed or renamed new\n",
                "made, removed or renamed other\n",
            ],
        )
        self.assertEqual(watch.returncode, 130)

    def test_nothing_is_there(self):
        done = subprocess.run([path("watch"), "/nowhere"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("'/nowhere' cannot be watched", done.stderr)


class Pair(unittest.TestCase):
    """Examples with two ends, each at a port: either of ours, and python's at the other."""

    def ask(self, *command, status=0):
        done = subprocess.run([path(command[0]), "ask", *command[1:]], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr if status else done.stdout

    def serve(self, *command):
        """Runs until the end of the test, and must end well then."""
        server = subprocess.Popen([path(command[0]), "serve", *command[1:]], stdout=subprocess.PIPE, text=True)

        def end():
            server.terminate()
            server.communicate(timeout=60)
            self.assertEqual(server.returncode, 0)

        self.addCleanup(end)
        return server

    def test_streams(self):
        port = str(free_port())
        self.assertEqual(self.serve("streams", port).stdout.readline(), "listening\n")
        self.assertEqual(self.ask("streams", port, "one", "three", "", "x" * 50000), "3 one\n5 three\n0 \n50000 " + "x" * 50000 + "\n")

        async def talk():
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"a\nbc")
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            return answer

        async def talk_all():
            return await asyncio.gather(*(talk() for _ in range(20)))

        self.assertEqual(asyncio.run(talk_all()), [b"1 a\n1 bc"] * 20)

    def test_streams_ask(self):
        async def answer(reader, writer):
            heard = await reader.read()
            writer.write(b"heard: " + heard)
            writer.close()

        async def serve():
            async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
                return await asyncio.to_thread(self.ask, "streams", str(server.sockets[0].getsockname()[1]), "a", "b")

        self.assertEqual(asyncio.run(serve()), "heard: a\nb\n")

    def test_udp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.serve("udp", str(port))
        for _ in range(200):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(20)
                client.connect(("127.0.0.1", port))
                try:
                    client.send(b"hello")
                    self.assertEqual(client.recv(100), b"hello")
                    break
                except ConnectionRefusedError:
                    time.sleep(0.1)
        self.assertEqual(self.ask("udp", str(port), "word"), "word\n")

    def test_udp_asks_again(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.settimeout(20)
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            with subprocess.Popen([path("udp"), "ask", str(port), "x"], stdout=subprocess.PIPE) as client:
                self.assertEqual([server.recv(100) for _ in range(2)], [b"x"] * 2)
                server.sendto(b"there", server.recvfrom(100)[1])
                self.assertEqual(client.communicate(timeout=60)[0], b"there\n")
            self.assertEqual(client.returncode, 0)
            self.assertIn("no answer", self.ask("udp", str(port), "x", status=1))
        self.assertIn("ConnectionRefusedError", self.ask("udp", str(port), "x", status=1))

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_tls(self):
        files = Certificates()
        self.addCleanup(files.remove)
        pair = files.make("localhost", "localhost")[1:]
        stranger = files.make("stranger", "localhost")[1]
        port = str(free_port())
        self.assertEqual(self.serve("tls", port, *pair).stdout.readline(), "listening\n")
        self.assertEqual(self.ask("tls", port, pair[0]), "this is TLSv1.3, and TLS_AES_256_GCM_SHA384\n")
        self.assertIn("CERTIFICATE_VERIFY_FAILED", self.ask("tls", port, stranger, status=1))
        with socket.create_connection(("127.0.0.1", port), 20) as plain:
            with files.client("localhost", maximum_version=ssl.TLSVersion.TLSv1_2).wrap_socket(plain, server_hostname="localhost") as client:
                self.assertRegex(client.recv(1000), rb"^this is TLSv1.2, and ECDHE-\S+\n$")


class Pipes(unittest.TestCase):
    def run_pipes(self, data, **more):
        done = subprocess.run([path("pipes")], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **more)
        return done.returncode, done.stdout, done.stderr

    def test_all_comes_through(self):
        for data in (b"", b"hello\n", b"\xff\0z", b"many words " * 300000):
            self.assertEqual(self.run_pipes(data), (0, data.upper(), b""))

    def test_a_slow_reader(self):
        with subprocess.Popen([path("pipes")], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pipes:
            os.set_blocking(pipes.stdin.fileno(), False)
            sent = 0
            rest = time.monotonic() + 0.5
            while time.monotonic() < rest:
                try:
                    sent += os.write(pipes.stdin.fileno(), b"x" * 65536)
                    rest = time.monotonic() + 0.5
                except BlockingIOError:
                    time.sleep(0.01)
            self.assertLess(sent, 4 << 20)
            pipes.stdin.close()
            self.assertEqual(len(pipes.stdout.read()), sent)
            self.assertEqual(pipes.wait(60), 0)

    def test_a_reader_that_leaves(self):
        with subprocess.Popen([path("pipes")], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pipes:
            pipes.stdin.write(b"x")
            pipes.stdin.flush()
            self.assertEqual(pipes.stdout.read(1), b"X")
            pipes.stdout.close()
            self.assertEqual(pipes.wait(60), 0)

    def test_files_are_refused(self):
        for streams in ({"stdin": subprocess.DEVNULL, "stdout": "file"}, {"stdin": "file", "stdout": subprocess.PIPE}):
            with tempfile.TemporaryFile() as file:
                streams = {name: file if stream == "file" else stream for name, stream in streams.items()}
                done = subprocess.run([path("pipes")], stderr=subprocess.PIPE, timeout=60, **streams)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"only for pipes", done.stderr)


class Pages(unittest.TestCase):
    def prints(self, lines, *command):
        """They sleep between their steps, whose order breaks on a machine that is starved of CPU: then once more."""
        for _ in range(4):
            done = subprocess.run([path(command[0]), *command[1:]], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            printed = done.stdout.splitlines()
            if printed == lines:
                break
        self.assertEqual(printed, lines)

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

    def simulate(self, *arguments):
        done = subprocess.run([path("simulation"), *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_simulation(self):
        runs = [self.simulate(str(seed)) for seed in range(20)]
        for run in runs:
            self.assertIn(" 10 orders were counted, ", run)
        self.assertEqual(len(set(runs)), len(runs))
        self.assertIn(" 1 came again", "".join(runs))
        self.assertIn("ConnectionResetError", "".join(runs))
        self.assertEqual(self.simulate("7", "trace"), self.simulate("7", "trace"))
        self.assertIn("the connection breaks", self.simulate("1", "trace"))


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
