"""A release whose process is killed: a real one, by SIGKILL, after each of its writes and before the next."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benches.stage import Stage
from bot.localhub import Hub, faults
from bot.localhub.clone import Clone
from bot.localhub.model import PullRequest, Repository

TAG: Final = "v1.2.0"
CONFLICT: Final = "VERSION"
# Each write of a release, in a repository of its own, where the kill comes when GitHub has done it: the
# method, what follows the repository in the path (None for GraphQL), how many like it go before.
WRITES: Final = {
    "tag": ("POST", "git/tags", 0),
    "tag-ref": ("POST", "git/refs", 0),
    "release": ("POST", "releases", 0),
    "merge": ("POST", "merges", 0),
    "delete": ("POST", None, 0),
    "conflict-ref": ("POST", "git/refs", 1),
    "conflict-pull": ("POST", None, 0),
    "elsewhere-comment": ("POST", None, 0),
}


@dataclass(frozen=True)
class Team:
    """A repository with a release that is about to be merged."""

    repository: Repository
    clone: Clone
    pull: PullRequest


@asynccontextmanager
async def a_stage(folder: Path) -> AsyncIterator[tuple[Stage, dict[str, Team]]]:
    """A hub with a repository for each write; its name begins with what is in the way of the release."""
    async with Hub.start(folder / "hub") as hub:
        owner, mina = hub.organisation("acme"), hub.person("mina")
        teams = {name: await a_team(hub, folder, name) for name in WRITES}
        hub.installations.install(owner)
        team = teams["tag"]
        yield Stage(folder, hub, team.repository, mina, team.clone, ()), teams


async def a_team(hub: Hub, folder: Path, name: str) -> Team:
    mina = hub.world.account("mina")
    repository = await hub.repositories.create(f"acme/{name}")
    hub.allow(repository, mina, "write")
    clone = await Clone.of(hub.clone_path(repository), folder / name, "mina")
    await clone.git("switch", "--quiet", "-c", "main")
    await clone.commit("begin", {".github/signalbox.yml": "preset: git-flow\n"})
    await clone.branch("develop", "main")
    await clone.branch("release-v1.2.0", "develop")
    await clone.commit("release", {CONFLICT: "1.2.0\n"})
    await clone.git("switch", "--quiet", "develop")
    await clone.commit("go on", {CONFLICT if name.startswith("conflict") else "shop.txt": "open\n"})
    branches = ["main", "develop", "release-v1.2.0"]
    if name.startswith("elsewhere"):
        await clone.git("tag", TAG, "develop")
        branches.append(TAG)
    await clone.push(*branches)
    await hub.repositories.sync(repository, mina)
    pull = await hub.pulls.open(repository, head="release-v1.2.0", base="main", by=mina)
    return Team(repository, clone, pull)


def held(hub: Hub) -> list[faults.Hold]:
    """Hold the answer to each write."""
    holds = []
    for name, (method, path, before) in WRITES.items():
        operation = None if path else "Publish"
        pattern = f"/repos/acme/{name}/{path}" if path else "/graphql"
        if before:
            hub.faults.next(method, pattern, faults.slow(0), times=before)
        holds.append(faults.Hold())
        hub.faults.next(method, pattern, faults.hold(holds[-1]), operation=operation)
    return holds


async def test_killed_after_any_write_a_release_converges_without_a_duplicate(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as (stage, teams):
        hub = stage.hub
        async with stage.serving() as child:
            holds = held(hub)
            for team in teams.values():
                await hub.pulls.merge(team.pull, by=stage.mina)
            async with asyncio.timeout(60):
                await asyncio.gather(*(hold.reached.wait() for hold in holds))
            await child.stop(signal.SIGKILL)
        for hold in holds:
            hold.released.set()
        async with stage.serving() as child:
            await stage.settled(child)
        found = {name: await standing(hub, team) for name, team in teams.items()}
        done = {"tags": [TAG], "released": [TAG], "merges": 1, "opened": [], "comments": 0, "branch": False}
        conflict = {**done, "merges": 0, "opened": ["develop"], "comments": 1, "branch": True}
        stopped = {**conflict, "released": [], "opened": []}
        kinds = {"conflict": conflict, "elsewhere": stopped}
        assert found == {name: kinds.get(name.partition("-")[0], done) for name in teams}


async def standing(hub: Hub, team: Team) -> dict[str, object]:
    """What a release has left behind, each counted."""
    repository, world = team.repository, hub.world
    git = world.git(repository)
    refs = await git.refs()
    merges = await git.run("log", "--format=%s", f"--grep=^Merge {TAG} back", "develop")
    home, bot = repository.database_id, world.app.bot
    return {
        "tags": [ref.removeprefix("refs/tags/") for ref in refs if ref.startswith("refs/tags/")],
        "released": [release.tag_name for release in world.releases_of(repository)],
        "merges": len(merges.splitlines()),
        "opened": [
            pull.base_ref_name
            for pull in world.pulls.values()
            if (pull.repository, pull.author) == (home, bot)
        ],
        "comments": sum(
            (one.repository, one.pull, one.author) == (home, team.pull.number, bot)
            for one in world.issue_comments.values()
        ),
        "branch": "refs/heads/release-v1.2.0" in refs,
    }
