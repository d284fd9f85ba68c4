"""What every bench plays on: a local GitHub with a team's repository, and the real bot as a child process."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from benches.child import HOST, Child, free_port
from benches.load import Event, Plan
from benches.payloads import Payload, template
from bot.localhub import Hub
from bot.localhub.clone import Clone
from bot.localhub.model import Account, PullRequest, Repository
from bot.settings import Settings

CHECK: Final = "signalbox / branch"
REGISTRY_TOKEN: Final = "a token for the registry of a bench"  # noqa: S105 - no secret
_UNLIMITED: Final = 10**9
_BUSY: Final = re.compile(r'^signalbox_questions\{state="(?:queued|running)"\} [1-9]', re.MULTILINE)
_SETTLE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """One repository of one team, on git-flow, with the App installed; `pulls` are open since before."""

    folder: Path
    hub: Hub
    shop: Repository
    mina: Account
    clone: Clone
    pulls: Sequence[PullRequest]

    @property
    def payload(self) -> Payload:
        """A real payload, for `plan`."""
        return template(self.hub, self.shop, self.pulls[0])

    def plan(
        self, child: Child, events: Sequence[Event], *, connections: int = 16, rate: float | None = None
    ) -> Plan:
        """Deliver events to a child."""
        secret = self.hub.app.webhook_secret
        return Plan(child.port, secret, self.payload, list(events), connections, rate)

    def events(self) -> list[Event]:
        """One event about each open pull request."""
        return [Event(pull.number, pull.head_ref_oid) for pull in self.pulls]

    async def start(self, data: str = "data") -> Child:
        """Start `signalbox serve --role bot` for the hub, on a data folder of this name."""
        port = free_port()
        environment = self._environment(port, data)
        return await Child.start(
            ["-m", "bot", "serve", "--role", "bot"], environment, port, self.folder / "serve.log"
        )

    @asynccontextmanager
    async def serving(self, data: str = "data") -> AsyncIterator[Child]:
        """Run the bot until the block ends; the hub's own webhooks go to it."""
        child = await self.start(data)
        try:
            await child.listening()
            self.hub.webhooks.url = f"http://{HOST}:{child.port}/webhooks/github"
            yield child
        finally:
            self.hub.webhooks.url = None
            await child.stop()

    async def settled(self, child: Child, within: float = _SETTLE_SECONDS) -> None:
        """Return when every webhook is answered and no question waits or runs; `within` so many seconds."""
        async with asyncio.timeout(within), aiohttp.ClientSession() as session:
            while True:
                await self.hub.settled()
                async with session.get(f"http://{HOST}:{child.port}/metrics") as answer:
                    if not _BUSY.search(await answer.text()):
                        return
                await asyncio.sleep(0.02)

    def asked(self) -> list[str]:
        """The requests that the bot made so far, but those about the App itself: an operation, or a path."""
        asked = [each.operation or f"{each.method} {each.path}" for each in self.hub.requests]
        return [each for each in asked if " /app" not in each]

    def evaluations(self) -> int:
        """How often the bot read a pull request."""
        return self.asked().count("Pull")

    def checked(self) -> set[str]:
        """The heads that have their check."""
        return {run.head_oid for run in self.hub.world.runs.values() if run.name == CHECK}

    async def until_checked(self, heads: set[str]) -> None:
        """Return when all these heads have their check."""
        while True:
            if heads <= self.checked():
                return
            await asyncio.sleep(0.002)

    def _environment(self, port: int, data: str) -> dict[str, str]:
        """The settings of a child; none of our own settings reach it."""
        ours = {field.alias for field in Settings.model_fields.values()}
        return {name: value for name, value in os.environ.items() if name not in ours} | {
            "GITHUB_APP_ID": str(self.hub.app.database_id),
            "GITHUB_PRIVATE_KEY": self.hub.app.private_key,
            "GITHUB_WEBHOOK_SECRET": self.hub.app.webhook_secret,
            "GITHUB_API_URL": self.hub.api_url,
            "GITHUB_URL": self.hub.url,
            "SIGNALBOX_REGISTRY_SECRET": REGISTRY_TOKEN,
            "SIGNALBOX_DATA_DIR": str(self.folder / data),
            "SIGNALBOX_EXECUTOR_ID": "bench",
            "MALLOC_ARENA_MAX": "2",  # as `make serve` and the image have it
            "HOST": HOST,
            "PORT": str(port),
        }


@asynccontextmanager
async def a_stage(
    folder: Path, pulls: int = 1, *, limited: bool = False, everywhere: bool = False
) -> AsyncIterator[Stage]:
    """Make the hub, the team, its repository, and so many open pull requests, each with a head of its own.

    Where GitHub's limits are not what is measured they would only cut the load short. The App is installed on
    that repository, or `everywhere` in its organisation.
    """
    async with Hub.start(folder / "hub") as hub:
        if not limited:
            limits = hub.limits
            limits.hourly = limits.graphql_a_minute = limits.rest_a_minute = _UNLIMITED
            limits.creations_a_minute = limits.creations_an_hour = _UNLIMITED
        hub.organisation("acme")
        mina = hub.person("mina")
        shop = await hub.repositories.create("acme/shop")
        hub.allow(shop, mina, "write")
        clone = await Clone.of(hub.clone_path(shop), folder / "mina", "mina")
        await clone.git("switch", "--quiet", "-c", "main")
        await clone.commit("begin", {".github/signalbox.yml": "preset: git-flow\n"})
        await clone.branch("develop", "main")
        await clone.commit("go on", {"shop.txt": "open\n"})
        await clone.push("main", "develop")
        branches = [f"feat/{number}" for number in range(pulls)]
        for branch in branches:
            await clone.branch(branch, "develop")
            await clone.commit(f"work on {branch}", {})
        await clone.push(*branches)
        await hub.repositories.sync(shop, mina)
        hub.installations.install(shop.owner, None if everywhere else [shop])
        opened = [await hub.pulls.open(shop, head=branch, base="develop", by=mina) for branch in branches]
        yield Stage(folder, hub, shop, mina, clone, opened)
