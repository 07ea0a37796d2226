"""Sends back what it reads, by uvloop: echo_uvloop.py protocol|streams|datagrams PORT"""
import asyncio
import sys

import uvloop


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class EchoEach(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def echo(reader, writer):
    while data := await reader.read(256 * 1024):
        writer.write(data)
        await writer.drain()
    writer.close()


async def main(kind, port):
    loop = asyncio.get_running_loop()
    if kind == "datagrams":
        await loop.create_datagram_endpoint(EchoEach, local_addr=("127.0.0.1", port))
        await loop.create_future()
    if kind == "streams":
        server = await asyncio.start_server(echo, "127.0.0.1", port, backlog=4096, limit=256 * 1024)
    else:
        server = await loop.create_server(Echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


uvloop.install()
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
