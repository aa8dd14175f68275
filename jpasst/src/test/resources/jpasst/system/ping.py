# SPDX-License-Identifier: Apache-2.0
"""Echo requests from a raw socket in the guest: ping.py HOST...

To every host: all combinations of three identifiers, sequences which are not in order, and sizes.
Each must be answered exactly once, with its own content. (The ping command cannot tell this: two
of them with one identifier take each other's replies.)
"""
import hashlib
import itertools
import socket
import struct
import sys
import time

IDENTIFIERS = (1, 258, 65535)
SEQUENCES = (1, 2, 40000, 3, 65535, 0)
SIZES = (0, 56, 1000, 8000)


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def request(kind, identifier, sequence, content):
    """The kernel fills in the checksum of ICMPv6, and overwrites ours there."""
    head = struct.pack(">BBHHH", kind, 0, 0, identifier, sequence)
    return head[:2] + struct.pack(">H", checksum(head + content)) + head[4:] + content


def main(hosts):
    v4 = ":" not in hosts[0]
    raw = (socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) if v4 else
           socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    reply_kind, waiting, again, wrong = (0 if v4 else 129), {}, 0, 0

    def collect(timeout):
        nonlocal again, wrong
        raw.settimeout(timeout)
        try:
            while waiting:
                packet, sender = raw.recvfrom(65535)
                message = packet[20:] if v4 else packet
                if message[0] != reply_kind:
                    continue
                identifier, sequence = struct.unpack_from(">HH", message, 4)
                key = sender[0], identifier, sequence, len(message) - 8
                content = waiting.pop(key, None)
                again += content is None
                wrong += content is not None and content != message[8:]
        except (TimeoutError, BlockingIOError):
            pass

    for host, identifier, size, sequence in itertools.product(
            hosts, IDENTIFIERS, SIZES, SEQUENCES):
        content = hashlib.shake_128(f"{host} {identifier} {sequence}".encode()).digest(size)
        waiting[host, identifier, sequence, size] = content
        raw.sendto(request(8 if v4 else 128, identifier, sequence, content), (host, 0))
        collect(0)
        time.sleep(0.001)
    collect(2)
    time.sleep(0.05)
    waiting[None] = None
    collect(0)
    print("missing", len(waiting) - 1, "again", again, "wrong", wrong)


main(sys.argv[1:])
