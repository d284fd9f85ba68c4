"""GitHub's public descriptions of itself, for whatever claims to speak with it or for it."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ghapi.gh_spec import spec
from ghapi.gql_spec import gqlspec
from graphql import GraphQLSchema, build_schema
from support.machine import lacking

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("@octokit/webhooks-examples@7.6.1", "@octokit/graphql-schema@15.26.1")


class Example(NamedTuple):
    """A webhook payload as GitHub sends it."""

    event: str
    action: str | None
    payload: dict[str, Any]


class Operation(NamedTuple):
    """A REST operation: its parameters by name."""

    verb: str
    path: str
    query: frozenset[str]
    body: frozenset[str]


@pytest.fixture(scope="session")
def npm_packages() -> Path:
    """GitHub's descriptions on npm, in `node_modules` of the checkout; fetched there once, where npm is."""
    folder = REPOSITORY / "node_modules"
    folder.mkdir(exist_ok=True)
    # npm cannot bear another npm in its folder, and each worker of the tests comes here.
    with (folder / ".fetching").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not all((folder / name.rpartition("@")[0] / "package.json").exists() for name in PACKAGES):
            _fetch()
    return folder / "@octokit"


def _fetch() -> None:
    npm = shutil.which("npm")
    if npm is None:
        lacking("GitHub's payload examples and full schema are npm packages, and npm is not installed")
    options = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    command = [npm, "install", "--prefix", str(REPOSITORY), *options, *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        lacking(f"npm could not fetch GitHub's descriptions: {done.stderr.strip()[-300:]}")


@pytest.fixture(scope="session")
def webhook_examples(npm_packages: Path) -> list[Example]:
    """Every example payload of every event (329 of them)."""
    index = npm_packages / "webhooks-examples" / "api.github.com" / "index.json"
    return [
        Example(event["name"], payload.get("action"), payload)
        for event in json.loads(index.read_text("utf-8"))
        for payload in event["examples"]
    ]


@pytest.fixture(scope="session")
def published_sdl(npm_packages: Path) -> str:
    """The text of GitHub's full GraphQL schema."""
    return (npm_packages / "graphql-schema" / "schema.graphql").read_text("utf-8")


@pytest.fixture(scope="session")
def published_schema(published_sdl: str) -> GraphQLSchema:
    """GitHub's full GraphQL schema. It repeats a field, which is why its own validity is taken on trust."""
    return build_schema(published_sdl, assume_valid=True, assume_valid_sdl=True, no_location=True)


@pytest.fixture(scope="session")
def described_graphql() -> GraphQLSchema:
    """GitHub's GraphQL schema as ghapi ships it, which needs no npm.

    The description does not say which interfaces a type implements: one that has all their fields does.
    """
    types: dict[str, dict[str, Any]] = gqlspec["types"]  # type: ignore[assignment]
    interfaces = {name: set(one["fields"]) for name, one in types.items() if one["kind"] == "INTERFACE"}
    text = "\n".join(_definition(name, one, interfaces) for name, one in types.items())
    return build_schema(text, assume_valid=True, assume_valid_sdl=True, no_location=True)


@pytest.fixture(scope="session")
def described_rest() -> dict[tuple[str, str], Operation]:
    """GitHub's REST operations as ghapi ships them, by verb and path."""
    described: list[dict[str, Any]] = spec["ops"]  # type: ignore[assignment]
    operations = (
        Operation(
            one["verb"],
            one["path"],
            frozenset(one.get("query_params") or ()),
            frozenset(one.get("body_params") or ()),
        )
        for one in described
    )
    return {(one.verb, one.path): one for one in operations}


def _definition(name: str, one: dict[str, Any], interfaces: dict[str, set[str]]) -> str:
    """One type of ghapi's description, as SDL; some have lost all their fields."""
    fields = one.get("fields", {})
    match one["kind"]:
        case "SCALAR":
            return "" if name in {"Boolean", "Float", "ID", "Int", "String"} else f"scalar {name}"
        case "ENUM":
            return f"enum {name}" + _block(one["values"])
        case "UNION":
            return f"union {name} = {' | '.join(one['of'])}"
        case "INPUT_OBJECT":
            return f"input {name}" + _block(f"{field}: {about['type']}" for field, about in fields.items())
        case kind:
            bases = [base for base, wanted in interfaces.items() if wanted and wanted <= set(fields)]
            word = "interface" if kind == "INTERFACE" else "type"
            implements = f" implements {' & '.join(bases)}" if bases and word == "type" else ""
            return f"{word} {name}{implements}" + _block(_field(*field) for field in fields.items())


def _block(lines: Iterable[str]) -> str:
    text = " ".join(lines)
    return f" {{ {text} }}" if text else ""


def _field(name: str, about: dict[str, Any]) -> str:
    arguments = ", ".join(f"{argument}: {described[0]}" for argument, described in about["args"].items())
    return f"{name}({arguments}): {about['type']}" if arguments else f"{name}: {about['type']}"
