# SPDX-License-Identifier: Apache-2.0
"""What a pasta costs by itself, in bench/system: start-up and memory."""
import time

from path import values
from results import LOWER
from stage import run
from subjects import Pasta

START_UP, START_UP_VERSION = "start-up, ms", "start-up --version, ms"
MEMORY_IDLE, MEMORY_LOADED = "memory idle, PSS MiB", "memory after load, PSS MiB"


def start_up(stage, programs, plan, add):
    """Wall time from posix_spawn to the end. `add` takes label, sense, contender and value."""
    commands = ((START_UP, ("--config-net", "--", "true")), (START_UP_VERSION, ("--version",)))
    for _ in range(plan.starts):
        for name, program in programs.items():
            for label, options in commands:
                seen = run(*stage.as_user_in_host(0, stage.peer, "time", program, *options))
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
