"""The life of a pull request: real webhooks through the real bot to checks on a local GitHub."""

import re

from support.world import World

from bot.engine import Question
from bot.localhub.model import Account, Repository
from bot.rules.checks import CHECKS
from bot.rules.verdict import Action


async def test_a_right_branch_passes(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    assert world.check(pull).conclusion == "SUCCESS"


async def test_a_wrong_name_is_refused_with_the_command_that_mends_it(world: World) -> None:
    await world.begin("feature/login", "develop")
    run = world.check(await world.open("feature/login", "develop"))
    assert run.conclusion == "FAILURE"
    assert "git branch -m feature/login feat/login" in str(run.text)


async def test_a_hotfix_that_carries_develop_names_what_would_leak(world: World) -> None:
    await world.begin("hotfix/price", "develop")
    run = world.check(await world.open("hotfix/price", "main"))
    assert run.conclusion == "FAILURE"
    assert "go on" in str(run.text)


async def test_a_push_is_judged_by_its_own_commit(world: World) -> None:
    await world.begin("hotfix/price", "main")
    pull = await world.open("hotfix/price", "main")
    assert world.check(pull).conclusion == "SUCCESS"
    await world.clone.merge("develop")
    await world.push("hotfix/price")
    await world.settled()
    assert world.check(pull).conclusion == "FAILURE"


async def test_r2_a_pass_does_not_survive_another_base(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    assert world.check(pull).conclusion == "SUCCESS"
    await world.hub.pulls.edit(pull, by=world.mina, base="main")
    await world.settled()
    assert world.check(pull).conclusion == "FAILURE"


async def test_r3_two_pull_requests_with_one_head_show_the_strictest(world: World) -> None:
    await world.begin("feat/login", "develop")
    right = await world.open("feat/login", "develop")
    wrong = await world.open("feat/login", "main")
    run = world.check(right)
    assert (run.conclusion, run.database_id) == ("FAILURE", world.check(wrong).database_id)
    assert f"#{wrong.number}" in str(run.summary)
    await world.hub.pulls.close(world.pull(wrong.number), by=world.mina)
    await world.settled()
    assert world.check(right).conclusion == "SUCCESS"


async def test_r8_a_pull_request_of_a_deleted_account_is_judged_all_the_same(world: World) -> None:
    noor = world.hub.person("noor")
    await world.begin("feat/login", "develop")
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=noor)
    world.hub.delete_account(noor)
    await world.hub.checks.rerequest_suite(
        world.hub.world.suites[world.shop.database_id, pull.head_ref_oid], by=world.mina
    )
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def forked(world: World) -> tuple[Repository, Account]:
    """Noor's fork of the shop, with a branch fix/price cut from develop."""
    noor = world.hub.person("noor")
    fork = await world.hub.repositories.fork(world.shop, noor)
    await world.clone.branch("fix/price", "develop")
    await world.clone.commit("fix: the price", {"price.txt": "1"})
    await world.clone.git("push", "--quiet", str(world.hub.clone_path(fork)), "fix/price")
    await world.hub.repositories.sync(fork, noor)
    return fork, noor


async def test_r9_a_forks_pull_request_is_judged_and_found_by_its_commit(world: World) -> None:
    await forked(world)
    pull = await world.open("noor:fix/price", "main")
    first = world.check(pull)
    assert first.conclusion == "FAILURE"
    await world.hub.pulls.edit(pull, by=world.mina, base="develop")
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"
    await world.hub.checks.rerequest(world.check(pull), by=world.mina)
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_r9_a_deleted_fork_does_not_break_the_judgement(world: World) -> None:
    fork, noor = await forked(world)
    pull = await world.hub.pulls.open(world.shop, head="noor:fix/price", base="develop", by=noor)
    await world.hub.repositories.delete(fork)
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_r10_a_forced_push_leaves_no_check_of_the_old_head_behind_the_new_one(world: World) -> None:
    await world.begin("hotfix/price", "develop")
    pull = await world.open("hotfix/price", "main")
    assert world.check(pull).conclusion == "FAILURE"
    await world.clone.git("reset", "--quiet", "--hard", "main")
    await world.clone.commit("fix: the price", {"price.txt": "1"})
    await world.push("hotfix/price", "--force")
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_r11_a_hundred_and_fifty_commits_are_all_read(world: World) -> None:
    await world.clone.branch("feat/many", "develop")
    for number in range(150):
        await world.clone.git("commit", "--quiet", "--allow-empty", "-m", f"commit {number}")
    await world.push("feat/many")
    pull = await world.open("feat/many", "develop")
    assert world.check(pull).conclusion == "SUCCESS"
    assert "Ahead" in world.operations()


async def test_r16_its_own_checks_raise_no_question(world: World) -> None:
    await world.begin("feat/login", "develop")
    await world.open("feat/login", "develop")
    own = [d for d in world.hub.webhooks.deliveries.values() if d.notice.event == "check_run"]
    assert [delivery.notice.action for delivery in own] == ["created", "completed"] * len(CHECKS)
    assert world.operations().count("Pull") == 1


async def test_r17_what_people_write_is_quoted(world: World) -> None:
    await world.begin("@mina-<!--x-->", "develop")
    run = world.check(await world.open("@mina-<!--x-->", "develop"))
    assert run.conclusion == "FAILURE"
    prose = "".join(re.split(r"```.*?```|`[^`\n]*`", f"{run.summary}{run.text}", flags=re.DOTALL))
    assert "`@mina-<!--x-->`" in str(run.text)
    assert "@" not in prose
    assert "<!--" not in prose


async def test_the_button_changes_the_base_for_those_who_may_write(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "main")
    await world.hub.checks.press(world.check(pull), f"{Action.RETARGET}:{pull.number}", by=world.mina)
    await world.settled()
    assert world.pull(pull.number).base_ref_name == "develop"
    assert world.check(pull).conclusion == "SUCCESS"


async def test_the_button_does_nothing_for_those_who_may_not(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "main")
    stranger = world.hub.person("stranger")
    for _ in range(2):
        await world.hub.checks.press(world.check(pull), f"{Action.RETARGET}:{pull.number}", by=stranger)
        await world.settled()
    assert world.pull(pull.number).base_ref_name == "main"
    (told,) = world.comments(pull)
    assert told.count("- @stranger: the button Change the base was not carried out.") == 1
    assert "`write`" in told

    await world.hub.comments.write(pull, by=world.mina, body="/signalbox recheck")
    await world.settled()
    assert world.comments(pull) == [told]
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("feat/login")
    await world.settled()
    (told,) = world.comments(pull)
    assert "@stranger" not in told


async def test_the_button_is_refused_to_whoever_lost_the_permission_since(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "main")
    world.hub.allow(world.shop, world.mina, "read")
    await world.hub.checks.press(world.check(pull), f"{Action.RETARGET}:{pull.number}", by=world.mina)
    await world.settled()
    assert world.pull(pull.number).base_ref_name == "main"


async def test_a_button_pressed_twice_mends_once(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "main")
    run = world.check(pull)
    for _ in range(2):
        await world.hub.checks.press(run, f"{Action.RETARGET}:{pull.number}", by=world.mina)
        await world.settled()
    assert world.pull(pull.number).base_ref_name == "develop"
    edits = [d for d in world.hub.webhooks.deliveries.values() if d.notice.action == "edited"]
    assert len(edits) == 1


async def test_a_closed_pull_request_is_left_alone(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    before = len(world.operations())
    await world.hub.pulls.close(pull, by=world.mina)
    await world.settled()
    assert world.operations()[before:] == ["Pull"]


async def test_r3_whoever_keeps_a_head_that_another_leaves_is_judged_alone_again(world: World) -> None:
    await world.begin("feat/login", "develop")
    right = await world.open("feat/login", "develop")
    await world.clone.git("branch", "feat/twin", "feat/login")
    await world.push("feat/twin")
    await world.open("feat/twin", "main")
    assert world.check(right).conclusion == "FAILURE"
    await world.clone.git("switch", "--quiet", "feat/twin")
    await world.clone.commit("go on", {"twin.txt": "twin"})
    await world.push("feat/twin")
    await world.settled()
    assert world.check(right).conclusion == "SUCCESS"


async def test_a_check_that_is_asked_for_again_is_written_again(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    before = world.operations().count("Publish")
    await world.hub.checks.rerequest(world.check(pull), by=world.mina)
    await world.settled()
    assert world.operations().count("Publish") == before + 1
    assert world.check(pull).conclusion == "SUCCESS"


async def test_a_base_that_github_refuses_is_asked_for_once(world: World) -> None:
    await world.begin("feat/login", "develop")
    await world.open("feat/login", "develop")
    wrong = await world.open("feat/login", "main")
    before = world.operations().count("Publish")
    await world.hub.checks.press(world.check(wrong), f"{Action.RETARGET}:{wrong.number}", by=world.mina)
    await world.settled()
    assert world.pull(wrong.number).base_ref_name == "main"
    assert world.operations().count("Publish") == before + 2  # asked once, and the presser told
    assert "mina" in world.comments(wrong)[-1]
    assert await world.engine.parked() == []


async def test_what_is_gone_is_given_up_and_not_parked(world: World) -> None:
    await world.begin("feat/login", "develop")
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    about = {"installation": next(iter(world.hub.world.installations)), "number": pull.number}
    where = {"repository": world.shop.id, "repository_id": world.shop.database_id, "full_name": "acme/shop"}
    await world.hub.repositories.delete(world.shop)
    world.hub.webhooks.url = url
    await world.engine.ask(Question(f"pull/{world.shop.database_id}/{pull.number}", {**about, **where}))
    await world.settled()
    assert await world.engine.parked() == []
    assert len(world.operations()) == 1


async def test_after_squash_merges_a_feature_reads_no_history_of_main(world: World) -> None:
    await world.clone.git("switch", "--quiet", "develop")
    for number in range(120):
        await world.clone.git("commit", "--quiet", "--allow-empty", "-m", f"commit {number}")
    await world.push("develop")
    await world.begin("feat/login", "develop")
    assert world.check(await world.open("feat/login", "develop")).conclusion == "SUCCESS"
    assert "Ahead" not in world.operations()


async def test_r3_a_back_merge_of_the_default_branch_shares_its_head_too(world: World) -> None:
    await world.begin("release-v1.0.0", "develop")
    await world.clone.git("switch", "--quiet", "main")
    await world.clone.commit("hotfix", {"hot.txt": "fix"})
    await world.push("main")
    right = await world.open("main", "develop")
    assert world.check(right).conclusion == "SUCCESS"
    await world.begin("feat/odd", "develop")
    await world.open("main", "feat/odd")
    assert world.check(right).conclusion == "FAILURE"
    await world.hub.checks.rerequest(world.check(right), by=world.mina)
    await world.settled()
    assert world.check(right).conclusion == "FAILURE"
