# SPDX-License-Identifier: Apache-2.0
"""How much bench/system does: all of it, or what --quick has time for."""
import typing

from subjects import SCENES


class Plan(typing.NamedTuple):
    """Loads, and how often. Seconds are whole, as iperf3 takes them."""
    rounds: int
    mtus: dict              # scene -> MTUs, of which the last is that of small exchanges, too
    paths: tuple            # paths on which measures are taken
    seconds: int            # of a stream
    streams: tuple          # how many at once
    datagram_bytes: tuple
    datagram_ms: int
    exchanges: int          # for latency; a connection takes as long as four
    peers: int              # each takes a descriptor, of 20,000 that a user may commonly have
    peers_ms: int
    warm_up_turns: int
    warm_up_seconds: int
    starts: int
    idle_rounds: int
    idle_connections: int   # at most: a forwarder has 1 or 2 of 20,000 descriptors for each
    idle_seconds: int       # 40 are enough for all guests to be asked for a sign of life
    fresh_paths: tuple      # on which a program that has seen no traffic is measured
    fresh_seconds: int      # of which the first is compared with the others


MTUS = (1500, 65520)
# The longest for which a guest makes no fragments at that MTU, with either IP; none passes them.
DATAGRAMS = (64, 1400, 8192, 32768, 65472)

# Steady state is measured. What the compiler at run time spent before is a row of its own.
FULL = Plan(
    rounds=6,
    mtus={"outbound": MTUS, "inbound": MTUS, "splice": MTUS[-1:], "passt": MTUS},
    paths=("outbound", "inbound", "splice in", "splice out", "passt", "passt in"),
    seconds=2, streams=(1, 8), datagram_bytes=DATAGRAMS, datagram_ms=1000, exchanges=10000,
    peers=4000, peers_ms=3000, warm_up_turns=3, warm_up_seconds=3, starts=10,
    idle_rounds=3, idle_connections=19000, idle_seconds=40,
    fresh_paths=("outbound", "splice in", "passt"), fresh_seconds=6)

# Every scene in two minutes: one way through each, and loads long enough to tell twice from half.
QUICK = Plan(
    rounds=1,
    mtus={"outbound": MTUS, "inbound": MTUS[-1:], "splice": MTUS[-1:], "passt": MTUS[-1:]},
    paths=("outbound", "inbound", "splice in", "passt"),
    seconds=1, streams=(1,), datagram_bytes=(64,), datagram_ms=300, exchanges=2000,
    peers=1000, peers_ms=500, warm_up_turns=1, warm_up_seconds=1, starts=3,
    idle_rounds=1, idle_connections=4000, idle_seconds=2,
    fresh_paths=("outbound",), fresh_seconds=3)

# What BBR does to each way that TCP goes.
WITH_BBR = FULL._replace(rounds=3, mtus={"bbr": MTUS, "bbr passt": MTUS}, seconds=2,
                         paths=SCENES["bbr"] + SCENES["bbr passt"], warm_up_turns=1, starts=0)
