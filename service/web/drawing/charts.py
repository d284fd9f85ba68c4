"""Charts of weeks as inline SVG, without a style or script of their own: `room.css` colours them."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from service.web.drawing.plotting import Bar, Style
from service.web.rendering import harmless

_WIDTH, _HEIGHT = 640, 240
_LINES: Final = 4
# Labels of days as the CSS draws them fit beside each other as often as this.
_MOST_LABELS: Final = 9
_STYLE: Final = Style(label_font_size=13, major_label_font_size=13, legend_font_size=14)
# What pygal's own stylesheet hides or its script needs.
_NOT_SHOWN: Final = frozenset({"defs", "title", "desc"})


def bars(
    name: str,
    titles: tuple[str, str],
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    tell: Callable[[float], str],
) -> Markup:
    """Bars beside each other for each label; None is no bar.

    `name` tells its ids from those of others on the page, `titles` are a title and a description, `tell` says
    a value, on the axis and of a bar. Source of the drawing: https://www.pygal.org/en/stable/documentation/.
    """
    highest = max((value for _, values in series for value in values if value), default=0)
    chart = Bar(
        no_prefix=True, css=(), js=(), classes=(), style=_STYLE, width=_WIDTH, height=_HEIGHT, margin=4,
        y_labels=ticks(highest), formatter=tell, value_formatter=tell,
        x_labels=[harmless(label) for label in labels], show_minor_x_labels=False,
        x_labels_major_every=max(1, ceil(len(labels) / _MOST_LABELS)),
        truncate_label=-1, truncate_legend=24, legend_at_bottom=True,
        legend_at_bottom_columns=len(series), show_legend=len(series) > 1,
    )  # fmt: skip
    for title, values in series:
        chart.add(harmless(title), values)
    return _inline(chart.render_tree(), name, titles, several=len(series) > 1)


def ticks(highest: float) -> list[float]:
    """The lines of an axis from 0 to a value or just above it, at round steps, never below one."""
    step = max(1.0, highest / _LINES)
    unit = 10.0 ** floor(log10(step))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= step)
    return [line * step for line in range(max(1, ceil(highest / step)) + 1)]


def _inline(root: Element, name: str, titles: tuple[str, str], *, several: bool) -> Markup:
    for parent in list(root.iter()):
        said = {part.get("class"): part.text for part in parent if part.tag == "desc"}
        for child in [child for child in parent if not _is_shown(child)]:
            parent.remove(child)
        if said:  # a bar says what it is where a pointer rests on it
            SubElement(parent, "title").text = f"{said['x_label']}: {said['value']}"
        for attribute in ("style", "id"):
            parent.attrib.pop(attribute, None)
    root.set("class", "chart several" if several else "chart")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-about")
    for place, (tag, part) in enumerate((("title", "title"), ("desc", "about"))):
        text = Element(tag, {"id": f"{name}-{part}"})
        text.text = harmless(titles[place])
        root.insert(place, text)
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704


def _is_shown(child: Any) -> bool:
    """Whether a part is seen; a comment has no tag but a function."""
    return (
        isinstance(child.tag, str)
        and child.tag not in _NOT_SHOWN
        and "tooltip-overlay" not in child.get("class", "")
    )
