"""load.py URL kept|once - 32 clients that ask until nobody listens any more; each request must have been answered.

Prints the count. Status 0: all answered. A connection that is refused is the end of its client, not a failure.
"""
import asyncio
import sys
import time
import urllib.parse

CLIENTS = 32
# A client that is slower than that to ask again may find that it was taken for idle.
PROMPT = 0.3

url = urllib.parse.urlsplit(sys.argv[1])
once = sys.argv[2] == "once"
request = f"GET /plaintext HTTP/1.1\r\nHost: {url.netloc}\r\n{'Connection: close' if once else 'Accept: */*'}\r\n\r\n".encode()
answered = 0
lost = []


async def answer(reader):
    """Reads one answer; true when it is the connection's last."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(head.decode())
    await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
    return b"Connection: close" in head


async def converse(reader, writer):
    global answered
    last, idle_since = False, time.monotonic()
    while not last:
        late = time.monotonic() - idle_since > PROMPT
        writer.write(request)
        try:
            last = await answer(reader)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            lost.extend([] if late else [repr(error)])
            return
        answered += 1
        idle_since = time.monotonic()


async def client():
    while True:
        try:
            reader, writer = await asyncio.open_connection(url.hostname, url.port)
        except ConnectionRefusedError:
            return
        await converse(reader, writer)
        writer.close()


async def main():
    await asyncio.wait_for(asyncio.gather(*(client() for _ in range(CLIENTS))), 20)


asyncio.run(main())
print(f"{answered} answered, {len(lost)} lost", *lost[:5])
sys.exit(not answered or bool(lost))
