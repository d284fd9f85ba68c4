"""The fourth act: the team's workflow deploys what was released, and the control room shows where it runs."""

from typing import Final

from bot.cli.stage import RELEASE, Stage, arrives
from bot.cli.story.step import Step
from bot.message import say


async def _deployed(stage: Stage) -> bool:
    for environment, ref in (("dev", "develop"), ("stage", "v1.2.1"), ("prod", "v1.2.1")):
        await _deploy(stage, environment, ref, "success")
    return (
        await _runs(stage, "dev", "develop")
        and await _runs(stage, "stage", "v1.2.1")
        and await _runs(stage, "prod", "v1.2.1")
    )


async def _waits(stage: Stage) -> bool:
    await _deploy(stage, "stage", "v1.3.0", "success")
    return await _runs(stage, "prod", "v1.2.1", waiting="v1.3.0")


async def _failed(stage: Stage) -> bool:
    await _deploy(stage, "prod", "v1.3.0", "failure")
    return await _runs(stage, "prod", "v1.2.1", waiting="v1.3.0", health="failure")


async def _deploy(stage: Stage, environment: str, ref: str, state: str) -> None:
    """Deploy as a workflow does: create GitHub's Deployment, and say how it ended."""
    made = await stage.hub.deployments.create(stage.shop, ref, by=stage.sora, environment=environment)
    stage.hub.deployments.say(made, state, by=stage.sora)


async def _runs(
    stage: Stage, environment: str, ref: str, waiting: str | None = None, health: str = "success"
) -> bool:
    """Wait until the board says that an environment runs this, how it is, and what waits for it."""

    async def is_shown() -> bool:
        known = await stage.ledger.repositories.locate("acme/shop")
        rows = await stage.ledger.board.of(known) if known else ()
        return any(
            (row.state.running.ref, row.state.last.state, row.waiting.ref if row.waiting else None)
            == (ref, health, waiting)
            for row in rows
            if row.state.name == environment and row.state.running and row.state.last
        )

    return await arrives(is_shown)


STEPS: Final = (
    Step(
        say("A workflow of the team deploys develop to dev, and v1.2.1 to stage and prod."),
        say("the control room shows what each of them runs, since when and by whom"),
        _deployed,
        9,
        RELEASE,
    ),
    Step(
        say("It deploys v1.3.0 to stage."),
        say("v1.3.0 runs there, and waits to be promoted to prod"),
        _waits,
        9,
        RELEASE,
    ),
    Step(
        say("It deploys v1.3.0 to prod, where that fails."),
        say("prod is shown as failed, and as running v1.2.1 still"),
        _failed,
        9,
        RELEASE,
    ),
)
