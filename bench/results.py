# SPDX-License-Identifier: Apache-2.0
"""Figures of bench/system: what each round gave, and tables of it."""
import statistics

HIGHER, LOWER = "higher is better", "lower is better"
CONTENDERS = ("bare", "relay", "original", "ours")
RATIOS = (("ours", "original"), ("ours", "relay"), ("original", "relay"))


class Results:
    """Figures by label and contender: a list of rounds each. A label belongs to one table."""

    def __init__(self):
        self.rounds, self.sense, self.tables = {}, {}, {}

    def add(self, table, label, sense, contender, value):
        if label not in self.rounds:
            self.tables.setdefault(table, []).append(label)
        self.sense[label] = sense
        self.rounds.setdefault(label, {}).setdefault(contender, []).append(value)

    @classmethod
    def from_data(cls, data):
        """What as_data() gave, again; earlier figures name no table."""
        results = cls()
        for label, figure in data.items():
            for contender, values in figure["rounds"].items():
                for value in values:
                    results.add(figure.get("table", "Figures"), label, figure["sense"],
                                contender, value)
        return results

    def median(self, label, contender):
        values = self.rounds[label].get(contender)
        return statistics.median(values) if values else None

    def ratio(self, label, over, under):
        """Of two medians: None where one is missing or nothing."""
        above, below = self.median(label, over), self.median(label, under)
        return above / below if above is not None and below else None

    def spread(self, label, contender):
        """Half the way from the lowest to the highest round, as part of the median."""
        values = self.rounds[label].get(contender) or [0]
        middle = statistics.median(values)
        return (max(values) - min(values)) / 2 / middle if middle else 0

    def text(self):
        return "\n\n".join(f"### {table}\n\n{self.table(labels)}"
                           for table, labels in self.tables.items())

    def table(self, labels):
        """Markdown, with a column for each contender that has a figure in it."""
        seen = {contender for label in labels for contender in self.rounds[label]}
        contenders = [name for name in CONTENDERS if name in seen]
        ratios = [pair for pair in RATIOS if seen.issuperset(pair)]
        rows = [("measure", *contenders, *map("/".join, ratios), "")]
        rows += [(label, *(self.cell(label, name) for name in contenders),
                  *(number(self.ratio(label, *pair)) for pair in ratios), self.sense[label])
                 for label in labels]
        return aligned(rows)

    def cell(self, label, contender):
        percent = round(self.spread(label, contender) * 100)
        return number(self.median(label, contender)) + (f" ±{percent}%" if percent else "")

    def as_data(self):
        """For JSON: every round, and what the tables say."""
        tables = {label: table for table, labels in self.tables.items() for label in labels}
        return {label: {
            "table": tables[label],
            "sense": self.sense[label],
            "rounds": rounds,
            "median": {name: self.median(label, name) for name in rounds},
            "spread": {name: self.spread(label, name) for name in rounds},
            "ratio": {"/".join(pair): ratio for pair in RATIOS
                      if (ratio := self.ratio(label, *pair)) is not None},
        } for label, rounds in self.rounds.items()}


def number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def aligned(rows):
    """A Markdown table: the first and last columns to the left, the others to the right."""
    last = len(rows[0]) - 1
    widths = [max(len(row[i]) for row in rows) for i in range(last + 1)]
    lines = ["| " + " | ".join(cell.ljust(width) if i in (0, last) else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 1) + (":" if 0 < i < last else "-")
                                   for i, width in enumerate(widths)) + "|")
    return "\n".join(lines)
