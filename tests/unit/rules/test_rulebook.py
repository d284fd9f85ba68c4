import json
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.rules.document import DEEPEST, LARGEST, MOST_NODES
from bot.rules.models import Rules
from bot.rules.presets import PRESETS
from bot.rules.rulebook import DEFAULT, MOST_PROBLEMS, Invalid, Problem, Rulebook, read, schema
from bot.rules.shipping import value_place
from bot.rules.verdict import Enforcement


def valid(text: str) -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


def problems(text: str) -> tuple[Problem, ...]:
    reading = read(text)
    assert isinstance(reading, Invalid)
    return reading.problems


def only(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


# Presets and overriding.


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "preset: git-flow"])
def test_an_empty_file_is_git_flow_and_requires_it(text: str) -> None:
    rulebook = valid(text)
    assert rulebook.kinds["feature"].names == ("feat/*", "refact/*", "fix/*")
    assert rulebook.branches.develop == ("develop", "development")
    assert rulebook.rules.naming is Enforcement.REQUIRED


def test_the_absent_rulebook_is_git_flow_that_only_advises() -> None:
    assert DEFAULT.preset == "git-flow"
    assert {DEFAULT.enforcement(rule, from_fork=False) for rule in Rules.model_fields} == {
        Enforcement.ADVISED
    }


def test_trunk_has_no_develop() -> None:
    rulebook = valid("preset: trunk")
    assert rulebook.branches.develop is None
    assert rulebook.kinds["fix"].without == ("main",)
    assert list(rulebook.environments) == ["local", "dev", "test", "stage", "prod"]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_written_out_in_full_is_itself(preset: str) -> None:
    text = StringIO()
    YAML(typ="safe", pure=True).dump(dict(PRESETS[preset]), text)
    assert valid(text.getvalue()) == valid(f"preset: {preset}")


LEVEL = "{meaning: x, state: comment, colour: d73a4a}"


@pytest.mark.parametrize(
    ("part", "bodies", "expected"),
    [
        ("levels", {"P0": LEVEL, "P1": "{}", "P2": "{}", "P3": "{}", "P4": LEVEL}, "P0 P1 P2 P3 P4"),
        ("levels", {"P0": LEVEL}, "P0 P1 P2 P3"),
        ("levels", {"P3": "{}", "P4": LEVEL}, "P1 P2 P3 P4"),
        ("levels", {"P2": "{blocks: true}"}, "P1 P2 P3"),
        ("levels", {"P3": "{}", "P1": "{}"}, "P2 P3 P1"),
        ("levels", {"P1": "null", "P0": LEVEL, "P2": "{}"}, "P0 P2 P3"),
        ("levels", {"a": LEVEL, "P1": "null", "P2": "null", "P3": "null", "b": LEVEL}, "a b"),
        ("kinds", {"docs": "{names: [feat/docs], from: main, into: [main]}"}, "docs feature release hotfix"),
        ("environments", {"stage": "{hold: false}"}, "local dev test stage prod"),
        ("environments", {"test": "{}", "qa": "{from: develop, deploy: auto, database: dummy}"},
         "local dev test qa stage prod"),
    ],
)  # fmt: skip
def test_named_things_stand_in_the_order_of_the_rulebook(
    part: str, bodies: dict[str, str], expected: str
) -> None:
    reading = read(f"{part}:\n" + "".join(f"  {name}: {body}\n" for name, body in bodies.items()))
    assert isinstance(reading, Rulebook), reading
    assert list(getattr(reading, part)) == expected.split()


def test_mappings_merge_lists_replace_and_null_removes() -> None:
    rulebook = valid(
        """
        branches: {main: [trunk, main], develop: next}
        kinds:
          feature: {names: [feature/**]}
          docs: {names: ["docs/*"], from: develop, into: [develop]}
        rules: {naming: off}
        levels: {P3: null}
        """
    )
    assert rulebook.branches.main == ("trunk", "main")
    assert rulebook.branches.develop == ("next",)
    assert rulebook.kinds["feature"].names == ("feature/**",)
    assert rulebook.kinds["feature"].source == "develop"
    assert list(rulebook.kinds) == ["feature", "docs", "release", "hotfix"]
    assert (rulebook.rules.naming, rulebook.rules.base) == (Enforcement.OFF, Enforcement.REQUIRED)
    assert list(rulebook.levels) == ["P1", "P2"]


def test_off_stays_a_word_and_forks_have_their_own_naming() -> None:
    rulebook = valid("forks: {naming: advised}\nlanguage: ko")
    assert rulebook.enforcement("naming", from_fork=True) is Enforcement.ADVISED
    assert rulebook.enforcement("naming", from_fork=False) is Enforcement.REQUIRED
    assert rulebook.enforcement("base", from_fork=True) is Enforcement.REQUIRED
    assert DEFAULT.forks.naming is Enforcement.OFF


# What is wrong is told with its place and what was expected.


def test_an_unknown_key_is_refused_with_the_nearest_one() -> None:
    problem = only("preset: trunk\nkinds:\n  feature:\n    nams: [x]\n")
    assert (problem.line, problem.column, problem.key) == (4, 5, "kinds.feature.nams")
    assert problem.message.values["nearest"] == "names"


def test_a_key_like_nothing_gets_the_list() -> None:
    problem = only("versions: {files: [{path: a, zzzzzzzz: 1}]}")
    assert problem.message.values["known"] == ("path", "pattern")


def test_a_wrong_word_is_refused_with_the_nearest_one() -> None:
    problem = only("preset: trunc")
    assert (problem.line, problem.column) == (1, 9)
    assert problem.message.values["nearest"] == "trunk"


def test_a_word_like_nothing_gets_the_choices() -> None:
    assert only("language: fr").message.values["allowed"] == ("en", "ko")
    assert only("language: 7").message.values["allowed"] == ("en", "ko")


def test_several_problems_come_at_once_in_the_order_of_the_text() -> None:
    found = problems(
        "language: fr\nkindz: 1\nbranches: {man: x}\nimages: {keep: -1}\nlevels: {P1: {blocks: 1}}\n"
    )
    assert [(problem.line, problem.key) for problem in found] == [
        (1, "language"),
        (2, "kindz"),
        (3, "branches.man"),
        (4, "images.keep"),
        (5, "levels.P1.blocks"),
    ]


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("approvals: 5", "approvals", "expected keys and their values"),
        ("branches: 5", "branches", "expected keys and their values"),
        ("bots: x", "bots", "expected a list"),
        ("kinds: {feature: {names: []}}", "kinds.feature.names", "expected at least one entry"),
        ("kinds: {docs: {names: [a], into: [main]}}", "kinds.docs.from", "this key is missing"),
        ("levels: {P1: {meaning: 1}}", "levels.P1.meaning", "expected text; put it in quotes"),
        ("images: {keep: many}", "images.keep", "expected a whole number"),
        ("kinds: {nothing: null}", "kinds.nothing", "expected keys and their values"),
        ("branches: {main: null}", "branches.main", "expected a list"),
    ],
)
def test_a_value_of_another_shape_says_what_was_expected(text: str, key: str, expected: str) -> None:
    problem = only(text)
    assert (problem.key, problem.message.id) == (key, expected)


@pytest.mark.parametrize(
    "text",
    [
        "branches: {main: 'a b'}",
        "branches: {main: ''}",
        "kinds: {feature: {names: ['a?']}}",
        "kinds: {feature: {names: ['']}}",
        "kinds: {feature: {names: ['{version}*']}}",
        "kinds: {feature: {names: ['{version}{version}']}}",
        "levels: {P1: {colour: red}}",
        "versions: {tag: v1}",
        "versions: {tag: 'v {version}'}",
        "versions: {files: [{path: VERSION, pattern: v}]}",
        "environments: {prod: {freezes: [{begins: '@daily', hours: 1, why: x}]}}",
        "environments: {prod: {freezes: [{begins: 0 0 31 2 *, hours: 1, why: x}]}}",
        "environments: {prod: {freezes: [{begins: 61 0 * * 5, hours: 1, why: x}]}}",
        "environments: {prod: {freezes: [{begins: 0 0 * * 5, hours: 1, zone: Mars/One, why: x}]}}",
        "environments: {prod: {manifests: ../other}}",
        "environments: {prod: {manifests: 'apps/{name}'}}",
        "environments: {prod: {values: [values.yaml]}}",
        "environments: {prod: {values: ['/values.yaml:image']}}",
        "environments: {prod: {values: ['ghcr.io/acme/shop:v1=values.yaml:image']}}",
        "environments: {prod: {values: ['=values.yaml:image']}}",
        "environments: {prod: {values: ['a=v.yaml:image', 'b=v.yaml:image']}}",
        "delivery: {images: ['ghcr.io/acme/shop:latest']}",
        "delivery: {repository: gitops}",
    ],
)
def test_a_value_with_a_rule_of_its_own_is_refused(text: str) -> None:
    assert only(text).line == 1


def test_an_environment_may_say_where_it_is_written_and_when_it_is_frozen() -> None:
    rulebook = valid(
        """
        delivery: {images: [localhost:5000/acme/shop, ghcr.io/acme/shop], repository: acme/gitops}
        environments:
          prod:
            manifests: apps/{project}-prod
            values: ["values.yaml:web.image"]
            write: pull_request
            freezes: [{begins: 0 18 * * 5, hours: 62, zone: Asia/Seoul, why: the weekend}]
        """
    )
    prod = rulebook.environments["prod"]
    assert (prod.manifests, prod.write, prod.permission) == (
        "apps/{project}-prod",
        "pull_request",
        "maintain",
    )
    assert [(each.hours, each.zone) for each in prod.freezes] == [(62, "Asia/Seoul")]
    assert rulebook.environments["dev"].manifests == "apps/{project}-{environment}"


def test_a_value_is_of_an_image_that_is_built() -> None:
    images = "delivery: {images: [localhost:5000/acme/shop, ghcr.io/acme/job]}\n"
    values = "environments: {prod: {values: ['v.yaml:a', '%s=v.yaml:web.tag']}}\n"
    rulebook = valid(images + values % "localhost:5000/acme/shop")
    assert value_place(rulebook.environments["prod"].values[1]) == (
        "localhost:5000/acme/shop",
        "v.yaml",
        "web.tag",
    )
    problem = only(images + values % "ghcr.io/acme/other")
    assert (problem.line, problem.key) == (2, "environments.prod.values[1]")
    assert problem.message.values["found"] == "ghcr.io/acme/other"
    assert len(valid(values % "ghcr.io/acme/other").environments["prod"].values) == 2


def test_a_word_that_names_nothing_is_refused_where_it_stands() -> None:
    text = (
        "kinds:\n  feature:\n    into: [develop, nowhere]\nimages: {delete_merged: [featur]}\n"
        "forks: {kind: main}\n"
    )
    found = problems(text)
    assert [(problem.line, problem.column, problem.key) for problem in found] == [
        (3, 21, "kinds.feature.into[1]"),
        (4, 26, "images.delete_merged[0]"),
        (5, 15, "forks.kind"),
    ]


def test_a_level_has_a_name_that_can_be_written_and_told_apart() -> None:
    body = "{meaning: x, state: comment, colour: d73a4a}"
    found = problems(f"levels:\n  p1: {body}\n  'no: way': {body}\n")
    assert {problem.message.id for problem in found} == {
        "{found} is read as {other}",
        "expected a word of at most {most} characters as the name of a level",
    }


def test_a_person_is_named_by_login_or_team() -> None:
    problem = only("reviews: {by: ['@mina']}")
    assert (problem.key, problem.message.values["found"]) == ("reviews.by[0]", "@mina")


def test_an_approval_that_is_for_no_pull_request_is_told_what_to_add() -> None:
    (problem,) = problems("approvals: {extra: {enforcement: required, count: 2}}")
    assert (problem.key, problem.message.id) == (
        "approvals.extra",
        "expected {kinds} or {into}, or it is for no pull request",
    )
    valid("approvals: {extra: {enforcement: required, kinds: [feature]}}")
    valid("approvals: {extra: {enforcement: required, into: [develop]}}")


def test_without_develop_everything_that_names_it_is_listed() -> None:
    keys = {problem.key for problem in problems("branches: {develop: null}")}
    assert {"kinds.feature.from", "kinds.hotfix.without[0]", "environments.dev.from"} <= keys


def test_names_belong_to_one_branch_and_one_kind() -> None:
    assert only("branches: {develop: [develop, main]}").key == "branches.develop[1]"
    assert only("kinds: {hotfix: {names: [a, 'fix/*']}}").key == "kinds.hotfix.names[1]"


def test_a_version_file_says_where_its_version_stands() -> None:
    assert only("versions: {files: [{path: pyproject.toml}, {path: VERSION}]}").key == "versions.files[1]"
    assert valid("versions: {files: [{path: VERSION, pattern: '{version}'}]}").versions.files


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("\n".join(f"zz{number}: 1" for number in range(1_600)), 1_600),
        ("kinds: {feature: {" + ", ".join(f"z{number}: 1" for number in range(1_500)) + "}}", 1_500),
        ("bots: [" + "{a}," * 4_000 + "]", 4_000),
        ("bots: []\n" * 1_700, 1_699),
    ],
)
def test_of_thousands_of_problems_a_few_are_told_and_the_rest_counted(text: str, count: int) -> None:
    *told, last = problems(text)
    assert len(told) == MOST_PROBLEMS
    assert last.message.values == {"count": count - MOST_PROBLEMS}
    assert (last.line, last.column) > (told[-1].line, told[-1].column)


def test_the_schema_is_made_once() -> None:
    assert schema() is schema()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_in_full_is_well_below_the_limit(preset: str) -> None:
    text = StringIO()
    YAML(typ="safe", pure=True).dump(dict(PRESETS[preset]), text)
    assert len(text.getvalue()) * 4 < LARGEST


# What is no rulebook at all.


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("- a", 1, 1),
        ("just words", 1, 1),
        ("a: 1\nlanguage: en\nlanguage: ko\n", 3, 1),
        ("language: en\n1: 2\n", 2, 1),
        ("? [a]\n: 1\n", 1, 3),
        ("branches:\n\tmain: x\n", 2, 1),
        ("bots: [a\n", 2, 1),
        ("language: en\n--- \nlanguage: ko\n", 2, 1),
        ("language: en\nbots: \x00\n", 2, 7),
        ("a: &a [*a]", 1, 1),
        ("a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), 1, 1),
        ("a: " + "[" * 5_000, 1, 1),
        ("#" * (LARGEST + 1), 1, 1),
        ("a: *nowhere", 1, 4),
        ("%YAML x\n---\n", 1, 7),
        ('a: "\\U00110000"', 1, 1),
        ('a: "\\UFFFFFFFF"', 1, 1),
        ('language: "\\ud800"', 1, 11),
    ],
)
def test_what_cannot_be_a_rulebook_is_told_with_its_place(text: str, line: int, column: int) -> None:
    problem = problems(text)[-1]
    assert (problem.line, problem.column) == (line, column)


def test_several_keys_given_twice_are_told_at_once() -> None:
    found = problems("language: en\nlanguage: en\nbots: []\nbots: []\n")
    assert [(problem.line, problem.key) for problem in found] == [(2, "language"), (4, "bots")]


def test_an_alias_bomb_is_counted_and_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    problem = only("\n".join(rows))
    assert problem.message.values["most"] == MOST_NODES


def test_an_alias_is_followed() -> None:
    assert valid("bots: &names [a/*]\nkinds: {feature: {names: *names}}").kinds["feature"].names == ("a/*",)


def test_scalars_are_what_yaml_1_2_says() -> None:
    assert valid("kinds: {release: {prereleases: TRUE}}").kinds["release"].prereleases is True
    (file,) = valid("versions: {files: [{path: 1.0/package.json, pattern: ~}]}").versions.files
    assert (file.path, file.pattern) == ("1.0/package.json", None)
    assert problems("images: {keep: 99999999999999999999}")
    assert valid("%YAML 1.1\n---\nrules: {naming: 'off'}").rules.naming is Enforcement.OFF
    assert only("%YAML 1.1\n---\nrules: {naming: yes}").key == "rules.naming"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    " \n\t-:?[]{}&*!|>'\"%@`#,ab1", max_size=40
)


@settings(max_examples=80)
@given(TEXTS)
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read(text), Rulebook | Invalid)


WORDS = st.sampled_from(
    ["kinds", "feature", "names", "from", "into", "main", "x", "off", "branches", "levels", "P1"]
)
TREES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80)
@given(st.dictionaries(WORDS, TREES, max_size=4))
def test_no_shape_breaks_the_reader(tree: dict[str, Any]) -> None:
    reading = read(json.dumps(tree))
    for problem in reading.problems if isinstance(reading, Invalid) else ():
        assert problem.line >= 1
        assert problem.column >= 1


# The schema.


def test_the_schema_describes_everything_and_requires_nothing() -> None:
    whole = schema()
    assert whole["$schema"].endswith("2020-12/schema")
    for part in [whole, *whole["$defs"].values()]:
        assert "required" not in part
        for key, field in part.get("properties", {}).items():
            referred = whole["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
            assert field.get("description") or referred.get("description"), key
    assert {"type": "null"} in whole["properties"]["kinds"]["additionalProperties"]["anyOf"]
