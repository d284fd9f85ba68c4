"""A control room over a ledger in which two teams have worked for some weeks.

acme/shop works by git-flow: two releases, a hotfix whose back-merge is owed, a release under way.
acme/Till works on a trunk: two living releases and a fix on its way into one. Some of what people wrote there
is meant to break pages.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler
from sqlalchemy import event

from service.ledger.audit import Entry
from service.ledger.database import Database
from service.ledger.decisions import Decision
from service.ledger.deployments import Deployment
from service.ledger.environments import Freeze, Hold
from service.ledger.images import KnownImage
from service.ledger.levels import Outstanding
from service.ledger.pulls import PullRequest
from service.ledger.releases import Beginning, StepState
from service.ledger.repositories import KnownRepository, Place
from service.ledger.repository import Repository
from service.ledger.shipments import Shipment, State
from service.ledger.store import Ledger
from service.web.door import Door
from service.web.people.entrance import Entrance
from service.web.rendering import Rendering, Site
from service.web.room import ControlRoom
from service.web.viewer import VIEWER, Person, Viewer

SHOP: Final = Repository(7, "acme/shop")
TILL: Final = Repository(8, "acme/Till")
VAULT: Final = Repository(9, "acme/vault")  # private, and nothing has happened in it
EVERYBODY: Final = Viewer(None, None)
MINA: Final = Viewer(Person(1, "mina"), None, "a-token-of-mina")
TILL_IMAGE: Final = "registry.example.com:5000/acme/till"
LONG: Final = (
    "feat/a-branch-whose-name-somebody-took-great-care-to-make-as-long-as-it-could-possibly-be-made-it-seems"
)
HOSTILE: Final = "<script>alert(1)</script> javascript:alert(2) \"onload=' \N{RIGHT-TO-LEFT OVERRIDE}evil"

_PLACES: Final = (
    Place("local", "feature", "manual", "dummy", None),
    Place("dev", "develop", "auto", "dummy", None),
    Place("stage", "release", "auto", "real", "dev"),
    Place("prod", "tag", "auto", "real", "stage"),
)
_TRUNK_PLACES: Final = (
    Place("local", "feature", "manual", "dummy", None),
    Place("dev", "main", "auto", "dummy", None),
    Place("test", "main", "auto", "dummy", "dev"),
    Place("stage", "release", "auto", "real", "test"),
    Place("prod", "release", "manual", "real", "stage"),
)
_LEVELS: Final = ("P1", "P2", "P3")
_MILD: Final = {"branch": "success", "review": "success", "approvals": "success", "release": "success"}


def known(repository: Repository, **other: Any) -> KnownRepository:
    """A repository of the preset git-flow, but for what is `other`."""
    known = KnownRepository(
        repository, False, 5, "main", "own", "git-flow", "main", "develop", _LEVELS, _PLACES
    )
    return replace(known, **other)


def commit(seed: int) -> str:
    """Forty hex digits."""
    return f"{seed * 2654435761 % 2**32:08x}" * 5


class World:
    """Writes what happens into a ledger; when is counted in hours before `now`."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.now = self._moment = now
        self.ledger = Ledger(database, lambda: self._moment)
        self._deployments = 0

    def ago(self, hours: float) -> datetime:
        """A moment that many hours before now; the ledger's clock stands there from then on."""
        self._moment = self.now - timedelta(hours=hours)
        return self._moment

    def pull(self, repository: Repository, number: int, opened: float, **other: Any) -> PullRequest:
        """An open feature of Mina into develop."""
        pull = PullRequest(
            repository=repository, number=number, title=f"Change number {number}",
            url=f"https://github.com/{repository.name}/pull/{number}", author="mina",
            head=f"feat/change-{number}", head_commit=commit(number), kind="feature",
            base="develop", base_kind="develop", role=None, draft=False, state="open",
            conclusions=_MILD, levels=(), opened_at=self.ago(opened),
        )  # fmt: skip
        return replace(pull, **other)

    async def merged(self, pull: PullRequest, hours: float) -> None:
        """Merge a pull request."""
        at = self.ago(hours)
        merged = replace(
            pull, state="merged", merged_at=at, closed_at=at, approved_at=at - timedelta(hours=1),
            merge_commit=commit(pull.number + 1000),
        )  # fmt: skip
        await self.ledger.pulls.record(merged)

    async def released(
        self, repository: Repository, version: str, number: int, hours: float, **back: StepState
    ) -> None:
        """Release a merged pull request, and merge it `back`; what waits for a person is owed."""
        self.ago(hours)
        releases, made = self.ledger.releases, commit(number + 1000)
        release = await releases.begin(Beginning(repository, version, f"v{version}", made, number))
        for step in ("tag", "release"):
            await releases.step(release, step, StepState.DONE, {})
        await releases.note(release, f"## 기능\n\n* Change #{number} by @mina: {HOSTILE}\n")
        for target, state in back.items():
            if state is StepState.DONE:
                await releases.step(release, f"back-merge {target}", state, {})
            else:
                await releases.step(release, f"back-merge-pull {target}", StepState.DONE, {})
                await releases.waits(release, {f"back-merge {target}": {"why": _OWED}})
        if all(state is StepState.DONE for state in back.values()):
            await releases.step(release, "delete-branch", StepState.DONE, {})
            await releases.finish(release)

    async def deployed(
        self, repository: Repository, place: str, ref: str, seed: int, hours: float, **other: Any
    ) -> None:
        """Deploy a ref by Sora."""
        self._deployments += 1
        at = self.ago(hours)
        image = f"ghcr.io/{repository.name.lower()}:{ref.replace('/', '-')}"
        deployment = Deployment(
            repository, self._deployments, place, "deploy", ref, commit(seed), image, "sora", "",
            "success", at, at, at, f"https://{place}.example.com/",
        )  # fmt: skip
        await self.ledger.deployments.record(replace(deployment, **other))

    async def shipped(self, place: str, version: str, seed: int, hours: float, **other: Any) -> None:
        """Bring a version of acme/Till to an environment by its last deployment, and find it healthy."""
        at, number = self.ago(hours), other.pop("deployment", self._deployments)
        content = {"image": f"{TILL_IMAGE}:v{version}@sha256:{seed:064x}", "version": version, "by": "sora"}
        shipment = Shipment(
            TILL, 5, number, place, "acme/gitops", f"till-{place}", content, at
        )  # fmt: skip
        await self.ledger.shipments.keep(shipment)
        known: dict[str, Any] = {"revision": commit(seed), "written_at": at, "healthy_at": at, **other}
        await self.ledger.shipments.move(shipment, State.SETTLED, **known)

    async def decided(self, pull: PullRequest, hours: float, findings: Sequence[Mapping[str, Any]]) -> None:
        """Decide about a pull request by what the rules found."""
        reviews = [["jiho", "CHANGES_REQUESTED", pull.head_commit], ["sora", "APPROVED", commit(1)]]
        facts = {
            "head": pull.head, "base": pull.base, "author": pull.author, "from_fork": False,
            "labels": ["P1", HOSTILE], "reviews": reviews, "required": ["build", "signalbox / branch"],
            "checks": [["build", "passed"], ["integration / 통합 테스트", "pending"], [HOSTILE, "failed"]],
        }  # fmt: skip
        await self.ledger.decisions.record(
            Decision(
                pull.repository, pull.number, pull.head_commit, pull.conclusions, findings, facts,
                self.ago(hours),
            )
        )  # fmt: skip


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[tuple[Ledger, Database]]:
    """A ledger in SQLite with all of that in it, as of the first time that this process made one."""
    file = folder / "ledger.sqlite"
    if _KEPT:
        file.write_bytes(_KEPT[0])
    else:
        await _fill(file)
        _KEPT.append(file.read_bytes())
    database = Database(f"sqlite:///{file}")
    await database.open()
    yield Ledger(database), database
    await database.close()


_KEPT: Final[list[bytes]] = []


async def _fill(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    await database.open(upgrade=True)
    world = World(database, datetime.now(UTC))
    await world.ledger.repositories.record(known(SHOP))
    await _shop_past(world)
    await _shop_open(world)
    await _shop_places(world)
    await _till(world)
    vault = known(VAULT, private=True, environments=(), rulebook="absent", preset=None)
    await world.ledger.repositories.record(vault)
    await database.close()


@asynccontextmanager
async def entered(ledger: Ledger, viewer: Viewer = EVERYBODY) -> AsyncIterator[TestClient[Any, Any]]:
    """A browser in the control room, as somebody."""

    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[VIEWER] = viewer
        return await handler(request)

    rendering = Rendering(Site("http://localhost", "https://github.com"))
    door = Door(lambda: ControlRoom(ledger, rendering, Entrance(guard)))
    app = web.Application()
    app.add_routes(door.routes())
    async with TestClient(TestServer(app)) as client:
        yield client
        await door.close()


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def finding(check: str, rule: str, outcome: str, reason: str, **other: Any) -> dict[str, Any]:
    """What a required rule found, as the bot records it."""
    said = {"en": reason, "ko": f"{reason} (한국어로)"}
    mend = {"en": "Do as it says.", "ko": "적힌 대로 하십시오."} if outcome in {"fail", "unknown"} else {}
    return {
        "check": check, "rule": rule, "enforcement": "required", "outcome": outcome, "reason": said,
        "mend": mend, "commands": [], "overridden_by": None, **other,
    }  # fmt: skip


_DONE, _WAITING = StepState.DONE, StepState.WAITING
_OWED: Final = {
    "en": "#116 into 'develop' is to be merged.",
    "ko": "'develop'으로 가는 #116을 병합해야 합니다.",
}
_HOTFIX: Final = {"base": "main", "base_kind": "main", "kind": "hotfix", "role": "hotfix", "author": "jiho"}
_RELEASE: Final = {
    "base": "main",
    "base_kind": "main",
    "kind": "release",
    "role": "release",
    "author": "sora",
}


async def _shop_past(world: World) -> None:
    """Two releases and two hotfixes; the second hotfix is owed to develop."""
    for number, hours in ((101, 700), (102, 650), (103, 610), (107, 420), (108, 400), (110, 330), (114, 60)):
        await world.merged(world.pull(SHOP, number, hours + 30), hours)
    await world.merged(
        world.pull(SHOP, 104, 600, head="release-v1.2.0", title="Release 1.2.0", **_RELEASE), 560
    )
    await world.released(SHOP, "1.2.0", 104, 559.9, develop=_DONE)
    await world.merged(world.pull(SHOP, 106, 500, head="hotfix/v1.2.1", title="결제 오류", **_HOTFIX), 480)
    await world.released(SHOP, "1.2.1", 106, 479.9, develop=_DONE)
    await world.merged(world.pull(SHOP, 112, 290, base="release-v1.3.0", base_kind="release"), 270)
    await world.merged(
        world.pull(SHOP, 111, 300, head="release-v1.3.0", title="Release 1.3.0", **_RELEASE), 220
    )
    await world.released(SHOP, "1.3.0", 111, 219.9, develop=_DONE)
    slow = "hotfix/payments-time-out-when-the-bank-is-slow"
    await world.merged(world.pull(SHOP, 115, 90, head=slow, title=HOSTILE, **_HOTFIX), 50)
    await world.released(SHOP, "1.3.1", 115, 49.9, **{"release-v1.4.0": _DONE, "develop": _WAITING})


async def _shop_open(world: World) -> None:
    """A release under way, and pull requests as people open them: #120 is blocked, and says why."""
    release = world.pull(SHOP, 117, 140, head="release-v1.4.0", title="Release 1.4.0", **_RELEASE)
    waiting = replace(release, conclusions={**_MILD, "approvals": "in_progress"})
    await world.ledger.pulls.record(waiting)
    await world.ledger.pulls.record(
        world.pull(
            SHOP, 118, 30, title="장바구니에 담긴 상품의 수량을 한 번에 바꿀 수 있게 합니다", author="jiho"
        )
    )
    await world.ledger.pulls.record(world.pull(SHOP, 119, 20, title="Word " * 50, head=LONG, draft=True))
    await _shop_blocked(world)
    unknown = {**_MILD, "branch": "action_required"}
    hostile = world.pull(SHOP, 121, 3, title=HOSTILE, head=HOSTILE, kind=None, author="ghost")
    await world.ledger.pulls.record(replace(hostile, conclusions=unknown, url="javascript:alert(3)"))


async def _shop_blocked(world: World) -> None:
    """#120: its name was wrong and is mended, a P1 holds it, its ancestry is overridden."""
    pull = world.pull(
        SHOP, 120, 26, title="Ask the bank once, not twice", author="sora", levels=(("P1", 1), ("P3", 2)),
        conclusions={"branch": "neutral", "review": "failure", "approvals": "success", "release": "success"},
    )  # fmt: skip
    first = replace(pull, head_commit=commit(77), conclusions={"branch": "failure", "review": "success"})
    commands = [f"git switch -c 'feat/{index}'" for index in range(2)] + [f"git push origin '{LONG}'"]
    await world.decided(
        first, 25, [finding("branch", "naming", "fail", "'x' is no name.", commands=commands)]
    )
    levels = world.ledger.levels
    await levels.record(SHOP, 120, [Outstanding("one", "P2", "mina")], world.ago(24))
    standing = [Outstanding("two", "P1", "jiho"), Outstanding("three", "P3", None)]
    await levels.record(SHOP, 120, standing, world.ago(4))
    found = [
        finding("branch", "naming", "pass", "'feat/change-120' is of the kind 'feature'."),
        finding("branch", "base", "advice", "'develop' moved on.", enforcement="advised"),
        finding("branch", "ancestry", "fail", HOSTILE, commands=commands, overridden_by="mina"),
        finding("review", "levels", "fail", "P1 by 'jiho' is outstanding."),
        finding("approvals", "approvals", "pass", "Nobody has to approve."),
    ]
    await world.decided(pull, 4, found)
    await world.ledger.pulls.record(pull)
    await world.ledger.audit.append(
        Entry(world.now, "mina", "override", "#120 ancestry", HOSTILE, "comment", SHOP)
    )


async def _shop_places(world: World) -> None:
    """develop's dev has failed since; prod was rolled back and is held; stage is frozen."""
    await world.deployed(SHOP, "prod", "v1.2.1", 1106, 479)
    await world.deployed(SHOP, "prod", "v1.3.0", 1111, 218)
    await world.deployed(SHOP, "stage", "v1.3.1", 1115, 49)
    await world.deployed(SHOP, "prod", "v1.3.1", 1115, 48)
    await world.deployed(SHOP, "prod", "v1.3.0", 1111, 47, action="rollback", why="checkout fails")
    await world.deployed(SHOP, "dev", "develop", 1114, 59)
    await world.deployed(SHOP, "dev", LONG, 119, 2, state="failure", succeeded_at=None, why="try it")
    environments = world.ledger.environments
    await environments.hold(SHOP, "prod", Hold("sora", f"결제가 실패합니다 {HOSTILE}", world.ago(47)))
    until = world.now + timedelta(days=2)
    await environments.freeze(SHOP, "stage", Freeze("mina", "The quarter is closed", world.ago(9), until))


async def _till(world: World) -> None:
    """A trunk with two releases that live on; a fix for the older one must still reach main."""
    await world.ledger.repositories.record(
        known(
            TILL,
            preset="trunk",
            develop=None,
            environments=_TRUNK_PLACES,
            images=(TILL_IMAGE,),
            gitops="acme/gitops",
        )
    )
    main = {"base": "main", "base_kind": "main"}
    for number, hours in ((1, 500), (2, 450), (5, 300), (6, 250), (9, 40)):
        await world.merged(world.pull(TILL, number, hours + 8, head=f"feature/n-{number}", **main), hours)
    for number, version, hours in ((3, "1.0.0", 400), (7, "1.1.0", 200)):
        release = world.pull(TILL, number, hours + 20, head=f"release/{version}", **_RELEASE)
        await world.merged(release, hours)
        await world.released(TILL, version, number, hours - 0.1)
    fix = {"kind": "fix", "role": "hotfix", "base": "release/1.0.0", "base_kind": "release"}
    await world.merged(world.pull(TILL, 8, 120, head="fix/rounding", **fix), 100)
    await world.ledger.pulls.record(world.pull(TILL, 10, 5, head="fix/영수증", title="영수증 오류", **fix))
    await world.deployed(TILL, "dev", "main", 1009, 39)
    await world.deployed(TILL, "test", "main", 1006, 240)
    await world.deployed(TILL, "stage", "release/1.1.0", 1007, 190)
    await world.shipped("stage", "1.1.0", 1007, 190)
    await world.shipped("prod", "0.9.0", 1001, 600, deployment=900)
    await world.shipped("prod", "0.8.0", 1000, 700, deployment=901, healthy_at=None)
    await world.deployed(TILL, "prod", "release/1.0.0", 1003, 390)
    await world.shipped("prod", "1.0.0", 1003, 390)
    pushed = world.ago(4)
    await world.ledger.images.record(
        KnownImage(TILL_IMAGE, "<i>9", "sha256:" + "ab" * 32, commit(9), pushed, TILL.id, None, ("feature",))
    )
