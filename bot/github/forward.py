"""How main stands to a fix that was merged into a release."""

from dataclasses import replace
from typing import Final

from bot.github import nodes
from bot.github.connection import InstallationConnection
from bot.github.lines import MOST_COMMITS
from bot.github.lists import pages
from bot.github.merged import MergedPull, target
from bot.releases.plan import TargetState
from bot.releases.watch import Fix, forward_head, is_same_change, picks
from bot.rules.facts import Commit

# GitHub lists no more commits of a pull request (REST, "List commits on a pull request").
_LISTED: Final = 250


async def read_forward(
    connection: InstallationConnection, repository: str, merged: MergedPull, main: str
) -> Fix:
    """Read a merged fix: whether main (by its name) has it, or a pull request that brings it.

    Main has it by the merge itself, or by commits that make the same change, as far as a thousand of its
    commits tell.
    """
    variables = {
        "repository": repository,
        "number": merged.pull.number,
        "main": f"refs/heads/{main}",
        "base": main,
        "commit": merged.commit,
        "forward": forward_head(merged.pull.number),
    }
    read = [each async for each in pages(connection, "fix", variables, ("pullRequest", "commits"))]
    listed = [each["commit"] for _, page in read for each in page["nodes"]]
    node, brought = read[-1][0], nodes.commits({"nodes": listed})
    found = target(main, node["main"], node["forward"]["nodes"])
    fix = Fix(merged.pull.number, merged.pull.base, merged.commit, found)
    if found.state is TargetState.CONTAINED or len(brought) >= _LISTED:
        return fix
    (merge,) = nodes.commits({"nodes": [node["pullRequest"]["mergeCommit"]]})
    if is_same_change(merge, brought, await _recent(connection, repository, main, [merge, *brought])):
        return replace(fix, main=replace(found, state=TargetState.CONTAINED))
    return replace(fix, picks=picks(merge, brought))


async def _recent(
    connection: InstallationConnection, repository: str, main: str, commits: list[Commit]
) -> list[Commit]:
    """What main got since the first of some commits was written: nobody can have picked them before."""
    since = min(commit.authored for commit in commits).isoformat()
    variables = {"repository": repository, "line": f"refs/heads/{main}", "since": since}
    found: list[Commit] = []
    async for _, page in pages(connection, "recent", variables, ("line", "target", "history")):
        found += nodes.commits(page)
        if len(found) >= MOST_COMMITS:
            break
    return found
