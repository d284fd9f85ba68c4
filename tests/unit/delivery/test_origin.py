"""What an image comes from, and what that feeds."""

import pytest

from bot.delivery.image import Image
from bot.delivery.origin import fed, sources, version, versioned
from bot.rules.models import Rulebook
from bot.rules.rulebook import read


def rulebook(preset: str, more: str = "") -> Rulebook:
    found = read(f"preset: {preset}\n{more}")
    assert isinstance(found, Rulebook)
    return found


def image(tag: str | None) -> Image:
    return Image("ghcr.io/acme/shop", tag)


@pytest.mark.parametrize(
    ("preset", "tag", "branches", "expected"),
    [
        ("git-flow", "develop-3f2c1ab", ["develop"], ["dev", "test"]),
        ("git-flow", "v1.2.0", ["main"], ["prod"]),
        ("git-flow", "1.2.0", [], ["prod"]),
        ("git-flow", "main-3f2c1ab", ["main"], []),
        ("git-flow", "v1.2.0-5-g3f2c1ab", ["develop"], ["dev", "test"]),
        ("git-flow", "3f2c1ab", ["release-v1.2.0"], ["stage"]),
        ("git-flow", "3f2c1ab", ["feat/tax"], ["local"]),
        ("git-flow", "3f2c1ab", ["wip"], []),
        ("git-flow", None, ["develop", "feat/tax"], ["local", "dev", "test"]),
        ("git-flow", "v1.4.0-rc.1", ["develop"], []),
        ("git-flow", "1.2.0-alpine", ["main"], []),
        ("trunk", "3f2c1ab", ["main"], ["dev", "test"]),
        ("trunk", "3f2c1ab", ["release/1.2.0"], ["stage", "prod"]),
        ("trunk", "3f2c1ab", ["feature/tax"], ["local"]),
        ("trunk", "v1.2.0", ["release/1.2.0"], []),
    ],
)
def test_an_image_feeds_the_environments_of_its_source(
    preset: str, tag: str | None, branches: list[str], expected: list[str]
) -> None:
    rules = rulebook(preset)
    assert list(fed(rules, sources(rules, image(tag), branches))) == expected


@pytest.mark.parametrize(
    ("tag", "branches", "expected"),
    [
        ("v1.2.0", ["main"], "1.2.0"),
        ("3f2c1ab", ["release-v1.3.0"], "1.3.0"),
        ("v1.2.0-5-g3f2c1ab", ["release-v1.3.0"], "1.3.0"),
        ("3f2c1ab", ["develop"], None),
        (None, ["hotfix/1.2.1"], "1.2.1"),
    ],
)
def test_an_image_is_of_the_version_of_its_tag_or_its_branch(
    tag: str | None, branches: list[str], expected: str | None
) -> None:
    found = version(rulebook("git-flow"), image(tag), branches)
    assert (str(found) if found else None) == expected


def test_a_pre_release_is_a_version_only_where_the_rulebook_has_some() -> None:
    rules = rulebook("git-flow", "kinds: {release: {prereleases: true}}")
    assert list(fed(rules, sources(rules, image("v1.4.0-rc.1"), []))) == ["prod"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("shop-1.0.1", "1.0.1"), ("v1.0.1", "1.0.1"), ("till-1.0.1", None), ("shop-1.0.1-3f2c1ab", None)],
)
def test_a_version_is_read_as_the_rulebook_spells_tags(tag: str, expected: str | None) -> None:
    found = versioned(rulebook("git-flow", "versions: {tag: 'shop-{version}'}"), image(tag)).version
    assert (str(found) if found else None) == expected
