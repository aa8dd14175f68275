# SPDX-License-Identifier: Apache-2.0
"""What a pasta costs by itself, in bench/system: start-up, memory, connections that do nothing."""
import subprocess
import time

from path import values
from results import LOWER
from stage import run
from subjects import Pasta

IDLE_CONNECTIONS = 9500
START_UP, START_UP_VERSION = "start-up, ms", "start-up --version, ms"
MEMORY_IDLE, MEMORY_LOADED = "memory idle, PSS MiB", "memory after load, PSS MiB"
IDLE_CPU = f"idle: {IDLE_CONNECTIONS} connections, CPU ms/s"
IDLE_LATENCY = "idle: latency tcp p50 {} idle connections, us"
IDLE_MEMORY = "idle: memory, PSS MiB"


def start_up(stage, programs, plan, add):
    """Wall time from posix_spawn to the end. `add` takes label, sense, contender and value."""
    commands = ((START_UP, ("--config-net", "--", "true")), (START_UP_VERSION, ("--version",)))
    for _ in range(plan.starts):
        for name, program in programs.items():
            for label, options in commands:
                seen = run(*stage.as_user_in_host(stage.peer, "time", program, *options))
                add(label, LOWER, name, values(seen)["ms"])


def memory(stage, programs, rounds, plan, add):
    for _ in range(rounds):
        for name, program in programs.items():
            subject = Pasta(stage, name, program, "outbound", 0)
            try:
                time.sleep(1)
                add(MEMORY_IDLE, LOWER, name, subject.pss_mib())
                subject.paths["outbound"].warm_up(plan)
                add(MEMORY_LOADED, LOWER, name, subject.pss_mib())
            finally:
                subject.close()


def idle(stage, programs, plan, add):
    for name, program in programs.items():
        subject = Pasta(stage, name, program, "outbound", 0)
        holder = None
        try:
            way = subject.paths["outbound"]
            way.warm_up(plan)
            idle_latency(way, name, "without", add)
            holder = hold(way, name)
            time.sleep(2)
            before = subject.cpu_seconds()
            time.sleep(plan.idle_seconds)
            used = subject.cpu_seconds() - before
            add(IDLE_CPU, LOWER, name, used / plan.idle_seconds * 1000)
            idle_latency(way, name, "with", add)
            add(IDLE_MEMORY, LOWER, name, subject.pss_mib())
        finally:
            if holder:
                holder.kill()
                holder.wait()
            subject.close()


def hold(way, name):
    """A process that has the connections open until it is killed."""
    holder = subprocess.Popen(
        [*way.clients, way.stage.peer, "hold", way.target, str(way.echo()),
         str(IDLE_CONNECTIONS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if not holder.stdout.readline():
        holder.kill()
        holder.wait()
        raise SystemExit(f"bench: {name} does not hold {IDLE_CONNECTIONS} connections")
    return holder


def idle_latency(way, name, when, add):
    for _ in range(3):
        add(IDLE_LATENCY.format(when), LOWER, name, way.round_trips("tcp", 3000)["p50"])
