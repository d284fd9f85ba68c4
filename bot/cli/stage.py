"""The demo's stage: a local GitHub with one team's repository, and the real bot in front of it."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import aiohttp
from aiohttp import web

from bot import settings
from bot.compose import ENGINE, application
from bot.engine import Engine, Tuning
from bot.localhub import Hub
from bot.localhub.clone import Clone
from bot.localhub.model import Account, CheckRun, PullRequest, Repository
from bot.settings import Role
from bot.webhooks.feeds import HEADER
from service.ledger.database import Database
from service.ledger.store import Ledger

BRANCH: Final = "signalbox / branch"
REVIEW: Final = "signalbox / review"
APPROVALS: Final = "signalbox / approvals"
RELEASE: Final = "signalbox / release"
# What the registries and the Argo CD of the stage show; it listens on this machine alone.
FEED_TOKEN: Final = "a token for what is on the stage"  # noqa: S105 - no secret
_PATIENCE_SECONDS: Final = 15.0
# Nobody storms the stage, and whoever watches does not want to wait.
_BRISK: Final = Tuning(spacing=0.2)
_HOOK: Final = "/webhooks/github"
_COMMANDS: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


# Which image the shop is, and where Argo CD finds what runs.
IMAGE: Final = "registry.example.com/acme/shop"
GITOPS: Final = "acme/gitops"
_MANIFEST: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - name: web
          image: {image}:v0.0.0  # Signalbox writes the tag
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One repository, `acme/shop`: Mina and Jiho may write to it, Sora maintains it, Noor may only read.

    The manifests of what runs are in another one, `acme/gitops`.
    """

    hub: Hub
    shop: Repository
    gitops: Repository
    mina: Account
    jiho: Account
    sora: Account
    noor: Account
    clone: Clone
    ledger: Ledger

    @property
    def room(self) -> str:
        """Where the control room is."""
        return room_of(self.hub)

    async def push(self, *branches: str) -> None:
        """Push as Mina; the hub tells the bot."""
        await self.clone.push(*branches)
        await self.notice()

    async def notice(self) -> None:
        """Let the hub see what was pushed."""
        await self.hub.repositories.sync(self.shop, self.mina)

    async def fetch(self) -> None:
        """Bring Mina's clone what others, and the bot, did at the hub."""
        await self.clone.git("fetch", "--quiet", "--prune", "origin")

    async def begin(self, branch: str, start: str, message: str, files: dict[str, str]) -> None:
        """Make a branch with one commit, and push it."""
        await self.clone.branch(branch, start)
        await self.clone.commit(message, files)
        await self.push(branch)

    async def open(self, head: str, base: str, title: str) -> PullRequest:
        """Open a pull request as Mina."""
        return await self.hub.pulls.open(self.shop, head=head, base=base, by=self.mina, title=title)

    def pull(self, number: int) -> PullRequest:
        """The pull request as it is now."""
        return self.hub.world.pulls[self.shop.database_id, number]

    def check(self, number: int, name: str = BRANCH) -> CheckRun | None:
        """A check on the present head of a pull request, once there is one."""
        head = self.pull(number).head_ref_oid
        runs = [run for run in self.hub.world.runs.values() if (run.head_oid, run.name) == (head, name)]
        return runs[-1] if runs else None

    async def concluded(self, number: int, conclusion: str | None, name: str = BRANCH) -> bool:
        """Wait until a check of a pull request says so; False when it does not in good time.

        None stands for a check that has reported and waits.
        """
        return await arrives(
            lambda: (run := self.check(number, name)) is not None and run.conclusion == conclusion
        )

    def labels(self, number: int) -> list[str]:
        """The labels of a pull request."""
        return [label.name for label in self.hub.world.labels_of(self.pull(number))]

    def comment(self, number: int) -> str:
        """What Signalbox says in the conversation of a pull request."""
        place, world = (self.shop.database_id, number), self.hub.world
        written = (one for one in world.issue_comments.values() if (one.repository, one.pull) == place)
        return next((one.body for one in written if one.author == world.app.bot), "")

    async def push_image(self, tag: str, number: int) -> None:
        """The registry tells that an image of a tag was pushed; each has a number of its own."""
        target = {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": f"sha256:{number:064x}",
            "repository": "acme/shop",
            "tag": tag,
        }
        now = datetime.now(UTC).isoformat()
        pushed = {"id": tag, "timestamp": now, "action": "push", "target": target}
        await self._tell("registry", {"events": [pushed | {"request": {"host": IMAGE.partition("/")[0]}}]})

    async def argo_says(self, application: str, tag: str, health: str = "Healthy") -> None:
        """Argo CD tells how an application stands with an image, at the newest commit of its manifests."""
        refs = await self.hub.world.git(self.gitops).refs()
        operation = {"phase": "Succeeded", "syncResult": {"revision": refs["refs/heads/main"]}}
        status = {
            "health": {"status": health},
            "operationState": operation,
            "summary": {"images": [f"{IMAGE}:{tag}"]},
        }
        await self._tell("argocd", {"app": {"metadata": {"name": application}, "status": status}})

    async def writes(self, environment: str, tag: str) -> bool:
        """Wait until the manifest of an environment names a tag, and the ledger knows; False if never."""
        path = f"apps/shop-{environment}/web.yaml"

        async def is_written() -> bool:
            git = self.hub.world.git(self.gitops)
            found = await git.blob((await git.refs())["refs/heads/main"], path)
            waiting = await self.ledger.shipments.waiting(GITOPS)
            return found is not None and f"{IMAGE}:{tag} ".encode() in found.data and not waiting

        return await arrives(is_written)

    async def _tell(self, feed: str, body: Mapping[str, object]) -> None:
        async with (
            aiohttp.ClientSession(headers={HEADER: FEED_TOKEN}) as session,
            session.post(f"{self.room}/webhooks/{feed}", json=body) as answer,
        ):
            answer.raise_for_status()

    async def type_commands(self, number: int, name: str = BRANCH) -> None:
        """Type, in Mina's clone, the commands that a check of a pull request shows."""
        run = self.check(number, name)
        await self.type(commands_in(run.text or "") if run else "")

    async def type(self, commands: str) -> None:
        """Type commands in Mina's clone, up to the first that fails; the hub notices what they push."""
        process = await asyncio.create_subprocess_exec(
            "sh", "-ec", commands, cwd=self.clone.path, env=self.clone.environment(),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await process.wait()
        await self.notice()


def commands_in(text: str) -> str:
    """The commands that a Markdown text tells its reader to type."""
    return "".join(_COMMANDS.findall(text))


async def arrives(condition: Callable[[], bool | Awaitable[bool] | None]) -> bool:
    """Wait until a condition holds; False when it does not in good time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            # What it is about is written by others.
            while not (await held if isinstance(held := condition(), Awaitable) else held):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            return True
    return False


def room_of(hub: Hub) -> str:
    """Where the bot is that gets the webhooks of a hub, and its control room."""
    return str(hub.webhooks.url).removesuffix(_HOOK)


@asynccontextmanager
async def staged(folder: Path, port: int) -> AsyncIterator[Stage]:
    """Set the stage in a folder; the control room is at `port`. Raises `OSError` when it is taken."""
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub.start(folder / "hub"))
        hub.organisation("acme")
        mina, jiho, sora, noor = map(hub.person, ("mina", "jiho", "sora", "noor"))
        shop = await hub.repositories.create("acme/shop")
        for person, permission in ((mina, "write"), (jiho, "write"), (sora, "maintain"), (noor, "read")):
            hub.allow(shop, person, permission)
        clone = await Clone.of(hub.clone_path(shop), folder / "mina", "mina")
        await clone.git("switch", "--quiet", "-c", "main")
        await clone.commit("begin the shop", {"README.md": "# Shop\n"})
        await clone.branch("develop", "main")
        await clone.commit("feat: a basket", {"basket.py": "items = []\n"})
        await clone.push("main", "develop")
        await hub.repositories.sync(shop, mina)
        gitops = await _gitops(hub, folder)
        await stack.enter_async_context(bot_of(hub, folder / "data", _BRISK, port))
        hub.installations.install(shop.owner, [shop, gitops])
        database = Database(f"sqlite:///{folder / 'data' / 'ledger.sqlite'}")
        stack.push_async_callback(database.close)
        yield Stage(hub, shop, gitops, mina, jiho, sora, noor, clone, Ledger(database))


async def _gitops(hub: Hub, folder: Path) -> Repository:
    """The repository of the manifests."""
    made = await hub.repositories.create(GITOPS)
    sora = hub.person("sora")
    hub.allow(made, sora, "maintain")
    clone = await Clone.of(hub.clone_path(made), folder / "sora", "sora")
    await clone.git("switch", "--quiet", "-c", "main")
    manifest = _MANIFEST.format(image=IMAGE)
    await clone.commit("begin", {f"apps/shop-{name}/web.yaml": manifest for name in ("dev", "stage", "prod")})
    await clone.push("main")
    await hub.repositories.sync(made, sora)
    return made


@asynccontextmanager
async def bot_of(
    hub: Hub,
    data: Path,
    tuning: Tuning | None = None,
    port: int = 0,
    more: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Engine]:
    """Run the bot of a hub's App, as `signalbox serve` would, by default on a free port.

    The hub's webhooks go to it, and those who sign in; `more` are settings besides those of the hub. Raises
    `OSError` when the port is taken.
    """
    listening = socket.create_server(("127.0.0.1", port))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    tokens = {f"SIGNALBOX_{feed}_SECRET": FEED_TOKEN for feed in ("ECR", "REGISTRY", "ARGOCD")}
    environment = {**hub.environment(data), **tokens, "SIGNALBOX_PUBLIC_URL": address, **more}
    runner = web.AppRunner(application(settings.read(environment), Role.ALL, tuning))
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        hub.webhooks.url = f"{address}{_HOOK}"
        hub.call_back(f"{address}/signin/callback")
        yield runner.app[ENGINE]
    finally:
        await runner.cleanup()
