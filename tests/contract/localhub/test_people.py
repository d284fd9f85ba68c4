"""What people do: they push, fork, open, merge, and press buttons; the App hears of all of it."""

import asyncio
from typing import Any

import pytest

from bot.localhub.refusals import Unprocessable


async def test_a_push_moves_the_pull_request(team: Any, ear: Any) -> None:
    pull = await team.open()
    oid = await team.clone.commit("more", {"more.txt": "1"})
    await team.push("feat/login")
    await team.hub.settled()
    (told,) = ear.payloads("pull_request", "synchronize")
    assert (told["before"], told["after"], told["number"]) == (pull.head_ref_oid, oid, pull.number)
    assert told["pull_request"]["head"]["sha"] == oid
    refs = await team.hub.world.git(team.shop).refs()
    assert refs[f"refs/pull/{pull.number}/head"] == oid == team.now(pull).head_ref_oid
    push = ear.payloads("push")[-1]
    assert (push["ref"], push["after"], push["forced"], len(push["commits"])) == (
        "refs/heads/feat/login",
        oid,
        False,
        1,
    )


async def test_a_forced_push_says_so(team: Any, ear: Any) -> None:
    pull = await team.open()
    await team.clone.git("reset", "--quiet", "--hard", "develop")
    oid = await team.clone.commit("other", {"other.txt": "1"})
    await team.push("feat/login", options=("--force",))
    await team.hub.settled()
    assert ear.payloads("push")[-1]["forced"]
    assert team.now(pull).head_ref_oid == oid


async def test_looking_twice_tells_once(team: Any, ear: Any) -> None:
    await team.clone.branch("feat/one", "develop")
    await team.clone.commit("one", {"one.txt": "1"})
    await team.clone.push("feat/one")
    looks = await asyncio.gather(*(team.hub.repositories.sync(team.shop) for _ in range(3)))
    assert sorted(map(len, looks)) == [0, 0, 1]
    await team.hub.settled()
    assert [one["ref"] for one in ear.payloads("create")].count("feat/one") == 1
    assert ear.payloads("push")[-1]["sender"]["login"] == "mina"


async def test_a_merge_is_noticed_in_the_base(team: Any, ear: Any) -> None:
    pull = await team.open()
    await team.clone.git("switch", "--quiet", "develop")
    await team.clone.merge("feat/login")
    await team.push("develop")
    await team.hub.settled()
    (told,) = ear.payloads("pull_request", "closed")
    tip = (await team.clone.git("rev-parse", "develop")).strip()
    assert told["pull_request"]["merged"] is True
    assert told["pull_request"]["merge_commit_sha"] == tip
    assert team.now(pull).merged
    assert await team.hub.pulls.close(team.now(pull), by=team.mina) == team.now(pull)


async def test_deleting_the_branch_closes_the_pull_request(team: Any, ear: Any) -> None:
    pull = await team.open()
    await team.push(":feat/login")
    await team.hub.settled()
    assert team.now(pull).state == "CLOSED"
    assert ear.payloads("delete")[-1]["ref"] == "feat/login"
    with pytest.raises(Unprocessable):
        await team.hub.pulls.reopen(team.now(pull), by=team.mina)


async def test_a_fork_pushes_into_the_pull_request(team: Any) -> None:
    eve = team.hub.person("eve")
    fork = await team.hub.repositories.fork(team.shop, eve)
    theirs = str(team.hub.clone_path(fork))
    await team.clone.branch("feat/theirs", "develop")
    await team.clone.commit("theirs", {"theirs.txt": "1"})
    await team.clone.git("push", "--quiet", theirs, "feat/theirs")
    pull = await team.hub.pulls.open(team.shop, head="eve:feat/theirs", base="develop", by=eve)
    oid = await team.clone.commit("more", {"theirs.txt": "2"})
    await team.clone.git("push", "--quiet", theirs, "feat/theirs")
    await team.hub.repositories.sync(fork)
    assert team.now(pull).head_ref_oid == oid
    assert await team.hub.world.git(team.shop).kind(oid) == "commit"
    await team.hub.repositories.delete(fork)
    assert team.now(pull).head_repository is None


async def test_what_cannot_be_opened(team: Any) -> None:
    await team.open()
    pulls, mina = team.hub.pulls, team.mina
    for head, base in (
        ("feat/login", "develop"),
        ("feat/login", "nowhere"),
        ("nowhere", "develop"),
        ("eve:feat/login", "develop"),
        ("develop", "develop"),
    ):
        with pytest.raises(Unprocessable):
            await pulls.open(team.shop, head=head, base=base, by=mina)
    other = await pulls.open(team.shop, head="feat/login", base="main", by=mina)
    with pytest.raises(Unprocessable):
        await pulls.edit(other, by=mina, base="develop")
    assert await pulls.edit(other, by=mina, base="main") == other
    with pytest.raises(ValueError, match="exists already"):
        await team.hub.repositories.create("acme/shop")


async def test_histories_without_a_common_beginning(team: Any) -> None:
    await team.clone.git("switch", "--quiet", "--orphan", "feat/orphan")
    await team.clone.commit("alone", {"alone.txt": "1"})
    await team.push("feat/orphan")
    pull = await team.hub.pulls.open(team.shop, head="feat/orphan", base="develop", by=team.mina)
    assert pull.is_open


async def test_deleting_a_repository_takes_its_pull_requests(team: Any) -> None:
    await team.open()
    await team.hub.repositories.delete(team.shop)
    assert team.hub.world.pulls == {}


async def test_a_button_is_heard_with_its_presser(team: Any, api: Any, ear: Any) -> None:
    pull = await team.open()
    action = {"label": "Retarget", "description": "Send it to develop", "identifier": "retarget"}
    await api.check(pull, actions=[action])
    (run,) = team.hub.world.runs.values()
    await team.hub.checks.press(run, "retarget", by=team.mina)
    await team.hub.settled()
    (told,) = ear.payloads("check_run", "requested_action")
    assert told["requested_action"] == {"identifier": "retarget"}
    assert (told["sender"]["login"], told["check_run"]["app"]["id"]) == ("mina", team.hub.app.database_id)
    with pytest.raises(Unprocessable):
        await team.hub.checks.press(run, "merge", by=team.mina)
