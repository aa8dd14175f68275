# SPDX-License-Identifier: Apache-2.0
"""What connections that do nothing cost, in bench/system: by themselves, and the others."""
import subprocess
import time

from path import values
from results import HIGHER, LOWER
from subjects import Pasta

TIMES = BEFORE, WITH, AFTER = "before", "with", "after"
HELD = "idle: connections held"
CPU = "idle: CPU, ms/s"
COMPILER = "idle: of it a run-time compiler, ms/s"
MEMORY = "idle: memory {}, PSS MiB"
LATENCY = "idle: latency tcp p50 {}, us"
EXCHANGE = "idle: CPU for an exchange {}, us"
RATE = "idle: connections/s {}"
LABELS = (HELD, CPU, COMPILER, *(label.format(when) for label in (MEMORY, LATENCY, EXCHANGE, RATE)
                       for when in TIMES))

PIECES = 3              # The active connection is looked at several times.
RECLAIM_S = 8           # After a burst of connections: ours takes five seconds to believe it.
ROOM = 40               # One in so many is left to others where there are fewer than wanted.


def idle(stage, programs, rounds, plan, add):
    """The contenders in turn, each with a process of its own in every round."""
    for turn in range(rounds):
        order = list(programs.items())
        for name, program in order if turn % 2 == 0 else reversed(order):
            subject = Pasta(stage, name, program, "outbound", 0)
            try:
                Idle(subject, plan, add).run()
            finally:
                subject.close()


class Idle:
    """One contender: before, with, and after as many idle connections as it can have."""

    def __init__(self, subject, plan, add):
        self.subject, self.plan = subject, plan
        self.way = subject.paths["outbound"]
        self.add = lambda label, sense, value: add(label, sense, subject.name, value)

    def run(self):
        self.way.warm_up(self.plan)
        self.others(BEFORE)
        holder = self.hold()
        try:
            time.sleep(2)
            self.nothing()
            self.others(WITH)
        finally:
            holder.kill()
            holder.wait()
        time.sleep(RECLAIM_S)
        self.others(AFTER)

    def nothing(self):
        """What is spent while nothing happens; a compiler may still have things to do."""
        before, compiler = self.subject.cpu_seconds(), self.subject.compiler_seconds()
        time.sleep(self.plan.idle_seconds)
        used = self.subject.cpu_seconds() - before
        self.add(CPU, LOWER, used / self.plan.idle_seconds * 1000)
        used = self.subject.compiler_seconds() - compiler
        self.add(COMPILER, LOWER, used / self.plan.idle_seconds * 1000)

    def hold(self):
        """A process that has the connections open until it is killed."""
        count = self.plan.idle_connections
        holder = subprocess.Popen(
            [*self.way.clients, *map(str, (self.way.stage.peer, "hold", self.way.target,
                                           self.way.echo(), count, count // ROOM))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = holder.stdout.readline()
        if not said:
            holder.wait()
            raise SystemExit(f"bench: {self.subject.name} holds no connections")
        self.add(HELD, HIGHER, values(said)["open"])
        return holder

    def others(self, when):
        """Memory, and what is seen of it on one more connection and on short ones."""
        self.add(MEMORY.format(when), LOWER, self.subject.pss_mib())
        count = self.plan.exchanges
        for _ in range(PIECES):
            before = self.subject.cpu_seconds()
            self.add(LATENCY.format(when), LOWER, self.way.round_trips("tcp", count)["p50"])
            used = self.subject.cpu_seconds() - before
            self.add(EXCHANGE.format(when), LOWER, used / count * 1e6)
        self.add(RATE.format(when), HIGHER, self.way.connections(count // 4))
