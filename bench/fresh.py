# SPDX-License-Identifier: Apache-2.0
"""The first second of a program's first transfer, in bench/system: what a compiler at run time
costs who does not use a program for long."""
import statistics

from measures import named
from passt import Passt
from results import HIGHER
from subjects import SCENES, Pasta

MTU = 1500
OF_STEADY, RATE = "first second of steady", "first second, Gbit/s"


def labels(path):
    """Of the figures of a path: direction, (label of the ratio, label of the rate)."""
    detail = "" if path.startswith("splice") else f"MTU {MTU}, "
    for reverse in (False, True):
        name = f"{named(path, 'tcp', reverse)}, {detail}1 stream"
        yield reverse, (f"{name}, {OF_STEADY}", f"{name}, {RATE}")


def first_seconds(stage, programs, rounds, plan, wanted, add):
    """Each program is started anew for each figure. A rate that is steady is the median of the
    seconds after the first; look at the rate of the first as well, since a program that stays slow
    has a good ratio, too. `add` takes label, sense, contender and value."""
    for path in plan.fresh_paths:
        for reverse, names in labels(path):
            if not wanted(*names):
                continue
            for turn in range(rounds):
                order = list(programs.items())
                for name, program in order if turn % 2 == 0 else reversed(order):
                    first, *later = transfer(stage, name, program, path, reverse, plan)
                    if steady := statistics.median(later):
                        add(names[0], HIGHER, name, first / steady)
                    add(names[1], HIGHER, name, first * 8 / 1e9)


def transfer(stage, name, program, path, reverse, plan):
    """What the first transfer of a new process moves, second by second, in bytes."""
    scene = next(scene for scene, paths in SCENES.items() if path in paths)
    if scene == "passt":
        subject = Passt(stage, name, program.with_name("passt"), "passt", 0, MTU)
    else:
        subject = Pasta(stage, name, program, scene, 0, "-m", MTU)
    try:
        return subject.paths[path].seconds_of_a_stream(reverse, plan.fresh_seconds)
    finally:
        subject.close()
