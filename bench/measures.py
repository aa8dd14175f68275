# SPDX-License-Identifier: Apache-2.0
"""What bench/system measures on a path: throughput and its cost, packets, latency, connections."""
import itertools
import os
import typing

from results import HIGHER, LOWER
from stage import BBR, SIDES


class Measure(typing.NamedTuple):
    """One load on the path of that name, and the figures it gives; None where it gives none."""
    path: str
    figures: tuple          # of (label, sense)
    take: typing.Callable   # (subject, path) -> a value for each figure

    def values(self, subject):
        """Label, sense and value of each figure; nothing on a path the subject has not."""
        path = subject.paths.get(self.path)
        taken = zip(self.figures, self.take(subject, path)) if path else ()
        return [(*figure, value) for figure, value in taken if value is not None]


def throughput(path, detail, streams, seconds):
    """TCP in both directions, with so many streams each. `detail` tells scenes apart: the MTU."""
    return [stream_measure(path, detail, reverse, count, seconds)
            for reverse, count in itertools.product((False, True), streams)]


def stream_measure(path, detail, reverse, streams, seconds):
    name = (f"{named(path, 'tcp', reverse)}, {detail}{streams} "
            f"stream{'s' if streams > 1 else ''}")

    def take(subject, way):
        before, machine_before = subject.cpu_seconds(), machine_cpu_seconds()
        received = way.iperf(streams, reverse, seconds)
        used = subject.cpu_seconds() - before
        machine = machine_cpu_seconds() - machine_before
        gigabytes = received / 1e9
        return (received * 8 / seconds / 1e9,
                used / gigabytes if subject.pids and received else None,
                machine / gigabytes if received else None)
    return Measure(path, ((f"{name}, Gbit/s", HIGHER), (f"{name}, CPU s/GB", LOWER),
                          (f"{name}, CPU s/GB of all", LOWER)), take)


def congestion(path, detail, streams, seconds):
    """What BBR on either side leaves of the rate, TCP in both directions, so many streams each."""
    return [congestion_measure(path, detail, reverse, count, seconds)
            for reverse, count in itertools.product((False, True), streams)]


def congestion_measure(path, detail, reverse, streams, seconds):
    name = (f"{named(path, 'tcp', reverse)}, {detail}{streams} "
            f"stream{'s' if streams > 1 else ''}")

    def take(subject, way):
        usual = way.iperf(streams, reverse, seconds)
        parts = []
        for side in SIDES:
            subject.set_congestion(side, BBR)
            try:
                received = way.iperf(streams, reverse, seconds)
            finally:
                subject.set_congestion(side, subject.stage.congestion[side])
            parts.append(received / usual if usual else None)
        return usual * 8 / seconds / 1e9, *parts
    return Measure(path, ((f"{name}, Gbit/s", HIGHER),
                          *((f"{name}, BBR on the {side}'s side, part of that", HIGHER)
                            for side in SIDES)), take)


def machine_cpu_seconds():
    """What all processors did so far. On loopback it is chance whose CPU time a segment costs:
    the one's who writes it, or the one's whose acknowledgement lets it go."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, interrupts, soft = map(int, file.readline().split()[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def datagrams(path, sizes, milliseconds):
    """UDP in both directions, of so many bytes each."""
    return [datagram_measure(path, reverse, size, milliseconds)
            for size, reverse in itertools.product(sizes, (False, True))]


def datagram_measure(path, reverse, size, milliseconds):
    name = f"{named(path, 'udp', reverse)} {size} B"
    return Measure(path, ((f"{name}, packets/s", HIGHER), (f"{name}, lost %", LOWER)),
                   lambda _, way: way.datagrams(reverse, size, milliseconds))


def udp_peers(path, count, milliseconds):
    """Many small UDP peers at once, as of a resolver or a torrent client."""
    name = f"{prefix(path)}udp, {count} peers"

    def take(subject, way):
        seen, used = way.udp_peers(count, milliseconds, subject.cpu_seconds)
        answered = seen["exchanges"]
        return (seen["rate"], used / answered * 1e6 if subject.pids and answered else None,
                seen["lost"])
    return [Measure(path, ((f"{name}, exchanges/s", HIGHER), (f"{name}, CPU us each", LOWER),
                           (f"{name}, lost", LOWER)), take)]


def latency(path, count):
    return [latency_measure(path, protocol, count) for protocol in ("tcp", "udp")]


def latency_measure(path, protocol, count):
    quantiles = ("p50", "p99")

    def take(_, way):
        seen = way.round_trips(protocol, count)
        return [seen[quantile] for quantile in quantiles]
    return Measure(path, tuple((f"{prefix(path)}latency {protocol} {quantile}, us", LOWER)
                               for quantile in quantiles), take)


def connections(path, count):
    return [Measure(path, ((f"{prefix(path)}connections/s", HIGHER),),
                    lambda _, way: (way.connections(count),))]


def prefix(path):
    """Outbound is what a pasta is mostly for: its labels go without saying so."""
    return "" if path == "outbound" else f"{path}: "


def named(path, protocol, reverse):
    if path in ("outbound", "passt"):
        return f"{prefix(path)}{protocol} {'down' if reverse else 'up'}"
    return f"{prefix(path)}{protocol} {'server' if reverse else 'client'} sends"
