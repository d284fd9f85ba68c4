"""R14: a merge queue's own commit gets every check, so that none of them keeps it waiting for ever."""

from support.world import CHECK, World

from bot.webhooks.questions import AboutQueue


async def test_r14_the_head_of_a_merge_group_gets_its_checks(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    await world.hub.queue.enqueue(world.pull(pull.number), by=world.mina)
    await world.settled()
    heads = {run.head_oid: run for run in world.hub.world.runs.values() if run.name == CHECK}
    (queued,) = [run for oid, run in heads.items() if oid != pull.head_ref_oid]
    assert queued.conclusion == "SUCCESS"
    assert len(heads) == 2


async def test_a_merge_group_that_has_its_checks_is_left_alone(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    await world.hub.queue.enqueue(world.pull(pull.number), by=world.mina)
    await world.settled()
    before = world.operations()
    head = next(run.head_oid for run in world.hub.world.runs.values() if run.head_oid != pull.head_ref_oid)
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
