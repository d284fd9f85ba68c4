"""No manifest of an environment names a database of the other class."""

from collections.abc import Callable

import pytest

from bot.message import say
from bot.rules import databases, needs
from bot.rules.checks import BRANCH, judge
from bot.rules.facts import Facts, Manifest, Referral, Referred
from bot.rules.models import Language
from bot.rules.rulebook import DEFAULT, Rulebook, read
from bot.rules.verdict import MOST_ITEMS, Conclusion, Finding, Outcome
from bot.text.render import render

MakeFacts = Callable[..., Facts]
PATTERNS = """\
databases:
  dummy: {hosts: ["*.internal"], secrets: [dummy-*]}
  real: {hosts: ["*.prod.internal"], secrets: [real-*]}
"""
DEV, PROD = "apps/shop-dev/web/web.yaml", "apps/shop-prod/web/web.yaml"


def rulebook(text: str = PATTERNS) -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


def host(name: str, line: int = 3) -> Referral:
    return Referral(Referred.HOST, name, line)


def secret(name: str, line: int = 4) -> Referral:
    return Referral(Referred.SECRET, name, line)


def found(facts: Facts, book: Rulebook | None = None) -> Finding:
    finding = databases.find(facts, book or rulebook())
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("path", "referral", "said"),
    [
        (DEV, host("db.prod.internal"), "line 3: expected a dummy database; found the host db.prod.internal, "
         "which is real by the pattern *.prod.internal"),
        (DEV, host("DB.Prod.Internal"), "found the host DB.Prod.Internal, which is real"),
        (DEV, secret("real-shop"), "line 4: expected a dummy database; found the secret real-shop, "
         "which is real by the pattern real-*"),
        (PROD, host("db.dev.internal"), "expected a real database; found the host db.dev.internal"),
        (PROD, secret("dummy-shop"), "which is dummy by the pattern dummy-*"),
    ],
)  # fmt: skip
def test_a_database_of_the_other_class_fails(
    path: str, referral: Referral, said: str, facts: MakeFacts
) -> None:
    finding = found(facts("feat/x", manifests=(Manifest(path, (referral,)),)))
    assert (finding.outcome, finding.found) == (Outcome.FAIL, 1)
    text = render(finding.items[0], Language.EN)
    assert text.startswith(f"{path}, line ")
    assert said in text
    assert finding.mend is not None


@pytest.mark.parametrize(
    ("path", "referral"),
    [
        (DEV, host("db.dev.internal")),
        (DEV, secret("dummy-shop")),
        (PROD, host("db.prod.internal")),  # of both by the patterns, so it is real
        (PROD, secret("real-shop")),
        (DEV, host("example.com")),
        (DEV, host("real-shop")),
        (DEV, secret("db.prod.internal")),
        (DEV, secret("Real-shop")),
    ],
)
def test_a_database_of_the_right_class_or_of_none_passes(
    path: str, referral: Referral, facts: MakeFacts
) -> None:
    assert found(facts("feat/x", manifests=(Manifest(path, (referral,)),))).outcome is Outcome.PASS


def test_the_same_is_told_once_and_of_very_many_the_first(facts: MakeFacts) -> None:
    many = tuple(host(f"db{number}.prod.internal", number) for number in range(30))
    finding = found(facts("feat/x", manifests=(Manifest(DEV, (*many, *many)),)))
    assert (finding.found, len(finding.items)) == (30, MOST_ITEMS)


def test_what_cannot_be_read_is_no_pass(facts: MakeFacts) -> None:
    bad = Manifest(DEV, trouble=say("{path} cannot be read as text.", path=DEV))
    finding = found(facts("feat/x", manifests=(bad, Manifest(PROD))))
    assert (finding.outcome, finding.found) == (Outcome.UNKNOWN, 1)
    worse = found(facts("feat/x", manifests=(bad, Manifest(PROD, (secret("dummy-a"),)))))
    assert worse.outcome is Outcome.FAIL


def test_r11_more_files_than_are_listed_are_no_pass(facts: MakeFacts) -> None:
    assert found(facts("feat/x", manifests=None)).outcome is Outcome.UNKNOWN


def test_without_a_changed_manifest_it_does_not_apply(facts: MakeFacts) -> None:
    assert databases.find(facts("feat/x"), rulebook()) is None
    elsewhere = facts("feat/x", manifests=(Manifest("charts/web.yaml", (host("db.prod.internal"),)),))
    assert databases.find(elsewhere, rulebook()) is None


def test_nothing_fits_while_there_is_no_pattern(facts: MakeFacts) -> None:
    named = facts("feat/x", manifests=(Manifest(DEV, (host("db.prod.internal"), secret("real-a"))),))
    assert found(named, rulebook("preset: git-flow")).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (DEV, ["dev"]),
        ("apps/shop-dev/web.yml", ["dev"]),
        ("apps/shop-pre-prod/web.yaml", ["pre-prod"]),
        ("apps/shop/web.yaml", ["one", "two"]),
        ("live.yaml", ["live"]),
        ("apps/shop-dev/README.md", []),
        ("apps/shop-dev.yaml", []),
        ("apps/a/shop-dev/web.yaml", ["one", "two"]),
        ("deploy/apps/shop-dev/web.yaml", []),
        ("live.yaml.yaml", []),
    ],
)
def test_where_a_file_lies_says_which_environment_it_is_of(path: str, expected: list[str]) -> None:
    book = rulebook(
        "environments:\n"
        "  pre-prod: {from: main, deploy: auto, database: dummy}\n"
        "  one: {from: main, deploy: auto, database: dummy, manifests: 'apps/{project}'}\n"
        "  two: {from: main, deploy: auto, database: real, manifests: 'apps/{project}'}\n"
        "  live: {from: main, deploy: auto, database: real, manifests: live.yaml}\n"
    )
    assert list(databases.environments(book, path)) == expected


def test_it_is_a_rule_of_the_branch_that_blocks(facts: MakeFacts) -> None:
    crossed = facts("feat/x", manifests=(Manifest(DEV, (host("db.prod.internal"),)),))
    (verdict,) = judge(crossed, rulebook(), [BRANCH])
    assert verdict.conclusion is Conclusion.FAILURE
    (verdict,) = judge(crossed, rulebook(f"rules: {{database: advised}}\n{PATTERNS}"), [BRANCH])
    assert verdict.conclusion is Conclusion.NEUTRAL


def test_manifests_matter_only_where_they_can_be_wrong() -> None:
    assert needs.manifests(rulebook())
    assert needs.manifests(rulebook("databases: {dummy: {secrets: [a]}}"))
    assert not needs.manifests(rulebook(f"rules: {{database: off}}\n{PATTERNS}"))
    assert not needs.manifests(rulebook("preset: trunk"))
    assert not needs.manifests(DEFAULT)
