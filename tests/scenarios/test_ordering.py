"""What people order of environments: of several images, at once with others, and with old buttons."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.fleet import (
    MANIFEST,
    RULEBOOK,
    Fleet,
    a_fleet,
    commit_of,
    developed,
    pushed,
    to_stage,
    two_images_of_dev,
)
from support.world import QUICK

from bot import settings
from bot.github.rulebooks import Rulebooks
from bot.jobs.dispatch import Place
from bot.jobs.environments import EnvironmentOrders
from bot.localhub.faults import Hold, hold, lose
from bot.releases.orders import in_force
from bot.work import github_of
from service.ledger.audit import Filter

NAMES = ("web", "worker")
IMAGES = [f"registry.example.com/acme/{name}" for name in NAMES]


@asynccontextmanager
async def two_images(tmp_path: Path, dev: str = "") -> AsyncIterator[Fleet]:
    """A fleet whose every environment has two images."""
    rulebook = RULEBOOK.replace("[registry.example.com/acme/shop]", str(IMAGES))
    async with a_fleet(tmp_path, rulebook.replace("dev: {", f"dev: {{{dev}"), QUICK) as fleet:
        files = {
            f"apps/shop-{place}/{name}.yaml": MANIFEST.format(image=f"registry.example.com/acme/{name}")
            for place in ("dev", "stage", "prod")
            for name in NAMES
        }
        await fleet.clone.commit("two", files)
        await fleet.clone.push("main")
        yield fleet


async def stand(fleet: Fleet, environment: str) -> list[str]:
    """The tags of both images in the manifests of an environment."""
    git, head = fleet.world.hub.world.git(fleet.gitops), await fleet.head()
    found = [await git.blob(head, f"apps/shop-{environment}/{name}.yaml") for name in NAMES]
    texts = [each.text.partition("image: ")[2].split()[0] for each in found if each and each.text]
    return [text.rpartition(":")[2] for text in texts]


async def both_say(fleet: Fleet, environment: str, tag: str, health: str = "Healthy") -> None:
    """Argo CD says how an application stands with both images."""
    status = {
        "health": {"status": health},
        "operationState": {"phase": "Succeeded", "syncResult": {"revision": await fleet.head()}},
        "summary": {"images": [f"{image}:{tag}" for image in IMAGES]},
    }
    await fleet.tell("argocd", {"app": {"metadata": {"name": f"shop-{environment}"}, "status": status}})


async def both_pushed(fleet: Fleet, tag: str, hour: int) -> None:
    """Both images are pushed at an hour of the day."""
    events = [pushed(f"acme/{name}", tag, f"{hour}:00", 10 * hour + at) for at, name in enumerate(NAMES)]
    await fleet.tell("registry", {"events": events})


async def both_to_stage(fleet: Fleet, version: str, hour: int) -> str:
    """Bring both images of a release to stage; their tag."""
    await fleet.world.begin(f"release-v{version}", "develop")
    tag = await commit_of(fleet, f"release-v{version}")
    await both_pushed(fleet, tag, hour)
    await both_say(fleet, "stage", tag)
    return tag


async def acts(fleet: Fleet) -> list[tuple[str, str, str]]:
    """Who did what from where, by the audit, the newest first."""
    found = await fleet.ledger.audit.entries(Filter(fleet.world.shop.database_id))
    return [(each.actor, each.action, each.origin) for each in found.entries]


async def held(fleet: Fleet) -> list[str]:
    """The environments that are held."""
    found = await fleet.ledger.environments.of(fleet.world.shop.database_id)
    return [each.name for each in found if each.hold]


async def test_an_order_is_of_every_image(tmp_path: Path) -> None:
    async with two_images(tmp_path) as fleet:
        world, sora = fleet.world, fleet.world.person("sora", "maintain")
        first = await both_to_stage(fleet, "1.0.0", 10)
        told = await fleet.orders(sora, "/signalbox promote prod")
        numbers = [each.database_id for each in fleet.deployments("prod")]
        assert "`sora` promotes `1.0.0` to `prod`. Deployments" in told
        assert all(str(number) in told for number in numbers)
        await both_say(fleet, "prod", first)
        assert (await stand(fleet, "prod"), len(numbers)) == ([first, first], 2)
        assert "runs in `prod` already" in await fleet.orders(sora, "/signalbox promote prod")
        second = await both_to_stage(fleet, "1.1.0", 11)
        # A person's own carries one of them; the answer to its making is lost, and the job begins anew.
        world.hub.faults.next("POST", "/repos/acme/shop/deployments", lose())
        await world.hub.deployments.create(
            world.shop, "main", by=sora, environment="prod", task="promote", payload={"signalbox": {}}
        )
        await world.settled()
        await both_say(fleet, "prod", second)
        assert await stand(fleet, "prod") == [second, second]
        assert fleet.states("prod")[2:].count(["in_progress", "success"]) == 2
        told = await fleet.orders(sora, "/signalbox rollback prod")
        assert "rolls `prod` back to `1.0.0`. Deployments" in told
        assert (await stand(fleet, "prod"), await held(fleet)) == ([first, first], ["prod"])
        assert await acts(fleet) == [
            *[("sora", "rollback", "comment")] * 2,
            *[("sora", "promote", "deployment")] * 2,
            *[("sora", "promote", "comment")] * 2,
        ]


async def test_what_fails_is_rolled_back_by_itself_image_by_image_and_once(tmp_path: Path) -> None:
    async with two_images(tmp_path, "degraded: rollback, ") as fleet:
        world, first = fleet.world, await developed(fleet, "first")
        await both_pushed(fleet, first, 10)
        await both_say(fleet, "dev", first)
        second = await developed(fleet, "second")
        await both_pushed(fleet, second, 11)
        await both_say(fleet, "dev", second, "Degraded")
        assert await stand(fleet, "dev") == [first, first]
        assert [each.task for each in fleet.deployments("dev")] == ["deploy"] * 4 + ["rollback"] * 2
        found = settings.read(world.hub.environment(tmp_path / "data"))
        history = await fleet.ledger.shipments.history(world.shop.database_id, "dev")
        failed = next(each for each in history if not each.by)
        async with github_of(found, settings.identity(found)) as github:
            connection = github.installation(failed.installation)
            rulebook = in_force(await Rulebooks().of(connection, "acme/shop"))
            place = Place(connection, failed.installation, failed.repository, rulebook)
            orders = EnvironmentOrders(fleet.ledger, world.engine.ask)
            again = await orders.roll_back(place, failed, "signalbox")
        assert again.id == "Deployment {number} carries it."
        assert len(fleet.deployments("dev")) == 6


async def test_of_two_who_order_at_once_one_is_first(fleet: Fleet) -> None:
    world = fleet.world
    people = [world.person(login, "maintain") for login in ("sora", "noor")]
    tag = await to_stage(fleet, "1.0.0", 1)
    posted, read = [Hold(), Hold()], [Hold(), Hold()]
    # Nobody knows of either before GitHub has both.
    for at_post, at_read in zip(posted, read, strict=True):
        world.hub.faults.next("POST", "/repos/acme/shop/deployments", hold(at_post))
        world.hub.faults.next("GET", "/repos/acme/shop/deployments/*", hold(at_read))
    ordering = [asyncio.create_task(fleet.orders(each, "/signalbox promote prod")) for each in people]
    async with asyncio.timeout(30):
        for each in posted:
            await each.reached.wait()
    for each in (*posted, *read):
        each.released.set()
    await asyncio.gather(*ordering)
    assert await fleet.written("prod") == tag
    states = sorted(fleet.states("prod"))
    assert (states[0], {*states[1]}) == (["in_progress"], {"inactive"})
    written = world.hub.world.issue_comments.values()
    told = [each.body for each in written if each.author == world.hub.world.app.bot]
    assert sorted("is deploying there (deployment" in each for each in told) == [False, True]
    assert len(await acts(fleet)) == 1


async def test_d6_what_comes_while_somebody_rolls_back_does_not_come(fleet: Fleet) -> None:
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    first, _ = await two_images_of_dev(fleet)
    third, posted, read = await developed(fleet, "third"), Hold(), Hold()
    # It is decided to come while nothing is held, and is known here only after somebody has rolled back.
    world.hub.faults.next("POST", "/repos/acme/shop/deployments", hold(posted))
    world.hub.faults.next("GET", "/repos/acme/shop/deployments/*", hold(read))
    coming = asyncio.create_task(fleet.push_image(third, "12:00", 3))
    async with asyncio.timeout(30):
        await posted.reached.wait()
        ordering = asyncio.create_task(fleet.orders(sora, "/signalbox rollback dev"))
        while not await held(fleet):  # noqa: ASYNC110 - it is the bot that holds it
            await asyncio.sleep(0.02)
    posted.released.set()
    read.released.set()
    await asyncio.gather(coming, ordering)
    assert await fleet.written("dev") == first
    tasks = [each.task for each in fleet.deployments("dev")]
    assert (tasks[2:], {*fleet.states("dev")[2]}) == (["deploy", "rollback"], {"inactive"})


async def test_an_image_of_a_feature_is_promoted_by_its_tag(fleet: Fleet) -> None:
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    tags = []
    for number, name in enumerate(("cart", "search"), start=1):
        await world.begin(f"feat/{name}", "develop")
        tags.append(f"feat-{name}-{await commit_of(fleet, f'feat/{name}')}")
        await fleet.push_image(tags[-1], f"1{number}:00", number)
    assert f"those that are known are `{tags[1]}`, `{tags[0]}`" in await fleet.orders(
        sora, "/signalbox promote local feat-card"
    )
    await fleet.orders(sora, f"/signalbox promote local {tags[0]}")
    (deployment,) = fleet.deployments("local")
    assert f":{tags[0]}@" in str(deployment.payload)
    assert "Expected" in await fleet.orders(sora, f"/signalbox promote prod {tags[0]}")


async def test_what_somebody_else_carries_out_ends_as_they_say(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, RULEBOOK.replace(", repository: acme/gitops", ""), QUICK) as fleet:
        world, sora = fleet.world, fleet.world.person("sora", "maintain")
        await to_stage(fleet, "1.0.0", 1)
        for environment in ("stage", "prod"):
            if environment == "prod":
                assert "is done" in await fleet.orders(sora, "/signalbox promote prod")
                assert "is deploying there" in await fleet.orders(sora, "/signalbox promote prod")
            (deployment,) = fleet.deployments(environment)
            world.hub.deployments.say(deployment, "success", by=world.mina)
            await world.settled()
        assert "runs in `prod` already" in await fleet.orders(sora, "/signalbox promote prod")


async def test_a_rollback_overtakes_a_pull_request_that_nobody_merged(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, RULEBOOK.replace("prod: {", "prod: {write: pull_request, "), QUICK) as fleet:
        world = fleet.world
        sora, noor = [world.person(login, "maintain") for login in ("sora", "noor")]
        first = await to_stage(fleet, "1.0.0", 1)
        await fleet.orders(sora, "/signalbox promote prod")
        (pull,) = world.hub.world.pulls_of(fleet.gitops)
        await world.hub.pulls.merge(pull, by=world.mina)
        await fleet.says("shop-prod", first)
        await to_stage(fleet, "1.1.0", 2)
        await fleet.orders(sora, "/signalbox promote prod")
        assert "`sora` is deploying there" in await fleet.orders(noor, "/signalbox promote prod")
        assert "is done" in await fleet.orders(noor, "/signalbox rollback prod")
        assert fleet.states("prod")[1:] == [["queued", "inactive"], ["success"]]
        assert await fleet.written("prod") == first


def told(fleet: Fleet, environment: str, place: int) -> tuple[str, str]:
    """What was said last of a deployment to an environment: its state, and why."""
    last = fleet.world.hub.world.said_of(fleet.deployments(environment)[place])[-1]
    return last.state, last.description


REPLACED = "Something else has taken its place there, so nothing was done."


async def test_a_button_takes_back_what_stands_there_and_once(tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace("dev: {", "dev: {degraded: button, ")
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        sora, noor = [fleet.world.person(login, "maintain") for login in ("sora", "noor")]
        first, _ = await two_images_of_dev(fleet)
        third = await developed(fleet, "third")
        await fleet.push_image(third, "12:00", 3)
        await fleet.says("shop-dev", third, "Degraded")
        old, new = [each for each in fleet.checks("Roll back") if each.title == "dev failed"]
        await fleet.press(old, "Roll back", sora)
        assert (await fleet.written("dev"), told(fleet, "dev", 1)) == (third, ("failure", REPLACED))
        for each in (sora, noor, sora):
            await fleet.press(new, "Roll back", each)
        assert (await fleet.written("dev"), len(fleet.deployments("dev"))) == (first, 4)
        number = fleet.deployments("dev")[3].database_id
        assert told(fleet, "dev", 2) == ("failure", f"sora was first: deployment {number} carries it.")


async def test_a_button_promotes_what_runs_there_still(fleet: Fleet) -> None:
    sora = fleet.world.person("sora", "maintain")
    await to_stage(fleet, "1.0.0", 1)
    (run,) = fleet.checks("Promote", "Roll back")
    await to_stage(fleet, "1.1.0", 2)
    await fleet.press(run, "Promote", sora)
    assert (await fleet.written("prod"), fleet.deployments("prod")) == ("v0.1.0", [])
    assert told(fleet, "stage", 0) == ("inactive", REPLACED)
