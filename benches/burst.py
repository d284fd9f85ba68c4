"""What a burst of registry events makes of a GitOps repository: few commits, and the newest images."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import aiohttp

from benches.bar import Bar
from benches.child import HOST, Child
from benches.stage import REGISTRY_TOKEN, Stage, a_stage
from bot.localhub.clone import Clone
from bot.localhub.model import Repository
from bot.webhooks.feeds import HEADER

_IMAGES: Final = 50
_PUSHES: Final = 4  # of each image
_MOST_COMMITS: Final = 5
_SETTLE_SECONDS: Final = 300
_REGISTRY: Final = "registry.example.com"
_NAMES: Final = [f"acme/app-{number}" for number in range(_IMAGES)]
_RULEBOOK: Final = f"""\
preset: git-flow
delivery:
  repository: acme/gitops
  images: [{", ".join(f"{_REGISTRY}/{name}" for name in _NAMES)}]
environments: {{local: null, test: null, stage: null, prod: null, dev: {{dwell: 0}}}}
"""
_MANIFEST: Final = """\
apiVersion: apps/v1
kind: Deployment
spec: {{template: {{spec: {{containers: [{{name: web, image: "{image}"}}]}}}}}}
"""


@dataclass(frozen=True, slots=True)
class _Fleet:
    """The stage, the GitOps repository, and the commits of develop that are built, the oldest first."""

    stage: Stage
    gitops: Repository
    commits: Sequence[str]

    async def commits_made(self) -> int:
        """How many commits were made since the first."""
        git = self.stage.hub.world.git(self.gitops)
        return int(await git.run("rev-list", "--count", "main")) - 1

    async def right(self) -> int:
        """How many manifests name the image of the newest commit."""
        git = self.stage.hub.world.git(self.gitops)
        head = (await git.refs())["refs/heads/main"]
        found = [await git.blob(head, _path(name)) for name in _NAMES]
        tags = [f"{_REGISTRY}/{name}:{_tag(self.commits[-1])}" for name in _NAMES]
        expected = [_MANIFEST.format(image=tag) for tag in tags]
        return sum(each is not None and each.text == text for each, text in zip(found, expected, strict=True))


async def images(folder: Path) -> list[Bar]:
    """Tell of four pushes of each of 50 images, in any order, each by itself and all at once."""
    async with _a_fleet(folder) as fleet, fleet.stage.serving() as child:
        await _learn(fleet.stage, child)
        begun = time.perf_counter()
        refused = await _tell(child, _events(fleet.commits))
        await fleet.stage.settled(child, _SETTLE_SECONDS)
        seconds = time.perf_counter() - begun
        commits, right = await fleet.commits_made(), await fleet.right()
    return [
        Bar(
            what=f"{_IMAGES * _PUSHES} registry events for {_IMAGES} images in a burst",
            how=f"{_PUSHES} pushes of each, unordered, each event a request of its own; commits in the "
            "GitOps repository, and manifests that name the newest image in the end",
            bar=f"≤ {_MOST_COMMITS} commits, {_IMAGES} of {_IMAGES} right",
            measured=f"{commits} commits, {right} of {_IMAGES}; over after {seconds:.1f} s",
            met=commits <= _MOST_COMMITS and right == _IMAGES and refused == 0,
        )
    ]


@asynccontextmanager
async def _a_fleet(folder: Path) -> AsyncIterator[_Fleet]:
    async with a_stage(folder, everywhere=True) as stage:
        gitops = await stage.hub.repositories.create("acme/gitops")
        stage.hub.allow(gitops, stage.mina, "write")
        clone = await Clone.of(stage.hub.clone_path(gitops), folder / "gitops", "mina")
        await clone.git("switch", "--quiet", "-c", "main")
        manifests = {_path(name): _MANIFEST.format(image=f"{_REGISTRY}/{name}:v0") for name in _NAMES}
        await clone.commit("begin", manifests)
        await clone.push("main")
        await stage.hub.repositories.sync(gitops, stage.mina)
        await stage.clone.git("switch", "--quiet", "main")
        await stage.clone.commit("deliver", {".github/signalbox.yml": _RULEBOOK})
        await stage.clone.push("main")
        await stage.hub.repositories.sync(stage.shop, stage.mina)
        commits = [await _developed(stage, number) for number in range(_PUSHES)]
        yield _Fleet(stage, gitops, commits)


async def _developed(stage: Stage, number: int) -> str:
    """Commit to develop; the commit."""
    await stage.clone.git("switch", "--quiet", "develop")
    await stage.clone.commit(f"work {number}", {"number.txt": f"{number}\n"})
    await stage.clone.push("develop")
    await stage.hub.repositories.sync(stage.shop, stage.mina)
    return (await stage.hub.world.git(stage.shop).refs())["refs/heads/develop"]


async def _learn(stage: Stage, child: Child) -> None:
    """Let the bot know the repository, as it does once a pull request was judged."""
    await stage.clone.branch("feat/known", "develop")
    await stage.clone.commit("work", {"known.txt": "1\n"})
    await stage.clone.push("feat/known")
    await stage.hub.repositories.sync(stage.shop, stage.mina)
    await stage.hub.pulls.open(stage.shop, head="feat/known", base="develop", by=stage.mina)
    await stage.settled(child)


async def _tell(child: Child, events: Sequence[dict[str, Any]]) -> int:
    """Tell of all events at once; how many were not accepted."""
    address = f"http://{HOST}:{child.port}/webhooks/registry"
    async with aiohttp.ClientSession(headers={HEADER: REGISTRY_TOKEN}) as session:

        async def post(event: dict[str, Any]) -> int:
            async with session.post(address, json={"events": [event]}) as answer:
                return answer.status

        return sum(status != 202 for status in await asyncio.gather(*map(post, events)))  # noqa: PLR2004


def _events(commits: Sequence[str]) -> list[dict[str, Any]]:
    """Four pushes of each image, unordered, and always in the same order."""
    events = [
        {
            "id": f"{name} {turn}",
            "timestamp": f"2026-01-02T1{turn}:00:00Z",
            "action": "push",
            "target": {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": f"sha256:{_PUSHES * number + turn:064x}",
                "repository": name,
                "tag": _tag(commit),
            },
            "request": {"host": _REGISTRY},
        }
        for number, name in enumerate(_NAMES)
        for turn, commit in enumerate(commits)
    ]
    Random(7).shuffle(events)  # noqa: S311 - an order
    return events


def _tag(commit: str) -> str:
    return f"develop-{commit[:12]}"


def _path(name: str) -> str:
    return f"apps/shop-dev/{name.removeprefix('acme/')}.yaml"
