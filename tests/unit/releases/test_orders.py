"""What is commanded of releases, without any repository: what is asked for, its version, its names."""

from collections.abc import Callable

import pytest
from semver import Version
from unit.rules.releases import change, pull, rulebook, tag

from bot.errors import TellUser
from bot.releases.orders import (
    Cut,
    in_force,
    must_be_free,
    must_be_merged,
    source_of,
    spellings,
    version_of,
    wanted,
)
from bot.rules.claim import last_tag
from bot.rules.commands import Verb
from bot.rules.facts import Pull, ReleaseFacts
from bot.rules.rulebook import DEFAULT, Invalid
from bot.rules.succession import Step

GIT_FLOW = rulebook()
TRUNK = rulebook("preset: trunk")
OWN = rulebook("kinds: {hotfix: {names: ['hotfix-v{version}', 'urgent/*'], from: main, into: [main]}}")


def at(*versions: str, **changes: object) -> ReleaseFacts:
    """Main and develop stand at these versions."""
    return ReleaseFacts(tuple(map(tag, versions)), **changes)  # type: ignore[arg-type]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(TellUser) as told:
        act()
    return told.value.messages[0].id


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("release 1.4.0", Version(1, 4, 0)),
        ("release v1.4.0", Version(1, 4, 0)),
        ("release Minor", Step.MINOR),
        ("release", None),
        ("hotfix price", "price"),
        ("hotfix v1.4.1", "v1.4.1"),
    ],
)
def test_an_order_says_what_is_to_be_cut(body: str, said: object) -> None:
    verb = Verb(body.partition(" ")[0])
    assert wanted(verb, f"/signalbox {body}", GIT_FLOW) == Cut(str(verb), said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("release soon", "Expected a version"),
        ("release 1.4", "Expected a version"),
        ("release 1.4.0 please", "Expected a version"),
        ("hotfix", "Expected a version or a name"),
    ],
)
def test_an_order_that_says_nothing_known_is_refused(body: str, words: str) -> None:
    assert words in refused(lambda: wanted(Verb(body.partition(" ")[0]), f"/signalbox {body}", GIT_FLOW))


def test_a_trunk_has_no_hotfixes() -> None:
    assert "no kind" in refused(lambda: wanted(Verb.HOTFIX, "/signalbox hotfix price", TRUNK))
    assert wanted(Verb.RELEASE, "/signalbox release", TRUNK).kind == "release"


def test_a_branch_comes_from_where_its_kind_does() -> None:
    assert [source_of(GIT_FLOW, kind) for kind in ("release", "hotfix")] == ["develop", "main"]
    assert [source_of(TRUNK, kind) for kind in ("release", "fix")] == ["main", "main"]


@pytest.mark.parametrize("reading", [DEFAULT, Invalid(())])
def test_without_a_rulebook_of_the_team_nothing_is_cut(reading: object) -> None:
    assert "rulebook" in refused(lambda: in_force(reading))  # type: ignore[arg-type]
    assert in_force(TRUNK) is TRUNK


@pytest.mark.parametrize(
    ("said", "facts", "version"),
    [
        (Version(1, 4, 0), at(), "1.4.0"),
        (Step.PATCH, at("1.2.0"), "1.2.1"),
        (Step.MINOR, at("1.2.0", "1.3.0-rc.1"), "1.3.0"),
        (Step.MAJOR, at("1.2.0"), "2.0.0"),
        (Step.MAJOR, at(), "1.0.0"),
        (Step.MINOR, at("1.2.0", reservations={"1.3.0": 9}), "1.3.0"),
        (None, at(), "0.1.0"),
        (None, at("1.2.0", changes=(change("fix: a"), change("feat: b"))), "1.3.0"),
        (None, at("1.2.0", changes=(change("tidy up"),)), "1.2.1"),
        (None, at("0.2.0", changes=(change("feat!: a"),)), "0.3.0"),
    ],
)
def test_the_version_that_is_asked_for(
    said: Version | Step | None, facts: ReleaseFacts, version: str
) -> None:
    assert str(version_of(said, facts)) == version


def test_commits_that_say_nothing_are_refused() -> None:
    assert "Nothing has been committed" in refused(lambda: version_of(None, at("1.2.0")))
    many = at("1.2.0", changes=(change("feat: a"),), whole=False)
    assert "too many" in refused(lambda: version_of(None, many))


def test_the_version_before_is_a_final_one_of_this_line() -> None:
    elsewhere = tag("2.0.0", on_main=False)
    assert last_tag(ReleaseFacts((tag("1.2.0"), tag("1.3.0-rc.1"), elsewhere))) == "v1.2.0"
    assert last_tag(at()) is None


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("release", "1.4.0", ("release-v1.4.0", "release/v1.4.0")),
        ("hotfix", "price", ("hotfix/price",)),
        ("hotfix", "1.4.1", ("hotfix/1.4.1", "hotfix/v1.4.1")),
        ("hotfix", "v1.4.1", ("hotfix/v1.4.1", "hotfix/1.4.1")),
    ],
)
def test_v13_the_canonical_name_comes_first(kind: str, name: str, expected: tuple[str, ...]) -> None:
    assert spellings(GIT_FLOW, kind, name) == expected


def test_a_word_takes_the_first_pattern_that_is_not_of_versions() -> None:
    assert spellings(OWN, "hotfix", "price") == ("urgent/price",)
    assert spellings(OWN, "hotfix", "1.4.1")[0] == "hotfix-v1.4.1"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("release", "1.4.0-rc.1"),
        ("release", "1.4.0+7"),
        ("hotfix", "a b"),
        ("hotfix", "a/b"),
        ("hotfix", ".."),
        ("hotfix", "x.lock"),
        ("hotfix", "a*"),
    ],
)
def test_what_makes_no_branch_of_the_kind_is_refused(kind: str, name: str) -> None:
    assert "Expected what makes a branch" in refused(lambda: spellings(GIT_FLOW, kind, name))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (at("1.3.0"), "without a tag"),
        (at("1.2.0", "1.4.0"), "above"),
        (at("1.1.0"), "leaves a gap"),
        (at("1.2.0", reservations={"1.3.0": 9}), "reserved for"),
    ],
)
def test_v7_v8_a_version_that_its_check_would_refuse_is_refused_at_once(
    facts: ReleaseFacts, words: str
) -> None:
    assert words in refused(lambda: must_be_free(pull("release-v1.3.0"), facts, Version(1, 3, 0)))


def test_a_version_that_only_waits_for_another_is_cut() -> None:
    facts = at("1.2.0", reservations={"1.3.0": 9})
    must_be_free(pull("release-v1.4.0"), facts, Version(1, 4, 0))
    must_be_free(pull("release-v1.2.1"), facts, Version(1, 2, 1))


def test_a_merged_release_is_tried_again() -> None:
    must_be_merged(GIT_FLOW, pull("release-v1.3.0"), merged=True)
    must_be_merged(TRUNK, pull("fix/price", "release/1.3.0"), merged=True)


@pytest.mark.parametrize(
    ("one", "merged"),
    [(None, False), (pull("release-v1.3.0"), False), (pull("feat/x", "develop"), True)],
    ids=["issue", "open", "feature"],
)
def test_nothing_else_is_tried_again(one: Pull | None, merged: bool) -> None:
    assert "merged" in refused(lambda: must_be_merged(GIT_FLOW, one, merged=merged))
