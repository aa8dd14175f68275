# SPDX-License-Identifier: Apache-2.0
"""Bar charts of bench/system's figures: a file for each table, with a panel for each unit."""
import pathlib
import re

from axis import axis
from results import CONTENDERS, RATIOS, number
from svg import Drawing

WIDTH, LABELS, BARS = 1000, 330, 460    # pixels: of all, of labels to the left, of the plot
MARGIN, LINE, BAR, GAP = 16, 18, 14, 9
VALUES_AT = 8           # behind the bar's end, or its whisker's
RATIO_AT = WIDTH - MARGIN


def write(results, about, directory):
    """Writes a file for each table, named after it, and returns their paths.

    `about` is lines on what was compared.
    """
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for table, labels in results.tables.items():
        path = directory / f"{re.sub('[^a-z0-9]+', '-', table.lower()).strip('-')}.svg"
        path.write_text(Chart(results, table, labels, about).document(), encoding="utf-8")
        paths.append(path)
    return paths


class Chart:
    """One table, drawn from top to bottom; `y` is how far it got."""

    def __init__(self, results, table, labels, about):
        self.results, self.table, self.labels = results, table, labels
        seen = {contender for label in labels for contender in results.rounds[label]}
        self.contenders = [name for name in CONTENDERS if name in seen]
        self.ratio = next((pair for pair in RATIOS if seen.issuperset(pair)), None)
        self.drawing, self.y = Drawing(WIDTH), MARGIN + LINE
        self.head(about)
        for unit, rows in self.panels().items():
            self.panel(unit, rows)

    def document(self):
        return self.drawing.document(self.table, self.y)

    def panels(self):
        """Labels by unit and sense, both in the order of the table."""
        panels = {}
        for label in self.labels:
            panels.setdefault((unit(label), self.results.sense[label]), []).append(label)
        return panels

    def head(self, about):
        self.drawing.text(MARGIN, self.y, self.table, "title")
        self.y += LINE
        for line in about:
            self.drawing.text(MARGIN, self.y, line, "faint")
            self.y += LINE
        x = LABELS
        for name in self.contenders:
            self.drawing.bar(x, self.y - BAR + 3, BAR, BAR, name)
            self.drawing.text(x + BAR + 6, self.y, name)
            x += 80
        self.drawing.text(x, self.y, "bars: medians; whiskers: lowest and highest round", "faint")
        self.y += LINE

    def panel(self, kind, labels):
        name, sense = kind
        scale = axis([value for label in labels for values in self.results.rounds[label].values()
                      for value in values], BARS)
        self.y += LINE
        self.drawing.text(MARGIN, self.y, name, "heading")
        self.drawing.text(LABELS, self.y, sense, "faint")
        if self.ratio:
            self.drawing.text(RATIO_AT, self.y, "/".join(self.ratio), "faint right")
        self.y += LINE - BAR
        top, bottom = self.y, self.y + sum(map(self.height, labels))
        for tick in scale.ticks:
            x = LABELS + scale.place(tick)
            self.drawing.line(x, top, x, bottom + 4, "grid")
            self.drawing.text(x, bottom + LINE, tick_text(tick), "faint middle")
        for label in labels:
            self.row(label, scale)
        self.y = bottom + 2 * LINE
        self.drawing.text(LABELS + BARS / 2, self.y, name + scale.note, "faint middle")
        self.y += LINE

    def height(self, label):
        return BAR * len(self.results.rounds[label]) + GAP

    def row(self, label, scale):
        """The contenders' bars, what they are of to the left, their ratio to the right."""
        bars = [name for name in self.contenders if name in self.results.rounds[label]]
        middle = self.y + GAP / 2 + BAR * len(bars) / 2 + 4
        self.drawing.text(LABELS - VALUES_AT, middle, without_unit(label), "right")
        if self.ratio and (ratio := self.results.ratio(label, *self.ratio)) is not None:
            self.drawing.text(RATIO_AT, middle, number(ratio), "heading right")
        y = self.y + GAP / 2
        for name in bars:
            self.bar(label, name, scale, y)
            y += BAR
        self.y += self.height(label)

    def bar(self, label, name, scale, y):
        values = self.results.rounds[label][name]
        median = self.results.median(label, name)
        low, high = scale.place(min(values)), scale.place(max(values))
        self.drawing.bar(LABELS, y + 1, scale.place(median), BAR - 2, name)
        if high - low >= 1:
            self.drawing.whisker(LABELS + low, LABELS + high, y + BAR / 2, BAR / 4)
        self.drawing.text(LABELS + high + VALUES_AT, y + BAR - 3, number(median))


def unit(label):
    """What comes last in a label: "latency tcp p50, us", "splice in: connections/s"."""
    return re.split(", |: ", label)[-1]


def without_unit(label):
    return label.removesuffix(unit(label)).rstrip(" ,:") or label


def tick_text(value):
    """All ticks of a logarithmic axis, from thousandths to millions, without zeros to count."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:.6g}"
