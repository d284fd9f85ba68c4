import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.delivery.yaml_text import Edit, Unreadable, documents, get, plain, spliced
from bot.errors import TellUser
from bot.rules.models import Language
from bot.text.render import render


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: [1\nb: 2\n", (2, 2), "this is not YAML: while parsing a flow sequence did not find"),
        ("a: b: c\n", (1, 5), "this is not YAML: mapping values are not allowed"),
        ("kind: X\n{{- if .Values.on }}\n", (3, 1), "this is not YAML: while scanning a simple key"),
        ("a: *nope\n", (1, 4), "this is not YAML: found undefined alias"),
        ("\ufeffé: 1\nb: é\x01\n", (2, 5), "a character stands here that YAML does not allow"),
        ("a: é\ud800\n", (1, 5), "a character stands here that YAML does not allow"),
        (
            "[" * 5000,
            (1, 1001),
            "this is not YAML: while increasing flow level exceeded maximum nesting depth",
        ),
        (
            "- " * 5000,
            (1, 1999),
            "this is not YAML: while increasing block level exceeded maximum nesting depth",
        ),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(text: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        documents(text)
    assert (refused.value.line, refused.value.column) == place
    assert words(refused).startswith(f"line {place[0]}, column {place[1]}: {said}")


def words(refused: pytest.ExceptionInfo[TellUser]) -> str:
    return render(refused.value.messages[0], Language.EN)


def found(text: str, *keys: str) -> str | None:
    (root,) = documents(text)
    node = get(root, *keys)
    return None if node is None else str(node.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\n<<: {a: 2}\n", "1"),
        ("<<: {a: 2}\nb: 1\n", "2"),
        ("<<: [{b: 1}, {<<: {a: 3}}, {a: 2}]\n", "3"),
        ("<<: {b: 1}\n<<: {a: 1}\n", "1"),
        ("<<: not a mapping\n", None),
        ("x: &x {<<: *x}\n<<: *x\n", None),
        ("- a\n", None),
        ("a\n", None),
    ],
)
def test_keys_are_merged_as_yaml_merges_them(text: str, value: str | None) -> None:
    assert found(text, "a") == value


def test_merges_of_merges_cost_no_more_than_their_size() -> None:
    levels = "".join(f"a{n + 1}: &a{n + 1} {{<<: [*a{n}, *a{n}]}}\n" for n in range(60))
    assert found(f"a0: &a0 {{b: 1}}\n{levels}", "a60", "c") is None


def test_a_key_that_is_there_twice_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        found("a: 1\nb: 2\na: 3\n", "a")
    assert words(refused) == "line 3, column 1: a is here twice"


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True))
def test_what_is_written_is_read_as_the_same_text(value: str) -> None:
    text = f"a: {plain(value)}\n"
    assert yaml.safe_load(text) == YAML(typ="safe", pure=True).load(text) == {"a": value}


@pytest.mark.parametrize(
    "value", ["1.10", "12345e7", "0x1f", "1_000", "20260131", "2026-01-31", "null", "True", "on", "y", "1"]
)
def test_what_yaml_would_read_as_something_else_is_quoted(value: str) -> None:
    assert plain(value) == f'"{value}"'


@pytest.mark.parametrize("value", ["v1.2.3", "1.2.3", "1.2.3-rc.1", "main", "sha256:" + "0" * 64, "1.2/x:1"])
def test_what_is_text_is_not(value: str) -> None:
    assert plain(value) == value


def test_edits_are_made_in_their_places() -> None:
    assert spliced("abcdef", [Edit(4, 5, "E"), Edit(0, 1, "A"), Edit(2, 2, "-")]) == "Ab-cdEf"
    text = "".join(["a", "b"])
    assert spliced(text, []) is text
