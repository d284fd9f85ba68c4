"""What Signalbox asks of GitHub, held to GitHub's published descriptions."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate
from graphql.execution import get_variable_values

from bot.github.connection import query
from bot.github.conversation import OwnComment
from bot.github.merged import standing
from bot.github.orders import branches
from bot.github.publish import (
    INPUTS,
    Write,
    check_writes,
    comment_writes,
    create_commit,
    create_label,
    create_pull,
    delete_ref,
    document,
    label_writes,
    reaction_writes,
    retarget,
)
from bot.github.tags import placing
from bot.github.versions import reading
from bot.rules.commands import Answer
from bot.rules.facts import Actor, Author, Order
from bot.rules.verdict import Conclusion
from bot.text.check import CheckAction, CheckOutput

BOT = Path(__file__).parents[2] / "bot"
QUERIES = sorted(path.stem for path in (BOT / "github" / "queries").glob("*.graphql"))
OUTPUT = CheckOutput(
    "signalbox / branch",
    Conclusion.FAILURE,
    "title",
    "summary",
    "text",
    (CheckAction("Change the base", "#7 into develop", "retarget:7"),),
    "https://signalbox.example.com",
)

ORDER = Order("IC_2", Author("mina", Actor.PERSON), "/signalbox recheck", datetime(2026, 5, 14, tzinfo=UTC))


class Operation(Protocol):
    """What is needed of a described REST operation: its path, and the names of its query parameters."""

    path: str
    query: frozenset[str]


def rest_paths() -> Iterator[str]:
    """Every REST path that is written in the parts that speak to GitHub."""
    for folder in ("github", "registries", "jobs", "cli"):
        for file in (BOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and re.match(r"/(app|repos|installation|orgs|users)/", text):
                    yield text


def undescribed(paths: Iterable[str], described: Mapping[tuple[str, str], Operation]) -> list[str]:
    """The paths that no operation has, or that ask with a parameter that none takes."""
    known: dict[str, frozenset[str]] = {}
    for operation in described.values():
        path = _unnamed(operation.path)
        known[path] = known.get(path, frozenset()) | operation.query
    found = []
    for path in paths:
        plain, _, asked = path.partition("?")
        names = {pair.partition("=")[0] for pair in asked.split("&") if pair}
        if _unnamed(plain) not in known or not names <= known[_unnamed(plain)]:
            found.append(path)
    return found


def _unnamed(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_is_valid_by_both_descriptions(
    name: str, published_schema: GraphQLSchema, described_graphql: GraphQLSchema
) -> None:
    for schema in (published_schema, described_graphql):
        assert validate(schema, parse(query(name))) == []


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("made", [branches, placing, reading, standing])
def test_every_query_that_is_made_for_a_number_of_things_is_valid(
    made: Callable[[int], str],
    count: int,
    published_schema: GraphQLSchema,
    described_graphql: GraphQLSchema,
) -> None:
    for schema in (published_schema, described_graphql):
        assert validate(schema, parse(made(count))) == []


def test_a_release_without_targets_is_asked_about_validly(published_schema: GraphQLSchema) -> None:
    assert validate(published_schema, parse(standing(0))) == []


def test_every_mutation_is_valid_with_its_input(
    published_schema: GraphQLSchema, described_graphql: GraphQLSchema
) -> None:
    (create,) = check_writes("R_1", "a" * 40, [OUTPUT], [])
    content = {name: value for name, value in create.input.items() if name != "headSha"}
    update = Write("updateCheckRun", {**content, "checkRunId": "CR_1"})
    writes = [
        create,
        update,
        retarget("PR_1", "develop"),
        create_label("R_1", "P1", "b60205", "must be mended"),
        *label_writes("PR_1", ["LA_1"], ["LA_2"]),
        *comment_writes("PR_1", None, "a body"),
        *comment_writes("PR_1", OwnComment("IC_1", "a body"), "another body"),
        *reaction_writes([Answer(ORDER)]),
        create_pull("R_1", "release-v1.2.0", "main", "Release 1.2.0", "a body", draft=True),
        create_commit("acme/shop", "release-v1.2.0", "a" * 40, ("Write it", ""), {"VERSION": "1.2.0\n"}),
        delete_ref("R_1", "refs/heads/release-v1.2.0", "a" * 40),
    ]
    assert {write.mutation for write in writes} == set(INPUTS)
    parsed = parse(document(writes))
    (operation,) = parsed.definitions
    assert isinstance(operation, OperationDefinitionNode)
    for schema in (published_schema, described_graphql):
        assert validate(schema, parsed) == []
        inputs = {f"input{index}": dict(write.input) for index, write in enumerate(writes)}
        values = get_variable_values(schema, operation.variable_definitions or (), inputs)
        assert not isinstance(values, list), values


def test_every_rest_path_is_described(described_rest: Mapping[tuple[str, str], Operation]) -> None:
    paths = sorted(set(rest_paths()))
    assert len(paths) >= 5
    assert undescribed(paths, described_rest) == []


def test_a_path_that_github_does_not_know_is_found(
    described_rest: Mapping[tuple[str, str], Operation],
) -> None:
    wrong = ["/app/hook/parcels", "/app/hook/deliveries?colour=red"]
    assert undescribed([*wrong, "/app/hook/deliveries?status=failure"], described_rest) == wrong
