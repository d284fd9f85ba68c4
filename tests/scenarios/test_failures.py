"""GitHub at its worst: what is refused, lost, slow or gone costs time, never an answer."""

import pytest
from support.world import World

from bot.localhub import faults
from bot.localhub.faults import Fault

MINT = "/app/installations/*/access_tokens"


@pytest.fixture
def world(impatient: World) -> World:
    """A queue that asks again within the second."""
    return impatient


async def conclusion(world: World) -> str:
    """Open a right pull request under whatever was planned, and return what its check says."""
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    return str(world.check(pull).conclusion)


@pytest.mark.parametrize(
    "fault",
    [
        faults.refuse(500),
        faults.refuse(502),
        faults.drop(),
        faults.partial("repository", "pullRequest"),
        faults.partial("repository", "main", "compare"),
        faults.graphql_error("INTERNAL", "Something went wrong while executing your query."),
        faults.secondary_limit(retry_after=1),
        faults.secondary_limit(retry_after=1, status=429),
    ],
    ids=["500", "502", "dropped", "partial", "partial deep", "no data", "secondary 403", "secondary 429"],
)
async def test_a_read_that_fails_is_asked_again(world: World, fault: Fault) -> None:
    world.hub.faults.next("POST", "/graphql", fault, operation="Pull")
    assert await conclusion(world) == "SUCCESS"
    assert world.operations().count("Pull") == 2


async def test_g2_while_github_refuses_nobody_asks(world: World) -> None:
    await world.begin("feat/login", "develop")
    await world.begin("feat/search", "develop")
    world.hub.faults.next("POST", "/graphql", faults.secondary_limit(retry_after=2), operation="Pull")
    first = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    second = await world.hub.pulls.open(world.shop, head="feat/search", base="develop", by=world.mina)
    await world.settled()
    assert [str(world.check(pull).conclusion) for pull in (first, second)] == ["SUCCESS", "SUCCESS"]
    # One refusal, then one read for each: nobody tried in between.
    assert world.operations().count("Pull") <= 4


async def test_g4_a_revoked_token_is_replaced_once_and_at_once(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    (installation,) = world.hub.world.installations.values()
    world.hub.installations.revoke_tokens(installation)
    await world.hub.pulls.edit(pull, by=world.mina, title="Log in")
    await world.settled()
    assert sum("access_tokens" in each.path for each in world.hub.requests) == 2
    assert await world.engine.parked() == []


async def test_g5_an_answer_too_large_is_asked_for_in_smaller_pages(world: World) -> None:
    too_large = faults.graphql_error("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.")
    world.hub.faults.next("POST", "/graphql", too_large, operation="Pull", times=2)
    assert await conclusion(world) == "SUCCESS"
    assert world.operations().count("Pull") == 3


@pytest.mark.parametrize("fault", [faults.lose(502), faults.drop(after=True)], ids=["502", "dropped"])
async def test_g6_a_write_that_was_made_but_looks_failed_is_not_made_again(
    world: World, fault: Fault
) -> None:
    world.hub.faults.next("POST", "/graphql", fault, operation="Publish")
    assert await conclusion(world) == "SUCCESS"
    assert world.operations().count("Publish") == 1


async def test_a_write_that_failed_is_made_again(world: World) -> None:
    world.hub.faults.next("POST", "/graphql", faults.refuse(503), operation="Publish")
    assert await conclusion(world) == "SUCCESS"
    assert world.operations().count("Publish") == 2


async def test_r10_a_pull_request_that_is_not_visible_yet_is_asked_for_again(world: World) -> None:
    hidden = faults.partial("repository", "pullRequest", kind="NOT_FOUND", message="Could not resolve")
    world.hub.faults.next("POST", "/graphql", hidden, operation="Pull")
    assert await conclusion(world) == "SUCCESS"


async def test_a_slow_answer_is_waited_for(world: World) -> None:
    world.hub.faults.next("POST", "/graphql", faults.slow(1.0), operation="Pull")
    assert await conclusion(world) == "SUCCESS"
    assert world.operations().count("Pull") == 1


async def test_a_permission_that_cannot_be_read_is_no_permission(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "main")
    path = "/repos/acme/shop/collaborators/*"
    for asked, status in enumerate((404, 410, 422), start=1):
        world.hub.faults.next("GET", path, faults.refuse(status))
        await world.hub.checks.press(world.check(pull), f"retarget:{pull.number}", by=world.mina)
        await world.settled()
        assert sum("/collaborators/" in each for each in world.operations()) == asked, status
        assert world.pull(pull.number).base_ref_name == "main", status
        assert await world.engine.parked() == [], status


async def test_a_missing_installation_is_given_up_not_asked_for_ever(world: World) -> None:
    await world.begin("feat/login", "develop")
    world.hub.faults.next("POST", MINT, faults.refuse(404))
    await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    await world.settled()
    assert world.hub.world.runs == {}
    assert await world.engine.parked() == []


async def test_a_suspended_installation_is_given_up_and_looked_at_again_when_it_returns(world: World) -> None:
    await world.begin("feat/login", "develop")
    world.hub.faults.next("POST", MINT, faults.refuse(403, "This installation has been suspended"))
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    await world.settled()
    assert world.hub.world.runs == {}
    (installation,) = world.hub.world.installations.values()
    world.hub.installations.unsuspend(world.hub.installations.suspend(installation))
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_what_fails_for_good_is_parked_visible_and_can_be_asked_again(world: World) -> None:
    world.hub.faults.next("POST", "/graphql", faults.refuse(500), operation="Pull", times=4)
    await world.begin("feat/login", "develop")
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    key = f"pull/{world.shop.database_id}/{pull.number}"
    await world.settled()
    assert [question.key for question in await world.engine.parked()] == [key]
    world.hub.faults.clear()
    assert await world.engine.retry(key)
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"
    assert await world.engine.parked() == []
