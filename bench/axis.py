# SPDX-License-Identifier: Apache-2.0
"""A chart's axis: from figures to places, and where its ticks are."""
import math

LOGARITHMIC_FROM = 100      # figures that differ so many times are not seen on a linear axis
TICKS = 5


def axis(values, length):
    """One for all these values, none of them negative: logarithmic if they differ much."""
    some = [value for value in values if value > 0]
    if some and max(some) / min(some) >= LOGARITHMIC_FROM:
        return Logarithmic(min(some), max(some), length)
    return Linear(max(some, default=1), length)


class Linear:
    """From nothing to a round number."""

    def __init__(self, highest, length):
        step = round_step(highest / TICKS)
        self.ticks = [step * i for i in range(math.ceil(highest / step - 1e-9) + 1)]
        self.scale = length / self.ticks[-1]
        self.note = ""

    def place(self, value):
        return value * self.scale


class Logarithmic:
    """Between powers of ten, the least of which is visibly less than all values but 0."""

    def __init__(self, lowest, highest, length):
        self.least = math.floor(math.log10(lowest / 1.5))
        most = math.ceil(math.log10(highest))
        self.ticks = [10.0 ** power for power in range(self.least, most + 1)]
        self.scale = length / (most - self.least)
        self.note = ", logarithmic"

    def place(self, value):
        """Nothing is at the beginning, as far away as it would be."""
        return max(0, math.log10(value) - self.least) * self.scale if value > 0 else 0


def round_step(least):
    """1, 2 or 5 times a power of ten, at least so much."""
    power = 10 ** math.floor(math.log10(least))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least * (1 - 1e-9))
