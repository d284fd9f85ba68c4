"""`/insights` and `/{owner}/{repo}/insights`: what the reviews ask for, and how delivery does."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from aiohttp import web
from markupsafe import Markup

from service.ledger.repositories import KnownRepository
from service.ledger.store import Ledger
from service.web.asked import repository
from service.web.figures import DORA, Figure, delivery, reviews
from service.web.language import Words
from service.web.questions import BadQuestion, Period, read_form
from service.web.rendering import Rendering, words_of
from service.web.viewer import VIEWER

# See `service.web.drawing.charts.bars`.
_Values = Sequence[float | None]
_Bars = Callable[
    [str, tuple[str, str], Sequence[str], Sequence[tuple[str, _Values]], Callable[[float], str]], Markup
]


class InsightsPage:
    """The figures of one repository, or of all that somebody may see, over `?from=&to=`."""

    def __init__(self, ledger: Ledger, rendering: Rendering) -> None:
        self._ledger, self._rendering = ledger, rendering

    async def all(self, request: web.Request) -> web.Response:
        """`GET /insights`."""
        return await self._page(request, None)

    async def of(self, request: web.Request) -> web.Response:
        """`GET /{owner}/{repo}/insights`."""
        return await self._page(request, await repository(request, self._ledger))

    async def _page(self, request: web.Request, known: KnownRepository | None) -> web.Response:
        words = words_of(request)
        shared: dict[str, Any] = {"known": known, "dora": DORA}
        try:
            asked = read_form(Period, request.query)
        except BadQuestion as bad:
            return self._rendering.page(
                request, "insights.html", status=400, wrong=bad.wrong, period=None, parts=(), **shared
            )
        period = asked.bounded(datetime.now(UTC).date())
        ids = request[VIEWER].visible if known is None else {known.repository.id}
        measures = await self._ledger.figures.of(ids, period.since, period.until)
        parts = (
            (words.gettext("Reviews"), reviews(measures, known.levels if known else (), words)),
            (words.gettext("Delivery"), delivery(measures.delivery, words)),
        )
        drawn = await asyncio.to_thread(_drawn, [each for _, figures in parts for each in figures], words)
        return self._rendering.page(
            request, "insights.html", wrong=(), period=period, parts=parts, drawn=drawn,
            shortened=asked.first not in {None, period.first}, **shared,
        )  # fmt: skip


def _drawn(figures: Sequence[Figure], words: Words) -> dict[str, Markup]:
    """The charts by the keys of their figures; what draws them is loaded when somebody first looks."""
    charts = import_module("service.web.drawing.charts")
    return {each.key: _chart(charts.bars, each, words) for each in figures if not each.is_empty}


def _chart(bars: _Bars, figure: Figure, words: Words) -> Markup:
    divisor, tell = figure.scale(words)
    labels = [words.short_day(week) for week in figure.weeks]
    series: list[tuple[str, _Values]] = [
        (column.title, [None if value is None else value / divisor for value in column.values])
        for column in figure.drawn
    ]
    return bars(f"chart-{figure.key}", (figure.title, figure.about), labels, series, tell)
