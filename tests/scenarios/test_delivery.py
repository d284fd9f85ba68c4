"""From a pushed image to what runs, and back: real commits in a GitOps repository, Argo CD played by hand."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from support.browser import Browser, browsing
from support.fleet import (
    DIGEST,
    IMAGE,
    MANIFEST,
    RULEBOOK,
    Fleet,
    a_fleet,
    commit_of,
    developed,
    pushed,
    to_prod,
    to_stage,
    two_images_of_dev,
)
from support.world import QUICK

from bot import settings
from bot.engine import Tuning
from bot.github.rulebooks import Rulebooks
from bot.jobs.endings import Endings
from bot.jobs.news import NewsJob
from bot.jobs.target import Targets
from bot.localhub.faults import Hold
from bot.localhub.faults import hold as held_back
from bot.work import github_of
from service.ledger.audit import Filter
from service.ledger.store import Ledger


async def test_an_image_of_develop_goes_to_dev_and_is_followed(fleet: Fleet) -> None:
    tag, before = f"develop-{await commit_of(fleet, 'develop')}", len(fleet.world.operations())
    await fleet.push_image(tag, "10:00")
    # One read and one write of the GitOps repository.
    asked = fleet.world.operations()[before:]
    assert [each for each in asked if each in {"Manifests", "Publish"}] == ["Manifests", "Publish"]
    assert await fleet.written("dev") == tag
    assert [await fleet.written(name) for name in ("stage", "prod")] == ["v0.1.0", "v0.1.0"]
    assert (await fleet.log())[0] == f"Deploy shop {tag} to dev"
    (deployment,) = fleet.deployments("dev")
    assert (deployment.task, deployment.creator) == ("deploy", fleet.world.hub.world.app.bot)
    assert fleet.states("dev") == [["in_progress"]]
    await fleet.says("shop-dev", tag)
    assert fleet.states("dev") == [["in_progress", "success"]]


async def test_an_image_that_came_before_the_tag_of_its_version_goes_once_that_stands(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, RULEBOOK.replace(", deploy: manual", ""), QUICK) as fleet:
        await fleet.push_image("1.0.0", "10:00")
        assert fleet.deployments("prod") == []
        await fleet.world.clone.git("tag", "--annotate", "v1.0.0", "main", "--message", "v1.0.0")
        await fleet.world.push("v1.0.0")
        await fleet.world.settled()
        (deployment,) = fleet.deployments("prod")
        assert (deployment.ref, await fleet.written("prod")) == ("v1.0.0", "1.0.0")


async def test_d10_a_promotion_takes_what_runs_before_and_a_rollback_holds(fleet: Fleet) -> None:
    sora = fleet.world.person("sora", "maintain")
    first = await to_stage(fleet, "1.0.0", 1)
    assert "is done" in await fleet.orders(sora, "/signalbox promote prod")
    assert await fleet.written("prod") == first
    await fleet.says("shop-prod", first)
    second = await to_prod(fleet, sora, "1.1.0", 2)
    # D10: nobody else would say so of production.
    assert fleet.states("prod") == [["in_progress", "success", "inactive"], ["in_progress", "success"]]
    assert "is done" in await fleet.orders(sora, "/signalbox rollback prod")
    assert await fleet.written("prod") == first
    assert (await fleet.log())[0] == "Deploy shop 1.0.0 to prod"
    assert [each.task for each in fleet.deployments("prod")] == ["promote", "promote", "rollback"]
    await fleet.says("shop-prod", first)
    assert fleet.states("prod")[1:] == [["in_progress", "success", "inactive"], ["in_progress", "success"]]
    shop = fleet.world.shop.database_id
    (held,) = [each for each in await fleet.ledger.environments.of(shop) if each.hold]
    assert (held.name, held.hold and held.hold.by) == ("prod", "sora")
    acts = (await fleet.ledger.audit.entries(Filter(shop))).entries
    assert [(each.actor, each.action, each.subject) for each in acts] == [
        ("sora", "rollback", "prod"),
        ("sora", "promote", "prod"),
        ("sora", "promote", "prod"),
    ]
    await fleet.orders(sora, "/signalbox promote prod")
    assert await fleet.written("prod") == second
    assert not [each for each in await fleet.ledger.environments.of(shop) if each.hold]


async def test_who_may_not_is_told_and_nothing_happens(fleet: Fleet) -> None:
    await to_stage(fleet, "1.0.0", 1)
    told = await fleet.orders(fleet.world.mina, "/signalbox promote prod")
    assert "was not done. This needs the permission `maintain`, or more." in told
    assert fleet.deployments("prod") == []


async def test_d7_a_rollback_across_a_migration_is_asked_twice(fleet: Fleet) -> None:
    sora, world = fleet.world.person("sora", "maintain"), fleet.world
    first = await to_prod(fleet, sora, "1.0.0", 1)
    migration = "service/migrations/versions/0001_prices.py"
    await world.clone.git("switch", "--quiet", "develop")
    await world.clone.commit("prices", {migration: "pass\n"})
    await world.push("develop")
    second = await to_prod(fleet, sora, "1.1.0", 2)
    told = await fleet.orders(sora, "/signalbox rollback prod")
    assert migration in told
    assert "rollback prod to 1.0.0 confirm" in told
    assert await fleet.written("prod") == second
    await fleet.orders(sora, "/signalbox rollback prod to 1.0.0 confirm")
    assert await fleet.written("prod") == first


async def test_d1_a_late_event_never_regresses(fleet: Fleet) -> None:
    old = f"develop-{await commit_of(fleet, 'develop')}"
    await fleet.world.clone.git("switch", "--quiet", "develop")
    await fleet.world.clone.commit("more", {"more.txt": "more"})
    await fleet.world.push("develop")
    new = f"develop-{await commit_of(fleet, 'develop')}"
    await fleet.push_image(new, "11:00", 2)
    await fleet.push_image(old, "10:00", 1)
    await fleet.push_image(new, "11:00", 2)
    assert (await fleet.written("dev"), len(fleet.deployments("dev"))) == (new, 1)


async def test_d8_healthy_is_believed_of_the_image_and_the_revision_alone(fleet: Fleet) -> None:
    tag = f"develop-{await commit_of(fleet, 'develop')}"
    before = await fleet.head()
    await fleet.push_image(tag, "10:00")
    await fleet.says("shop-dev", "v0.1.0")
    await fleet.says("shop-dev", tag, revision=before)
    assert fleet.states("dev") == [["in_progress"]]
    await fleet.says("shop-dev", tag, "Degraded")
    assert fleet.states("dev") == [["in_progress", "failure"]]


@pytest.mark.parametrize("rulebook", [RULEBOOK.replace("dev: {", "dev: {degraded: rollback, ")])
async def test_what_degrades_is_rolled_back_where_the_rulebook_says_so(tmp_path: Path, rulebook: str) -> None:
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        first, _ = await two_images_of_dev(fleet)
        assert await fleet.written("dev") == first
        assert [each.task for each in fleet.deployments("dev")] == ["deploy", "deploy", "rollback"]
        assert fleet.states("dev")[1] == ["in_progress", "failure"]


async def test_what_degrades_may_be_rolled_back_with_a_button(tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace("dev: {", "dev: {degraded: button, ")
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        first, second = await two_images_of_dev(fleet)
        world, sora = fleet.world, fleet.world.person("sora", "maintain")
        (run,) = [each for each in fleet.checks("Roll back") if each.title == "dev failed"]
        assert run.conclusion == "NEUTRAL"
        for person, expected in ((world.mina, second), (sora, first)):
            await fleet.press(run, "Roll back", person)
            assert await fleet.written("dev") == expected
        last = world.hub.world.said_of(fleet.deployments("dev")[1])[-1]
        assert last.description == "This needs the permission maintain, or more."


async def test_what_a_newer_image_overtook_is_not_waited_for(fleet: Fleet) -> None:
    first, second = await developed(fleet, "first"), ""
    await fleet.push_image(first, "10:00", 1)
    second = await developed(fleet, "second")
    await fleet.push_image(second, "11:00", 2)
    await fleet.says("shop-dev", second)
    assert fleet.states("dev") == [["in_progress", "inactive"], ["in_progress", "success"]]


@pytest.mark.parametrize(
    ("write", "waits", "expected"),
    [
        ("commit", timedelta(minutes=14), 0),
        ("commit", timedelta(minutes=15), 1),
        ("pull_request", timedelta(days=6), 0),
        ("pull_request", timedelta(days=7), 1),
    ],
)
async def test_what_nothing_is_heard_of_is_given_up(
    tmp_path: Path, write: str, waits: timedelta, expected: int
) -> None:
    async with a_fleet(tmp_path, RULEBOOK.replace("dev: {", f"dev: {{write: {write}, "), QUICK) as fleet:
        world = fleet.world
        await fleet.push_image(await developed(fleet, "silent"), "10:00")
        found = settings.read(world.hub.environment(tmp_path / "data"))
        later = Ledger(fleet.database, clock=lambda: datetime.now(UTC) + waits)
        async with github_of(found, settings.identity(found)) as github:
            endings = Endings(github, Rulebooks(), later, world.engine.ask, found.github_url)
            news = NewsJob(later, Targets(github, later), world.engine.ask, endings)
            assert await news.look_around() == f"{expected} given up"
        begun = "queued" if write == "pull_request" else "in_progress"
        assert fleet.states("dev") == [[begun, "failure"] if expected else [begun]]


async def test_d2_somebody_elses_push_is_read_and_decided_again(fleet: Fleet) -> None:
    tag, hold = f"develop-{await commit_of(fleet, 'develop')}", Hold()
    fleet.world.hub.faults.next("POST", "/graphql", held_back(hold), operation="Manifests")
    pushing = asyncio.create_task(fleet.push_image(tag, "10:00"))
    await hold.reached.wait()
    await fleet.clone.commit("by hand", {"README.md": "# GitOps\n"})
    await fleet.clone.push("main")
    hold.released.set()
    await pushing
    assert await fleet.written("dev") == tag
    assert (await fleet.log())[:2] == [f"Deploy shop {tag} to dev", "by hand"]


async def test_d3_an_image_that_no_manifest_holds_is_an_error_that_says_so(fleet: Fleet) -> None:
    await fleet.clone.commit("rename", {"apps/shop-dev/web/web.yaml": "kind: Service\n"})
    await fleet.clone.push("main")
    await fleet.push_image(f"develop-{await commit_of(fleet, 'develop')}", "10:00")
    assert fleet.states("dev") == [["failure"]]
    (status,) = fleet.world.hub.world.said_of(fleet.deployments("dev")[0])
    assert status.description.startswith(f"Expected the image {IMAGE} at acme/gitops:apps/shop-dev")
    assert len(await fleet.log()) == 2


async def test_what_runs_may_be_promoted_with_a_button(fleet: Fleet) -> None:
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    first = await to_stage(fleet, "1.0.0", 1)
    (run,) = fleet.checks("Promote", "Roll back")
    assert run.title == "stage is healthy"
    for person, expected in ((world.mina, "v0.1.0"), (sora, first)):
        await fleet.press(run, "Promote", person)
        assert await fleet.written("prod") == expected
    assert fleet.states("stage") == [["in_progress", "success", "success"]]
    (told,) = world.hub.world.said_of(fleet.deployments("stage")[0])[2:]
    assert told.description == "This needs the permission maintain, or more."
    pressed = fleet.checks("Promote", "Roll back")[-1]
    assert (pressed.title or "").startswith("sora promotes 1.0.0 to prod. Deployment ")


async def test_what_failed_is_taken_back_and_no_further(tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace("stage: {", "stage: {degraded: button, ")
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        sora = fleet.world.person("sora", "maintain")
        first = await to_stage(fleet, "1.0.0", 1)
        await to_stage(fleet, "1.1.0", 2, "Degraded")
        (failed,) = fleet.checks("Roll back")
        await fleet.press(failed, "Roll back", sora)
        assert await fleet.written("stage") == first
        pressed = fleet.checks("Roll back")[-1]
        assert (pressed.title or "").startswith("sora rolls stage back to 1.0.0.")


async def test_a_button_promotes_again_what_was_rolled_back(fleet: Fleet) -> None:
    sora = fleet.world.person("sora", "maintain")
    first = await to_prod(fleet, sora, "1.0.0", 1)
    second = await to_stage(fleet, "1.1.0", 2)
    promote = fleet.checks("Promote", "Roll back")[-1]
    await fleet.press(promote, "Promote", sora)
    await fleet.says("shop-prod", second, "Degraded")
    for _ in range(2):
        await fleet.press(promote, "Promote", sora)
        assert await fleet.written("prod") == second
        await fleet.says("shop-prod", second)
        await fleet.orders(sora, "/signalbox rollback prod")
        assert await fleet.written("prod") == first
        await fleet.says("shop-prod", first)
    assert [each.task for each in fleet.deployments("prod")] == [
        *["promote"] * 2,
        *["promote", "rollback"] * 2,
    ]


async def test_another_apps_order_is_refused_in_words(fleet: Fleet) -> None:
    world = fleet.world
    other = world.hub.world.other_app("github-actions").bot
    await to_stage(fleet, "1.0.0", 1)
    await world.hub.deployments.create(
        world.shop, "main", by=other, environment="prod", task="promote", payload={"signalbox": {}}
    )
    await world.settled()
    (said,) = world.hub.world.said_of(fleet.deployments("prod")[0])
    assert (said.state, await fleet.written("prod")) == ("inactive", "v0.1.0")
    assert said.description == "Only people order with a deployment: make it with a person's token."


async def test_where_others_deploy_a_deployment_names_the_commit_that_is_meant(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, RULEBOOK.replace(", repository: acme/gitops", ""), QUICK) as fleet:
        world, sora = fleet.world, fleet.world.person("sora", "maintain")
        await to_stage(fleet, "1.0.0", 1)
        (stage,) = fleet.deployments("stage")
        world.hub.deployments.say(stage, "success", by=world.mina)
        await developed(fleet, "more")
        await world.settled()
        await fleet.orders(sora, '/signalbox hold prod "the fair"')
        await world.hub.deployments.create(
            world.shop, "develop", by=sora, environment="prod", task="promote", payload={"signalbox": {}}
        )
        await world.settled()
        ordered, made = fleet.deployments("prod")
        assert (made.task, made.oid, made.creator) == ("promote", stage.oid, world.hub.world.app.bot)
        (said,) = world.hub.world.said_of(ordered)
        assert said.state == "inactive"
        assert said.description.endswith(f"Deployment {made.database_id} carries it.")


async def test_a_pull_request_may_write_it_and_its_merge_deploys(tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace("dev: {", "dev: {write: pull_request, ")
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        world, tag = fleet.world, await developed(fleet, "proposed")
        await fleet.push_image(tag, "10:00")
        assert (await fleet.written("dev"), fleet.states("dev")) == ("v0.1.0", [["queued"]])
        (pull,) = world.hub.world.pulls_of(fleet.gitops)
        assert (pull.title, pull.base_ref_name) == (f"Deploy shop {tag} to dev", "main")
        assert pull.head_ref_name.startswith("signalbox/deploy-dev-")
        await world.hub.pulls.merge(pull, by=world.mina)
        await world.settled()
        assert await fleet.written("dev") == tag
        await fleet.says("shop-dev", tag)
        assert fleet.states("dev") == [["queued", "in_progress", "success"]]


async def test_of_two_who_promote_one_is_told_to_wait(fleet: Fleet) -> None:
    sora, noor = fleet.world.person("sora", "maintain"), fleet.world.person("noor", "maintain")
    await to_stage(fleet, "1.0.0", 1)
    assert "is done" in await fleet.orders(sora, "/signalbox promote prod")
    told = await fleet.orders(noor, "/signalbox promote prod")
    assert "`sora` is deploying there" in told
    assert len(fleet.deployments("prod")) == 1


async def test_d9_a_deployment_merges_nothing_and_waits_for_no_check(fleet: Fleet) -> None:
    """By default GitHub would merge main into the branch first, and refuse while a check fails."""
    world = fleet.world
    await world.clone.git("switch", "--quiet", "main")
    await world.clone.commit("ahead of develop", {"ahead.txt": "ahead"})
    await world.push("main")
    tag = await developed(fleet, "behind")
    before = (await world.hub.world.git(world.shop).refs())["refs/heads/develop"]
    await world.hub.statuses.set(world.shop, before, "build", "FAILURE", by=world.mina)
    await fleet.push_image(tag, "10:00")
    assert await fleet.written("dev") == tag
    assert (await world.hub.world.git(world.shop).refs())["refs/heads/develop"] == before


async def test_an_image_of_nobodys_is_only_kept(fleet: Fleet) -> None:
    detail = {
        "result": "SUCCESS", "repository-name": "team/other", "image-digest": DIGEST.format(9),
        "action-type": "PUSH", "image-tag": "v1.0.0",
    }  # fmt: skip
    about = {"account": "123456789012", "region": "eu-west-1", "time": "2026-01-02T03:04:05Z"}
    await fleet.tell("ecr", {"detail-type": "ECR Image Action", **about, "detail": detail})
    assert len(await fleet.log()) == 1


async def test_a_person_promotes_by_a_deployment_of_their_own(fleet: Fleet) -> None:
    """As the control room and any other tool does, with the person's own token."""
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    first = await to_stage(fleet, "1.0.0", 1)
    for person in (world.mina, sora):
        await world.hub.deployments.create(
            world.shop, "main", by=person, environment="prod", task="promote", payload={"signalbox": {}}
        )
        await world.settled()
    said = [world.hub.world.said_of(each)[-1].description for each in fleet.deployments("prod")]
    assert said == [
        "This needs the permission maintain, or more.",
        "Written into the manifests; Argo CD has to follow.",
    ]
    assert fleet.states("prod") == [["inactive"], ["in_progress"]]
    assert await fleet.written("prod") == first


async def test_the_buttons_of_the_control_room_promote_and_roll_back(fleet: Fleet) -> None:
    world, prod = fleet.world, "/acme/shop/environments/prod"
    world.person("sora", "maintain")
    first = await to_stage(fleet, "1.0.0", 1)
    async with browsing(world.url) as mina, browsing(world.url) as sora:
        await mina.sign_in("mina")
        await sora.sign_in("sora")
        assert f'action="{prod}/promote"' in (await sora.get("/acme/shop")).html
        assert (await mina.act(f"{prod}/promote")).status == 303
        await world.settled()
        page = await mina.get("/acme/shop")
        assert "This needs the permission maintain, or more." in page.html
        assert (await sora.act(f"{prod}/promote", reason="the fair")).status == 303
        await world.settled()
        assert (await fleet.written("prod"), (await fleet.log())[0]) == (first, "Deploy shop 1.0.0 to prod")
        page = await sora.get("/acme/shop")
        assert (f"acme/gitops/commit/{await fleet.head()}" in page.html, "the fair" in page.html) == (
            True,
            True,
        )
        assert f'action="{prod}/promote"' in page.html  # it is not healthy yet
        await fleet.says("shop-prod", first)
        assert f'action="{prod}/promote"' not in (await sora.get("/acme/shop")).html
        await fleet.says("shop-prod", await promoted(fleet, sora))
        assert "<option>1.0.0</option>" in (await sora.get("/acme/shop")).html
        assert (await sora.act(f"{prod}/rollback", version="1.0.0", reason="slow")).status == 303
        await world.settled()
    assert await fleet.written("prod") == first
    (held,) = [each for each in await fleet.ledger.environments.of(world.shop.database_id) if each.hold]
    assert (held.name, held.hold and held.hold.by) == ("prod", "sora")
    (last,) = await fleet.ledger.deployments.of(world.shop.database_id, "prod", 1)
    assert (last.action, last.by, last.commit[:7], last.why) == ("rollback", "sora", first, "slow")


async def promoted(fleet: Fleet, sora: Browser) -> str:
    """Bring 1.1.0 to stage and, by the button, to prod; its image's tag."""
    second = await to_stage(fleet, "1.1.0", 2)
    assert (await sora.act("/acme/shop/environments/prod/promote")).status == 303
    await fleet.world.settled()
    return second


async def test_a_deployment_of_somebody_elses_tool_is_left_alone(fleet: Fleet) -> None:
    world = fleet.world
    await to_stage(fleet, "1.0.0", 1)
    await world.hub.deployments.create(world.shop, "main", by=world.mina, environment="prod", task="promote")
    await world.settled()
    assert fleet.states("prod") == [[]]
    assert await fleet.written("prod") == "v0.1.0"


async def test_a_burst_of_images_makes_few_commits_and_the_right_state(tmp_path: Path) -> None:
    """As it is in earnest, with the queue's own spacing: four pushes of each of ten images, unordered."""
    names = [f"registry.example.com/acme/app-{number}" for number in range(10)]
    rulebook = f"{RULEBOOK.replace(f'[{IMAGE}]', str(names))}"
    async with a_fleet(tmp_path, rulebook, Tuning()) as fleet:
        manifests = {
            f"apps/shop-dev/app-{number}.yaml": MANIFEST.format(image=name)
            for number, name in enumerate(names)
        }
        await fleet.clone.commit("ten", manifests)
        await fleet.clone.push("main")
        tags = [await developed(fleet, str(turn)) for turn in range(4)]
        pushes = [(name, turn) for name in range(10) for turn in range(4)]
        Random(7).shuffle(pushes)
        await fleet.tell_all(
            [pushed(f"acme/app-{name}", tags[turn], f"1{turn}:00", 10 * name + turn) for name, turn in pushes]
        )
        git, head = fleet.world.hub.world.git(fleet.gitops), await fleet.head()
        for path, text in manifests.items():
            found = await git.blob(head, path)
            assert found is not None
            assert found.text == text.replace("v0.1.0", tags[-1])
        assert len(await fleet.log()) <= 2 + 5
