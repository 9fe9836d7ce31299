"""The roofline plot: multiply-adds a second over multiply-adds a byte, with the measured points.

Ingot counts what a token must read and multiply. A peer computes the same model from the same file,
so its speed stands at the same place of the horizontal axis.
"""

import math
import statistics

from plots import COLOURS, Svg

LEFT, TOP, WIDTH, HEIGHT = 66, 70, 620, 300


def decades(low, high):
    """1, 2, 5 of every decade within the range."""
    for exponent in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for digit in (1, 2, 5):
            value = digit * 10.0 ** exponent
            if low <= value <= high:
                yield value


def measured(result):
    """[(program, column, multiply-adds a byte, billions of multiply-adds a second)]."""
    programs = result["programs"]
    ours = next((p["points"] for p in programs.values() if p.get("points")), {})
    out = []
    for name, program in programs.items():
        for key, value in program.get("values", {}).items():
            point = program.get("points", {}).get(key) or ours.get(key)
            if point:
                out.append((name, key, point["macs"] / point["bytes"],
                            value["median"] * point["macs"] / 1e9))
    return out


def roof(result):
    """(read ceiling in GB/s, multiply-add peak in G/s): medians over all that Ingot measured."""
    points = [p for program in result["programs"].values() for p in program.get("points", {}).values()]
    return tuple(statistics.median(p[key]["median"] for p in points)
                 for key in ("read_ceiling", "mac_peak"))


def plot(result):
    points = measured(result)
    read, peak = roof(result)
    left_end = min(x for _, _, x, _ in points) / 2
    right_end = 2 * max(max(x for _, _, x, _ in points), peak / read)
    bottom = min(min(y for *_, y in points), left_end * read) / 2
    ceiling = peak * 2  # room for the labels
    scale = lambda value, low, high: math.log(value / low) / math.log(high / low)
    x = lambda value: LEFT + WIDTH * scale(value, left_end, right_end)
    y = lambda value: TOP + HEIGHT * (1 - scale(value, bottom, ceiling))

    svg = Svg(LEFT + WIDTH + 24, TOP + HEIGHT + 52,
              f"Roofline: {read:.1f} GB/s read, {peak:.0f} G multiply-adds/s ({result['threads']} threads)",
              LEFT)
    for value in decades(bottom, ceiling):
        svg.line(LEFT, y(value), LEFT + WIDTH, y(value))
        svg.text(LEFT - 8, y(value) + 4, f"{value:g}", anchor="end")
    for value in decades(left_end, right_end):
        svg.line(x(value), TOP, x(value), TOP + HEIGHT)
        svg.text(x(value), TOP + HEIGHT + 18, f"{value:g}", anchor="middle")
    svg.text(LEFT + WIDTH / 2, TOP + HEIGHT + 40, "multiply-adds a byte read", anchor="middle")
    svg.text(LEFT, TOP - 8, "G multiply-adds/s", size=10)
    ridge = peak / read
    svg.line(x(left_end), y(left_end * read), x(ridge), y(peak), "#333333", 2)
    svg.line(x(ridge), y(peak), x(right_end), y(peak), "#333333", 2)

    names = list(dict.fromkeys(name for name, *_ in points))
    colours = dict(zip(names, COLOURS))
    svg.legend(LEFT, 30, [(colours[name], name) for name in names])
    for name, key, at, rate in points:
        svg.dot(x(at), y(rate), colours[name])
    label_roof(svg, result, {key: (x(at), y(min(at * read, peak)))
                             for name, key, at, _ in reversed(points)})
    return svg


def label_roof(svg, result, places):
    """Names the columns above the roof; near neighbours are stacked."""
    last = None
    for key, (px, py) in sorted(places.items(), key=lambda item: item[1]):
        at = py - 8
        if last and px - last[0] < 90 and at > last[1] - 12:
            at = last[1] - 12
        svg.text(px, at, result["columns"][key][0], anchor="end", size=10)
        last = (px, at)
