"""From which environment is promoted to which."""

import pytest
from semver import Version

from bot.rules.environments import before, onward, outlook
from bot.rules.models import Language
from bot.rules.rulebook import Rulebook, read
from bot.text.render import render

GIT_FLOW = "preset: git-flow\n"
TRUNK = "preset: trunk\n"
WITHOUT_TEST = "environments: {test: null, demo: {from: tag, deploy: manual, database: dummy}}\n"


@pytest.mark.parametrize("preset", [GIT_FLOW, TRUNK])
def test_a_developers_own_place_is_nobodys_predecessor(preset: str) -> None:
    rulebook = read(preset)
    assert isinstance(rulebook, Rulebook)
    found = {name: before(rulebook, name) for name in rulebook.environments}
    assert found == {"local": None, "dev": None, "test": "dev", "stage": "test", "prod": "stage"}


def test_the_order_is_the_rulebooks() -> None:
    rulebook = read(GIT_FLOW + WITHOUT_TEST)
    assert isinstance(rulebook, Rulebook)
    names = list(rulebook.environments)
    assert [before(rulebook, name) for name in names[2:]] == names[1:-1]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("{}", ["v1.2.0 goes to prod at once, when its image is there."]),
        (
            "{prod: {deploy: manual}}",
            ["prod waits for a person, who promotes what runs in stage: /signalbox promote prod"],
        ),
        (
            "{dev: null, test: null, stage: null, prod: {deploy: manual}}",
            ["v1.2.0 waits for a person, who takes it to prod: /signalbox promote prod"],
        ),
        ("{prod: {from: release}}", []),
    ],
)
def test_a_version_goes_where_the_rulebook_says(places: str, expected: list[str]) -> None:
    rulebook = read(f"preset: git-flow\nenvironments: {places}\ndelivery: {{repository: acme/gitops}}\n")
    assert isinstance(rulebook, Rulebook)
    found = [render(each, Language.EN) for each in outlook(rulebook, Version(1, 2, 0))]
    assert found == expected
    others = rulebook.model_copy(
        update={"delivery": rulebook.delivery.model_copy(update={"repository": None})}
    )
    assert outlook(others, Version(1, 2, 0)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("preset: trunk", {"stage": "prod"}),
        ("preset: git-flow", {}),
        (
            "environments: {stage: {deploy: manual}, prod: {deploy: manual}}",
            {"test": "stage", "stage": "prod"},
        ),
    ],
)
def test_a_person_takes_on_what_runs_before(text: str, expected: dict[str, str]) -> None:
    rulebook = read(text)
    assert isinstance(rulebook, Rulebook)
    found = {name: onward(rulebook, name) for name in rulebook.environments}
    assert {name: each for name, each in found.items() if each} == expected
