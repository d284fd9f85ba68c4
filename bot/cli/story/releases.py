"""The third act: what is merged into main is tagged, published, merged back and cleaned up."""

import re
from typing import Final

from bot.cli.stage import APPROVALS, RELEASE, Stage, arrives, commands_in
from bot.cli.story.step import Step
from bot.localhub.model import PullRequestState
from bot.message import say

_BACK_MERGE: Final = "signalbox/back-merge-v1.3.0"
_NAMED: Final = re.compile(r"^- `(.+)`$", re.MULTILINE)
_NEXT: Final = "1.4.0-dev\n"


async def _merge_commits(stage: Stage) -> bool:
    advised = await stage.concluded(6, "NEUTRAL", RELEASE)
    stage.hub.repositories.allow_merges(stage.shop, "merge")
    await stage.hub.comments.write(stage.pull(6), by=stage.sora, body="/signalbox recheck")
    return advised and await _named(stage, 6, "1.2.0")


async def _merged(stage: Stage) -> bool:
    await stage.hub.pulls.merge(stage.pull(6), by=stage.sora)
    return await _released(stage, 6, "v1.2.0", "develop")


async def _gap(stage: Stage) -> bool:
    for number in (2, 3):
        await stage.hub.pulls.merge(stage.pull(number), by=stage.sora, delete_branch=True)
    await stage.fetch()
    await stage.begin("release-v1.4.0", "origin/develop", "chore: release", {"VERSION": "1.4.0\n"})
    await stage.open("release-v1.4.0", "main", "Release 1.4.0")
    return await stage.concluded(8, "FAILURE", RELEASE)


async def _no_gap(stage: Stage) -> bool:
    await stage.type_commands(8, RELEASE)
    await stage.clone.commit("chore: this is 1.3.0", {"VERSION": "1.3.0\n"})
    await stage.push("release-v1.3.0")
    await stage.open("release-v1.3.0", "main", "Release 1.3.0")
    return await _named(stage, 9, "1.3.0")


async def _hotfix(stage: Stage) -> bool:
    return await _approved(stage, 4) and await _named(stage, 4, "1.2.1")


async def _hotfix_merged(stage: Stage) -> bool:
    await stage.hub.pulls.merge(stage.pull(4), by=stage.sora)
    return await _released(stage, 4, "v1.2.1", "develop", "release-v1.3.0")


async def _conflict(stage: Stage) -> bool:
    await stage.fetch()
    await stage.clone.git("switch", "--quiet", "develop")
    await stage.clone.git("merge", "--quiet", "--ff-only", "origin/develop")
    await stage.clone.commit("chore: go on", {"VERSION": _NEXT})
    await stage.push("develop")
    approved = await _approved(stage, 9)
    await stage.hub.pulls.merge(stage.pull(9), by=stage.sora)
    told = approved and await arrives(lambda: "#10" in stage.comment(9))
    return told and _is_noted(stage, "v1.3.0", 2) and _asks_for(stage, 10, "VERSION")


async def _solved(stage: Stage) -> bool:
    # Between the two a person edits what conflicts; that git stops there is what the commands are about.
    until, since = re.split(r"^#.*\n", commands_in(stage.pull(10).body), maxsplit=1, flags=re.MULTILINE)
    await stage.type(until)
    (stage.clone.path / "VERSION").write_text(_NEXT, "utf-8")
    await stage.type(since)
    merges = await stage.hub.pulls.mergeable(stage.pull(10)) == "MERGEABLE"
    return merges and await stage.concluded(10, "SUCCESS")


async def _completed(stage: Stage) -> bool:
    await stage.hub.pulls.merge(stage.pull(10), by=stage.sora, delete_branch=True)
    said = await arrives(lambda: "is complete" in stage.comment(9))
    return said and await _released(stage, 9, "v1.3.0", "develop")


async def _approved(stage: Stage, number: int) -> bool:
    for approver in (stage.jiho, stage.sora):
        await stage.hub.reviews.submit(stage.pull(number), by=approver, state="APPROVED")
    return await stage.concluded(number, "SUCCESS", APPROVALS)


async def _named(stage: Stage, number: int, version: str) -> bool:
    """Wait until a pull request is told the version that it becomes."""
    title = f"Becomes {version}"
    named = await arrives(lambda: (run := stage.check(number, RELEASE)) is not None and run.title == title)
    return named and await stage.concluded(number, "SUCCESS", RELEASE)


async def _released(stage: Stage, number: int, tag: str, *into: str) -> bool:
    """Wait until a merged pull request is tagged, published, merged back, and its branch gone."""
    world, git = stage.hub.world, stage.hub.world.git(stage.shop)
    pull = stage.pull(number)

    async def is_released() -> bool:
        refs, release = await git.pointers(), world.release(stage.shop, tag)
        made, holders = refs.get(f"refs/tags/{tag}"), await git.refs_containing(str(pull.merge_commit))
        return (
            pull.state is PullRequestState.MERGED
            and made is not None
            and (made.kind, made.commit) == ("tag", pull.merge_commit)
            and release is not None
            and not release.is_draft
            and holders.issuperset(f"refs/heads/{branch}" for branch in into)
            and f"refs/heads/{pull.head_ref_name}" not in refs
        )

    return await arrives(is_released)


def _is_noted(stage: Stage, tag: str, number: int) -> bool:
    """Whether the notes of a release name a pull request."""
    release = stage.hub.world.release(stage.shop, tag)
    return release is not None and f"(#{number})" in str(release.description)


def _asks_for(stage: Stage, number: int, *files: str) -> bool:
    """Whether a pull request is a back-merge that names these files, and no others, as in conflict."""
    pull = stage.pull(number)
    return pull.head_ref_name == _BACK_MERGE and tuple(_NAMED.findall(pull.body)) == files


STEPS: Final = (
    Step(
        say("Sora lets the shop be merged by merge commits alone, and writes /signalbox recheck."),
        say("signalbox / release advised that; now it names the version that the release becomes, 1.2.0"),
        _merge_commits,
        6,
        RELEASE,
    ),
    Step(
        say("Sora merges the release."),
        say("it is tagged v1.2.0, published with notes, merged back into develop, and its branch is gone"),
        _merged,
        6,
        RELEASE,
    ),
    Step(
        say("Sora merges both features into develop. Mina opens release-v1.4.0 into main."),
        say("refused: after 1.2.0 comes 1.2.1, 1.3.0 or 2.0.0"),
        _gap,
        8,
        RELEASE,
    ),
    Step(
        say("Mina types the commands that the check shows, and opens release-v1.3.0."),
        say("it passes, and is told that it becomes 1.3.0"),
        _no_gap,
        9,
        RELEASE,
    ),
    Step(
        say("While that is open, Jiho and Sora approve hotfix/price, whose name carries no version."),
        say("it becomes the next patch of what is on main, 1.2.1"),
        _hotfix,
        4,
        RELEASE,
    ),
    Step(
        say("Sora merges the hotfix."),
        say("it is tagged v1.2.1 and published, and merged back into develop and into release-v1.3.0"),
        _hotfix_merged,
        4,
        RELEASE,
    ),
    Step(
        say("VERSION has gone on in develop. Jiho and Sora approve release-v1.3.0, and Sora merges it."),
        say("published with both features; #10 names the file that conflicts with develop, VERSION"),
        _conflict,
        9,
        RELEASE,
    ),
    Step(
        say("Mina types the commands that #10 shows, and says what VERSION is to be."),
        say("nothing conflicts any more"),
        _solved,
        10,
    ),
    Step(
        say("Sora merges #10."),
        say("develop has the release, its branch is gone, and the comment on #9 says that all is complete"),
        _completed,
        9,
        RELEASE,
    ),
)
