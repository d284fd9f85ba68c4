"""A team with a GitOps repository beside the shop: registries and Argo CD are played by hand."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from support.world import World, a_world

from bot.cli.stage import FEED_TOKEN
from bot.engine import Tuning
from bot.localhub.clone import Clone
from bot.localhub.deployed import Deployment
from bot.localhub.discussion import IssueComment
from bot.localhub.model import Account, CheckRun, Repository
from bot.webhooks.feeds import HEADER
from service.ledger.database import Database
from service.ledger.store import Ledger

IMAGE = "registry.example.com/acme/shop"
RULEBOOK = f"""\
preset: git-flow
delivery: {{images: [{IMAGE}], repository: acme/gitops}}
environments:
  dev: {{dwell: 0}}
  test: null
  stage: {{dwell: 0}}
  prod: {{dwell: 0, deploy: manual}}
"""
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  template:
    spec:
      containers:
        - name: web
          image: {image}:v0.1.0  # written by Signalbox
"""
DIGEST = "sha256:{:064x}"


def pushed(repository: str, tag: str, at: str, number: int) -> Mapping[str, Any]:
    """What a registry tells of an image, the number of which is its digest, at a time of the day."""
    return {
        "id": f"{repository} {tag} {at}",
        "timestamp": f"2026-01-02T{at}:00Z",
        "action": "push",
        "target": {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": DIGEST.format(number),
            "repository": repository,
            "tag": tag,
        },
        "request": {"host": "registry.example.com"},
    }


@dataclass
class Fleet:
    """A world with a GitOps repository beside the shop."""

    world: World
    gitops: Repository
    clone: Clone
    database: Database
    ledger: Ledger
    http: aiohttp.ClientSession

    async def tell(self, feed: str, body: Mapping[str, Any]) -> None:
        """Tell the bot, as a registry or Argo CD does, and wait for what it makes of it."""
        address = f"{self.world.url}/webhooks/{feed}"
        async with self.http.post(address, json=body, headers={HEADER: FEED_TOKEN}) as answer:
            assert answer.status == 202, await answer.text()
        await self.world.settled()

    async def tell_all(self, events: list[Mapping[str, Any]]) -> None:
        """Tell of many pushes at once, each by itself."""
        address = f"{self.world.url}/webhooks/registry"
        headers = {HEADER: FEED_TOKEN}
        posts = [self.http.post(address, json={"events": [each]}, headers=headers) for each in events]
        assert {answer.status for answer in await asyncio.gather(*posts)} == {202}
        await self.world.settled()

    async def push_image(self, tag: str, at: str, number: int = 1) -> None:
        """An image of that tag is pushed at a time of the day."""
        await self.tell("registry", {"events": [pushed("acme/shop", tag, at, number)]})

    async def says(self, application: str, tag: str, health: str = "Healthy", revision: str = "") -> None:
        """Argo CD says how an application stands with an image, by default at the newest revision."""
        status = {
            "health": {"status": health},
            "operationState": {
                "phase": "Succeeded",
                "syncResult": {"revision": revision or await self.head()},
            },
            "summary": {"images": [f"{IMAGE}:{tag}"]},
        }
        await self.tell("argocd", {"app": {"metadata": {"name": application}, "status": status}})

    async def head(self) -> str:
        """The newest commit of the GitOps repository."""
        return (await self.world.hub.world.git(self.gitops).refs())["refs/heads/main"]

    async def log(self) -> list[str]:
        """The headlines of its commits, the newest first."""
        git = self.world.hub.world.git(self.gitops)
        return (await git.run("log", "--format=%s", await self.head())).decode().splitlines()

    async def written(self, environment: str) -> str:
        """The tag that the manifest of an environment names."""
        git = self.world.hub.world.git(self.gitops)
        found = await git.blob(await self.head(), f"apps/shop-{environment}/web/web.yaml")
        assert found is not None
        assert found.text is not None
        return found.text.partition(f"{IMAGE}:")[2].split()[0]

    def deployments(self, environment: str) -> list[Deployment]:
        """What was to be deployed to an environment, in order."""
        found = self.world.hub.world.deployments_of(self.world.shop)
        return [each for each in found if each.environment == environment]

    def states(self, environment: str) -> list[list[str]]:
        """What was said of each of them."""
        return [
            [status.state for status in self.world.hub.world.said_of(each)]
            for each in self.deployments(environment)
        ]

    def checks(self, *labels: str) -> list[CheckRun]:
        """The checks of what was deployed that have just these buttons, the oldest first."""
        runs = self.world.hub.world.runs.values()
        return [each for each in runs if tuple(action.label for action in each.actions) == labels]

    async def press(self, run: CheckRun, label: str, by: Account) -> None:
        """Somebody presses a button of a check."""
        identifier = next(action.identifier for action in run.actions if action.label == label)
        await self.world.hub.checks.press(run, identifier, by=by)
        await self.world.settled()

    async def orders(self, by: Account, body: str) -> str:
        """Somebody orders something on an issue; what the bot answers."""
        world = self.world
        issue = await world.hub.issues.open(world.shop, by=by, title="Deploy")
        comment: IssueComment = await world.hub.comments.write(issue, by=by, body=body)
        await world.settled()
        written = world.hub.world.issue_comments.values()
        answers = [each.body for each in written if each.author == world.hub.world.app.bot]
        assert comment is not None
        return answers[-1] if answers else ""


@asynccontextmanager
async def a_fleet(tmp_path: Path, rulebook: str, tuning: Tuning) -> AsyncIterator[Fleet]:
    async with a_world(tmp_path, rulebook=rulebook, tuning=tuning, everywhere=True) as world:
        hub = world.hub
        gitops = await hub.repositories.create("acme/gitops")
        hub.allow(gitops, world.mina, "write")
        clone = await Clone.of(hub.clone_path(gitops), tmp_path / "gitops", "mina")
        await clone.git("switch", "--quiet", "-c", "main")
        await clone.commit(
            "begin",
            {
                f"apps/shop-{name}/web/web.yaml": MANIFEST.format(image=IMAGE)
                for name in ("dev", "stage", "prod")
            },
        )
        await clone.push("main")
        await hub.repositories.sync(gitops, world.mina)
        await world.settled()
        # The repository is known once a pull request was judged.
        await world.begin("feat/begin", "develop")
        await world.open("feat/begin", "develop")
        database = Database(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")
        await database.open(upgrade=True)
        async with aiohttp.ClientSession() as http:
            yield Fleet(world, gitops, clone, database, Ledger(database), http)
        await database.close()


async def commit_of(fleet: Fleet, branch: str) -> str:
    """The commit at the tip of a branch of the shop, in seven digits, as builds put it into tags."""
    refs = await fleet.world.hub.world.git(fleet.world.shop).refs()
    return refs[f"refs/heads/{branch}"][:7]


async def developed(fleet: Fleet, text: str) -> str:
    """Commit to develop; the tag of its image."""
    await fleet.world.clone.git("switch", "--quiet", "develop")
    await fleet.world.clone.commit(f"more {text}", {"more.txt": text})
    await fleet.world.push("develop")
    return f"develop-{await commit_of(fleet, 'develop')}"


async def to_stage(fleet: Fleet, version: str, number: int, health: str = "Healthy") -> str:
    """Push a release branch and its image, which goes to stage and has this health there; the image's tag."""
    branch = f"release-v{version}"
    await fleet.world.begin(branch, "develop")
    tag = await commit_of(fleet, branch)
    await fleet.push_image(tag, f"1{number}:00", number)
    await fleet.says("shop-stage", tag, health)
    return tag


async def to_prod(fleet: Fleet, by: Account, version: str, number: int) -> str:
    """The same, promoted by somebody, and healthy in prod."""
    tag = await to_stage(fleet, version, number)
    await fleet.orders(by, "/signalbox promote prod")
    await fleet.says("shop-prod", tag)
    return tag


async def two_images_of_dev(fleet: Fleet) -> tuple[str, str]:
    """Two images go to dev, of which the second one degrades; their tags."""
    first, second = await developed(fleet, "first"), ""
    await fleet.push_image(first, "10:00", 1)
    await fleet.says("shop-dev", first)
    second = await developed(fleet, "second")
    await fleet.push_image(second, "11:00", 2)
    await fleet.says("shop-dev", second, "Degraded")
    return first, second
