"""A control room in front of a local GitHub, and browsers that come to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from support.browser import Browser, browsing

from bot import settings
from bot.compose import application
from bot.localhub import Hub
from bot.localhub.clone import Clone
from bot.localhub.deployed import Deployment
from bot.localhub.discussion import Issue
from bot.localhub.model import Account, Repository
from bot.settings import Role
from service.ledger import repository as ledger_repository
from service.ledger.database import Database
from service.ledger.repositories import KnownRepository, Place
from service.ledger.store import Ledger


@dataclass
class Desk:
    """acme/shop with Mina (write), Sora (maintain) and Noor (nothing); acme/vault is Sora's alone.

    Signalbox deploys from acme/shop, and from acme/vault nothing.
    """

    hub: Hub
    home: str
    ledger: Ledger
    shop: Repository
    vault: Repository
    mina: Account
    sora: Account
    issue: Issue

    def ordered(self) -> list[Deployment]:
        """The deployments of the shop, oldest first."""
        return list(self.hub.world.deployments_of(self.shop))

    def said(self) -> list[tuple[str, str]]:
        """Who said what on pull requests, oldest first."""
        found = self.hub.world.issue_comments.values()
        return [(each.author.login, each.body) for each in found if each.author]


@asynccontextmanager
async def served(environ: dict[str, str], hub: Hub | None = None) -> AsyncIterator[str]:
    """Run the service on a free port."""
    runner = web.AppRunner(application(settings.read(environ), Role.SERVICE))
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        home = f"http://127.0.0.1:{runner.addresses[0][1]}"
        if hub is not None:
            hub.call_back(f"{home}/signin/callback")
        yield home
    finally:
        await runner.cleanup()


async def known(ledger: Ledger, repository: Repository, gitops: str | None) -> None:
    """Let the ledger know a repository with an environment, and where its manifests are."""
    place = Place("prod", "tag", "manual", "real", None)
    await ledger.repositories.record(
        KnownRepository(
            repository=ledger_repository.Repository(repository.database_id, repository.name_with_owner),
            private=repository.is_private,
            installation=1,
            default_branch="main",
            rulebook="own",
            preset="git-flow",
            main="main",
            develop="develop",
            levels=("P1", "P2", "P3"),
            environments=(place,),
            gitops=gitops,
        )
    )


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with Hub.start(tmp_path / "hub") as hub:
        yield hub


@pytest.fixture
async def desk(hub: Hub, tmp_path: Path) -> AsyncIterator[Desk]:
    acme, mina, sora = hub.organisation("acme"), hub.person("mina"), hub.person("sora")
    hub.person("noor")
    shop = await hub.repositories.create("acme/shop", private=True)
    vault = await hub.repositories.create("acme/vault", private=True)
    hub.allow(shop, mina, "write")
    hub.allow(shop, sora, "maintain")
    hub.allow(vault, sora, "maintain")
    hub.installations.install(acme)
    clone = await Clone.of(hub.clone_path(shop), tmp_path / "mina", "mina")
    await clone.git("switch", "--quiet", "-c", "main")
    await clone.commit("begin", {"README.md": "# Shop"})
    await clone.push("main")
    await hub.repositories.sync(shop, mina)
    issue = await hub.issues.open(shop, title="Slow", by=mina)
    environ = hub.environment(tmp_path / "data")
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(served(environ, hub))
        database = Database(settings.read(environ).database_url.get_secret_value())
        stack.push_async_callback(database.close)
        ledger = Ledger(database)
        await known(ledger, shop, "acme/gitops")
        await known(ledger, vault, None)
        yield Desk(hub, home, ledger, shop, vault, mina, sora, issue)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    async with browsing(desk.home) as browser:
        yield browser


@pytest.fixture
async def other(desk: Desk) -> AsyncIterator[Browser]:
    """The browser of somebody else."""
    async with browsing(desk.home) as browser:
        yield browser


@pytest.fixture
def serve() -> Callable[[dict[str, str]], AbstractAsyncContextManager[Browser]]:
    """Serve an environment, and open a browser at it."""

    @asynccontextmanager
    async def serving(environ: dict[str, str]) -> AsyncIterator[Browser]:
        async with served(environ) as home, browsing(home) as browser:
            yield browser

    return serving
