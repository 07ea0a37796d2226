"""test_exchanges.py - good requests in every shape that TCP gives them: pipelined, split, chunked, half-closed, and
clients that vanish. The peer is asyncio's streams, or a plain socket where the exact bytes matter.
"""
import asyncio
import hashlib
import socket
import struct
import time
import unittest

import program
from wire import Wire, get

ECHO = get("/echo", method="POST", body=b"hello")
CHUNKED = get("/echo", "Transfer-Encoding: chunked", method="POST") + b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: u\r\n\r\n"
ROUNDS = 2 if program.BRIEF else 20


class Exchanges(program.HttpdTest):
    def test_pipeline(self):
        with Wire(self.port) as wire:
            wire.send(get("/plaintext") * 100)
            for _ in range(100):
                self.assertEqual(wire.answer()[::2], (200, b"Hello, World!"))

    def test_pipeline_keeps_the_order_of_slow_and_fast(self):
        with Wire(self.port) as wire:
            wire.send(get("/sleep/40") + get("/plaintext") + get("/hash/10") + get("/nothing") + get("/json"))
            bodies = [wire.answer()[2][:5] for _ in range(5)]
            self.assertEqual(bodies, [b"awake", b"Hello", hashed(10)[:5], b"404 N", b'{"mes'])

    def test_pipeline_of_many_that_suspend(self):
        with Wire(self.port) as wire:
            wire.send(get("/sleep/0") * 300 + get("/plaintext"))
            self.assertEqual(wire.statuses(301), [200] * 301)

    def test_pipeline_longer_than_what_may_wait(self):
        with Wire(self.port) as wire:
            wire.send(get("/sleep/50") + get("/echo", method="POST", body=b"a" * 50000) * 10)
            self.assertEqual(wire.statuses(11), [200] * 11)

    def test_pipeline_to_a_client_that_reads_late(self):
        count = 40
        with Wire(self.port) as wire:
            wire.socket.settimeout(0.3)
            request = get("/echo", method="POST", body=b"x" * 1000000)
            sent = count * request
            at = 0
            try:
                while at < len(sent):
                    at += wire.socket.send(sent[at:at + 65536])
            except TimeoutError:
                pass
            self.assertLess(at, len(sent), "the server reads on although nobody takes its answers")
            wire.socket.settimeout(20)
            asyncio.run(finish(wire.socket, sent[at:], count * 1000000))

    def test_every_split_in_two(self):
        requests = get("/plaintext?a=b", "Accept: x", "Empty:", "X: y ") + ECHO + CHUNKED + get("/json")
        with Wire(self.port) as wire:
            for at in range(1, len(requests), 7 if program.BRIEF else 1):
                wire.send(requests[:at])
                time.sleep(0.0005)
                wire.send(requests[at:])
                answers = [wire.answer() for _ in range(4)]
                self.assertEqual([a[0] for a in answers], [200] * 4, f"split at {at}")
                self.assertEqual([a[2] for a in answers[1:3]], [b"hello"] * 2, f"split at {at}")

    def test_byte_by_byte(self):
        with Wire(self.port) as wire:
            wire.send_bytewise(get("/plaintext") + ECHO + CHUNKED + get("/sleep/1") + get("/json"))
            self.assertEqual(wire.statuses(5), [200] * 5)

    def test_bodies_of_many_sizes(self):
        with Wire(self.port) as wire:
            for size in (1, 2, 1000, 1024, 1025, 16384, 65536, 262144, 1048576):
                body = bytes(i * 7 & 255 for i in range(min(size, 4096))) * (size // 4096 or 1)
                wire.send(get("/echo", method="POST", body=body))
                self.assertEqual(wire.answer()[2], body)
                wire.send(get("/echo", "Transfer-Encoding: chunked", method="POST") + chunks(body))
                self.assertEqual(wire.answer()[2], body)

    def test_old_clients(self):
        with Wire(self.port) as wire:
            wire.send(b"GET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            self.assertEqual(wire.answer()[1]["connection"], "keep-alive")
            wire.send(b"GET /plaintext HTTP/1.0\r\n\r\n")
            self.assertEqual(wire.answer()[1]["connection"], "close")
            self.assertTrue(wire.closed())

    def test_connection_close(self):
        with Wire(self.port) as wire:
            wire.send(get("/plaintext", "Connection: close") + get("/plaintext"))
            self.assertEqual(wire.answer()[1]["connection"], "close")
            self.assertTrue(wire.closed())

    def test_head_has_the_length_but_no_body(self):
        with Wire(self.port) as wire:
            wire.send(get("/plaintext", method="HEAD") + get("/json"))
            self.assertEqual(wire.answer(head=True)[1]["content-length"], "13")
            self.assertEqual(wire.answer()[0], 200)

    def test_expect_continue(self):
        with Wire(self.port) as wire:
            wire.send(get("/echo", "Expect: 100-continue", "Content-Length: 5", method="POST"))
            self.assertEqual(wire.answer()[0], 100)
            wire.send(b"hello")
            self.assertEqual(wire.answer()[::2], (200, b"hello"))

    def test_expect_continue_is_not_answered_when_the_body_is_there(self):
        with Wire(self.port) as wire:
            wire.send(get("/echo", "Expect: 100-continue", method="POST", body=b"hello"))
            self.assertEqual(wire.answer()[::2], (200, b"hello"))

    def test_half_closed_client_gets_all_answers(self):
        with Wire(self.port) as wire:
            wire.send(get("/plaintext") + get("/sleep/30") + get("/json"))
            wire.half_close()
            self.assertEqual(wire.statuses(3), [200] * 3)
            self.assertTrue(wire.closed())

    def test_half_closed_inside_a_request(self):
        for part in (b"GET /plain", ECHO[:-1], CHUNKED[:-1]):
            with self.subTest(part), Wire(self.port) as wire:
                wire.send(part)
                wire.half_close()
                self.assertEqual(wire.answer()[0], 400)
                self.assertTrue(wire.closed())

    def test_clients_that_vanish(self):
        for stage in (b"", b"GET", ECHO[:-2], get("/sleep/200"), get("/sleep/1") * 50, get("/hash/20000")):
            for _ in range(ROUNDS):
                with Wire(self.port) as wire:
                    wire.send(stage)
                    reset(wire.socket)
        with Wire(self.port) as wire:
            wire.send(get("/plaintext"))
            self.assertEqual(wire.answer()[0], 200)

    def test_many_streams_at_once(self):
        asyncio.run(many_streams(self.port, 10 if program.BRIEF else 100))


class HeaderTime(program.HttpdTest):
    @unittest.skipIf(program.BRIEF, "waits for ten seconds")
    def test_slow_heads_are_given_up(self):
        with Wire(self.port) as slow, Wire(self.port) as trickling, Wire(self.port) as handling:
            begin = time.monotonic()
            slow.send(b"GET /plaintext HTTP/1.1\r\nHo")
            trickling.send(get("/plaintext") + b"GET /")
            handling.send(get("/sleep/11000"))
            self.assertEqual(trickling.answer()[0], 200)
            for _ in range(9):
                time.sleep(1)
                trickling.send(b"a")
            self.assertEqual(slow.answer()[0], 408)
            self.assertEqual(trickling.answer()[0], 408)
            self.assertTrue(slow.closed() and trickling.closed())
            self.assertGreater(time.monotonic() - begin, 9.9)
            self.assertEqual(handling.answer()[0], 200)


def hashed(rounds):
    return hashlib.pbkdf2_hmac("sha256", b"password", b"salt", rounds).hex().encode()


def chunks(body, size=10000):
    parts = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def reset(connection):
    """Closes with a reset in place of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


async def finish(connection, unsent, at_least):
    """Sends the rest while it reads what comes back, until at least so many bytes have come."""
    reader, writer = await asyncio.open_connection(sock=connection)
    writer.write(unsent)
    got = 0
    while got < at_least:
        data = await asyncio.wait_for(reader.read(1 << 20), 20)
        assert data, f"closed behind {got} bytes"
        got += len(data)
    writer.close()


async def one_stream(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for turn in range(ROUNDS):
        body = f"{number} {turn}".encode()
        writer.write(get("/echo", method="POST", body=body) + get("/sleep/1") + get("/plaintext"))
        for expected in (body, b"awake\n", b"Hello, World!"):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(len(expected)) == expected
    writer.close()
    await writer.wait_closed()


async def many_streams(port, count):
    await asyncio.wait_for(asyncio.gather(*(one_stream(port, number) for number in range(count))), 60)


program.run_tests()
