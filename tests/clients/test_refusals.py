"""test_refusals.py - requests on the edge of HTTP/1.1 and beyond, as raw bytes: the rows of rows.py, whole, split in two at
every byte, and byte by byte.
"""
import contextlib
import socket
import struct

import program
from rows import ENDED, GOOD, LAST, REFUSED, SERVED, UNSPLIT
from wire import Wire, get

GONE = (ConnectionResetError, BrokenPipeError)


class Refusals(program.HttpdTest):
    def test_served_and_the_connection_goes_on(self):
        for name, data, status in SERVED:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(data + get("/json"))
                self.assertEqual(wire.statuses(2), [status, 200])

    def test_answered_and_the_connection_closed(self):
        for name, data, status in LAST + REFUSED:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(data if (name, data, status) in LAST else data + get("/json"))
                answer, fields, body = wire.answer()
                self.assertEqual(answer, status)
                self.assertEqual(fields["connection"], "close")
                self.assertTrue(wire.closed())

    def test_half_closed_behind_it(self):
        for name, data, statuses in ENDED:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(data)
                wire.half_close()
                self.assertEqual(wire.statuses(len(statuses)), statuses)
                self.assertTrue(wire.closed())

    def test_split_in_two(self):
        for name, data, status in SERVED + LAST + REFUSED:
            if len(data) > 400 or name in UNSPLIT:
                continue
            with self.subTest(name):
                self.split(data, range(1, len(data), 11 if program.BRIEF else 1), [status])

    def test_split_in_two_and_half_closed(self):
        for name, data, statuses in ENDED:
            if len(data) <= 400:
                with self.subTest(name):
                    self.split(data, range(1, len(data), 11 if program.BRIEF else 2), statuses, half_close=True)

    def split(self, data, places, statuses, half_close=False):
        """On a connection for each place: the part before it on all of them, then the part behind it."""
        with contextlib.ExitStack() as stack:
            wires = [(at, stack.enter_context(Wire(self.port))) for at in places]
            for at, wire in wires:
                wire.send(data[:at])
            for at, wire in wires:
                with contextlib.suppress(*GONE, OSError):
                    wire.send(data[at:])
                    if half_close:
                        wire.half_close()
            for at, wire in wires:
                answers = [status for status in wire.statuses(len(statuses))]
                self.assertEqual(answers, statuses, f"split at {at}")

    def test_byte_by_byte(self):
        for name, data, status in SERVED + LAST + REFUSED:
            if len(data) > 2000 or name in UNSPLIT:
                continue
            with self.subTest(name), Wire(self.port) as wire:
                with contextlib.suppress(*GONE):
                    wire.send_bytewise(data)
                self.assertEqual(wire.answer()[0], status)

    def test_refused_behind_others(self):
        for name, data, status in REFUSED:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(get("/plaintext") * 3 + get("/sleep/1") + data)
                self.assertEqual(wire.statuses(5), [200] * 4 + [status])
                self.assertTrue(wire.closed())

    def test_the_client_vanishes(self):
        for name, data, status in SERVED + LAST + REFUSED + ENDED:
            with self.subTest(name), Wire(self.port) as wire:
                with contextlib.suppress(*GONE):
                    wire.send(data)
                    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with Wire(self.port) as wire:
            wire.send(GOOD)
            self.assertEqual(wire.statuses(1), [200])

    def test_nothing_of_the_request_is_echoed(self):
        for data in (b"GET /<script> HTTP/1.1\r\nHost: x\r\n\r\n", b"<script>" + GOOD):
            with Wire(self.port) as wire:
                wire.send(data)
                self.assertNotIn(b"script", wire.answer()[2])


program.run_tests()
