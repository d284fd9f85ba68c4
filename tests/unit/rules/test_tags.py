import pytest
from semver import Version
from unit.rules.releases import rulebook

from bot.rules.tags import tag_of, version_of_tag


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.2.3", "1.2.3"),
        ("v1.2.3-rc.1", "1.2.3-rc.1"),
        ("v1.2.3+7", "1.2.3"),
        ("1.2", None),
        ("v01.2.3", None),
        ("release-1.2.3", None),
        ("package@1.2.3", None),
        ("nightly", None),
    ],
)
def test_which_tags_are_versions(name: str, version: str | None) -> None:
    found = version_of_tag(rulebook(), name)
    assert found == (None if version is None else Version.parse(version))


def test_a_rulebook_may_spell_tags_its_own_way() -> None:
    book = rulebook("versions: {tag: 'release-{version}'}")
    assert version_of_tag(book, "release-1.2.3") == Version(1, 2, 3)
    assert tag_of(book, Version(1, 2, 3)) == "release-1.2.3"
