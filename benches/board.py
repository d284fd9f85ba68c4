"""How long the pages of the control room take, with a ledger as large as a busy year leaves it."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import aiohttp
import sqlalchemy as sa
from aiohttp import web
from aiohttp.typedefs import Handler
from support.mariadb import MariaDB

from benches.bar import Bar
from service.ledger import migrate, models
from service.ledger.database import Database
from service.ledger.deployments import Deployment
from service.ledger.pulls import PullRequest
from service.ledger.repositories import KnownRepository, Place
from service.ledger.repository import Repository
from service.ledger.store import Ledger
from service.web.door import Door
from service.web.people.entrance import Entrance
from service.web.rendering import Rendering, Site
from service.web.room import ControlRoom
from service.web.viewer import VIEWER, Viewer

_REPOSITORIES: Final = 50
_PULLS: Final = 20
_DECISIONS: Final = 100_000
_DEPLOYMENTS: Final = 20
_BATCH: Final = 1_000
_TURNS: Final = 100
_MOST_MS: Final = 150.0
_PAGES: Final = ("/", "/acme/shop-07", "/acme/shop-07/pulls", "/acme/shop-07/pull/7")
_PLACES: Final = tuple(
    Place(name, "tag", "manual", database, after)
    for name, database, after in (
        ("local", "dummy", None), ("dev", "dummy", None), ("test", "dummy", "dev"),
        ("stage", "real", "test"), ("prod", "real", "stage"),
    )
)  # fmt: skip
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)


async def pages(folder: Path) -> list[Bar]:
    """Server time of the pages, over SQLite and over MariaDB."""
    bars = [await _measured("SQLite", f"sqlite:///{folder}/ledger.sqlite")]
    with MariaDB() as server:
        server.sql("CREATE DATABASE bench CHARACTER SET utf8mb4")
        bars.append(await _measured("MariaDB", f"{server.url}/bench"))
    return bars


async def _measured(name: str, url: str) -> Bar:
    times = dict[str, list[float]]()
    async with _served(url) as address, aiohttp.ClientSession() as session:
        for turn in range(-3, _TURNS):  # the first ones load what pages need
            for page in _PAGES:
                begun = time.perf_counter()
                async with session.get(address + page) as answer:
                    answer.raise_for_status()
                    await answer.read()
                if turn >= 0:
                    times.setdefault(page, []).append((time.perf_counter() - begun) * 1_000)
    slowest = {page: quantiles(each, n=20, method="inclusive")[18] for page, each in times.items()}
    told = "; ".join(f"{page} {median(times[page]):.0f}, p95 {p95:.0f}" for page, p95 in slowest.items())
    return Bar(
        what=f"Pages of the control room, {name}",
        how=f"{_REPOSITORIES} repositories with {len(_PLACES)} environments, {_DECISIONS:,} decisions; "
        f"milliseconds from request to answer, one at a time, {_TURNS} of each",
        bar=f"p95 < {_MOST_MS:.0f} ms",
        measured=told,
        met=max(slowest.values()) < _MOST_MS,
    )


@asynccontextmanager
async def _served(url: str) -> AsyncIterator[str]:
    """The room over a full ledger; where it answers."""
    database = Database(url)
    await migrate.upgrade(database)
    ledger = Ledger(database)
    await _fill(ledger, database)

    async def everything(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[VIEWER] = Viewer(person=None, visible=None)
        return await handler(request)

    rendering = Rendering(Site("http://localhost", "https://github.com"))
    app = web.Application()
    app.add_routes(Door(lambda: ControlRoom(ledger, rendering, Entrance(everything))).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        await database.close()


async def _fill(ledger: Ledger, database: Database) -> None:
    repositories = [Repository(number, f"acme/shop-{number:02}") for number in range(1, _REPOSITORIES + 1)]
    for repository in repositories:
        await ledger.repositories.record(_known(repository))
        for number in range(1, _PULLS + 1):
            await ledger.pulls.record(_pull(repository, number))
        for place in _PLACES:  # the first is recorded as the bot does, which makes the environment known
            await ledger.deployments.record(_deployment(repository, place.name, 0))
    rows = _decisions(repositories)

    def fill(connection: sa.Connection) -> None:
        connection.execute(sa.insert(models.Deployment), _deployments(repositories))
        for _ in range(_DECISIONS // _BATCH):
            batch = [next(rows) for _ in range(_BATCH)]
            connection.execute(sa.insert(models.Decision), batch)

    await database.transact(fill)


def _known(repository: Repository) -> KnownRepository:
    return KnownRepository(
        repository, True, 1, "main", "own", "git-flow", "main", "develop", ("P1", "P2", "P3"), _PLACES
    )


def _pull(repository: Repository, number: int) -> PullRequest:
    return PullRequest(
        repository=repository,
        number=number,
        title="Show the prices with their tax 가격",
        url=f"https://github.com/{repository.name}/pull/{number}",
        author="mina",
        head=f"feat/price-{number}",
        head_commit="a" * 40,
        kind="feature",
        base="develop",
        base_kind="develop",
        role=None,
        draft=False,
        state="open",
        conclusions={"branch": "success", "review": "failure" if number % 3 else "success"},
        levels=(("P1", 2), ("P3", 1)) if number % 3 else (),
        opened_at=_BEGIN + timedelta(hours=number),
    )


def _deployment(repository: Repository, environment: str, number: int) -> Deployment:
    at = _BEGIN + timedelta(hours=number)
    id = (repository.id * 100 + number) * 10 + [place.name for place in _PLACES].index(environment)
    return Deployment(
        repository, id, environment, "deploy", f"v1.{number}.0", "b" * 40, None, "sora", "", "success",
        at, at, at,
    )  # fmt: skip


def _deployments(repositories: list[Repository]) -> list[dict[str, Any]]:
    """Rows of every deployment but the first of each environment."""
    return [
        asdict(_deployment(repository, place.name, number))
        | {"repository_id": repository.id, "repository": repository.name}
        for repository in repositories
        for place in _PLACES
        for number in range(1, _DEPLOYMENTS)
    ]


def _decisions(repositories: list[Repository]) -> Iterator[dict[str, Any]]:
    """Rows of as many chains as there are pull requests, each decision after the one before it."""
    finding: dict[str, object] = {
        "check": "branch", "rule": "base", "enforcement": "required", "outcome": "pass",
        "reason": {"en": "A feature goes into develop.", "ko": "기능은 develop으로 들어갑니다."},
        "mend": {}, "commands": [], "overridden_by": None,
    }  # fmt: skip
    last = dict[tuple[int, int], int]()
    number = 0
    while True:
        for pull in range(1, _PULLS + 1):
            for repository in repositories:
                number += 1
                yield {
                    "id": number,
                    "repository_id": repository.id,
                    "repository": repository.name,
                    "pull": pull,
                    "previous": last.get((repository.id, pull), 0),
                    "head": f"{number:040x}",
                    "digest": f"{number:064x}",
                    "conclusions": {"branch": "success", "review": "failure"},
                    "findings": [finding] * 8,
                    "facts": {"head": f"feat/price-{pull}", "base": "develop", "author": "mina"},
                    "at": _BEGIN + timedelta(minutes=number % 500_000),
                }
                last[repository.id, pull] = number
