"""test_refusals.py - requests on the edge of HTTP/1.1 and beyond, as raw bytes, and what is answered to each."""
import program
from wire import Wire, get

HOST = b"Host: x\r\n"
LINE = b"GET /plaintext HTTP/1.1\r\n"
GOOD = LINE + HOST + b"\r\n"
POST = b"POST /echo HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

# What is sent, and the status of each answer. After the last one the server closes if that is a refusal.
SERVED = [
    ("plain", GOOD, 200),
    ("other host", LINE + b"Host: [::1]:8080\r\n\r\n", 200),
    ("empty host", LINE + b"Host:\r\n\r\n", 200),
    ("white space around values", LINE + b"Host: \t x\t \r\nA:b\r\n\r\n", 200),
    ("empty value", LINE + HOST + b"A:\r\nB: \r\n\r\n", 200),
    ("bytes beyond ASCII in a value", LINE + HOST + b"A: \xc3\xa4\r\n\r\n", 200),
    ("query", b"GET /plaintext?a=%20&b HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    ("absolute target", b"GET http://x/plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    ("case of field names", LINE + b"hOsT: x\r\nCONNECTION: Keep-Alive\r\n\r\n", 200),
    ("an offer to upgrade", LINE + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
    ("body to GET", LINE + HOST + b"Content-Length: 3\r\n\r\nabc", 200),
    ("empty body", POST + b"Content-Length: 0\r\n\r\n", 200),
    ("no body", POST + b"\r\n", 200),
    ("chunk extension", CHUNKED + b"3;a=b\r\nabc\r\n0\r\n\r\n", 200),
    ("quoted chunk extension", CHUNKED + b'3;a="b"\r\nabc\r\n0\r\n\r\n', 200),
    ("trailers", CHUNKED + b"3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", 200),
    ("leading zeros of a chunk size", CHUNKED + b"0003\r\nabc\r\n000\r\n\r\n", 200),
    ("case of the coding", POST + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 200),
    ("no such path", b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    ("path of a prefix", b"GET /plain HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    ("empty segment", b"GET /plaintext/ HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    ("empty parameter", b"GET /sleep/ HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    ("options of the server", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    ("method not allowed", b"DELETE /plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    ("body that nobody takes", b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc", 404),
    ("parameter out of range", b"GET /sleep/99999999 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("parameter of letters", b"GET /hash/many HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("100 fields", LINE + HOST + b"A: b\r\n" * 99 + b"\r\n", 200),
]

REFUSED = [
    ("no host", LINE + b"\r\n", 400),
    ("two hosts", LINE + HOST + HOST + b"\r\n", 400),
    ("host with a path", LINE + b"Host: x/y\r\n\r\n", 400),
    ("host with a space", LINE + b"Host: x y\r\n\r\n", 400),
    ("empty line before", b"\r\n" + GOOD, 400),
    ("line feed before", b"\n" + GOOD, 400),
    ("space before", b" " + GOOD, 400),
    ("two spaces before the target", b"GET  /plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("two spaces before the version", b"GET /plaintext  HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("space behind the version", b"GET /plaintext HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    ("tab in the request line", b"GET\t/plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("no target", b"GET HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("target without slash", b"GET plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("asterisk to GET", b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("space in the target", b"GET /plain text HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("fragment", b"GET /plaintext#a HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("percent without digits", b"GET /a%zz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("percent at the end", b"GET /a%2 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("percent zero", b"GET /a%00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("control character in the target", b"GET /a\x01 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("zero in the target", b"GET /a\x00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("byte beyond ASCII in the target", b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("line feed alone, request line", b"GET /plaintext HTTP/1.1\n" + HOST + b"\r\n", 400),
    ("line feed alone, field", LINE + b"Host: x\n\r\n", 400),
    ("line feed alone, end", LINE + HOST + b"\n", 400),
    ("carriage return alone", LINE + b"Host: x\rA: b\r\n\r\n", 400),
    ("two carriage returns", LINE + b"Host: x\r\r\n\r\n", 400),
    ("folded line", LINE + HOST + b"A: b\r\n c\r\n\r\n", 400),
    ("folded line, tab", LINE + HOST + b"A: b\r\n\tc\r\n\r\n", 400),
    ("folded line, empty value", LINE + HOST + b"A:\r\n b\r\n\r\n", 400),
    ("folded first line", LINE + b" " + HOST + b"\r\n", 400),
    ("space before the colon", LINE + b"Host : x\r\n\r\n", 400),
    ("no colon", LINE + HOST + b"A\r\n\r\n", 400),
    ("no name", LINE + HOST + b": a\r\n\r\n", 400),
    ("name that is no token", LINE + HOST + b"A(b: c\r\n\r\n", 400),
    ("zero in a value", LINE + HOST + b"A: b\x00c\r\n\r\n", 400),
    ("control character in a value", LINE + HOST + b"A: b\x01c\r\n\r\n", 400),
    ("content length twice", POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    ("content length, two values", POST + b"Content-Length: 3, 3\r\n\r\nabc", 400),
    ("content length, sign", POST + b"Content-Length: +3\r\n\r\nabc", 400),
    ("content length, negative", POST + b"Content-Length: -3\r\n\r\nabc", 400),
    ("content length, hexadecimal", POST + b"Content-Length: 0x3\r\n\r\nabc", 400),
    ("content length, letters", POST + b"Content-Length: three\r\n\r\nabc", 400),
    ("content length, empty", POST + b"Content-Length:\r\n\r\nabc", 400),
    ("content length, space inside", POST + b"Content-Length: 1 1\r\n\r\nabc", 400),
    ("content length, beyond 64 bits", POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    ("length and chunks", POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunks and length", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
    ("chunked twice", POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunked in two fields", POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n", 400),
    ("chunked not last", POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    ("coding that is not chunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    ("coding in HTTP/1.0", b"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunk size, line feed alone", CHUNKED + b"3\nabc\r\n0\r\n\r\n", 400),
    ("chunk size, sign", CHUNKED + b"+3\r\nabc\r\n0\r\n\r\n", 400),
    ("chunk size, prefix", CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    ("chunk size, space", CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n", 400),
    ("chunk size, empty", CHUNKED + b"\r\nabc\r\n0\r\n\r\n", 400),
    ("chunk size, beyond 64 bits", CHUNKED + b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n", 400),
    ("chunk longer than its size", CHUNKED + b"3\r\nabcde0\r\n\r\n", 400),
    ("chunk with other ends", CHUNKED + b"3\r\nabcXX0\r\n\r\n", 400),
    ("bytes that are no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("answer in place of a request", b"HTTP/1.1 200 OK\r\n\r\n", 400),
    ("body beyond the limit", POST + b"Content-Length: 1048577\r\n\r\n", 413),
    ("chunk beyond the limit", CHUNKED + b"100001\r\n" + b"a" * 1048577, 413),
    ("chunks beyond the limit", CHUNKED + b"8000\r\n%b\r\n" % (b"a" * 0x8000) * 33, 413),
    ("long target", b"GET /" + b"a" * 16384 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    ("endless target", b"GET /" + b"a" * 40000, 414),
    ("unknown expectation", POST + b"Expect: coffee\r\nContent-Length: 3\r\n\r\nabc", 417),
    ("101 fields", LINE + HOST + b"A: b\r\n" * 100 + b"\r\n", 431),
    ("long field", LINE + HOST + b"A: " + b"a" * 16384 + b"\r\n\r\n", 431),
    ("long name", LINE + HOST + b"a" * 16384 + b": a\r\n\r\n", 431),
    ("endless field", LINE + HOST + b"A: " + b"a" * 40000, 431),
    ("long trailers", CHUNKED + b"0\r\n" + b"A: b\r\n" * 5000 + b"\r\n", 431),
    ("long chunk extension", CHUNKED + b"3;" + b"a" * 20000 + b"\r\nabc\r\n0\r\n\r\n", 431),
    ("unknown method", b"BREW /plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("method in small letters", b"get /plaintext HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("connect", b"CONNECT x:80 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("unknown coding", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("HTTP/0.9 in words", b"GET /plaintext HTTP/0.9\r\n" + HOST + b"\r\n", 505),
    ("HTTP/0.9", b"GET /plaintext\r\n\r\n", 400),
    ("HTTP/2.0", b"GET /plaintext HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    ("HTTP/3.0", b"GET /plaintext HTTP/3.0\r\n" + HOST + b"\r\n", 505),
    ("HTTP/1.10", b"GET /plaintext HTTP/1.10\r\n" + HOST + b"\r\n", 400),
    ("another protocol", b"GET /plaintext FTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("version in small letters", b"GET /plaintext http/1.1\r\n" + HOST + b"\r\n", 400),
    ("HTTP/2 with prior knowledge", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("ICE", b"SOURCE /plaintext ICE/1.0\r\n" + HOST + b"\r\n", 400),
]

# A first read that says less leads to another answer.
UNSPLIT = {"answer in place of a request"}


class Refusals(program.HttpdTest):
    def test_served_and_the_connection_goes_on(self):
        for name, data, status in SERVED:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(data + get("/json"))
                self.assertEqual(wire.statuses(2), [status, 200])

    def test_refused_and_the_connection_closed(self):
        for name, data, status in REFUSED:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(data + get("/json"))
                answer, fields, body = wire.answer()
                self.assertEqual(answer, status)
                self.assertEqual(fields["connection"], "close")
                self.assertTrue(wire.closed())

    def test_the_same_byte_by_byte(self):
        for name, data, status in SERVED + REFUSED:
            if len(data) > 2000 or name in UNSPLIT:
                continue
            with self.subTest(name), Wire(self.port) as wire:
                try:
                    wire.send_bytewise(data)
                except (ConnectionResetError, BrokenPipeError):
                    pass
                self.assertEqual(wire.answer()[0], status)

    def test_refused_behind_others(self):
        for name, data, status in REFUSED[:10]:
            with self.subTest(name), Wire(self.port) as wire:
                wire.send(get("/plaintext") * 3 + get("/sleep/5") + data)
                self.assertEqual(wire.statuses(5), [200] * 4 + [status])
                self.assertTrue(wire.closed())

    def test_nothing_of_the_request_is_echoed(self):
        for data in (b"GET /<script> HTTP/1.1\r\nHost: x\r\n\r\n", b"<script>" + GOOD):
            with Wire(self.port) as wire:
                wire.send(data)
                self.assertNotIn(b"script", wire.answer()[2])


program.run_tests()
