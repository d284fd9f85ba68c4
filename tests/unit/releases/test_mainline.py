"""What reached main without a release, and which version that becomes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from semver import Version
from unit.rules.releases import EPOCH, change, facts, pull, rulebook, tag

from bot.releases.mainline import (
    Arrival,
    Mainline,
    finding,
    is_kept,
    reported,
    settled_at,
    to_tag,
    version_of,
)
from bot.rules.claim import Claim, claim
from bot.rules.facts import ReleaseFacts, Tag
from bot.rules.rulebook import DEFAULT, Invalid, Reading
from bot.rules.verdict import MOST_ITEMS
from bot.text.render import render

FLOW, TRUNK = rulebook(), rulebook("preset: trunk")


def arrival(name: str, head: str | None = None) -> Arrival:
    """A commit of main, pushed directly or brought by a pull request from a branch."""
    brought = None if head is None else pull(head)
    return Arrival(name * 40, f"commit {name}", "mina", EPOCH, brought)


def main(*arrivals: Arrival, tags: tuple[Tag, ...] = ()) -> Mainline:
    """Main, newest first, on top of its first commit."""
    first = replace(arrival("0"), committed=EPOCH - timedelta(days=1), is_root=True)
    return Mainline("main", (*arrivals, first), tags)


def names(found: tuple[Arrival, ...]) -> str:
    return "".join(each.oid[0] for each in found)


@pytest.mark.parametrize(
    ("reading", "branch", "kept"),
    [
        (FLOW, "main", True),
        (FLOW, "develop", False),
        (FLOW, "feat/x", False),
        (rulebook("branches: {main: [trunk, master]}"), "master", True),
        (rulebook("versions: {unversioned: off}"), "main", False),
        (rulebook("versions: {unversioned: tag}"), "main", True),
        (DEFAULT, "main", False),
        (Invalid(()), "main", False),
    ],
)
def test_who_wants_to_know(reading: Reading, branch: str, kept: bool) -> None:
    assert is_kept(reading, branch) is kept


def test_all_but_releases_and_hotfixes_is_told_of() -> None:
    came = main(
        arrival("1"),
        arrival("2", "feat/login"),
        arrival("3", "release-v1.2.0"),
        arrival("4", "release/v1.1.0"),
        arrival("5", "hotfix/price"),
        arrival("6", "develop"),
    )
    assert names(reported(FLOW, came)) == "126"


def test_on_a_trunk_only_what_had_no_pull_request_is_told_of() -> None:
    came = main(arrival("1"), arrival("2", "feature/login"), arrival("3", "release/1.2.0"))
    assert names(reported(TRUNK, came)) == "1"


def test_what_a_version_holds_is_not_told_of() -> None:
    came = main(arrival("1"), arrival("2"), arrival("3"), tags=(tag("1.0.0", "2" * 40), tag("0.9.0")))
    assert names(reported(FLOW, came)) == "1"
    assert came.last == tag("1.0.0", "2" * 40)


def test_no_more_is_told_of_than_people_read() -> None:
    came = main(*[replace(arrival("1"), oid=f"{number:040x}") for number in range(1, 100)])
    assert len(reported(FLOW, came)) == MOST_ITEMS


def test_the_tip_is_tagged_unless_it_is_or_a_release_has_to_be_first() -> None:
    assert to_tag(FLOW, main(arrival("1"), arrival("2")), EPOCH) == arrival("1")
    assert to_tag(FLOW, main(arrival("1"), tags=(tag("1.0.0", "1" * 40),)), EPOCH) is None
    assert to_tag(FLOW, main(arrival("1"), arrival("2", "release-v1.2.0")), EPOCH) is None
    assert to_tag(FLOW, main(arrival("2", "release-v1.2.0"), arrival("1")), EPOCH) is None
    below = main(arrival("1"), arrival("2", "release-v1.2.0"), tags=(tag("1.2.0", "2" * 40),))
    assert to_tag(FLOW, below, EPOCH) == arrival("1")


def test_a_release_that_was_not_tagged_for_a_day_holds_nothing_up_and_is_not_tagged_itself() -> None:
    old = main(arrival("1"), arrival("2", "release-v1.2.0"))
    assert to_tag(FLOW, old, EPOCH + timedelta(days=1, seconds=-1)) is None
    assert to_tag(FLOW, old, EPOCH + timedelta(days=1)) == arrival("1")
    assert to_tag(FLOW, main(arrival("2", "release-v1.2.0")), EPOCH + timedelta(days=30)) is None


@pytest.mark.parametrize(
    ("source", "labels", "headline", "version"),
    [
        ("branch", ("semver:major",), "feat!: a price", "1.1.2"),
        ("labels", (), "feat: a price", "1.1.2"),
        ("labels", ("bug", "SemVer:Minor"), "x", "1.2.0"),
        ("labels", ("semver:minor", "semver:major"), "x", "2.0.0"),
        ("commits", (), "feat: a price", "1.2.0"),
        ("commits", (), "feat!: a price", "2.0.0"),
        ("commits", ("semver:major",), "mend it", "1.1.2"),
    ],
)
def test_the_version_is_said_by_what_the_rulebook_asks_else_it_is_a_patch(
    source: str, labels: tuple[str, ...], headline: str, version: str
) -> None:
    # 1.1.1 is tagged on another line, 1.1.0 here.
    facts = ReleaseFacts((tag("1.1.1", on_main=False), tag("1.1.0")), changes=(change(headline),))
    assert version_of(rulebook(f"versions: {{source: {source}}}"), facts, labels) == Version.parse(version)


@pytest.mark.parametrize(
    ("previous", "source", "said", "version"),
    [
        ("0.3.0", "commits", "feat: a price", "0.3.1"),
        ("0.3.0", "commits", "feat!: a price", "0.4.0"),
        ("1.3.0", "commits", "feat!: a price", "2.0.0"),
        ("0.3.0", "labels", "semver:minor", "0.4.0"),
        ("0.3.0", "labels", "semver:major", "1.0.0"),
    ],
)
def test_before_1_0_0_commits_ask_for_less_and_a_label_is_taken_at_its_word_wherever_it_is_asked(
    previous: str, source: str, said: str, version: str
) -> None:
    book = rulebook(f"versions: {{source: {source}}}")
    labels = (said,) if source == "labels" else ()
    given = facts("hotfix/price", previous, labels=labels, changes=(change(said),))
    assert given.release
    claimed = claim(given, given.release, book)
    assert isinstance(claimed, Claim)
    assert [str(claimed.version), str(version_of(book, given.release, labels))] == [version, version]


def test_the_first_version_and_what_is_reserved() -> None:
    assert str(version_of(FLOW, ReleaseFacts(), ())) == "0.1.0"
    assert str(version_of(FLOW, ReleaseFacts((tag("0.1.0", on_main=False),)), ())) == "0.1.1"
    reserved = ReleaseFacts((tag("1.0.0"),), reservations={"1.0.1": 3})
    assert str(version_of(FLOW, reserved, ())) == "1.0.2"


def test_v1_its_own_tag_is_not_what_it_follows() -> None:
    facts = ReleaseFacts((tag("1.0.1", "1" * 40), tag("1.0.0")), merge_commit="1" * 40)
    assert str(version_of(FLOW, facts, ())) == "1.0.1"


def test_what_is_told_says_what_was_expected_found_and_how_to_mend_it() -> None:
    came = main(arrival("1"), arrival("2"), tags=(tag("1.0.0", "2" * 40), tag("1.0.1", on_main=False)))
    told = finding(FLOW, came, came.arrivals[0])
    reason = render(told.reason, FLOW.language)
    assert "releases and hotfixes" in reason
    assert "a direct push of mina" in reason
    assert any(f"git tag --annotate v1.0.2 {'1' * 40}" in line for line in told.commands)
    assert finding(FLOW, main(arrival("1")), arrival("1")).commands == ()


def test_on_a_trunk_nothing_is_to_be_tagged() -> None:
    came = main(arrival("1"), tags=(tag("1.0.0", "0" * 40),))
    told = finding(TRUNK, came, came.arrivals[0])
    assert told.commands == ()
    assert "pull requests" in render(told.reason, TRUNK.language)


@pytest.mark.parametrize(
    ("seconds", "held"),
    [(-0.001, False), (0, True), (2.999, True), (3, False), (86_400, False)],
)
def test_r10_a_push_is_given_three_seconds_to_be_listed_with_its_pull_request(
    seconds: float, held: bool
) -> None:
    now = EPOCH + timedelta(seconds=seconds)
    expected = EPOCH + timedelta(seconds=3) if held else None
    assert settled_at([arrival("a")], now) == expected
    assert settled_at([arrival("a", "release-v1.2.0")], now) is None
