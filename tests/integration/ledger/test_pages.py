"""What the pages read: right, in a number of statements that no number of rows changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import event
from support.clock import Clock

from service.ledger.decisions import Decision, appending
from service.ledger.deployments import Deployment
from service.ledger.environments import Hold
from service.ledger.images import KnownImage
from service.ledger.levels import Outstanding, settling
from service.ledger.pulls import PullRequest, keeping
from service.ledger.releases import Beginning, StepState
from service.ledger.repositories import KnownRepository, Place, updating
from service.ledger.repository import Repository
from service.ledger.shipments import Shipment, State
from service.ledger.store import Ledger

SHOP, TILL = Repository(7, "acme/shop"), Repository(8, "acme/Till")
PLACES = (
    Place("local", "feature", "manual", "dummy", None),
    Place("dev", "develop", "auto", "dummy", None),
    Place("stage", "release", "auto", "real", "dev"),
    Place("prod", "tag", "auto", "real", "stage"),
)


def known(repository: Repository) -> KnownRepository:
    return KnownRepository(
        repository, True, 5, "main", "own", "git-flow", "main", "develop", ("P1", "P2", "P3"), PLACES
    )


def pull(clock: Clock, number: int = 1) -> PullRequest:
    return PullRequest(
        repository=SHOP,
        number=number,
        title="가격 🚦" * 51,
        url=f"https://github.com/acme/shop/pull/{number}",
        author="mina",
        head="feat/price",
        head_commit="a" * 40,
        kind="feature",
        base="develop",
        base_kind="develop",
        role=None,
        draft=False,
        state="open",
        conclusions={"branch": "success", "review": "failure"},
        levels=(("P1", 2), ("P3", 1)),
        opened_at=clock(),
    )


def deployment(clock: Clock, id: int, environment: str, commit: str, state: str = "success") -> Deployment:
    ended = clock() if state in {"success", "failure"} else None
    return Deployment(
        SHOP, id, environment, "deploy", "v1.0.0", commit * 40, None, "mina", "", state, clock(),
        ended if state == "success" else None, ended,
    )  # fmt: skip


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


async def test_a_pull_request_comes_back_and_is_written_only_when_it_changed(
    ledger: Ledger, clock: Clock
) -> None:
    first = pull(clock)
    assert await ledger.pulls.record(first)
    assert not await ledger.pulls.record(first)
    assert await ledger.pulls.of(SHOP.id, 1) == first
    approved = replace(
        first, approved_at=clock.advance(hours=1), conclusions={"review": "success"}, levels=()
    )
    assert await ledger.pulls.record(approved)
    again = replace(approved, approved_at=clock.advance(hours=1))
    assert not await ledger.pulls.record(again)
    merged = replace(approved, approved_at=None, state="merged", merged_at=clock(), closed_at=clock())
    assert await ledger.pulls.record(replace(merged, conclusions={}))
    assert await ledger.pulls.of(SHOP.id, 1) == replace(merged, approved_at=approved.approved_at)
    assert (await ledger.changes.counts()) == {SHOP.id: 3}
    assert (await ledger.changes.counts([TILL.id])) == {}


async def test_what_a_job_finds_as_it_stands_is_read_in_two_statements(
    ledger: Ledger, engine: sa.Engine, clock: Clock
) -> None:
    decision = Decision(SHOP, 1, "a" * 40, {"branch": "success"}, [], {}, clock())
    writes = (
        updating(SHOP.id, lambda _: known(SHOP), clock()),
        keeping(pull(clock)),
        appending(decision),
        settling(SHOP, 1, [Outstanding("PRR_1", "P1", "jiho")], clock()),
    )
    assert await ledger.record(SHOP.id, *writes)
    with statements(engine) as asked:
        assert not await ledger.record(SHOP.id, *writes)
    assert len(asked) == 2
    shop = await ledger.repositories.locate("acme/shop")
    found = (await ledger.pulls.of(SHOP.id, 1), shop, *await ledger.decisions.of(SHOP.id, 1, 10))
    assert found == (pull(clock), known(SHOP), decision)


async def test_open_pull_requests_page_by_page(ledger: Ledger, clock: Clock) -> None:
    for number in range(1, 4):
        await ledger.pulls.record(pull(clock, number))
    await ledger.pulls.record(replace(pull(clock, 4), state="closed", closed_at=clock()))
    first = await ledger.pulls.open(SHOP.id, most=2)
    second = await ledger.pulls.open(SHOP.id, older=first.older, most=2)
    assert [[each.number for each in page.pulls] for page in (first, second)] == [[3, 2], [1]]
    assert second.older is None


async def test_a_repository_is_found_by_its_name_until_it_is_gone(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.repositories.record(known(SHOP))
    assert not await ledger.repositories.record(known(SHOP))
    assert await ledger.repositories.locate("ACME/Shop") == known(SHOP)
    clock.advance(days=1)
    renamed = replace(known(SHOP), repository=Repository(SHOP.id, "acme/store"))
    assert await ledger.repositories.record(renamed)
    assert await ledger.repositories.locate("acme/shop") is None
    clock.advance(days=1)
    heir = replace(known(SHOP), repository=Repository(99, "acme/Store"))
    await ledger.repositories.record(heir)
    assert await ledger.repositories.locate("acme/store") == heir
    assert await ledger.repositories.locate("acme/store", {SHOP.id}) == renamed
    assert await ledger.repositories.keep(5, [SHOP.id]) == 1
    await ledger.repositories.record(known(TILL))
    assert await ledger.repositories.keep(5, [TILL.id]) == 1
    assert await ledger.repositories.keep(5, [TILL.id]) == 0
    assert await ledger.repositories.locate("acme/store") is None
    assert await ledger.repositories.page() == ((known(TILL),), None)
    assert await ledger.repositories.record(renamed)  # it came back
    assert await ledger.repositories.locate("acme/store") == renamed


async def fill(ledger: Ledger, clock: Clock) -> None:
    """A repository in which everything happened once, and one in which nothing did."""
    for repository in (SHOP, TILL):
        await ledger.repositories.record(known(repository))
    await ledger.pulls.record(pull(clock, 1))
    await ledger.pulls.record(replace(pull(clock, 2), conclusions={"branch": "neutral"}, levels=()))
    release = replace(
        pull(clock, 3), kind="release", base="main", base_kind="main", role="release", levels=()
    )
    await ledger.pulls.record(replace(release, conclusions={}))
    made = (
        ("dev", "a", "success"), ("stage", "a", "success"), ("prod", "a", "success"),
        ("dev", "b", "success"), ("dev", "c", "failure"), ("odd", "a", "in_progress"),
    )  # fmt: skip
    for id, (environment, commit, state) in enumerate(made, 1):
        clock.advance(hours=1)
        await ledger.deployments.record(deployment(clock, id, environment, commit, state))


async def test_the_overview_shows_the_worst_of_each_repository(
    ledger: Ledger, engine: sa.Engine, clock: Clock
) -> None:
    await fill(ledger, clock)
    with statements(engine) as asked:
        page = await ledger.overview.page()
    assert len(asked) <= 4
    till, shop = page.repositories
    assert (till.known, till.conclusion, till.open_pulls) == (known(TILL), "success", 0)
    assert [state.running for state in till.environments] == [None] * 4
    assert (shop.conclusion, dict(shop.levels)) == ("failure", {"P1": 1, None: 2})
    assert list(shop.levels) == ["P1", None]
    found = {
        state.name: (state.running and state.running.commit[0], state.last and state.last.state)
        for state in shop.environments
    }
    assert found == {
        "local": (None, None), "dev": ("b", "failure"), "stage": ("a", "success"),
        "prod": ("a", "success"), "odd": (None, "in_progress"),
    }  # fmt: skip
    first = await ledger.overview.page([SHOP.id, TILL.id], most=1)
    assert (first.repositories, first.after) == ((till,), TILL.name)
    assert (await ledger.overview.page([SHOP.id, TILL.id], after=first.after)).repositories == (shop,)
    assert (await ledger.overview.page([])).repositories == ()


async def test_the_worst_is_what_stands_anywhere_not_in_pull_requests_alone(
    ledger: Ledger, clock: Clock
) -> None:
    async def troubles(known: KnownRepository) -> tuple[str, list[tuple[str, str]]]:
        await ledger.repositories.record(known)
        (glance,) = (await ledger.overview.page()).repositories
        assert glance.conclusion == "success"
        return glance.worst, [(each.sort.value, each.about) for each in glance.troubles]

    assert await troubles(known(SHOP)) == ("success", [])
    assert await troubles(replace(known(SHOP), rulebook="absent")) == ("success", [])
    release = await ledger.releases.begin(Beginning(SHOP, "1.0.0", "v1.0.0", "f" * 40))
    assert await troubles(known(SHOP)) == ("in_progress", [("unfinished", "v1.0.0")])
    await ledger.releases.waits(release, {"back-merge develop": {}})
    assert await troubles(known(SHOP)) == ("in_progress", [("waiting", "v1.0.0")])
    await ledger.deployments.record(deployment(clock, 1, "prod", "a", "failure"))
    worse = [("rulebook", "invalid"), ("deployment", "prod"), ("waiting", "v1.0.0")]
    assert await troubles(replace(known(SHOP), rulebook="invalid")) == ("failure", worse)
    await ledger.releases.step(release, "release", StepState.FAILED, {})
    clock.advance(hours=1)
    await ledger.deployments.record(deployment(clock, 2, "prod", "a"))
    assert await troubles(known(SHOP)) == ("failure", [("stopped", "v1.0.0")])
    await ledger.releases.finish(release)
    assert await troubles(known(SHOP)) == ("success", [])


async def test_the_board_says_what_waits(ledger: Ledger, engine: sa.Engine, clock: Clock) -> None:
    await fill(ledger, clock)
    with statements(engine) as asked:
        rows = await ledger.board.of(known(SHOP))
    assert len(asked) == 1
    waiting = {row.state.name: row.waiting and row.waiting.commit[0] for row in rows}
    assert waiting == {"local": None, "dev": None, "stage": "b", "prod": None, "odd": None}
    # A hotfix that went past stage is not to be undone by what stage still has; a rollback is.
    clock.advance(hours=1)
    await ledger.deployments.record(deployment(clock, 10, "prod", "d"))
    assert (await ledger.board.of(known(SHOP)))[3].waiting is None
    hold = Hold("sora", "it is slow", clock())
    await ledger.environments.hold(SHOP, "prod", hold)
    prod = (await ledger.board.of(known(SHOP)))[3]
    assert (prod.waiting, prod.state.hold) == (None, hold)
    clock.advance(hours=1)
    await ledger.deployments.record(replace(deployment(clock, 11, "prod", "c"), action="rollback"))
    stage = (await ledger.board.of(known(SHOP)))[3].waiting
    assert stage is not None
    assert stage.commit[0] == "a"


async def test_a_refused_hold_is_said_beside_the_last_deployment_and_no_figure_counts_it(
    ledger: Ledger, clock: Clock
) -> None:
    await ledger.repositories.record(known(SHOP))
    since = clock()
    begun = deployment(clock, 10, "prod", "d", "failure")
    refused = replace(deployment(clock, 11, "prod", "e", "inactive"), action="hold", note="Mina may not.")
    for each in (begun, replace(refused, created_at=clock.advance(hours=1), finished_at=clock())):
        await ledger.deployments.record(each)
    prod = (await ledger.board.of(known(SHOP)))[3].state
    assert (prod.last, prod.refused and prod.refused.note) == (begun, "Mina may not.")
    # A hold that was refused where nothing was ever deployed makes no deliveries of what are releases.
    await ledger.repositories.record(known(TILL))
    await ledger.deployments.record(replace(refused, repository=TILL))
    await ledger.releases.begin(Beginning(TILL, "1.0.0", "v1.0.0", "f" * 40))
    figures = (await ledger.figures.of(None, since, clock.advance(hours=1))).delivery
    assert (figures.attempts, figures.failures) == (2, 1)
    await ledger.deployments.record(deployment(clock, 12, "prod", "f"))
    assert (await ledger.board.of(known(SHOP)))[3].state.refused is None


def image(clock: Clock, tag: str, source: str = "feature", name: str = "r:5000/shop") -> KnownImage:
    return KnownImage(name, tag, None, "a" * 40, clock.advance(hours=1), SHOP.id, None, (source,))


async def ship(
    ledger: Ledger, clock: Clock, number: int, place: str, reference: str, **known: object
) -> None:
    """Carry a deployment to an environment; what is `known` of it is that it is settled."""
    content = {"image": reference, "version": None, "by": known.pop("by", "")}
    shipment = Shipment(SHOP, 5, number, place, "acme/gitops", None, content, clock.advance(hours=1))
    await ledger.shipments.keep(shipment)
    if known:
        written = {"written_at": clock()} if "revision" in known else {}
        await ledger.shipments.move(shipment, State.SETTLED, **written, **known)  # type: ignore[arg-type]


async def test_the_board_says_what_signalbox_carries_in_three_statements(
    ledger: Ledger, engine: sa.Engine, clock: Clock
) -> None:
    await fill(ledger, clock)
    healthy = {"written_at": clock(), "healthy_at": clock()}
    await ship(ledger, clock, 1, "dev", "r:5000/shop:one", **healthy)
    await ship(ledger, clock, 4, "dev", "r:5000/shop:two@sha256:0", **healthy)
    await ship(ledger, clock, 90, "dev", "r:5000/shop:sick", written_at=clock())
    await ship(ledger, clock, 5, "dev", "r:5000/shop:two@sha256:0", **healthy)
    await ship(ledger, clock, 91, "dev", "r:5000/worker:two", **healthy)  # another image has its own past
    await ship(ledger, clock, 2, "stage", "r:5000/shop:one", by="sora")
    delivering = replace(known(SHOP), gitops="acme/gitops")
    with statements(engine) as asked:
        rows = {row.state.name: row for row in await ledger.board.of(delivering)}
    assert len(asked) == 3
    found = {name: [each.deployment for each in row.shipments] for name, row in rows.items()}
    assert found == {"local": [], "dev": [4, 5], "stage": [2, 4], "prod": [], "odd": []}
    dev, stage = rows["dev"], rows["stage"]
    assert (dev.earlier, stage.earlier) == (("one",), ())
    assert dev.state.last is not None
    assert dev.shipped(dev.state.last) == await ledger.shipments.of(SHOP.id, 5)
    assert stage.state.running is not None
    carried = stage.shipped(stage.state.running)
    assert carried is not None
    assert (carried.state, carried.image, carried.by) == (State.WAITING, "r:5000/shop:one", "sora")
    # Without a GitOps repository and images of its own, nothing is carried.
    assert not any(row.shipments for row in await ledger.board.of(known(SHOP)))


async def test_the_newest_image_waits_where_nothing_comes_before(ledger: Ledger, clock: Clock) -> None:
    delivering = replace(known(SHOP), images=("r:5000/shop",))

    async def waits() -> dict[str, str]:
        rows = await ledger.board.of(delivering)
        return {row.state.name: row.image.tag or "" for row in rows if row.image}

    for each in (
        image(clock, "f-1"),
        image(clock, "f-2"),
        image(clock, "r-1", "release"),
        image(clock, "d-1", "develop"),
        replace(image(clock, "f-3"), commit=None),
    ):
        await ledger.images.record(each)
    assert await waits() == {"local": "f-2", "dev": "d-1"}
    await ship(ledger, clock, 1, "dev", "r:5000/shop:d-1")
    await ship(ledger, clock, 2, "dev", "r:5000/worker:d-9")
    assert await waits() == {"local": "f-2"}
    await ship(ledger, clock, 3, "dev", "r:5000/shop:d-0", written_at=clock())  # somebody rolled it back
    assert await waits() == {"local": "f-2", "dev": "d-1"}
    await ship(ledger, clock, 4, "dev", "r:5000/shop:d-1", healthy_at=None)  # and nobody could write this
    assert await waits() == {"local": "f-2", "dev": "d-1"}
    await ship(ledger, clock, 5, "dev", "r:5000/shop:d-1", revision="a" * 40)  # this failed
    assert await waits() == {"local": "f-2", "dev": "d-1"}


async def test_the_line_map_has_merges_releases_and_what_is_owed(
    ledger: Ledger, engine: sa.Engine, clock: Clock
) -> None:
    await fill(ledger, clock)
    since = clock()
    merged = replace(pull(clock, 4), state="merged", merged_at=clock.advance(hours=1), merge_commit="e" * 40)
    await ledger.pulls.record(merged)
    release = await ledger.releases.begin(Beginning(SHOP, "1.0.0", "v1.0.0", "f" * 40, 3))
    await ledger.releases.note(release, "## 기능\n")
    await ledger.releases.step(release, "tag", StepState.DONE, {})
    for detail in ({"why": {"en": "conflict"}}, {}):
        await ledger.releases.waits(release, {"back-merge develop": detail})
    with statements(engine) as asked:
        lines = await ledger.lines.of(SHOP.id, since)
        page = await ledger.releases.page(SHOP.id)
    assert len(asked) == 4 + 2
    assert lines.merged == (merged,)
    assert [each.number for each in lines.open] == [3]
    (found,) = lines.releases
    assert (page.releases, page.older) == ((found,), None)
    assert (found.notes, [step.name for step in found.lacking]) == ("## 기능\n", ["back-merge develop"])
    await ledger.releases.waits(release, {})
    assert (await ledger.releases.page(SHOP.id)).releases[0].lacking == ()
    await ledger.releases.begin(Beginning(SHOP, "1.0.1", "v1.0.1", "e" * 40))
    newest = await ledger.releases.page(SHOP.id, most=1)
    assert (await ledger.releases.page(SHOP.id, older=newest.older)).releases[0].version == "1.0.0"


async def test_the_figures_are_read_by_seven_statements(
    ledger: Ledger, engine: sa.Engine, clock: Clock
) -> None:
    since = clock()
    await fill(ledger, clock)
    await ledger.levels.record(SHOP, 1, [Outstanding("one", "P1", "jiho")], clock())
    await ledger.levels.record(SHOP, 1, [], clock.advance(hours=2))
    merged = replace(pull(clock, 5), base_kind="main", state="merged", merged_at=clock(), opened_at=since)
    await ledger.pulls.record(replace(merged, approved_at=clock()))
    clock.advance(hours=3)
    await ledger.deployments.record(deployment(clock, 20, "prod", "e"))
    with statements(engine) as asked:
        figures = await ledger.figures.of([SHOP.id], since, clock.advance(hours=1))
    assert len(asked) == 7
    assert [(each.level, each.raised, each.resolved, each.median) for each in figures.levels] == [
        ("P1", 1, 1, timedelta(hours=2))
    ]
    assert [(week.count, week.median) for week in figures.approval] == [(1, timedelta(hours=8))]
    assert [week.count for week in figures.delivery.deployments] == [2]
    assert figures.delivery.lead_median == timedelta(hours=3)
    assert figures.delivery.failure_rate == 0
    assert (await ledger.figures.of(None, since, clock())).levels == figures.levels
    assert (await ledger.figures.of([], since, clock())).levels == ()


async def test_what_begins_before_the_time_arrives_in_it_and_releases_stand_in_for_nothing_else(
    ledger: Ledger, clock: Clock
) -> None:
    await ledger.repositories.record(known(SHOP))
    merged = replace(pull(clock, 5), base_kind="main", state="merged", merged_at=clock())
    await ledger.pulls.record(merged)
    running = deployment(clock, 20, "prod", "e", "in_progress")
    await ledger.deployments.record(running)
    superseded = deployment(clock, 21, "prod", "d", "inactive")
    since = clock.advance(days=10)
    ended = clock.advance(hours=1)
    for each in (replace(running, state="success", succeeded_at=ended), superseded):
        await ledger.deployments.record(replace(each, finished_at=ended))
    await ledger.releases.begin(Beginning(SHOP, "1.0.0", "v1.0.0", "f" * 40))
    until = clock.advance(days=7)
    found = (await ledger.figures.of([SHOP.id], since, until)).delivery
    assert (found.lead_median, found.attempts, found.failures) == (timedelta(days=10, hours=1), 2, 1)
    # In a week without deployments, a release is none either; in another repository it is.
    await ledger.releases.begin(Beginning(SHOP, "1.0.1", "v1.0.1", "f" * 40))
    await ledger.releases.begin(Beginning(TILL, "1.0.0", "v1.0.0", "f" * 40))
    later = clock.advance(days=7)
    for repository, attempts in ((SHOP, 0), (TILL, 1)):
        found = (await ledger.figures.of([repository.id], until, later)).delivery
        assert found.attempts == attempts


async def test_the_retention_keeps_what_runs(ledger: Ledger, clock: Clock) -> None:
    await fill(ledger, clock)
    await ledger.pulls.record(replace(pull(clock, 6), state="closed", closed_at=clock()))
    await ledger.levels.record(SHOP, 6, [Outstanding("one", "P1", "jiho")], clock())
    before = clock.advance(microseconds=1)
    assert await ledger.prune(before) == 3  # the first of dev, the pull request, its level
    left = [await ledger.deployments.of(SHOP.id, place, 9) for place in ("dev", "stage", "prod")]
    assert [[each.commit[0] for each in some] for some in left] == [["c", "b"], ["a"], ["a"]]
    assert await ledger.pulls.of(SHOP.id, 6) is None
    assert await ledger.prune(before) == 0
