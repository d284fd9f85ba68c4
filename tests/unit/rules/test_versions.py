from dataclasses import replace

import pytest
from semver import Version
from unit.rules.releases import NUMBER, change, facts, rulebook, tag

from bot.rules import versions
from bot.rules.claim import Claim, claim, is_release, named_version
from bot.rules.facts import Facts
from bot.rules.models import Rulebook
from bot.rules.verdict import Finding, Outcome

BOOK = rulebook()
LABELS = rulebook("versions: {source: labels}")
COMMITS = rulebook("versions: {source: commits}")


def found(given: Facts, book: Rulebook = BOOK) -> Finding:
    finding = versions.find(given, book)
    assert finding is not None
    return finding


def becomes(given: Facts, book: Rulebook = BOOK) -> str:
    assert given.release
    claimed = claim(given, given.release, book)
    assert isinstance(claimed, Claim)
    return str(claimed.version)


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("feat/cart", "main"),
        ("feat/cart", "develop"),
        ("release-v1.3.0", "develop"),
        ("hotfix/x", "develop"),
        ("main", "develop"),
    ],
)
def test_other_pull_requests_make_no_version(head: str, base: str) -> None:
    assert versions.find(facts(head, "1.2.0", base=base), BOOK) is None


@pytest.mark.parametrize(
    ("head", "applies"), [("release/1.3.0", True), ("fix/x", False), ("feature/x", False)]
)
def test_on_a_trunk_only_releases_make_versions(head: str, applies: bool) -> None:
    trunk = rulebook("preset: trunk")
    assert (versions.find(facts(head, "1.2.0"), trunk) is not None) is applies
    assert not is_release(trunk, "fix")


def test_tags_that_were_not_read_prove_nothing() -> None:
    assert found(replace(facts("release-v1.3.0"), release=None)).outcome is Outcome.UNKNOWN


# Which version it is.


@pytest.mark.parametrize(
    ("head", "version"),
    [
        ("release-v1.3.0", "1.3.0"),
        ("release/v1.3.0", "1.3.0"),
        ("hotfix/v1.2.1", "1.2.1"),
        ("hotfix/1.2.1", "1.2.1"),
        ("hotfix/price", "1.2.1"),
        ("hotfix/1.2", "1.2.1"),
    ],
)
def test_v13_the_name_says_the_version_in_every_spelling(head: str, version: str) -> None:
    given = facts(head, "1.2.0")
    assert becomes(given) == version
    assert found(given).outcome is Outcome.PASS


def test_a_branch_of_no_kind_names_no_version() -> None:
    assert named_version(BOOK, "v1.2.0") is None
    assert named_version(BOOK, "main") is None


def test_a_bare_hotfix_takes_the_next_patch_that_nobody_has() -> None:
    assert becomes(facts("hotfix/price", "1.2.0", tag("1.2.1", on_main=False))) == "1.2.2"
    given = facts("hotfix/price", "1.2.0", reservations={"1.2.1": 3})
    assert becomes(given) == "1.2.2"
    assert found(given).outcome is Outcome.PASS


def test_a_reservation_of_its_own_is_kept() -> None:
    assert becomes(facts("hotfix/price", "1.2.0", reservations={"1.2.1": NUMBER})) == "1.2.1"


def test_the_first_version_of_a_repository() -> None:
    assert becomes(facts("hotfix/price")) == "0.1.0"
    assert becomes(facts("release-v3.1.4")) == "3.1.4"
    assert found(facts("release-v3.1.4")).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("labels", "version"),
    [(("semver:major",), "2.0.0"), (("Semver:Minor", "bug"), "1.3.0"), (("semver:patch",), "1.2.1")],
)
def test_labels_say_the_version(labels: tuple[str, ...], version: str) -> None:
    assert becomes(facts("hotfix/price", "1.2.0", labels=labels), LABELS) == version


@pytest.mark.parametrize("labels", [(), ("semver:major", "semver:minor")])
def test_no_label_or_two_say_no_version(labels: tuple[str, ...]) -> None:
    finding = found(facts("hotfix/price", "1.2.0", labels=labels), LABELS)
    assert (finding.outcome, finding.mend is None) == (Outcome.FAIL, False)


@pytest.mark.parametrize(
    ("headlines", "version"),
    [
        (("fix: a", "feat: b", "fix: c"), "1.3.0"),
        (("feat!: a", "feat: b"), "2.0.0"),
        (("Tidy up",), "1.2.1"),
        ((), "1.2.1"),
    ],
)
def test_commits_say_the_version(headlines: tuple[str, ...], version: str) -> None:
    assert becomes(facts("hotfix/price", "1.2.0", changes=tuple(map(change, headlines))), COMMITS) == version


def test_before_the_first_major_version_commits_ask_for_less() -> None:
    def becoming(headline: str) -> str:
        return becomes(facts("hotfix/price", "0.1.0", changes=(change(headline),)), COMMITS)

    assert [becoming(each) for each in ("feat!: a", "feat: b", "fix: c")] == ["0.2.0", "0.1.1", "0.1.1"]


def test_commits_that_were_not_all_read_say_no_version() -> None:
    assert found(facts("hotfix/x", "1.2.0", whole=False), COMMITS).outcome is Outcome.UNKNOWN


def test_a_name_and_labels_that_contradict_each_other_are_told() -> None:
    given = facts("release-v1.3.0", "1.2.0", labels=("semver:major",))
    assert found(given, LABELS).outcome is Outcome.FAIL
    assert becomes(replace(given, labels=("semver:minor",)), LABELS) == "1.3.0"


# What is refused.


def refused(given: Facts, proposed: str) -> Finding:
    finding = found(given)
    assert finding.outcome is Outcome.FAIL
    assert finding.mend
    assert finding.mend.values["name"] == proposed
    assert finding.commands[0].endswith(f" {proposed} &&")
    return finding


def test_v1_a_tag_on_another_commit_is_never_moved() -> None:
    given = facts("release-v1.3.0", "1.2.0", tag("1.3.0", "e" * 40, on_main=False))
    assert refused(given, "release-v1.4.0").reason.values["commit"] == "e" * 12


@pytest.mark.parametrize("head", ["release-v1.2.1", "hotfix/price"])
def test_v1_the_tag_of_this_very_merge_is_no_obstacle(head: str) -> None:
    merged = facts(head, "1.2.0", tag("1.2.1", "e" * 40), merge_commit="e" * 40)
    assert becomes(merged) == "1.2.1"
    assert found(merged).outcome is Outcome.PASS


def test_v7_a_patch_of_an_old_line_follows_its_own_line() -> None:
    old = facts("hotfix/v1.2.1", "1.2.0", tag("1.3.0", on_main=False), tag("2.0.0", on_main=False))
    assert found(old).outcome is Outcome.PASS


def test_a_tag_that_only_the_head_contains_counts() -> None:
    brought = replace(tag("1.3.0", on_main=False), in_head=True)
    refused(facts("hotfix/v1.2.1", "1.2.0", brought), "hotfix/v1.3.1")


def test_v7_a_gap_is_named() -> None:
    finding = refused(facts("release-v1.4.0", "1.2.0"), "release-v1.3.0")
    assert finding.reason.values["expected"] == ("1.2.1", "1.3.0", "2.0.0")


def test_v7_the_second_of_two_open_releases_waits_for_the_first() -> None:
    second = facts("release-v1.4.0", "1.2.0", reservations={"1.3.0": 3, "1.4.0": NUMBER})
    assert found(second).outcome is Outcome.WAIT
    first = facts("release-v1.3.0", "1.2.0", reservations={"1.3.0": NUMBER, "1.4.0": 3})
    assert found(first).outcome is Outcome.PASS
    late = facts("release-v1.3.0", "1.4.0", reservations={"1.3.0": NUMBER})
    refused(late, "release-v1.5.0")


def test_v8_a_number_that_a_hotfix_took_is_renumbered() -> None:
    taken = facts("release-v1.2.1", "1.2.0", "1.2.1")
    assert refused(taken, "release-v1.2.2").reason.values["tag"] == "v1.2.1"
    reserved = facts("release/v1.2.1", "1.2.0", reservations={"1.2.1": 3})
    assert refused(reserved, "release/v1.2.2").reason.values["number"] == 3


def test_what_is_lower_than_what_it_contains_is_refused() -> None:
    refused(facts("hotfix/v1.1.9", "1.2.0", "1.1.8"), "hotfix/v1.2.1")


def test_a_reserved_first_version_leads_to_the_next() -> None:
    refused(facts("release-v1.0.0", reservations={"1.0.0": 3}), "release-v2.0.0")


def test_only_a_pre_release_behind_leads_to_its_final_version() -> None:
    refused(facts("release-v1.0.1", "1.0.0-rc.1"), "release-v1.0.0")


def test_pre_releases_come_in_the_order_of_semver() -> None:
    book = rulebook("kinds: {release: {prereleases: true}}")
    line = ("1.2.0", "1.3.0-rc.2")
    assert found(facts("release-v1.3.0-rc.10", *line), book).outcome is Outcome.PASS
    assert found(facts("release-v1.3.0-rc.1", *line), book).outcome is Outcome.FAIL
    assert found(facts("release-v1.3.0", *line), book).outcome is Outcome.PASS


def test_a_fork_is_told_the_name_without_commands_for_a_remote_it_has_not() -> None:
    finding = found(facts("release-v1.4.0", "1.2.0", from_fork=True))
    assert (finding.outcome, finding.commands) == (Outcome.FAIL, ())
    assert Version(1, 3, 0) == Version.parse(
        str(finding.mend and finding.mend.values["name"])[len("release-v") :]
    )


def test_a_number_that_no_branch_carries_is_refused_without_a_branch_to_rename() -> None:
    finding = found(facts("hotfix/cart", "1.3.0", "2.0.0-rc.1"))
    assert (finding.outcome, finding.commands) == (Outcome.FAIL, ())
    assert finding.mend
    assert finding.mend.values == {"version": "2.0.0"}


def test_the_first_version_of_all_may_be_taken_too() -> None:
    assert becomes(facts("hotfix/cart", reservations={"0.1.0": NUMBER + 1})) == "0.1.1"
