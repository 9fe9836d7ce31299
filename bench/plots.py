"""What the benchmarks' plots share: a small SVG canvas in one style, without a library."""

COLOURS = ["#4e79a7", "#59a14f", "#e15759", "#f28e2b", "#76b7b2", "#b07aa1"]
GRID = "#dddddd"


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Svg:
    def __init__(self, width, height, title, left):
        self.width, self.height = width, height
        self.parts = []
        self.rect(0, 0, width, height, "#ffffff")
        self.text(left, 18, title, size=14)

    def rect(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:g}" y="{y:.1f}" width="{width:g}" height="{height:.1f}" '
                          f'fill="{colour}"/>')

    def line(self, x1, y1, x2, y2, colour=GRID, width=1, dashes=""):
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{colour}" stroke-width="{width}"{dash}/>')

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')

    def text(self, x, y, text, anchor="start", size=12):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
                          f'font-size="{size}">{escape(text)}</text>')

    def legend(self, x, y, entries):
        """Coloured squares with their meaning, in one row; entries are (colour, label)."""
        for colour, label in entries:
            self.rect(x, y, 10, 10, colour)
            self.text(x + 14, y + 9, label)
            x += 34 + 6.5 * len(label)

    def write(self, path):
        body = "\n".join(self.parts)
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'font-family="sans-serif" font-size="12">\n{body}\n</svg>\n')
