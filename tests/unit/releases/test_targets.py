import pytest
from semver import Version
from unit.rules.releases import rulebook

from bot.releases.targets import lives_on, targets_of

GIT_FLOW, TRUNK = rulebook(), rulebook("preset: trunk")
BRANCHES = (
    "main",
    "develop",
    "feat/x",
    "hotfix/price",
    "release-v1.10.0",
    "release/v1.3.0",
    "release-v1.2.1",
    "release-v0.9.0",
)


@pytest.mark.parametrize(
    ("version", "branch", "targets"),
    [
        ("1.2.1", "hotfix/price", ("develop", "release-v1.2.1", "release/v1.3.0", "release-v1.10.0")),
        ("1.3.0", "release/v1.3.0", ("develop", "release-v1.10.0")),
        ("2.0.0", "release-v2.0.0", ("develop",)),
    ],
)
def test_v8_a_version_goes_back_to_develop_and_to_open_releases_of_its_line_or_newer(
    version: str, branch: str, targets: tuple[str, ...]
) -> None:
    assert targets_of(GIT_FLOW, Version.parse(version), branch, BRANCHES, frozenset()) == targets


def test_a_release_that_has_its_tag_is_open_no_more() -> None:
    released = frozenset({Version(1, 10, 0), Version(1, 2, 1)})
    found = targets_of(GIT_FLOW, Version(1, 2, 2), "hotfix/price", BRANCHES, released)
    assert found == ("develop", "release/v1.3.0")


def test_on_a_trunk_there_is_no_develop() -> None:
    branches = ("main", "develop", "release/1.2.0", "release/1.3.0")
    assert targets_of(TRUNK, Version(1, 2, 0), "release/1.2.0", branches, frozenset()) == ("release/1.3.0",)


@pytest.mark.parametrize(
    ("book", "branch", "stays"),
    [
        (GIT_FLOW, "release-v1.2.0", False),
        (GIT_FLOW, "hotfix/x", False),
        (TRUNK, "release/1.2.0", True),
        (TRUNK, "fix/x", False),
        (TRUNK, "whatever", False),
    ],
)
def test_only_a_trunks_releases_live_on(book: object, branch: str, stays: bool) -> None:
    assert lives_on(TRUNK if book is TRUNK else GIT_FLOW, branch) is stays
