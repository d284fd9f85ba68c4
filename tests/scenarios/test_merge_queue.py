"""R14: a merge queue's own commit gets every check, judged by the pull requests that it holds."""

from support.world import CHECK, REVIEW, World

from bot.localhub.model import CheckRun, PullRequest
from bot.rules.checks import CHECKS
from bot.webhooks.questions import AboutQueue


async def queued(world: World, pull: PullRequest) -> str:
    """Put a pull request into the queue; return the head of its merge group."""
    ref = await world.hub.queue.enqueue(world.pull(pull.number), by=world.mina)
    await world.settled()
    refs = await world.hub.world.git(world.shop).refs()
    return refs[ref]


def checks(world: World, head: str) -> dict[str, CheckRun]:
    """The checks of a commit, by name."""
    return {run.name: run for run in world.hub.world.runs.values() if run.head_oid == head}


async def test_r14_the_head_of_a_merge_group_gets_all_its_checks(world: World) -> None:
    await world.begin("feat/login", "develop")
    head = await queued(world, await world.open("feat/login", "develop"))
    found = checks(world, head)
    assert set(found) == {f"signalbox / {check.name}" for check in CHECKS}
    assert {run.conclusion for run in found.values()} == {"SUCCESS"}


async def test_r14_a_group_is_judged_by_every_pull_request_that_it_holds(world: World) -> None:
    jiho = world.person("jiho")
    await world.begin("feat/login", "develop")
    first = await world.open("feat/login", "develop")
    await world.hub.reviews.submit(first, by=jiho, state="CHANGES_REQUESTED", body="P1: no")
    await world.begin("feature/search", "develop")
    second = await world.open("feature/search", "develop")
    alone, both = checks(world, await queued(world, first)), checks(world, await queued(world, second))
    assert (alone[CHECK].conclusion, alone[REVIEW].conclusion) == ("SUCCESS", "FAILURE")
    assert (both[CHECK].conclusion, both[REVIEW].conclusion) == ("FAILURE", "FAILURE")


async def test_r14_what_changes_on_a_pull_request_changes_on_its_groups(world: World) -> None:
    jiho = world.person("jiho")
    await world.begin("feat/login", "develop")
    first = await world.open("feat/login", "develop")
    await world.hub.reviews.submit(first, by=jiho, state="CHANGES_REQUESTED", body="P1: no")
    await world.begin("feat/search", "develop")
    second = await world.open("feat/search", "develop")
    heads = [await queued(world, first), await queued(world, second)]
    assert [checks(world, head)[REVIEW].conclusion for head in heads] == ["FAILURE", "FAILURE"]
    await world.hub.reviews.submit(first, by=jiho, state="APPROVED")
    await world.settled()
    assert [checks(world, head)[REVIEW].conclusion for head in heads] == ["SUCCESS", "SUCCESS"]


async def test_r14_a_group_is_looked_at_when_its_own_checks_report(world: World) -> None:
    jiho = world.person("jiho")
    await world.begin("release-v1.2.0", "develop")
    pull = await world.open("release-v1.2.0", "main")
    await world.hub.reviews.submit(pull, by=jiho, state="APPROVED")
    await world.settled()
    head = await queued(world, pull)
    before = world.operations()
    await world.hub.checks.report(world.shop, head, "build", conclusion="SUCCESS")
    await world.settled()
    assert world.operations()[len(before) :][:2] == ["Checks", "Queue"]


async def test_a_merge_group_that_has_its_checks_is_left_alone(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    head = await queued(world, pull)
    before = world.operations()
    about = AboutQueue(
        installation=next(iter(world.hub.world.installations)),
        repository=world.shop.id,
        repository_id=world.shop.database_id,
        full_name="acme/shop",
        head=head,
        branch="develop",
        number=pull.number,
    )
    await world.engine.ask(about.question)
    await world.settled()
    assert world.operations() == [*before, "Checks", "Queue", "Pull"]
