"""Ancestry on real git histories, gathered as `check-branch` gathers them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from unit.rules.git_repository import Repository

from bot.cli.checkout import gather
from bot.cli.git import Checkout
from bot.rules import ancestry
from bot.rules.facts import Actor, Author, Facts, Line
from bot.rules.rulebook import DEFAULT, Reading, Rulebook, read
from bot.rules.verdict import MOST_ITEMS, Finding, Outcome

Judge = Callable[..., Finding]


def rulebook(text: str) -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook)
    return reading


TRUNK = rulebook("preset: trunk")


def facts_of(repository: Repository, head: str, base: str | None = None, reading: Reading = DEFAULT) -> Facts:
    return gather(Checkout(repository.root), reading, head, base)


@pytest.fixture
def judge(repository: Repository) -> Judge:
    def judged(head: str, base: str | None = None, book: Rulebook = DEFAULT) -> Finding:
        finding = ancestry.find(facts_of(repository, head, base, book), book)
        assert finding is not None
        return finding

    return judged


def release(repository: Repository, version: str) -> None:
    """Play a whole release: cut from develop, merged into main, and main back into develop."""
    name = f"release-v{version}"
    repository.branch(name, "develop")
    repository.commit(f"bump-{version}")
    repository.merge(name, "main")
    repository.merge("main", "develop")


# Hotfixes: whatever of develop they carry is refused.


def test_hotfix_from_main_passes(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_hotfix_cut_from_develop_is_refused_with_its_commits_and_the_way_out(
    repository: Repository, judge: Judge
) -> None:
    foreign = repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    own = repository.commit("fix")
    finding = judge("hotfix/x")
    assert finding.outcome is Outcome.FAIL
    assert [item.values["commit"] for item in finding.items] == [foreign[:12]]
    assert finding.commands == (
        "git fetch origin &&",
        "git switch --no-track -C hotfix/x origin/main &&",
        f"git cherry-pick {own[:12]} &&",
        "git push --force-with-lease origin hotfix/x",
    )


def test_the_way_out_leads_out(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    repository.commit("fix one")
    repository.commit("fix two")
    for command in judge("hotfix/x").commands[1:3]:
        repository.git(*command.removesuffix(" &&").replace("origin/", "").split()[1:])
    assert judge("hotfix/x").outcome is Outcome.PASS
    assert repository.git("log", "--format=%s", "main..hotfix/x").split("\n") == ["fix two", "fix one"]


def test_hotfix_at_develops_tip_without_own_commits_is_refused(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    finding = judge("hotfix/x")
    assert finding.outcome is Outcome.FAIL
    assert not any(command.startswith("git cherry-pick") for command in finding.commands)


def test_hotfix_that_merged_develop_is_refused(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "main")
    own = repository.commit("fix")
    repository.merge("develop", "hotfix/x")
    finding = judge("hotfix/x")
    assert (finding.outcome, finding.found) == (Outcome.FAIL, 1)
    assert f"git cherry-pick {own[:12]} &&" in finding.commands


def test_at_most_twenty_commits_are_listed_newest_first(repository: Repository, judge: Judge) -> None:
    repository.switch("develop")
    for number in range(25):
        repository.commit(f"work {number}")
    repository.branch("hotfix/x", "develop")
    repository.commit("fix")
    finding = judge("hotfix/x")
    assert (len(finding.items), finding.found) == (MOST_ITEMS, 25)
    assert finding.items[0].values["headline"] == "work 24"


def test_too_many_own_commits_are_not_named_in_a_command(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    for number in range(MOST_ITEMS + 1):
        repository.commit(f"fix {number}")
    assert judge("hotfix/x").commands == ()


def test_hotfix_merged_into_develop_first_is_no_leak(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    repository.merge("hotfix/x", "develop")
    repository.commit("more work", "develop")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_hotfix_with_a_branch_of_its_own_merged_into_develop_first_is_no_leak(
    repository: Repository, judge: Judge
) -> None:
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    repository.branch("helper", "main")
    repository.commit("help")
    repository.merge("helper", "hotfix/x")
    repository.commit("work", "develop")
    repository.merge("hotfix/x", "develop")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_hotfix_that_merged_develop_and_went_into_it_is_refused_for_develops_work_alone(
    repository: Repository, judge: Judge
) -> None:
    foreign = repository.commit("work", "develop")
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    repository.merge("develop", "hotfix/x")
    repository.commit("more work", "develop")
    repository.merge("hotfix/x", "develop")
    finding = judge("hotfix/x")
    assert finding.outcome is Outcome.FAIL
    assert [item.values["commit"] for item in finding.items] == [foreign[:12]]


@pytest.mark.parametrize("way", ["squash", "rebase_merge"])
def test_hotfix_squashed_or_rebased_into_develop_first_is_no_leak(
    repository: Repository, judge: Judge, way: str
) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "main")
    repository.commit("fix one")
    repository.commit("fix two")
    getattr(repository, way)("hotfix/x", "develop")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_hotfix_into_develop_itself_is_only_advised(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    repository.commit("fix")
    assert judge("hotfix/x", "develop").outcome is Outcome.ADVICE


def test_hotfix_where_everything_is_released_passes(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    release(repository, "1.0.0")
    repository.git("switch", "--quiet", "-C", "develop", "main")
    repository.branch("hotfix/x", "develop")
    repository.commit("fix")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_hotfix_cut_from_an_open_release_is_refused(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("release-v1.0.0", "develop")
    repository.commit("bump")
    repository.branch("hotfix/x", "release-v1.0.0")
    repository.commit("fix")
    assert judge("hotfix/x").outcome is Outcome.FAIL


def test_hotfix_after_a_squashed_release_passes(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.squash("develop", "main")
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_hotfix_long_after_it_went_into_develop_is_told_by_the_commits_that_main_has(
    repository: Repository,
) -> None:
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    repository.commit("work", "develop")
    repository.merge("hotfix/x", "develop")
    facts = facts_of(repository, "hotfix/x")
    assert facts.develop
    short = replace(facts, develop=replace(facts.develop, recent=facts.develop.recent[:1]))
    finding = ancestry.find(short, DEFAULT)
    assert finding is not None
    assert finding.outcome is Outcome.UNKNOWN
    reaching = replace(facts, develop=replace(facts.develop, recent=facts.develop.recent[:2]))
    assert (found := ancestry.find(reaching, DEFAULT)) is not None
    assert found.outcome is Outcome.PASS


# Features and releases: one cut from main is told so, and never refused.


def test_feature_from_develop_passes(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.PASS


@pytest.mark.parametrize("name", ["feat/x", "release-v1.0.0"])
def test_branch_cut_from_main_while_develop_is_ahead_is_told_so(
    repository: Repository, judge: Judge, name: str
) -> None:
    repository.commit("work", "develop")
    fork = repository.git("rev-parse", "main")
    repository.branch(name, "main")
    repository.commit("idea")
    finding = judge(name)
    assert finding.outcome is Outcome.ADVICE
    assert finding.reason.values["count"] == 1
    assert f"git rebase --onto origin/develop {fork[:12]} {name} &&" in finding.commands


def test_stale_feature_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    for number in range(5):
        repository.commit(f"later {number}", "develop")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_begun_before_develop_moved_on_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    repository.commit("work", "develop")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_without_a_commit_says_nothing(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("feat/x", "main")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_in_a_fresh_repository_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.branch("feat/x", "main")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_cut_from_mains_own_commit_is_told_so(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("release-v1.0.0", "develop")
    repository.merge("release-v1.0.0", "main")
    repository.branch("feat/x", "main")
    repository.commit("idea")
    finding = judge("feat/x")
    assert finding.outcome is Outcome.ADVICE
    assert finding.reason.values["other"] == "main"


def test_feature_cut_from_main_after_the_back_merge_is_told_so(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    release(repository, "1.0.0")
    repository.commit("more work", "develop")
    repository.branch("feat/x", "main")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.ADVICE


def test_feature_cut_from_develop_after_the_back_merge_is_no_alarm(
    repository: Repository, judge: Judge
) -> None:
    repository.commit("work", "develop")
    release(repository, "1.0.0")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_that_merged_main_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    repository.commit("urgent", "main")
    repository.merge("main", "feat/x")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_cut_from_main_that_merged_develop_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.commit("urgent", "main")
    repository.branch("feat/x", "main")
    repository.commit("idea")
    repository.merge("develop", "feat/x")
    assert judge("feat/x").outcome is Outcome.PASS


@pytest.mark.parametrize("way", ["merge", "squash", "rebase_merge"])
def test_feature_in_each_way_of_merging_releases_is_no_alarm(
    repository: Repository, judge: Judge, way: str
) -> None:
    for version in ("1.0.0", "1.1.0"):
        repository.commit(f"work {version}", "develop")
        repository.branch(f"release-v{version}", "develop")
        repository.commit(f"bump {version}")
        getattr(repository, way)(f"release-v{version}", "main")
        getattr(repository, way)(f"release-v{version}", "develop")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_where_main_is_fast_forwarded_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.git("branch", "--force", "main", "develop")
    repository.commit("more work", "develop")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_rebased_onto_develop_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("feat/x", "main")
    repository.commit("idea")
    repository.rebase("feat/x", "develop")
    assert judge("feat/x").outcome is Outcome.PASS


def test_feature_rebase_merged_and_gone_on_with_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    repository.rebase_merge("feat/x", "develop")
    repository.commit("second idea", "feat/x")
    assert judge("feat/x").outcome is Outcome.PASS


def test_release_merged_into_main_and_fixed_on_is_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.commit("work", "develop")
    repository.branch("release-v1.0.0", "develop")
    repository.commit("bump")
    repository.merge("release-v1.0.0", "main")
    assert judge("release-v1.0.0", "develop").outcome is Outcome.PASS
    repository.commit("late fix", "release-v1.0.0")
    assert judge("release-v1.0.0", "develop").outcome is Outcome.PASS


def test_feature_cut_where_both_lines_stand_long_ago_is_no_alarm(
    repository: Repository, judge: Judge
) -> None:
    repository.commit("work", "develop")
    repository.commit("urgent", "main")
    repository.branch("feat/x", "main~1")
    repository.commit("idea")
    assert judge("feat/x").outcome is Outcome.PASS


def test_unrelated_histories_are_no_alarm(repository: Repository, judge: Judge) -> None:
    repository.git("switch", "--quiet", "--orphan", "feat/x")
    repository.commit("another beginning")
    assert judge("feat/x").outcome is Outcome.PASS


def test_back_merge_outside_the_window_is_no_proof(repository: Repository) -> None:
    repository.commit("work", "develop")
    release(repository, "1.0.0")
    repository.branch("feat/x", "main")
    repository.commit("idea")
    facts = facts_of(repository, "feat/x")
    assert facts.develop
    short = replace(facts, develop=replace(facts.develop, recent=facts.develop.recent[:1]))
    assert (finding := ancestry.find(short, DEFAULT)) is not None
    assert finding.outcome is Outcome.PASS


# Trunk: a fix on a release must not bring along what main has since.


def trunk_release(repository: Repository) -> None:
    repository.git("branch", "--delete", "--force", "develop")
    repository.branch("release/1.0.0", "main")
    repository.commit("bump")
    repository.commit("work", "main")


def test_fix_from_its_release_passes(repository: Repository, judge: Judge) -> None:
    trunk_release(repository)
    repository.branch("fix/x", "release/1.0.0")
    repository.commit("fix")
    assert judge("fix/x", "release/1.0.0", TRUNK).outcome is Outcome.PASS


def test_fix_from_main_into_a_release_is_refused(repository: Repository, judge: Judge) -> None:
    trunk_release(repository)
    repository.branch("fix/x", "main")
    repository.commit("fix")
    finding = judge("fix/x", "release/1.0.0", TRUNK)
    assert (finding.outcome, finding.found) == (Outcome.FAIL, 1)


def test_fix_from_main_into_main_passes(repository: Repository, judge: Judge) -> None:
    trunk_release(repository)
    repository.branch("fix/x", "main")
    repository.commit("fix")
    assert judge("fix/x", "main", TRUNK).outcome is Outcome.PASS


def test_release_back_into_main_passes(repository: Repository, judge: Judge) -> None:
    trunk_release(repository)
    assert judge("release/1.0.0", "main", TRUNK).outcome is Outcome.PASS


# What does not apply, and what cannot be told.


def test_a_branch_of_no_kind_and_a_bots_are_not_judged(repository: Repository) -> None:
    repository.branch("x", "main")
    assert ancestry.find(facts_of(repository, "x"), DEFAULT) is None
    facts = facts_of(repository, "x")
    pull = replace(facts.pull, head="signalbox/x", author=Author("signalbox", Actor.BOT))
    book = rulebook("kinds: {machine: {names: ['signalbox/*'], from: develop, into: [develop]}}")
    assert ancestry.find(replace(facts, pull=pull), book) is None


def test_a_repository_without_develop_says_exactly_that(repository: Repository, judge: Judge) -> None:
    repository.git("branch", "--delete", "develop")
    repository.branch("feat/x", "main")
    finding = judge("feat/x")
    assert (finding.outcome, finding.reason.values["line"]) == (Outcome.UNKNOWN, "develop")


def test_a_hotfix_needs_no_develop(repository: Repository, judge: Judge) -> None:
    repository.git("branch", "--delete", "develop")
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    assert judge("hotfix/x").outcome is Outcome.PASS


def test_a_base_that_is_gone_is_unknown(repository: Repository, judge: Judge) -> None:
    repository.branch("fix/x", "main")
    finding = judge("fix/x", "release/9.0.0", TRUNK)
    assert (finding.outcome, finding.reason.values["base"]) == (Outcome.UNKNOWN, "release/9.0.0")


Change = Callable[[Line], Line]


def absent(line: Line) -> Line:
    return replace(line, ahead=None)


def capped(line: Line) -> Line:
    return replace(line, whole=False)


@pytest.mark.parametrize("change", [absent, capped])
@pytest.mark.parametrize(
    ("head", "line", "outcome"),
    [
        ("feat/x", "develop", Outcome.UNKNOWN),
        ("feat/x", "main", Outcome.PASS),  # what main lacks proves nothing about a feature
        ("hotfix/x", "main", Outcome.UNKNOWN),
        ("hotfix/x", "develop", Outcome.UNKNOWN),
    ],
)
def test_incomplete_facts_are_unknown_where_they_matter(
    repository: Repository, head: str, line: str, change: Change, outcome: Outcome
) -> None:
    repository.commit("work", "develop")
    repository.branch(head, "develop")
    repository.commit("own")
    facts = facts_of(repository, head)
    main, develop = facts.main, facts.develop
    assert main
    assert develop
    partial = {"main": replace(facts, main=change(main)), "develop": replace(facts, develop=change(develop))}
    finding = ancestry.find(partial[line], DEFAULT)
    assert finding is not None
    assert finding.outcome is outcome


@pytest.mark.parametrize(
    ("head", "book", "lines"),
    [
        ("feat/x", DEFAULT, {"develop"}),
        ("release-v1.0.0", DEFAULT, {"develop"}),
        ("hotfix/x", DEFAULT, {"main", "develop"}),
        ("feature/x", TRUNK, {"main"}),
        ("fix/x", TRUNK, {"base", "main"}),
        ("feat/x", rulebook("rules: {ancestry: off}"), set()),
        ("whatever", DEFAULT, set()),
        ("main", DEFAULT, set()),
        ("develop", DEFAULT, set()),
    ],
)
def test_the_lines_that_are_compared(
    facts: Callable[..., Facts], head: str, book: Rulebook, lines: set[str]
) -> None:
    assert ancestry.compared(book, facts(head).pull) == lines


def test_the_lines_that_are_compared_for_bots_and_forks(facts: Callable[..., Facts]) -> None:
    machine = rulebook("kinds: {machine: {names: ['signalbox/*'], from: develop, into: [develop]}}")
    assert ancestry.compared(machine, facts("signalbox/x").pull) == {"develop"}
    assert ancestry.compared(machine, facts("signalbox/x", actor=Actor.BOT).pull) == set()
    assert ancestry.compared(DEFAULT, facts("patch-1", from_fork=True).pull) == {"develop"}
    free = rulebook("forks: {kind: null}")
    assert ancestry.compared(free, facts("patch-1", from_fork=True).pull) == set()


@pytest.mark.parametrize("change", [absent, capped])
@pytest.mark.parametrize(
    ("head", "base", "book"),
    [
        ("feat/x", "develop", DEFAULT),
        ("release-v1.0.0", "main", DEFAULT),
        ("hotfix/x", "release-v1.0.0", DEFAULT),
        ("feature/x", "release/1.0.0", TRUNK),
    ],
)
def test_what_is_not_compared_may_be_incomplete(
    repository: Repository, head: str, base: str, book: Rulebook, change: Change
) -> None:
    repository.commit("work", "develop")
    if base.startswith("release"):
        repository.branch(base, "main")
        repository.commit("bump")
    repository.branch(head, "develop" if book is DEFAULT else base)
    repository.commit("own")
    facts = facts_of(repository, head, base, book)
    lines = {"main": facts.main, "develop": facts.develop, "base": facts.pull.base_line}
    needed = {line.name for word in ancestry.compared(book, facts.pull) if (line := lines[word])}
    for word, line in lines.items():
        lines[word] = line if line is None or line.name in needed else change(line)
    pull = replace(facts.pull, base_line=lines["base"])
    partial = replace(facts, pull=pull, main=lines["main"], develop=lines["develop"])
    assert partial != facts
    assert ancestry.find(partial, book) == ancestry.find(facts, book)


def test_a_forks_branch_of_no_kind_is_judged_as_what_the_rulebook_says(repository: Repository) -> None:
    repository.commit("work", "develop")
    repository.branch("patch-1", "main")
    repository.commit("idea")
    facts = facts_of(repository, "patch-1", "develop")
    fork = replace(facts, pull=replace(facts.pull, from_fork=True))
    finding = ancestry.find(fork, DEFAULT)
    assert finding is not None
    assert (finding.outcome, finding.reason.values["other"]) == (Outcome.ADVICE, "main")


def test_a_capped_comparison_with_develop_is_enough_where_all_is_accounted_for(
    repository: Repository,
) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "main")
    repository.commit("fix")
    facts = facts_of(repository, "hotfix/x")
    assert facts.develop
    finding = ancestry.find(replace(facts, develop=capped(facts.develop)), DEFAULT)
    assert finding is not None
    assert finding.outcome is Outcome.PASS


def test_a_branch_that_reads_as_an_option_gets_no_commands(repository: Repository) -> None:
    book = rulebook("kinds: {hotfix: {names: ['*fix']}, feature: {names: ['*feat']}}")
    repository.commit("work", "develop")
    for start, kind in (("develop", "fix"), ("main", "feat")):
        repository.branch(kind, start)
        repository.commit(f"own {kind}")
        facts = facts_of(repository, kind, reading=book)
        odd = replace(facts, pull=replace(facts.pull, head=f"-{kind}"))
        finding = ancestry.find(odd, book)
        assert finding is not None
        assert finding.outcome is not Outcome.PASS
        assert finding.commands == ()
