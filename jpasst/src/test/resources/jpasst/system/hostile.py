# SPDX-License-Identifier: Apache-2.0
"""Mutated frames from inside the guest: hostile.py INTERFACE V4 V6 COUNT SEED

Writes random mutations of valid frames to the tap device through a packet socket. V4 and V6 are
the addresses most of them are meant for. The source MAC stays: it tells pasta where the guest is,
so changing it would only prove that replies go to the wrong place.
"""
import fcntl
import random
import socket
import struct
import sys
import time

interface, v4, v6, count, seed = sys.argv[1:]
SIOCGIFHWADDR = 0x8927
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
raw.bind((interface, 0))
mac = fcntl.ioctl(raw, SIOCGIFHWADDR, struct.pack("256s", interface.encode()))[18:24]
peer_mac = bytes.fromhex("9a559a559a55")
us4, them4 = socket.inet_aton("192.0.2.10"), socket.inet_aton(v4)
us6, them6 = (socket.inet_pton(socket.AF_INET6, a) for a in ("2001:db8:1::10", v6))
rnd = random.Random(int(seed))


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data[:len(data) & ~1]))
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ether(kind, payload, target=peer_mac):
    return target + mac + struct.pack(">H", kind) + payload


def ipv4(protocol, payload, options=b"", fragment=0x4000, target=them4):
    head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(payload), 1, fragment, 64, protocol, 0, us4, target)
    return ether(0x0800, fixed_ipv4(head + options + payload))


def ipv6(protocol, payload, target=them6, source=us6):
    head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64)
    return ether(0x86dd, fixed_ipv6(head + source + target + payload))


CHECKSUM_AT = {1: 2, 6: 16, 17: 6, 58: 2}


def fixed_ipv4(packet):
    """Fills in checksums as well as a damaged packet allows."""
    packet = bytearray(packet)
    length = (packet[0] & 15) * 4
    if len(packet) < 20 or not 20 <= length <= len(packet):
        return bytes(packet)
    packet[10:12] = b"\0\0"
    packet[10:12] = struct.pack(">H", checksum(packet[:length]))
    pseudo = packet[12:20] + struct.pack(">HH", packet[9], len(packet) - length)
    return fill(packet, length, packet[9], b"" if packet[9] == 1 else pseudo)


def fixed_ipv6(packet):
    packet = bytearray(packet)
    if len(packet) < 40:
        return bytes(packet)
    return fill(packet, 40, packet[6],
                packet[8:40] + struct.pack(">II", len(packet) - 40, packet[6]))


def fill(packet, start, protocol, pseudo):
    at = CHECKSUM_AT.get(protocol)
    if at is not None and start + at + 2 <= len(packet):
        at += start
        packet[at:at + 2] = b"\0\0"
        packet[at:at + 2] = struct.pack(">H", checksum(bytes(pseudo) + packet[start:]))
    return bytes(packet)


def tcp(flags, payload=b"", options=b"", port=80):
    return struct.pack(">HHIIBBHHH", rnd.randrange(20000, 20064), port, rnd.getrandbits(32),
                       rnd.getrandbits(32), (5 + len(options) // 4) << 4, flags, 65535, 0,
                       0) + options + payload


def udp(port, payload):
    return struct.pack(">HHHH", rnd.randrange(30000, 30064), port, 8 + len(payload), 0) + payload


def echo(kind, payload):
    return struct.pack(">BBHHH", kind, 0, 0, rnd.randrange(64), rnd.randrange(64)) + payload


SYN_OPTIONS = bytes.fromhex("020405b40402080a000000010000000001030307")
DATA = bytes(range(256)) * 5
SOLICITED = bytes.fromhex("ff0200000000000000000001ff000001")
ALL_ROUTERS = bytes.fromhex("ff020000000000000000000000000002")
DHCP = (bytes.fromhex("0101060012345678") + bytes(20) + mac + bytes(202)
        + bytes.fromhex("63825363350101370401030f06ff"))


def corpus():
    """Valid frames of each kind that the program looks into."""
    arp = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + mac + us4 + bytes(6) + them4
    solicitation = struct.pack(">BBHI", 135, 0, 0, 0) + them6 + b"\1\1" + mac
    hop_by_hop = bytes([6, 0, 5, 2, 0, 0, 1, 0])
    fragment = struct.pack(">BBHI", 17, 0, 1, 7)
    return [
        ether(0x0806, arp, b"\xff" * 6),
        ipv4(6, tcp(0x02, options=SYN_OPTIONS)), ipv4(6, tcp(0x02, port=9)),
        ipv4(6, tcp(0x10)), ipv4(6, tcp(0x18, DATA)), ipv4(6, tcp(0x11)), ipv4(6, tcp(0x04)),
        ipv4(6, tcp(0x12, options=SYN_OPTIONS)), ipv4(6, tcp(0x3f, DATA[:100])),
        ipv4(17, udp(9, DATA[:64])), ipv4(17, udp(53, DATA[:30])),
        ipv4(17, udp(67, DHCP), target=b"\xff" * 4),
        ipv4(17, udp(9, DATA), fragment=0x2000), ipv4(17, udp(9, DATA[:8]), b"\x94\4\0\0"),
        ipv4(1, echo(8, DATA[:56])), ipv4(1, echo(3, DATA[:28])), ipv4(2, DATA[:8]),
        ipv6(6, tcp(0x02, options=SYN_OPTIONS)), ipv6(6, tcp(0x18, DATA)), ipv6(6, tcp(0x04)),
        ipv6(17, udp(9, DATA[:64])), ipv6(17, udp(547, DATA[:40])),
        ipv6(0, hop_by_hop + tcp(0x02)), ipv6(44, fragment + udp(9, DATA[:32])),
        ipv6(58, echo(128, DATA[:56])), ipv6(58, solicitation, SOLICITED),
        ipv6(58, struct.pack(">BBHI", 133, 0, 0, 0), ALL_ROUTERS),
        ipv6(58, struct.pack(">BBHI", 1, 4, 0, 0) + DATA[:48]), ipv6(59, b""),
    ]


def mutate(frame, others):
    frame = bytearray(frame)
    for _ in range(rnd.choice((1, 1, 2, 3, 8))):
        at = rnd.randrange(12, len(frame))
        how = rnd.randrange(8)
        if how < 3:
            frame[at] = rnd.getrandbits(8)
        elif how == 3:
            frame[at] ^= 1 << rnd.randrange(8)
        elif how == 4:
            frame[at:at + 2] = rnd.choice((b"\0\0", b"\xff\xff", b"\0\1", b"\x7f\xff"))
        elif how == 5:
            del frame[max(15, at):]
        elif how == 6:
            frame += rnd.randbytes(rnd.choice((1, 7, 64, 1000)))
        else:
            other = rnd.choice(others)
            frame[at:] = other[min(at, len(other) - 1):]
    if rnd.random() < 0.5:
        kind, packet = frame[12:14], frame[14:]
        fix = fixed_ipv4 if kind == b"\x08\0" else fixed_ipv6 if kind == b"\x86\xdd" else bytes
        frame[14:] = fix(packet) if packet else packet
    return frame[:6] + mac + frame[12:]


sent = refused = 0
while sent < int(count):
    frames = corpus()
    for frame in frames:
        for _ in range(20):
            try:
                raw.send(mutate(frame, frames))
            except OSError:
                refused += 1  # longer than the interface takes
            sent += 1
        # A queue that runs over would drop good frames, too, and prove nothing.
        time.sleep(0.0015)
with open(f"/sys/class/net/{interface}/statistics/tx_dropped") as dropped:
    print("sent", sent, "refused", refused, "dropped", dropped.read().strip())
