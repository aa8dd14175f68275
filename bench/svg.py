# SPDX-License-Identifier: Apache-2.0
"""The few elements of SVG that charts are made of, readable on light and dark paper."""
from xml.sax.saxutils import escape, quoteattr

# Colours that the colour-blind can tell apart (Okabe and Ito); lighter ones on dark paper.
STYLE = """
text { font: 12px sans-serif; fill: #222 } .paper { fill: #fff } .title { font-size: 16px }
.heading { font-weight: bold } .faint { fill: #666 } .right { text-anchor: end }
.middle { text-anchor: middle } .grid { stroke: #ddd } .whisker { stroke: #222; fill: none }
.bare { fill: #999 } .relay { fill: #009e73 } .original { fill: #0072b2 } .ours { fill: #e69f00 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .paper { fill: #15181c } .faint { fill: #999 } .grid { stroke: #333a42 }
.whisker { stroke: #ddd }
.bare { fill: #777 } .relay { fill: #00b386 } .original { fill: #56b4e9 } .ours { fill: #e69f00 }
}
"""


class Drawing:
    """Elements one over the other, the first lowest; places are pixels from the left and top."""

    def __init__(self, width):
        self.width, self.elements = width, []

    def add(self, name, text=None, **attributes):
        """Names of attributes may end with _ where Python has another use for them."""
        written = "".join(f" {key.rstrip('_')}={quoteattr(shown(value))}"
                          for key, value in attributes.items())
        self.elements.append(f"<{name}{written}/>" if text is None else
                             f"<{name}{written}>{escape(text)}</{name}>")

    def text(self, x, y, text, kind=""):
        self.add("text", text, x=x, y=y, class_=kind)

    def bar(self, x, y, width, height, kind):
        self.add("rect", x=x, y=y, width=width, height=height, class_=kind)

    def line(self, x, y, x2, y2, kind):
        self.add("line", x1=x, y1=y, x2=x2, y2=y2, class_=kind)

    def whisker(self, x, x2, y, half):
        """From one value to the other, with an end at each."""
        self.add("path", class_="whisker",
                 d=" ".join(("M", shown(x), shown(y - half), "v", shown(2 * half), "m 0",
                             shown(-half), "H", shown(x2), "m 0", shown(-half), "v",
                             shown(2 * half))))

    def document(self, title, height):
        """All of it, as a file's text."""
        return "\n".join((
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
            f'height="{shown(height)}" viewBox="0 0 {self.width} {shown(height)}" role="img">',
            f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{self.width}" height="{shown(height)}"/>',
            *self.elements, "</svg>", ""))


def shown(value):
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
