"""Charts as inline SVG: right in their numbers, and nothing in them that a strict policy would refuse."""

from xml.etree import ElementTree

import pytest

from service.web.drawing.charts import bars, ticks

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> "\N{RIGHT-TO-LEFT OVERRIDE}'


def drawn(*series: tuple[str, list[float | None]]) -> ElementTree.Element:
    text = bars("sample", ("Title", HOSTILE), ["Jan 5", "Jan 12"], series, lambda value: f"{value:g} d")
    return ElementTree.fromstring(text)  # noqa: S314


def test_each_number_is_a_bar_that_says_what_it_is() -> None:
    root = drawn(("P1", [1, None]), (HOSTILE, [0, 2.5]))
    told = [bar.findtext(f"{SVG}title") for bar in root.iter(f"{SVG}g") if bar.get("class") == "bar"]
    assert told == ["Jan 5: 1 d", "Jan 5: 0 d", "Jan 12: 2.5 d"]
    heights = [
        float(rect.get("height", "")) for rect in root.iter(f"{SVG}rect") if "rect" in rect.get("class", "")
    ]
    assert heights[2] == pytest.approx(heights[0] * 2.5)


def test_it_has_a_name_and_neither_a_style_nor_a_script() -> None:
    root = drawn(("P1", [1, 2]))
    assert {each.tag for each in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "g", "rect", "path", "text")
    }
    assert not [each for each in root.iter() if each.get("style") is not None]
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    named = (root.get("aria-labelledby") or "").split()
    assert [each.text for each in root if each.get("id") in named] == [
        "Title",
        HOSTILE.replace("\N{RIGHT-TO-LEFT OVERRIDE}", "\N{REPLACEMENT CHARACTER}"),
    ]
    assert [each.get("id") for each in root.iter() if each.get("id")] == named


@pytest.mark.parametrize(
    ("highest", "lines"),
    [
        (0, [0, 1]),
        (0.3, [0, 1]),
        (3, [0, 1, 2, 3]),
        (5, [0, 2, 4, 6]),
        (12, [0, 5, 10, 15]),
        (100, [0, 50, 100]),
    ],
)
def test_the_lines_of_an_axis_are_round(highest: float, lines: list[float]) -> None:
    assert ticks(highest) == lines
