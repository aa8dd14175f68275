# SPDX-License-Identifier: Apache-2.0
"""A TCP client inside the guest: tcp.py ACTION HOST PORT [ARGUMENT...]; results go to stdout.

Contents are made by stamping a counter on a fixed random block, which is as fast as memory:
any loss, repetition or exchange of bytes changes the digest.
"""
import errno
import hashlib
import random
import selectors
import socket
import struct
import sys
import time

BLOCK = 1 << 16


def blocks(length, seed):
    """Yields `length` bytes of content in pieces; each piece is good until the next one."""
    block = bytearray(random.Random(seed).randbytes(BLOCK))
    for at in range(0, length, BLOCK):
        struct.pack_into(">QQ", block, 0, seed, at)
        yield memoryview(block)[:min(BLOCK, length - at)]


def connect(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(60)
    connection.connect((host, int(port)))
    return connection


def send(connection, length, seed):
    digest = hashlib.sha256()
    for piece in blocks(length, seed):
        connection.sendall(piece)
        digest.update(piece)
    return f"{length} {digest.hexdigest()}"


def receive(connection, pause_at=-1, pause=0.0):
    """Reads to the end of the stream, optionally stopping once for `pause` seconds."""
    digest, count, buffer = hashlib.sha256(), 0, bytearray(1 << 18)
    view = memoryview(buffer)
    while n := connection.recv_into(buffer):
        digest.update(view[:n])
        count += n
        if 0 <= pause_at <= count:
            pause_at = -1
            time.sleep(pause)
    return f"{count} {digest.hexdigest()}"


def put(host, port, length):
    """Uploads, closes the writing half, prints both ends' view."""
    with connect(host, port) as connection:
        print("sent", send(connection, int(length), 1))
        connection.shutdown(socket.SHUT_WR)
        print("peer", receive_text(connection))


def get(host, port, pause_at="-1", pause="0"):
    with connect(host, port) as connection:
        print("received", receive(connection, int(pause_at), float(pause)))


def get_after_close(host, port):
    """Closes the writing half at once, then downloads."""
    with connect(host, port) as connection:
        connection.shutdown(socket.SHUT_WR)
        print("received", receive(connection))


def put_after_close(host, port, length):
    """Reads until the peer has closed its half, then uploads."""
    with connect(host, port) as connection:
        print("greeting", receive_text(connection))
        print("sent", send(connection, int(length), 2))


def put_and_go(host, port, length):
    """Uploads and is gone, with most of it still in the kernel."""
    with connect(host, port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * int(length))
        print("sent", send(connection, int(length), 3))


def receive_text(connection):
    text = b""
    while piece := connection.recv(4096):
        text += piece
    return text.decode().strip()


def attempt(host, port):
    """Says what becomes of a connection: connected, then closed or an error's name."""
    try:
        with connect(host, port) as connection:
            print("connected")
            connection.sendall(b"hello\n")
            while connection.recv(4096):
                pass
            print("closed")
    except OSError as error:
        print(errno.errorcode.get(error.errno, str(error)))


def reset(host, port):
    """Connects, talks, and ends the connection by a reset."""
    with connect(host, port) as connection:
        connection.sendall(b"hello\n")
        print("heard", connection.recv(100).decode().strip())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hold(host, port, count):
    """Opens connections, says "open", and keeps them until standard input ends."""
    held = [connect(host, port) for _ in range(int(count))]
    print("open", len(held), flush=True)
    sys.stdin.read()


def short(host, port, count):
    """Connections one after the other: one line out, the same line back, end."""
    for i in range(int(count)):
        with connect(host, port) as connection:
            line = b"%d\n" % i
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
            heard = receive_text(connection)
            if heard != str(i):
                raise SystemExit(f"connection {i} heard {heard!r}")
    print("done", count)


def probe(host, port, seconds):
    """One round trip each 10 ms over one connection; prints the count and the worst in ms."""
    worst, count, end = 0.0, 0, time.monotonic() + float(seconds)
    with connect(host, port) as connection:
        while time.monotonic() < end:
            start, line = time.monotonic(), b"%d\n" % count
            connection.sendall(line)
            heard = b""
            while len(heard) < len(line):
                piece = connection.recv(len(line) - len(heard))
                if not piece:
                    raise SystemExit(f"closed after {count} round trips")
                heard += piece
            if heard != line:
                raise SystemExit(f"round trip {count} brought {heard!r}")
            worst = max(worst, time.monotonic() - start)
            count += 1
            time.sleep(0.01)
    print("probed", count, f"{worst * 1000:.1f}")


def many(host, port, count, length):
    """All connections open before any talks; each sends its own content and gets it back."""
    connections = [Echo(connect(host, port), i, int(length)) for i in range(int(count))]
    print("open", len(connections), flush=True)
    selector = selectors.DefaultSelector()
    for echo in connections:
        echo.socket.setblocking(False)
        selector.register(echo.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, echo)
    deadline = time.monotonic() + 60
    while selector.get_map():
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(selector.get_map())} connections do not end")
        for key, events in selector.select(1):
            key.data.turn(selector, events)
    print("checked", sum(echo.heard == echo.content for echo in connections))


class Echo:
    """One of many connections to an echo server."""

    def __init__(self, connection, number, length):
        self.socket = connection
        self.content = b"".join(bytes(piece) for piece in blocks(length + number, number))
        self.heard = bytearray()
        self.sent = 0

    def turn(self, selector, events):
        if events & selectors.EVENT_WRITE:
            try:
                self.sent += self.socket.send(self.content[self.sent:self.sent + BLOCK])
            except BlockingIOError:
                pass
            if self.sent == len(self.content):
                self.socket.shutdown(socket.SHUT_WR)
                selector.modify(self.socket, selectors.EVENT_READ, self)
        if events & selectors.EVENT_READ:
            piece = self.socket.recv(BLOCK)
            self.heard += piece
            if not piece:
                selector.unregister(self.socket)
                self.socket.close()


ACTIONS = {"put": put, "get": get, "get-after-close": get_after_close,
           "put-after-close": put_after_close, "put-and-go": put_and_go,
           "attempt": attempt, "reset": reset, "hold": hold,
           "short": short, "probe": probe, "many": many}

if __name__ == "__main__":
    ACTIONS[sys.argv[1]](*sys.argv[2:])
