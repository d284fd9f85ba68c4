"""Markdown of others, which must do nothing but be read."""

import pytest

from service.web.markdown import LONGEST, to_html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "[a](//evil.example)",
        "[a](/signout)",
        "<javascript:alert(1)>",
        "[a]: javascript:alert(1)\n\n[a]",
    ],
)
def test_nothing_in_it_is_alive(text: str) -> None:
    html = to_html(text)
    assert "<a" not in html
    assert "<script" not in html
    assert "<img" not in html


def test_links_lead_to_the_web_and_are_not_followed_by_machines() -> None:
    assert to_html("[a](https://x.example/?a=1&b=2)") == (
        '<p><a href="https://x.example/?a=1&amp;b=2" rel="nofollow">a</a></p>\n'
    )
    assert 'title="&quot;onload="' in to_html('[a](https://x.example/ "\\"onload=")')


def test_an_image_is_a_link() -> None:
    assert "<img" not in to_html("![a](https://x.example/i.png)")


def test_headings_stand_below_those_of_the_page() -> None:
    assert to_html("# A\n\n## B") == "<h3>A</h3>\n<h4>B</h4>\n"
    assert to_html("## B\n\n###### F") == "<h3>B</h3>\n<h6>F</h6>\n"


def test_nothing_turns_the_direction_of_the_page() -> None:
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in to_html("a\N{RIGHT-TO-LEFT OVERRIDE}b")


def test_what_is_small_to_write_is_not_huge_to_draw() -> None:
    table = "|" + "a|" * 3000 + "\n|" + "-|" * 3000 + "\n" + "|a\n" * 2000
    assert len(to_html(table)) < 2 * len(table)
    assert to_html("aaa\n\n" * LONGEST).count("<p>") == LONGEST // 5
    assert to_html("a" * 2 * LONGEST) == f"<p>{'a' * LONGEST}</p>\n"
