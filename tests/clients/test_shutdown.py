"""test_shutdown.py - SIGTERM and SIGINT: what was begun is finished, then the program ends, whatever load it is under."""
import asyncio
import signal
import socket
import threading
import time
import unittest

import program
from wire import Wire, get

CLIENTS = 8 if program.BRIEF else 64


class Shutdown(unittest.TestCase):
    def end(self, server, sig=signal.SIGTERM, status=0):
        self.assertEqual(server.stop(sig), status)
        self.assertEqual(server.errors, [])

    def test_idle(self):
        for sig, status in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
            with self.subTest(sig), program.httpd() as server:
                self.end(server, sig, status)

    def test_idle_connections_are_closed(self):
        with program.httpd() as server, Wire(server.port) as silent, Wire(server.port) as served:
            served.send(get("/plaintext"))
            served.answer()
            begin = time.monotonic()
            self.end(server)
            self.assertLess(time.monotonic() - begin, 8)
            self.assertTrue(silent.closed() and served.closed())

    def test_requests_under_way_are_finished(self):
        with program.httpd() as server:
            wires = [Wire(server.port) for _ in range(CLIENTS)]
            for wire in wires:
                wire.send(get("/sleep/1800"))
            time.sleep(0.2)
            self.end(server)
            for wire in wires:
                status, fields, _ = wire.answer()
                self.assertEqual((status, fields["connection"]), (200, "close"))
                self.assertTrue(wire.closed())
                wire.socket.close()

    def test_blocking_work_is_finished(self):
        with program.httpd() as server, Wire(server.port) as wire:
            wire.send(get("/hash/300000"))
            time.sleep(0.1)
            self.end(server)
            self.assertEqual(wire.answer()[0], 200)

    def test_half_a_request_may_still_come(self):
        with program.httpd() as server, Wire(server.port) as wire:
            request = get("/echo", method="POST", body=b"hello")
            wire.send(request[:-3])
            time.sleep(0.1)
            server.signal()
            time.sleep(0.2)
            wire.send(request[-3:])
            self.assertEqual(wire.answer()[::2], (200, b"hello"))
            self.assertEqual(server.wait(), 0)

    def test_the_port_is_free_at_once(self):
        with program.httpd() as server:
            server.signal()
            time.sleep(0.3)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", server.port), 5)
            self.assertEqual(server.wait(), 0)

    def test_the_second_signal_ends_it_at_once(self):
        with program.httpd() as server, Wire(server.port) as wire:
            wire.send(get("/sleep/60000"))
            time.sleep(0.2)
            server.signal()
            time.sleep(0.3)
            self.assertEqual(server.stop(), -signal.SIGTERM)

    def test_under_load_no_request_is_lost(self):
        with program.httpd() as server:
            load = Load(server.port)
            thread = threading.Thread(target=load.run)
            thread.start()
            time.sleep(0.5)
            server.signal()
            self.assertEqual(server.wait(), 0)
            thread.join()
            self.assertEqual(server.errors, [])
            self.assertGreater(load.served, CLIENTS)
            self.assertEqual(load.lost, [])


class Load:
    """Clients that send one request after the other on a connection each, until an answer says that it is the last."""

    paths = ("/plaintext", "/json", "/sleep/3", "/hash/100")

    def __init__(self, port):
        self.port = port
        self.served = 0
        self.lost = []

    async def client(self, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        path = self.paths[number % len(self.paths)]
        asked = time.monotonic()
        last = False
        while not last:
            prompt = time.monotonic() - asked < 0.3
            asked = time.monotonic()
            writer.write(get(path))
            try:
                last = await self.answer(reader)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                # A client that was slow to ask may have been taken for idle.
                self.lost += [repr(error)] if prompt else []
                break
        writer.close()

    async def answer(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        self.served += 1
        return b"Connection: close" in head

    async def all(self):
        await asyncio.wait_for(asyncio.gather(*(self.client(number) for number in range(CLIENTS))), 60)

    def run(self):
        asyncio.run(self.all())


program.run_tests()
