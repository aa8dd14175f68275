# SPDX-License-Identifier: Apache-2.0
"""Tests of what becomes of figures: python3 -m unittest discover -s bench -p "*_test.py"."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402
from axis import Linear, Logarithmic, axis  # noqa: E402
from results import HIGHER, LOWER, Results  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
PLOT = pathlib.Path(__file__).with_name("plot")


def figures():
    results = Results()
    for label, sense, rounds in (
            ("tcp up, 1 stream, Gbit/s", HIGHER, {"bare": [20, 30], "original": [4, 5, 8],
                                                  "ours": [10, 10, 11]}),
            ("tcp <up> & down, Gbit/s", HIGHER, {"original": [0.01], "ours": [10]}),
            ("connections/s", HIGHER, {"original": [5000, 6000], "ours": [7000, 7100]}),
            ("udp, 4000 peers, lost", LOWER, {"original": [0, 0], "ours": [0, 0]})):
        for contender, values in rounds.items():
            for value in values:
                results.add("Outbound, through the tap", label, sense, contender, value)
    results.add("Start-up", "start-up, ms", LOWER, "ours", 150)
    return results


class ChartsTest(unittest.TestCase):
    def drawn(self, results, about=("a & b",)):
        """Each file's texts, and its root, by name."""
        with tempfile.TemporaryDirectory() as directory:
            paths = charts.write(results, about, directory)
            roots = {path.name: xml.parse(path).getroot() for path in paths}
        return {name: ([text.text for text in root.iter(SVG + "text")], root)
                for name, root in roots.items()}

    def test_each_table_has_a_file(self):
        self.assertEqual({"outbound-through-the-tap.svg", "start-up.svg"},
                         set(self.drawn(figures())))

    def test_each_row_is_there_with_its_medians_and_ratio(self):
        texts, _ = self.drawn(figures())["outbound-through-the-tap.svg"]
        for text in ("a & b", "tcp up, 1 stream", "tcp <up> & down", "connections/s",
                     "udp, 4000 peers", "lost", "ours/original", "25", "5", "10", "5500", "7050",
                     "2", "1000", "1.28"):
            self.assertIn(text, texts)

    def test_bars_and_whiskers_are_of_the_lengths_that_the_axis_says(self):
        results = Results()
        for value in (10, 20, 40):
            results.add("T", "a, s", LOWER, "ours", value)
        _, root = self.drawn(results)["t.svg"]
        bar = [r for r in root.iter(SVG + "rect") if r.get("class") == "ours"][-1]
        self.assertAlmostEqual(charts.BARS / 2, float(bar.get("width")), places=1)
        words = root.find(SVG + "path").get("d").split()
        self.assertAlmostEqual(charts.LABELS + charts.BARS / 4, float(words[1]), places=1)
        self.assertAlmostEqual(charts.LABELS + charts.BARS, float(words[words.index("H") + 1]),
                               places=1)

    def test_nothing_reaches_beyond_the_paper(self):
        for texts, root in self.drawn(figures()).values():
            height = float(root.get("height"))
            self.assertTrue(texts)
            for element in root.iter():
                self.assertLess(float(element.get("x") or 0), charts.WIDTH)
                self.assertLess(float(element.get("y") or 0), height)


class AxisTest(unittest.TestCase):
    def test_figures_of_one_order_lie_on_a_linear_axis_from_nothing(self):
        scale = axis([0, 3, 41.7], 500)
        self.assertIsInstance(scale, Linear)
        self.assertEqual([0, 10, 20, 30, 40, 50], scale.ticks)
        self.assertEqual([0, 250, 500], [scale.place(value) for value in (0, 25, 50)])

    def test_figures_a_hundredfold_apart_lie_on_a_logarithmic_one(self):
        scale = axis([0, 0.2, 20], 300)
        self.assertIsInstance(scale, Logarithmic)
        self.assertEqual([0.1, 1, 10, 100], scale.ticks)
        for value, place in ((0, 0), (0.1, 0), (1, 100), (100, 300)):
            self.assertAlmostEqual(place, scale.place(value))

    def test_the_least_figure_has_a_bar(self):
        self.assertGreater(axis([1, 1000], 300).place(1), 10)

    def test_no_figure_at_all_is_no_error(self):
        self.assertEqual(0, axis([0, 0], 300).place(0))


class SavedTest(unittest.TestCase):
    def run_plot(self, text, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "figures.json"
            file.write_text(text, encoding="utf-8")
            return subprocess.run([PLOT, file, *arguments], capture_output=True, text=True,
                                  timeout=60, check=False)

    def test_saved_figures_give_the_same_tables(self):
        saved = json.dumps({"about": [], "figures": figures().as_data()})
        done = self.run_plot(saved, "--text")
        self.assertEqual(figures().text() + "\n", done.stdout, done.stderr)

    def test_saved_figures_can_be_drawn(self):
        saved = json.dumps({"about": ["x"], "figures": figures().as_data()})
        with tempfile.TemporaryDirectory() as directory:
            done = self.run_plot(saved, directory)
            written = [str(path) for path in pathlib.Path(directory).iterdir()]
        self.assertEqual(sorted(written), sorted(done.stdout.split()), done.stderr)
        self.assertEqual(2, len(written))

    def test_another_file_is_refused_in_one_line(self):
        for text in ("{", "[]", '{"figures": {"a": 1}}', "{}"):
            done = self.run_plot(text, "--text")
            self.assertEqual(1, done.returncode)
            self.assertRegex(done.stderr, r"\Aplot: .*figures\.json: not what .*\n\Z")


if __name__ == "__main__":
    unittest.main()
