"""The report of a run: a document that stands on its own."""

from datetime import date

import pytest

from benches.bar import Bar, p99, spread
from benches.report import markdown

MET = Bar("Burst", "64 connections", "0", "0 in 2.0 s", met=True)
MISSED = Bar("Start", "median of 5", "< 1.5 s", "2.10 s", met=False)
TOLD = Bar("Idle processor time", "over 8 s", "told only", "3.1%", met=None)


def test_the_report_says_when_how_and_what() -> None:
    text = markdown([MET, MISSED, TOLD], date(2024, 5, 17), "make bench")
    assert "Measured on 2024-05-17 by `make bench` on " in text
    assert "| Burst | 64 connections | 0 | 0 in 2.0 s | yes |" in text
    assert "| Start | median of 5 | < 1.5 s | 2.10 s | **no** |" in text
    assert "| Idle processor time | over 8 s | told only | 3.1% | – |" in text


@pytest.mark.parametrize(("values", "expected"), [([1.0, 1.0], 1.0), (list(range(101)), 99.0)])
def test_the_99th_percentile(values: list[float], expected: float) -> None:
    assert p99(values) == expected


def test_a_spread_is_the_least_and_the_greatest() -> None:
    assert spread([1200.0, 7.0, 30.0]) == "7 to 1,200"
    assert spread([0.512, 0.5], 2) == "0.50 to 0.51"
