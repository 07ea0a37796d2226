"""wire.py - HTTP as bytes on a socket: sends what it is told, reads answers one by one."""
import socket


class Wire:
    """A connection; used with `with`. With an ssl.SSLContext it speaks TLS."""

    def __init__(self, port, timeout=20, tls=None, name="localhost"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=name)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_bytewise(self, data, size=1):
        for at in range(0, len(data), size):
            self.send(data[at:at + size])

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self):
        data = self.socket.recv(65536)
        self.left += data
        return bool(data)

    def _until(self, mark):
        while mark not in self.left:
            if not self._more():
                raise EOFError(f"closed behind {self.left[-200:]!r}")
        part, self.left = self.left.split(mark, 1)
        return part

    def _exactly(self, size):
        while len(self.left) < size:
            if not self._more():
                raise EOFError(f"closed behind {self.left[-200:]!r}")
        part, self.left = self.left[:size], self.left[size:]
        return part

    def answer(self, head=False):
        """The next answer: its status, header fields (names in lower case) and body."""
        lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        size = 0 if head or status in (100, 204, 304) else int(fields["content-length"])
        return status, fields, self._exactly(size)

    def statuses(self, count):
        return [self.answer()[0] for _ in range(count)]

    def closed(self):
        """Nothing more comes: the server has closed, in order or by a reset."""
        try:
            return not self.left and not self._more()
        except ConnectionResetError:
            return True


def get(path, *fields, method="GET", version="HTTP/1.1", body=b""):
    """A request in good form."""
    lines = [f"{method} {path} {version}", "Host: test", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines + ["", ""]).encode() + body
