from dataclasses import replace

import pytest
from unit.rules.releases import change, facts, rulebook

from bot.rules import content
from bot.rules.facts import Facts
from bot.rules.verdict import Finding, Outcome

BOOK = rulebook()


def found(given: Facts) -> Finding:
    finding = content.find(given, BOOK)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("head", "previous", "headline", "outcome"),
    [
        ("release-v1.2.1", "1.2.0", "fix: x", Outcome.PASS),
        ("release-v1.2.1", "1.2.0", "feat: x", Outcome.FAIL),
        ("release-v1.2.1", "1.2.0", "fix!: x", Outcome.FAIL),
        ("release-v1.3.0", "1.2.0", "feat: x", Outcome.PASS),
        ("release-v1.3.0", "1.2.0", "feat!: x", Outcome.FAIL),
        ("release-v2.0.0", "1.2.0", "feat!: x", Outcome.PASS),
        ("release-v2.0.0", "1.2.0", "fix: x", Outcome.PASS),
        ("hotfix/price", "1.0.1", "feat: x", Outcome.FAIL),
        ("release-v0.2.1", "0.2.0", "feat: x", Outcome.PASS),
        ("release-v0.2.1", "0.2.0", "feat!: x", Outcome.FAIL),
        ("release-v0.3.0", "0.2.0", "feat!: x", Outcome.PASS),
        ("release-v1.2.1", "1.2.0", "Whatever", Outcome.PASS),
    ],
)
def test_v14_a_version_is_as_great_as_what_it_brings(
    head: str, previous: str, headline: str, outcome: Outcome
) -> None:
    finding = found(facts(head, previous, changes=(change(headline),)))
    assert finding.outcome is outcome
    assert len(finding.items) == finding.found == (outcome is Outcome.FAIL)


def test_a_footer_breaks_and_the_commits_are_listed() -> None:
    changes = (change("fix: a"), change("fix: b", "BREAKING CHANGE: gone", "d" * 40))
    (item,) = found(facts("release-v1.3.0", "1.2.0", changes=changes)).items
    assert item.values["commit"] == "d" * 12


def test_a_label_asks_as_a_commit_does() -> None:
    given = facts("release-v1.3.0", "1.2.0", labels=("bug", "Semver:Major"))
    assert found(given).items[0].values == {"label": "Semver:Major"}
    assert found(replace(given, labels=("semver:patch",))).outcome is Outcome.PASS


def test_commits_that_were_not_all_read_prove_nothing_but_a_fault() -> None:
    cut = facts("release-v1.2.1", "1.2.0", whole=False)
    assert found(cut).outcome is Outcome.UNKNOWN
    assert cut.release
    faulty = replace(cut, release=replace(cut.release, changes=(change("feat: x"),)))
    assert found(faulty).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "given",
    [
        facts("feat/x", "1.2.0", base="develop"),
        facts("release-v1.0.0"),
        replace(facts("release-v1.3.0"), release=None),
    ],
)
def test_where_no_version_is_compared_it_does_not_apply(given: Facts) -> None:
    assert content.find(given, BOOK) is None


def test_where_no_version_is_claimed_another_rule_says_so() -> None:
    assert content.find(facts("hotfix/x", "1.2.0"), rulebook("versions: {source: labels}")) is None
