"""A whole world in one process: a local GitHub over real git, and the real bot in front of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dbos import DBOS

from bot.cli.stage import bot_of, room_of
from bot.engine import Engine, Tuning
from bot.localhub import Hub
from bot.localhub.clone import Clone
from bot.localhub.model import Account, CheckRun, PullRequest, Repository
from service.ledger.database import Database

CHECK = "signalbox / branch"
REVIEW = "signalbox / review"
APPROVALS = "signalbox / approvals"
RELEASE = "signalbox / release"
# What is asked again is answered at once: no test needs to wait as long as a storm of events should.
QUICK = Tuning(spacing=0.1)


@dataclass
class World:
    """One repository of one team at a hub, with the App installed and the bot running."""

    hub: Hub
    engine: Engine
    shop: Repository
    mina: Account
    clone: Clone

    @property
    def url(self) -> str:
        """Where the bot listens."""
        return room_of(self.hub)

    async def settled(self) -> None:
        """Return when every webhook is answered and every question has its answer."""
        async with asyncio.timeout(30):
            await self.hub.settled()
            while (counts := await self.engine.counts()).queued or counts.running:
                await asyncio.sleep(0.03)
                await self.hub.settled()

    async def push(self, branch: str, *options: str) -> None:
        await self.clone.push(branch, options=options)
        await self.hub.repositories.sync(self.shop, self.mina)

    async def begin(self, branch: str, start: str, files: Mapping[str, str] | None = None) -> None:
        """Make a branch with one commit, and push it."""
        await self.clone.branch(branch, start)
        await self.clone.commit(f"work on {branch}", files or {f"{branch}.txt": branch})
        await self.push(branch)

    async def open(self, head: str, base: str) -> PullRequest:
        """Open a pull request and wait for what the bot says."""
        pull = await self.hub.pulls.open(self.shop, head=head, base=base, by=self.mina)
        await self.settled()
        return pull

    def pull(self, number: int) -> PullRequest:
        return self.hub.world.pulls[self.shop.database_id, number]

    def check(self, pull: PullRequest, name: str = CHECK) -> CheckRun:
        """The one check of a name on the head that a pull request has now."""
        head = self.pull(pull.number).head_ref_oid
        (run,) = [run for run in self.hub.world.runs.values() if (run.head_oid, run.name) == (head, name)]
        return run

    def labels(self, pull: PullRequest) -> set[str]:
        """The names of the labels that a pull request has now."""
        return {label.name for label in self.hub.world.labels_of(self.pull(pull.number))}

    def comments(self, pull: PullRequest) -> list[str]:
        """What the bot says in the conversation of a pull request."""
        written = self.hub.world.issue_comments.values()
        bot = self.hub.world.app.bot
        return [each.body for each in written if (each.pull, each.author) == (pull.number, bot)]

    def person(self, login: str, permission: str = "write") -> Account:
        """Let somebody new work on the repository."""
        person = self.hub.person(login)
        self.hub.allow(self.shop, person, permission)
        return person

    def operations(self) -> list[str]:
        """The GraphQL operations and REST requests that the bot made, apart from who it is and its tokens."""
        asked = [each.operation or f"{each.method} {each.path}" for each in self.hub.requests]
        return [each for each in asked if each != "GET /app" and "access_tokens" not in each]


@asynccontextmanager
async def a_world(
    folder: Path,
    *,
    rulebook: str | None = None,
    tuning: Tuning = QUICK,
    branches: tuple[str, ...] = ("main", "develop"),
    everywhere: bool = False,
    settings: Callable[[Hub], Mapping[str, str]] = lambda _: {},
) -> AsyncIterator[World]:
    """Make the hub, the team, its repository with its permanent branches, and start the bot on it.

    The App is installed on that repository, or `everywhere` in its organisation.
    """
    async with Hub.start(folder / "hub") as hub:
        hub.organisation("acme")
        mina = hub.person("mina")
        shop = await hub.repositories.create("acme/shop")
        hub.allow(shop, mina, "write")
        clone = await Clone.of(hub.clone_path(shop), folder / "mina", "mina")
        await clone.git("switch", "--quiet", "-c", "main")
        files = {"README.md": "# Shop\n"} | ({".github/signalbox.yml": rulebook} if rulebook else {})
        await clone.commit("begin", files)
        for branch in branches[1:]:
            await clone.branch(branch, "main")
            await clone.commit("go on", {"shop.txt": "open\n"})
        await clone.push(*branches)
        await hub.repositories.sync(shop, mina)
        hub.installations.install(shop.owner, None if everywhere else [shop])
        await asyncio.to_thread(_lay_databases, folder / "data")
        async with bot_of(hub, folder / "data", tuning, more=settings(hub)) as engine:
            yield World(hub, engine, shop, mina, clone)


def _lay_databases(folder: Path) -> None:
    """Put the queue and the ledger there, empty, as the first world of this process had them made."""
    folder.mkdir(parents=True)
    if not _EMPTY:
        DBOS.migrate(f"sqlite:///{folder / 'engine.sqlite'}")
        asyncio.run(_make_ledger(f"sqlite:///{folder / 'ledger.sqlite'}"))
        _EMPTY.update({path.name: path.read_bytes() for path in folder.iterdir()})
    for name, content in _EMPTY.items():
        (folder / name).write_bytes(content)


async def _make_ledger(url: str) -> None:
    database = Database(url)
    await database.open(upgrade=True)
    await database.close()


_EMPTY: Final[dict[str, bytes]] = {}
