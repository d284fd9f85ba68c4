import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from bot.rules.succession import (
    Step,
    bare,
    follows,
    last_final,
    latest,
    next_version,
    step_between,
    step_of,
    successors,
)

numbers = st.integers(0, 20)
finals = st.builds(Version, numbers, numbers, numbers)
versions = st.builds(Version, numbers, numbers, numbers, st.sampled_from([None, "rc.1", "rc.2", "alpha"]))


def read(*texts: str) -> frozenset[Version]:
    return frozenset(map(Version.parse, texts))


@pytest.mark.parametrize(
    ("contained", "taken", "expected"),
    [
        ("", "", ""),
        ("1.2.0", "", "1.2.1 1.3.0 2.0.0"),
        ("1.2.0", "1.2.1", "1.2.2 1.3.0 2.0.0"),
        ("1.2.0", "1.3.0 2.0.0", "1.2.1 1.4.0 3.0.0"),
        ("1.1.0 1.2.0 1.0.5", "", "1.2.1 1.3.0 2.0.0"),
        ("1.0.0-rc.1", "", "1.0.0"),
        ("1.0.0-rc.1", "1.0.0", "1.0.1"),
        ("1.2.0 2.0.0-rc.1", "", "2.0.0"),
        ("1.2.0 1.3.0-rc.1", "", "1.3.0 2.0.0"),
        ("1.2.0 3.0.0-rc.1", "", "3.0.0"),
    ],
)
def test_the_successors_of_a_line(contained: str, taken: str, expected: str) -> None:
    found = successors(read(*contained.split()), read(*taken.split()))
    assert " ".join(map(str, found)) == expected


@pytest.mark.parametrize(
    ("version", "contained", "taken", "expected"),
    [
        ("0.3.0", "", "", True),
        ("1.2.1", "1.2.0", "1.3.0", True),  # V7: a patch of an old line after a newer release
        ("1.4.0", "1.2.0", "", False),
        ("1.4.0", "1.2.0", "1.3.0", True),  # the gap is another line's
        ("1.3.0", "1.2.0", "1.3.0", True),  # what it is itself does not push it away
        ("1.2.0", "1.2.0", "1.2.0", False),
        ("1.1.9", "1.2.0", "", False),
        ("1.3.0-rc.1", "1.2.0", "", True),
        ("1.3.0-rc.2", "1.2.0 1.3.0-rc.1", "", True),
        ("1.3.0-rc.1", "1.2.0 1.3.0-rc.2", "", False),
        ("1.3.0-rc.1", "1.2.0 1.3.0", "", False),
        ("1.3.0", "1.2.0 1.3.0-rc.10", "", True),
        ("1.4.0-rc.1", "1.2.0", "", False),
        ("1.3.0-alpha.11", "1.2.0 1.3.0-alpha.2", "", True),
    ],
)
def test_what_may_come_next(version: str, contained: str, taken: str, expected: bool) -> None:
    line = read(*contained.split())
    assert follows(Version.parse(version), line, line | read(*taken.split())) is expected


@given(st.frozensets(versions, min_size=1), st.frozensets(versions))
def test_successors_are_free_and_above_the_line(
    contained: frozenset[Version], others: frozenset[Version]
) -> None:
    taken = contained | others
    for version in successors(contained, taken):
        assert version > max(contained)
        assert version not in taken
        assert follows(version, contained, taken)


@given(finals, st.sampled_from(Step))
def test_a_step_is_what_lies_between(version: Version, step: Step) -> None:
    above = next_version(version, step)
    assert step_between(version, above) is step
    assert step_of(above) is step


@pytest.mark.parametrize(
    ("version", "released", "expected"),
    [
        ("1.0.0", "", True),
        ("1.3.0", "1.2.0", True),
        ("1.2.1", "1.2.0 1.3.0", False),  # V9
        ("1.3.0", "1.2.0 1.3.0", True),
        ("2.0.0-rc.1", "1.2.0", False),
        ("1.3.0", "1.2.0 2.0.0-rc.1", True),
    ],
)
def test_v9_the_latest_release_is_the_greatest_final_one(version: str, released: str, expected: bool) -> None:
    assert latest(Version.parse(version), read(*released.split())) is expected


def test_a_build_part_makes_no_other_version() -> None:
    assert bare(Version.parse("1.2.0-rc.1+7")) == Version.parse("1.2.0-rc.1")
    assert last_final(read("2.0.0-rc.1")) is None


def test_the_plain_next_version_is_known_without_a_search() -> None:
    class Unsearched:
        def __contains__(self, version: object) -> bool:
            raise AssertionError(f"{version} was looked for")

    assert follows(Version(1, 2, 4), read("1.2.3", "1.2.2"), Unsearched())


def test_of_thousands_of_versions_none_but_those_in_between_are_looked_at() -> None:
    class Counted:
        asked = 0

        def __contains__(self, version: object) -> bool:
            self.asked += 1
            return version in read("1.2.4")

    taken = Counted()
    assert follows(Version(1, 2, 5), read("1.2.3"), taken)
    assert taken.asked <= 6
