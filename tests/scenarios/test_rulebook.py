"""The rulebook: absent, shared, invalid, unreadable, changed; and what its authors are told."""

from pathlib import Path

from support.world import World, a_world

RULEBOOK = ".github/signalbox.yml"


async def test_without_a_rulebook_everything_is_advice(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.begin("feature/login", "develop")
        run = world.check(await world.open("feature/login", "develop"))
        assert run.conclusion == "NEUTRAL"
        assert "git branch -m feature/login feat/login" in str(run.text)


async def test_the_organisations_rulebook_serves_repositories_without_one(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        shared = await world.hub.repositories.create("acme/.github")
        await world.clone.git("switch", "--quiet", "--orphan", "shared")
        await world.clone.commit("rules for all", {RULEBOOK: "preset: trunk\n"})
        await world.clone.git("push", "--quiet", str(world.hub.clone_path(shared)), "shared:main")
        await world.begin("feature/login", "main")
        assert world.check(await world.open("feature/login", "main")).conclusion == "SUCCESS"


async def test_r1_a_pull_request_cannot_relax_the_rules_it_is_judged_by(world: World) -> None:
    relaxed = "preset: git-flow\nrules: {naming: off, base: off, ancestry: off}\n"
    await world.begin("anything", "develop", {RULEBOOK: relaxed})
    run = world.check(await world.open("anything", "main"))
    assert run.conclusion == "FAILURE"
    assert "naming" in str(run.title)


async def test_a_proposed_rulebook_is_told_to_be_wrong_with_line_and_nearest_key(world: World) -> None:
    await world.begin("fix/rules", "develop", {RULEBOOK: "preset: git-flow\nkindes: {}\n"})
    run = world.check(await world.open("fix/rules", "develop"))
    assert run.conclusion == "FAILURE"
    assert "kindes" in str(run.text)
    assert "`kinds`" in str(run.text)
    assert "2" in str(run.text)


async def test_a_branch_that_is_merely_older_proposes_nothing(world: World) -> None:
    await world.begin("feat/login", "develop")
    await world.clone.git("switch", "--quiet", "main")
    await world.clone.commit("new rules", {RULEBOOK: "preset: git-flow\nlanguage: en\n"})
    await world.push("main")
    run = world.check(await world.open("feat/login", "develop"))
    assert run.conclusion == "SUCCESS"
    assert "rulebook" not in str(run.text)


async def test_an_invalid_rulebook_blocks_until_a_pull_request_mends_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: git-flaw\n") as world:
        await world.begin("feat/login", "develop")
        blocked = await world.open("feat/login", "develop")
        assert world.check(blocked).conclusion == "FAILURE"
        assert "git-flaw" in str(world.check(blocked).text)
        await world.begin("fix/rules", "main", {RULEBOOK: "preset: git-flow\n"})
        assert world.check(await world.open("fix/rules", "main")).conclusion == "SUCCESS"


async def test_a_rulebook_that_is_no_text_is_unreadable_not_absent(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.clone.git("switch", "--quiet", "main")
        (world.clone.path / ".github").mkdir()
        (world.clone.path / RULEBOOK).write_bytes(b"\x00\xff\xfe")
        await world.clone.commit("a rulebook in no language", {})
        await world.push("main")
        await world.begin("feat/login", "develop")
        assert world.check(await world.open("feat/login", "develop")).conclusion == "FAILURE"


async def test_a_changed_rulebook_judges_open_pull_requests_again(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    assert world.check(pull).title == "All rules are kept"
    await world.clone.git("switch", "--quiet", "main")
    await world.clone.commit("in Korean", {RULEBOOK: "preset: git-flow\nlanguage: ko\n"})
    await world.push("main")
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"
    assert world.check(pull).title != "All rules are kept"


async def test_branches_of_other_names_cost_one_more_request_once(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="branches: {develop: [next, develop]}\n") as world:
        await world.begin("feat/login", "develop")
        pull = await world.open("feat/login", "develop")
        assert world.check(pull).conclusion == "SUCCESS"
        assert world.operations().count("Pull") == 3
        await world.hub.pulls.edit(pull, by=world.mina, title="Log in")
        await world.settled()
        assert world.operations().count("Pull") == 4


async def test_trunk_knows_no_develop(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: trunk\n") as world:
        await world.begin("feature/login", "main")
        assert world.check(await world.open("feature/login", "main")).conclusion == "SUCCESS"
        assert world.operations() == ["Pull", "Publish"]


async def test_a_newcomer_without_develop_costs_no_more_requests(tmp_path: Path) -> None:
    async with a_world(tmp_path, branches=("main",)) as world:
        await world.begin("feat/login", "main")
        await world.open("feat/login", "main")
        assert world.operations() == ["Pull", "Publish"]


async def test_another_spelling_of_develop_is_found_on_the_way(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: git-flow\n", branches=("main", "development")) as world:
        await world.begin("feat/login", "development")
        pull = await world.open("feat/login", "development")
        assert world.check(pull).conclusion == "SUCCESS"
        assert world.operations() == ["Pull", "Pull", "Publish"]
        await world.hub.pulls.edit(pull, by=world.mina, title="Log in")
        await world.settled()
        assert world.operations().count("Pull") == 3


async def test_another_default_branch_brings_its_own_rulebook(world: World) -> None:
    await world.begin("feature/login", "develop")
    pull = await world.open("feature/login", "develop")
    assert world.check(pull).conclusion == "FAILURE"
    await world.clone.git("switch", "--quiet", "develop")
    await world.clone.commit("other rules", {RULEBOOK: "preset: git-flow\nrules: {naming: off}\n"})
    await world.push("develop")
    await world.hub.repositories.change_default(world.shop, "develop", by=world.mina)
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_the_organisations_rulebook_looks_at_all_its_repositories_when_it_changes(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.begin("feature/login", "main")
        pull = await world.open("feature/login", "main")
        assert world.check(pull).conclusion == "NEUTRAL"
        shared = await world.hub.repositories.create("acme/.github")
        for installation in list(world.hub.world.installations.values()):
            world.hub.installations.delete(installation)
        world.hub.installations.install(world.shop.owner, [world.shop, shared])
        await world.settled()
        await world.clone.git("switch", "--quiet", "--orphan", "shared")
        await world.clone.commit("rules for all", {RULEBOOK: "preset: trunk\n"})
        await world.clone.git("push", "--quiet", str(world.hub.clone_path(shared)), "shared:main")
        await world.hub.repositories.sync(shared, world.mina)
        await world.settled()
        assert world.check(pull).conclusion == "SUCCESS"
