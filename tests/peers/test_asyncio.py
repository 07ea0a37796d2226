"""test_asyncio.py - python's asyncio at the other end: TCP, TLS, unix sockets and datagrams, as client and as server."""
import asyncio
import contextlib
import os
import socket
import ssl
import struct
import tempfile
import unittest

import bed

bed.need("openssl")
CERT = bed.Certificates()
WAYS = ("tcp", "tls", "unix", "unix tls", "abstract")  # kinds of streams


def of_client():
    return ssl.create_default_context(cafile=CERT.ca)


def of_server():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERT.server)
    return context


def reset(sock):
    """Closing it sends no FIN, but an RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Place:
    """Where a kind of stream meets: what `peer` is told, and what python."""

    def __init__(self, way, folder, server):
        self.kind = "unix" if way.startswith(("unix", "abstract")) else "tcp"
        self.options = []
        self.path = None
        if way == "abstract":
            self.path = "\0" + folder
            self.options = ["--abstract", "--path", folder]
        elif self.kind == "unix":
            self.path = os.path.join(folder, "socket")
            self.options = ["--path", self.path]
        self.tls = way.endswith("tls")
        if self.tls:
            self.options += ["--tls", *(["--cert", CERT.server] if server else ["--ca", CERT.ca, "--name", "localhost"])]

    def of_client(self):
        return {"ssl": of_client(), "server_hostname": "localhost"} if self.tls else {}

    async def connect(self, port):
        if self.path:
            return await asyncio.open_unix_connection(self.path, **self.of_client())
        return await asyncio.open_connection("127.0.0.1", port, **self.of_client())

    async def serve(self, handle):
        more = {"ssl": of_server()} if self.tls else {}
        if self.path:
            return await asyncio.start_unix_server(handle, self.path, **more)
        return await asyncio.start_server(handle, "127.0.0.1", 0, **more)


def port_of(server):
    name = server.sockets[0].getsockname()
    return name[1] if isinstance(name, tuple) else 0


class Test(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_with_a_server(self, way, talk, *options):
        """Runs talk(connect) against `peer serve`; what the server said."""
        place = Place(way, self.folder, server=True)
        with bed.Server(place.kind, *place.options, *options) as server:
            asyncio.run(asyncio.wait_for(talk(lambda: place.connect(server.port)), bed.LONG))
        return server.out.decode()

    def ask_a_server(self, way, handle, *options, send=b""):
        """Runs `peer ask` against a server of python's; its answer."""
        place = Place(way, self.folder, server=False)

        async def run():
            async with await place.serve(handle) as server:
                port = ["--port", port_of(server)] if place.kind == "tcp" else []
                return await asyncio.to_thread(bed.ask, place.kind, *place.options, *port, *options, send=send)

        return asyncio.run(asyncio.wait_for(run(), bed.LONG))


class Ends(unittest.TestCase):
    """Sockets of python's that insist upon TLS's own end."""

    def test_the_server_answers_it(self):
        with bed.Server("tcp", "--tls", "--cert", CERT.server) as server:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                context = of_client()
                context.maximum_version = version
                with socket.create_connection(("127.0.0.1", server.port), bed.LONG) as plain:
                    over = context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
                    over.sendall(b"word")
                    self.assertEqual(over.recv(4), b"word")
                    over.unwrap().close()

    def test_the_client_says_it(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(bed.LONG)
            command = ["ask", "tcp", "--tls", "--ca", CERT.ca, "--port", str(listener.getsockname()[1]), "--expect", "4"]
            with bed.Running(bed.PEER, *command) as client:
                plain, _ = listener.accept()
                plain.settimeout(bed.LONG)
                over = of_server().wrap_socket(plain, server_side=True, suppress_ragged_eofs=False)
                over.sendall(b"word")
                self.assertEqual(over.recv(4), b"")
                over.unwrap().close()
                client.expect("None: \n")


class Clients(Test):
    """A client of python's, and `peer serve`."""

    def test_echoes(self):
        async def echo(connect):
            for size in bed.SIZES:
                reader, writer = await connect()
                writer.write(bed.pattern(size))
                self.assertEqual(await reader.readexactly(size), bed.pattern(size))
                writer.close()
                await writer.wait_closed()

        for way in WAYS:
            with self.subTest(way):
                said = self.run_with_a_server(way, echo)
                self.assertEqual(said.count("lost None"), len(bed.SIZES), said)

    def test_half_closed(self):
        async def talk(connect):
            reader, writer = await connect()
            writer.write(bed.pattern(1 << 20))
            writer.write_eof()
            self.assertEqual(await reader.read(), bed.pattern(1 << 20))
            writer.close()

        for way in ("tcp", "unix"):
            self.run_with_a_server(way, talk)

    def test_many_at_once(self):
        async def one(connect):
            reader, writer = await connect()
            for size in (1, 5000, 100000):
                writer.write(bed.pattern(size))
                self.assertEqual(await reader.readexactly(size), bed.pattern(size))
            writer.close()
            await writer.wait_closed()

        async def all_of_them(connect):
            await asyncio.gather(*(one(connect) for _ in range(50)))

        for way in ("tls", "unix tls"):
            self.run_with_a_server(way, all_of_them, "--shards", "2")

    def test_start_tls(self):
        async def turn(connect):
            reader, writer = await connect()
            writer.write(b"STARTTLS\n")
            self.assertEqual(await reader.readline(), b"go\n")
            await writer.start_tls(of_client(), server_hostname="localhost")
            writer.write(bed.pattern(100000))
            self.assertEqual(await reader.readexactly(100000), bed.pattern(100000))
            self.assertEqual(writer.get_extra_info("ssl_object").version(), "TLSv1.3")
            writer.close()
            with contextlib.suppress(ssl.SSLError):
                await writer.wait_closed()

        for way in ("tcp", "unix"):
            said = self.run_with_a_server(way, turn, "--starttls", "--tls", "--cert", CERT.server)
            self.assertRegex(said, "lost None .*TLSv1.3")

    def test_who_leaves_without_a_word(self):
        async def leave(connect):
            reader, writer = await connect()
            writer.write(b"word")
            self.assertEqual(await reader.readexactly(4), b"word")
            writer.transport.abort()

        self.assertIn("lost None", self.run_with_a_server("tcp", leave))
        self.assertRegex(self.run_with_a_server("tls", leave), "lost None .*truncated=1")

    def test_who_resets(self):
        async def leave(connect):
            reader, writer = await connect()
            writer.write(b"word")
            self.assertEqual(await reader.readexactly(4), b"word")
            reset(writer.get_extra_info("socket"))
            writer.transport.abort()

        for way in ("tcp", "tls"):
            self.assertIn("lost ConnectionResetError", self.run_with_a_server(way, leave))

    def test_who_sends_no_tls(self):
        async def babble(port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                self.assertNotIn(b"HTTP", await reader.read())
            writer.close()

        with bed.Server("tcp", "--tls", "--cert", CERT.server) as server:
            asyncio.run(asyncio.wait_for(babble(server.port), bed.LONG))


class Servers(Test):
    """A server of python's, and `peer ask`."""

    async def echo(self, reader, writer):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    def test_echoes(self):
        for way in WAYS:
            for size in bed.SIZES:
                with self.subTest(way, size=size):
                    got = self.ask_a_server(way, self.echo, send=bed.pattern(size))
                    self.assertEqual((got.error, got.text), ("None", ""))
                    self.assertEqual(got.bytes, bed.pattern(size))

    def test_half_closed(self):
        async def answer_at_the_end(reader, writer):
            writer.write((await reader.read())[::-1])
            writer.close()

        for way in ("tcp", "unix", "abstract"):
            got = self.ask_a_server(way, answer_at_the_end, "--eof", send=bed.pattern(1 << 20))
            self.assertEqual((got.error, got.bytes), ("None", bed.pattern(1 << 20)[::-1]))

    def test_sessions(self):
        for way in ("tls", "unix tls"):
            got = self.ask_a_server(way, self.echo, "--times", 3, send=b"word")
            self.assertEqual([connection["reused"] for connection in got.connections], ["0", "1", "1"], got.text)

    def test_start_tls(self):
        async def turn(reader, writer):
            self.assertEqual(await reader.readline(), b"STARTTLS\n")
            writer.write(b"go\n")
            await writer.start_tls(of_server())
            data = await reader.readexactly(100000)
            writer.write(data)
            await writer.drain()
            await reader.read()
            writer.close()

        for way in ("tcp", "unix"):
            got = self.ask_a_server(way, turn, "--starttls", "--tls", "--ca", CERT.ca, "--name", "localhost",
                                    send=bed.pattern(100000))
            self.assertEqual((got.error, got.text, got.bytes), ("None", "", bed.pattern(100000)))
            self.assertEqual(got.connections[0]["version"], "TLSv1.3")

    def test_who_leaves_without_a_word(self):
        async def leave(reader, writer):
            writer.write(await reader.readexactly(4))
            await writer.drain()
            writer.transport.abort()

        got = self.ask_a_server("tcp", leave, "--expect", -1, send=b"word")
        self.assertEqual((got.error, got.bytes), ("None", b"word"))
        got = self.ask_a_server("tls", leave, "--expect", -1, send=b"word")
        self.assertEqual(got.error, "SSLEOFError")
        self.assertEqual(got.connections[0]["truncated"], "1")

    def test_who_resets(self):
        async def leave(reader, writer):
            await reader.readexactly(4)
            reset(writer.get_extra_info("socket"))
            writer.transport.abort()

        for way in ("tcp", "tls"):
            got = self.ask_a_server(way, leave, "--expect", -1, send=b"word")
            self.assertEqual(got.error, "ConnectionResetError", got.text)

    def test_who_sends_no_tls(self):
        async def babble(reader, writer):
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await reader.read()
            writer.close()

        async def run():
            async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
                return await asyncio.to_thread(bed.ask, "tcp", "--tls", "--ca", CERT.ca, "--port", port_of(server))

        got = asyncio.run(asyncio.wait_for(run(), bed.LONG))
        self.assertEqual(got.error, "SSLError")
        self.assertIn("WRONG_VERSION_NUMBER", got.text)


class Datagrams(Test):
    SIZES = (0, 1, 1472, 1473, 65507)

    def exchange(self, sock, there, sizes):
        sock.settimeout(bed.LONG)
        for size in sizes:
            sock.sendto(bed.pattern(size), there)
            self.assertEqual(sock.recvfrom(1 << 17)[0], bed.pattern(size))

    def test_client(self):
        with bed.Server("udp") as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            self.exchange(sock, ("127.0.0.1", server.port), self.SIZES)

    def test_clients_of_shards(self):
        with bed.Server("udp", "--shards", "2") as server, contextlib.ExitStack() as stack:
            for _ in range(20):
                sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                self.exchange(sock, ("127.0.0.1", server.port), (0, 1000))

    def test_client_of_a_path(self):
        path, own = (os.path.join(self.folder, name) for name in ("there", "here"))
        with bed.Server("udp", "--path", path), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.bind(own)
            self.exchange(sock, path, (0, 1, 65507, 1 << 16))

    def test_client_that_asks_for_too_little(self):
        """What does not fit is cut by the one that reads; the next datagram is whole."""
        with bed.Server("udp") as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(bed.LONG)
            sock.connect(("127.0.0.1", server.port))
            sock.send(b"abcdef")
            sock.send(b"gh")
            data, _, flags, _ = sock.recvmsg(3)
            self.assertEqual((data, bool(flags & socket.MSG_TRUNC)), (b"abc", True))
            self.assertEqual(sock.recv(3), b"gh")

    def test_server(self):
        class Echo(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, addr):
                self.transport.sendto(data, addr)

        async def run():
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, ("127.0.0.1", 0))
            port = transport.get_extra_info("sockname")[1]
            sizes = [word for size in self.SIZES if size for word in ("--sizes", size)]
            got = await asyncio.to_thread(bed.ask, "udp", "--port", port, *sizes)
            transport.close()
            return got

        # Python itself sends no empty datagrams before 3.12.
        got = asyncio.run(asyncio.wait_for(run(), bed.LONG))
        self.assertEqual(got.bytes.decode(), "".join(f"{size}: {size}\n" for size in self.SIZES if size))

    def test_server_that_is_a_socket(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(bed.LONG)
            sizes = [word for size in (0, 7, 0) for word in ("--sizes", str(size))]
            with bed.Running(bed.PEER, "ask", "udp", "--port", str(sock.getsockname()[1]), *sizes) as client:
                for size in (0, 7, 0):
                    data, there = sock.recvfrom(1 << 17)
                    self.assertEqual(len(data), size)
                    sock.sendto(data, there)
                client.expect("0: 0\n7: 7\n0: 0\n")

    def test_nobody_is_there(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
        got = bed.ask("udp", "--port", port, "--sizes", 5)
        self.assertEqual(got.bytes, b"5: -2\n")


bed.run_tests()
