"""The fourth act: images come, Signalbox deploys them, and goes back when one does not run."""

from functools import partial
from typing import Final

from bot.cli.stage import GITOPS, IMAGE, RELEASE, Stage, arrives
from bot.cli.story.step import Step
from bot.message import say
from bot.rules import RULEBOOK_PATH

_RULEBOOK: Final = f"""\
preset: git-flow
language: en
approvals: {{release: {{count: 2}}}}
delivery: {{images: [{IMAGE}], repository: {GITOPS}}}
environments:
  local: null
  dev: {{dwell: 0}}
  test: null
  stage: {{from: tag, dwell: 0}}
  prod: {{deploy: manual, dwell: 0}}
"""


async def _told(stage: Stage) -> bool:
    await stage.fetch()
    await stage.clone.git("switch", "--quiet", "main")
    await stage.clone.git("merge", "--quiet", "--ff-only", "origin/main")
    await stage.clone.commit("chore: say what runs where", {RULEBOOK_PATH: _RULEBOOK})
    await stage.push("main")

    async def is_known() -> bool:
        known = await stage.ledger.repositories.locate("acme/shop")
        return known is not None and known.images == (IMAGE,)

    return await arrives(is_known)


async def _developed(stage: Stage) -> bool:
    tip = (await stage.clone.git("rev-parse", "--short", "origin/develop")).strip()
    tag = f"develop-{tip}"
    await stage.push_image(tag, 1)
    if not await stage.writes("dev", tag):
        return False
    await stage.argo_says("shop-dev", tag)
    return await _runs(stage, "dev", tag)


async def _staged(tag: str, number: int, stage: Stage) -> bool:
    await stage.push_image(tag, number)
    if not await stage.writes("stage", tag):
        return False
    await stage.argo_says("shop-stage", tag)
    return await _runs(stage, "stage", tag)


async def _promoted(stage: Stage) -> bool:
    await stage.hub.comments.write(stage.pull(4), by=stage.sora, body="/signalbox promote prod")
    if not await stage.writes("prod", "v1.2.1"):
        return False
    await stage.argo_says("shop-prod", "v1.2.1")
    return await _runs(stage, "prod", "v1.2.1")


async def _degraded(stage: Stage) -> bool:
    await stage.hub.comments.write(stage.pull(9), by=stage.sora, body="/signalbox promote prod")
    if not await stage.writes("prod", "v1.3.0"):
        return False
    await stage.argo_says("shop-prod", "v1.3.0", "Degraded")
    return await _runs(stage, "prod", "v1.2.1", health="failure")


async def _rolled_back(stage: Stage) -> bool:
    await stage.hub.comments.write(stage.pull(9), by=stage.sora, body="/signalbox rollback prod")
    if not await stage.writes("prod", "v1.2.1"):
        return False
    await stage.argo_says("shop-prod", "v1.2.1")
    return await _runs(stage, "prod", "v1.2.1", held=True)


async def _runs(
    stage: Stage, environment: str, tag: str, *, health: str = "success", held: bool = False
) -> bool:
    """Wait until the board says that an environment runs an image, how it is, and whether it is held."""

    async def is_shown() -> bool:
        known = await stage.ledger.repositories.locate("acme/shop")
        rows = await stage.ledger.board.of(known) if known else ()
        return any(
            f":{tag}@" in (state.running.image or "")
            and (state.last.state, state.hold is not None) == (health, held)
            for state in (row.state for row in rows)
            if state.name == environment and state.running and state.last
        )

    return await arrives(is_shown)


STEPS: Final = (
    Step(
        say("Sora writes on main which image the shop is, and where its manifests are."),
        say("Signalbox knows from now on what it deploys"),
        _told,
        9,
        RELEASE,
    ),
    Step(
        say("The registry tells of an image of develop; later, Argo CD that it is healthy."),
        say("dev gets it at once, by one commit in acme/gitops, and the control room shows it"),
        _developed,
        9,
        RELEASE,
    ),
    Step(
        say("The registry tells of the image v1.2.1; later, Argo CD that it is healthy."),
        say("stage gets it at once, and it waits to be promoted to prod"),
        partial(_staged, "v1.2.1", 2),
        4,
        RELEASE,
    ),
    Step(
        say("Sora comments {command}.", command="/signalbox promote prod"),
        say("prod gets what runs on stage, and is healthy"),
        _promoted,
        4,
        RELEASE,
    ),
    Step(
        say("The registry tells of the image v1.3.0; later, Argo CD that it is healthy."),
        say("stage gets it at once"),
        partial(_staged, "v1.3.0", 3),
        9,
        RELEASE,
    ),
    Step(
        say("Sora promotes it to prod, where Argo CD finds it degraded."),
        say("the deployment has failed, and the control room shows that"),
        _degraded,
        9,
        RELEASE,
    ),
    Step(
        say("Sora comments {command}.", command="/signalbox rollback prod"),
        say("prod runs v1.2.1 again, by one commit, and is held there until somebody promotes"),
        _rolled_back,
        9,
        RELEASE,
    ),
)
