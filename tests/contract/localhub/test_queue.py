"""The merge queue: groups of real merges, each on top of the one before."""

from typing import Any

import pytest

from bot.localhub.refusals import Unprocessable

QUEUE = """
query Queue($repository: ID!, $branch: String) {
  node(id: $repository) { ... on Repository { mergeQueue(branch: $branch) { id entries(first: 100) {
    nodes { id position baseCommit { oid } headCommit { oid } pullRequest { number } }
    totalCount
    pageInfo { hasNextPage }
  } } } }
}
"""


async def opened(team: Any, *names: str, base: str = "develop") -> list[Any]:
    """One pull request from a new branch for each name."""
    return [await team.open(f"feat/{name}", base) for name in names]


async def waiting(team: Any, ask: Any, branch: str | None = "develop") -> list[tuple[int, int]] | None:
    """Who waits for a branch: position and number; None where there is no queue."""
    queue = (await ask(QUEUE, repository=team.shop.id, branch=branch))["node"]["mergeQueue"]
    if queue is None:
        return None
    return [(one["position"], one["pullRequest"]["number"]) for one in queue["entries"]["nodes"]]


async def test_the_second_group_stands_on_the_first(team: Any, ask: Any, ear: Any) -> None:
    one, two = await opened(team, "one", "two")
    base = (await team.clone.git("rev-parse", "develop")).strip()
    first, second = [await team.hub.queue.enqueue(pull, by=team.mina) for pull in (one, two)]
    git = team.hub.world.git(team.shop)
    (bottom,), (top,) = await git.log(first, most=1), await git.log(second, most=1)
    assert bottom.parents == (base, one.head_ref_oid)
    assert top.parents == (bottom.oid, two.head_ref_oid)
    assert second == f"refs/heads/gh-readonly-queue/develop/pr-{two.number}-{bottom.oid}"
    assert {change.path for change in await git.changes(base, top.oid)} == {"feat/one.txt", "feat/two.txt"}
    queue = (await ask(QUEUE, repository=team.shop.id, branch="develop"))["node"]["mergeQueue"]
    entries = queue["entries"]["nodes"]
    assert [(one["baseCommit"]["oid"], one["headCommit"]["oid"]) for one in entries] == [
        (base, bottom.oid),
        (bottom.oid, top.oid),
    ]
    await team.hub.settled()
    told = [one["merge_group"] for one in ear.payloads("merge_group", "checks_requested")]
    assert [(group["base_sha"], group["head_sha"]) for group in told] == [
        (base, bottom.oid),
        (bottom.oid, top.oid),
    ]
    assert {group["base_ref"] for group in told} == {"refs/heads/develop"}


async def test_who_is_merged_or_closed_waits_no_more(team: Any, ask: Any) -> None:
    one, two, three = await opened(team, "one", "two", "three")
    assert await waiting(team, ask) is None
    refs = [await team.hub.queue.enqueue(pull, by=team.mina) for pull in (one, two, three)]
    assert await waiting(team, ask) == [(1, one.number), (2, two.number), (3, three.number)]
    assert await waiting(team, ask, "main") is None
    assert await waiting(team, ask, None) is None
    git = team.hub.world.git(team.shop)
    merged = (await git.refs())[refs[0]]
    await git.set_ref("refs/heads/develop", merged)
    await team.hub.repositories.sync(team.shop, team.mina)
    assert team.now(one).merge_commit == merged
    assert await waiting(team, ask) == [(1, two.number), (2, three.number)]
    await team.hub.pulls.close(two, by=team.mina)
    await team.hub.pulls.close(three, by=team.mina)
    assert await waiting(team, ask) == []


async def test_who_leaves_the_queue_may_come_again(team: Any, ask: Any, ear: Any) -> None:
    (pull,) = await opened(team, "one")
    ref = await team.hub.queue.enqueue(pull, by=team.mina)
    with pytest.raises(Unprocessable, match="cannot be queued"):
        await team.hub.queue.enqueue(pull, by=team.mina)
    await team.hub.queue.dequeue(pull, by=team.mina)
    assert await waiting(team, ask) == []
    assert ref not in await team.hub.world.git(team.shop).refs()
    with pytest.raises(Unprocessable, match="not queued"):
        await team.hub.queue.dequeue(pull, by=team.mina)
    await team.hub.settled()
    (told,) = ear.payloads("merge_group", "destroyed")
    assert (told["reason"], told["merge_group"]["head_ref"]) == ("dequeued", ref)
    assert await team.hub.queue.enqueue(pull, by=team.mina) == ref
    assert await waiting(team, ask) == [(1, pull.number)]


async def test_a_queue_belongs_to_its_branch_and_repository(team: Any, ask: Any) -> None:
    into_main, into_develop = (*await opened(team, "one", base="main"), *await opened(team, "two"))
    for pull in (into_main, into_develop):
        await team.hub.queue.enqueue(pull, by=team.mina)
    fork = await team.hub.repositories.fork(team.shop, team.hub.person("eve"))
    theirs = await team.hub.pulls.open(fork, head="feat/one", base="main", by=team.mina)
    assert theirs.number == into_main.number
    await team.hub.pulls.close(theirs, by=team.mina)
    assert await waiting(team, ask, None) == await waiting(team, ask, "main") == [(1, into_main.number)]
    assert await waiting(team, ask) == [(1, into_develop.number)]
