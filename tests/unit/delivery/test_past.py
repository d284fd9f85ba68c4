"""What an environment has run, and what a promotion or a rollback takes of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from semver import Version

from bot.delivery.image import Image
from bot.delivery.past import Ran, back, further, newest, running, same_commit
from bot.errors import TellUser
from bot.rules.models import Rulebook
from bot.rules.rulebook import read
from bot.rules.shipping import Environment


def place(name: str) -> Environment:
    found = read("preset: git-flow")
    assert isinstance(found, Rulebook)
    return found.environments[name]


PROD, TEST = place("prod"), place("test")


def ran(tag: str, version: str | None = None, name: str = "shop", number: int = 0) -> Ran:
    """An image of the commit that its tag is, and of the deployment with that number."""
    found = Version.parse(version) if version else None
    return Ran(Image(f"ghcr.io/acme/{name}", tag), tag, found, number)


HISTORY = (
    ran("r13-b", "1.3.0"),
    ran("r13-a", "1.3.0"),
    ran("r13-b", "1.3.0"),
    ran("r12", "1.2.0"),
    ran("r11", "1.1.0"),
)
SICK = replace(ran("r13-c", "1.3.0"), healthy=False)
# Two images of one commit, and a third of another one, before which something sick was written.
SEVERAL = (
    ran("three", name="web", number=8),
    ran("three", name="worker", number=7),
    ran("two", name="cron", number=6),
    replace(ran("two", name="worker", number=5), healthy=False),
    ran("one", name="web", number=3),
    ran("one", name="cron", number=2),
    ran("one", name="worker", number=1),
)


def steps(
    where: Environment, history: Sequence[Ran], said: str | None = None, **about: int | bool
) -> list[tuple[str, str, str]]:
    """Of each image where it stands, and where it goes back to."""
    found = back(where, history, said, **about)  # type: ignore[arg-type]
    return [(each.now.image.repository.rpartition("/")[2], each.now.name, each.to.name) for each in found]


def test_a_rollback_goes_to_what_ran_before() -> None:
    assert back(TEST, HISTORY)[0].to == HISTORY[1]
    assert back(TEST, (SICK, *HISTORY))[0].to == HISTORY[0]
    assert back(TEST, (HISTORY[0], SICK, *HISTORY[2:]))[0].to == HISTORY[3]


def test_a_rollback_of_a_release_goes_to_the_release_before() -> None:
    assert PROD.rollback == "release"
    assert back(PROD, HISTORY)[0].to == HISTORY[3]


@pytest.mark.parametrize("said", ["1.1.0", "v1.1.0", "r11"])
def test_a_rollback_goes_where_it_is_told(said: str) -> None:
    assert back(PROD, HISTORY, said)[0].to == HISTORY[4]


@pytest.mark.parametrize(
    ("history", "said", "expected"),
    [
        ((), None, "Nothing has run there yet, so there is nothing to go back to."),
        (HISTORY[:1], None, "Nothing else has run there, so there is nothing to go back to."),
        (HISTORY[:3], None, "Nothing else has run there, so there is nothing to go back to."),
        (HISTORY, "9.0.0", "9.0.0 has not run there; what has is ('1.3.0', '1.2.0', '1.1.0')."),
    ],
)
def test_a_rollback_to_nowhere_is_refused(history: tuple[Ran, ...], said: str | None, expected: str) -> None:
    with pytest.raises(TellUser) as error:
        back(PROD, history, said)
    assert str(error.value) == expected


def test_a_rollback_takes_back_every_image_of_what_was_deployed_last() -> None:
    assert steps(TEST, SEVERAL) == [("web", "three", "one"), ("worker", "three", "one")]
    # One that never ran before stays, for there is nothing to go back to.
    assert steps(TEST, (ran("three", name="mail"), *SEVERAL)) == steps(TEST, SEVERAL)


def test_a_rollback_to_a_version_takes_every_image_that_ran_at_it() -> None:
    assert steps(TEST, SEVERAL, "one") == [
        ("web", "three", "one"),
        ("worker", "three", "one"),
        ("cron", "two", "one"),
    ]


def test_a_rollback_of_a_deployment_takes_back_its_commit_or_its_image_alone() -> None:
    assert steps(TEST, SEVERAL, about=6) == [("cron", "two", "one")]
    assert steps(TEST, SEVERAL, about=7) == steps(TEST, SEVERAL)
    assert steps(TEST, SEVERAL, about=7, alone=True) == [("worker", "three", "one")]


@pytest.mark.parametrize("about", [5, 3, 99])
def test_what_stands_no_longer_is_not_taken_back(about: int) -> None:
    with pytest.raises(TellUser) as error:
        back(TEST, SEVERAL, about=about)
    assert str(error.value) == "Something else has taken its place there, so nothing was done."


def test_of_each_image_the_newest_that_is_healthy_runs() -> None:
    sick = replace(SEVERAL[0], healthy=False)
    assert [each.deployment for each in running((sick, *SEVERAL[1:]))] == [7, 6, 3]
    assert running(SEVERAL, about=6) == running(SEVERAL)
    with pytest.raises(TellUser):
        running(SEVERAL, about=3)


def test_what_is_there_already_goes_no_further() -> None:
    assert [each.image.repository[-4:] for each in further(newest(SEVERAL), SEVERAL[1:2])] == ["/web", "cron"]
    assert further(newest(SEVERAL), SEVERAL) == ()


def test_what_belongs_together_is_of_one_commit() -> None:
    assert same_commit(newest(SEVERAL)) == SEVERAL[:2]
    assert same_commit(()) == ()
