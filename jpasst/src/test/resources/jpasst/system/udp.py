# SPDX-License-Identifier: Apache-2.0
"""A UDP client inside the guest: udp.py ACTION HOST PORT [ARGUMENT...]; results go to stdout."""
import errno
import hashlib
import selectors
import socket
import sys
import time


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def connected(host, port, timeout):
    client = socket.socket(family(host), socket.SOCK_DGRAM)
    client.settimeout(float(timeout))
    client.connect((host, int(port)))
    return client


def once(host, port, timeout="5"):
    """One exchange with an echo server: ok, timeout, or an error's name."""
    with connected(host, port, timeout) as client:
        print("udp", exchange(client, b"once"))


def exchange(client, content):
    try:
        client.send(content)
        return "ok" if client.recv(65535) == content else "wrong content"
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return errno.errorcode[error.errno]


def sizes(host, port, *lengths):
    """One exchange of each size over one socket."""
    with connected(host, port, 5) as client:
        for length in map(int, lengths):
            content = hashlib.shake_128(b"%d" % length).digest(length)
            print(length, exchange(client, content))


def ports(host, port, count):
    """Exchanges from as many distinct ports, up to 100 under way; each must get its own back."""
    selector, waiting, kept = selectors.DefaultSelector(), {}, []
    for i in range(int(count)):
        client = connected(host, port, 5)
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ, i)
        client.send(b"exchange %d" % i)
        waiting[i] = client
        kept.append(client)
        while ready := selector.select(0 if len(waiting) < 100 else 1):
            collect(selector, waiting, ready)
    deadline = time.monotonic() + 10
    while waiting and time.monotonic() < deadline:
        collect(selector, waiting, selector.select(1))
    print("missing", len(waiting))


def collect(selector, waiting, ready):
    for key, _ in ready:
        content = key.fileobj.recv(100)
        if content != b"exchange %d" % key.data:
            raise SystemExit(f"socket {key.data} received {content!r}")
        selector.unregister(key.fileobj)
        waiting.pop(key.data)


def burst(host, port, count, length):
    """A burst over one socket, paced a little; says how many came back and if in order."""
    with connected(host, port, 0.5) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        for i in range(int(count)):
            client.send(i.to_bytes(4, "big") + bytes(int(length) - 4))
            if i % 16 == 15:
                time.sleep(0.004)
        seen = []
        try:
            while len(seen) < int(count):
                seen.append(int.from_bytes(client.recv(65535)[:4], "big"))
        except TimeoutError:
            pass
        print("returned", len(seen), "in order" if seen == sorted(seen) else "out of order")


def source_port(host, port, source):
    """An exchange from a chosen source port."""
    with socket.socket(family(host), socket.SOCK_DGRAM) as client:
        client.bind(("", int(source)))
        client.settimeout(5)
        client.connect((host, int(port)))
        print("udp", exchange(client, b"from %s" % source.encode()))


ACTIONS = {"once": once, "sizes": sizes, "ports": ports, "burst": burst,
           "source-port": source_port}

if __name__ == "__main__":
    ACTIONS[sys.argv[1]](*sys.argv[2:])
