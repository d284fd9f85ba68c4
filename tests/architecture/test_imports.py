"""Who may import whom."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent

import pytest

# The pure packages decide: they read no file, no clock, no environment, and speak to nobody.
PURE = ("bot.rules", "bot.releases", "bot.delivery", "bot.text")
WORDS = ("bot.errors", "bot.message")
PURE_LIBRARIES = frozenset(
    {"croniter", "markdown_it", "pydantic", "pydantic_core", "rapidfuzz", "ruamel", "semver"}
)


@dataclass(frozen=True)
class Layer:
    """What a package may import: of ours (dotted prefixes), and libraries (None for any)."""

    ours: tuple[str, ...]
    libraries: frozenset[str] | None


LAYERS: Mapping[str, Layer] = {
    "bot.message": Layer((), frozenset()),
    "bot.errors": Layer(("bot.message",), frozenset()),
    "bot.kept": Layer(WORDS, None),
    "bot.addresses": Layer((), None),
    "bot.settings": Layer((*WORDS, "bot.kept", "bot.addresses"), None),
    "bot.logs": Layer(("bot.errors",), None),
    "bot.metrics": Layer(("bot.errors", "bot.engine"), None),
    "bot.journal": Layer(("bot.webhooks", "service.ledger"), None),
    "bot.rules": Layer(WORDS, PURE_LIBRARIES),
    "bot.releases": Layer((*WORDS, "bot.rules"), PURE_LIBRARIES),
    "bot.delivery": Layer((*WORDS, "bot.rules"), PURE_LIBRARIES | {"msgspec", "yaml"}),
    "bot.text": Layer((*WORDS, "bot.rules", "bot.releases", "bot.delivery"), PURE_LIBRARIES | {"babel"}),
    "bot.engine": Layer(("bot.errors",), None),
    "bot.github": Layer((*WORDS, *PURE), None),
    "bot.registries": Layer((*WORDS, "bot.delivery", "bot.github"), None),
    "bot.webhooks": Layer((*WORDS, "bot.engine", "bot.delivery"), None),
    "bot.jobs": Layer(
        (*WORDS, *PURE, "bot.github", "bot.registries", "bot.engine", "bot.webhooks", "service.ledger"), None
    ),
    # A stand-in for GitHub that knew the bot would drift into what the bot would like GitHub to be.
    "bot.localhub": Layer((*WORDS, "bot.text"), None),
    "service": Layer(("service",), None),
}

# Libraries that one package alone may know.
HIDDEN = {
    "aiobotocore": "bot.registries",
    "alembic": "service.ledger",
    "botocore": "bot.registries",
    "dbos": "bot.engine",
    "gidgethub": "bot.github",
}

# The only wiring, which may import anything of ours.
WIRING = ("bot.compose", "bot.work", "bot.room", "bot.cli", "bot.__main__")
ROOTS = ("bot.__init__", "service.__init__")

# Input and output, time and chance.
IMPURE_LIBRARIES = frozenset(
    {
        *("asyncio", "glob", "http", "logging", "os", "random", "secrets", "select", "shutil"),
        *("socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"),
    }
)
IMPURE_BUILTINS = frozenset({"input", "open", "print"})
CLOCKS = frozenset({"now", "today", "utcnow"})


def within(name: str, *prefixes: str) -> bool:
    """Whether a dotted name is one of the prefixes, or lies below one."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def imported(module: str, tree: ast.Module) -> Iterator[str]:
    """Every name that a module imports, dotted and absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            source = ".".join([*package, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def trespasses(module: str, tree: ast.Module) -> list[str]:
    """The imports of a module that the design does not allow."""
    return [f"{module} imports {name}" for name in imported(module, tree) if not allowed(module, name)]


def allowed(module: str, name: str) -> bool:
    """Whether a module may import a name."""
    top = name.partition(".")[0]
    home = HIDDEN.get(top)
    if home is not None:
        return within(module, home)
    if within(module, *WIRING):
        return True
    package = next(prefix for prefix in LAYERS if within(module, prefix))
    layer = LAYERS[package]
    if top in {"bot", "service"}:
        return within(name, package, *layer.ours)
    return layer.libraries is None or top in layer.libraries or top in sys.stdlib_module_names


def impurities(module: str, tree: ast.Module) -> list[str]:
    """What a pure module does beyond deciding."""
    found = [
        f"{module} imports {name}"
        for name in imported(module, tree)
        if name.partition(".")[0] in IMPURE_LIBRARIES
    ]
    for node in ast.walk(tree):
        match node:
            case ast.AsyncFunctionDef() | ast.Await():
                found.append(f"{module}:{node.lineno} waits")
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_BUILTINS:
                found.append(f"{module}:{node.lineno} calls {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                found.append(f"{module}:{node.lineno} reads the clock")
    return found


def test_the_layers_import_downwards(modules: Mapping[str, ast.Module]) -> None:
    placed = {name: tree for name, tree in modules.items() if within(name, *LAYERS, *WIRING)}
    assert [fault for name, tree in placed.items() for fault in trespasses(name, tree)] == []


def test_the_pure_packages_do_nothing_but_decide(modules: Mapping[str, ast.Module]) -> None:
    pure = {name: tree for name, tree in modules.items() if within(name, *PURE, *WORDS)}
    assert pure
    assert [fault for name, tree in pure.items() for fault in impurities(name, tree)] == []


def test_every_module_has_its_place(modules: Mapping[str, ast.Module]) -> None:
    assert [name for name in modules if not within(name, *LAYERS, *WIRING, *ROOTS)] == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("bot.rules.naming", "import aiohttp"),
        ("bot.rules.naming", "from bot import github"),
        ("bot.rules.naming", "from bot.text.check import check_run"),
        ("bot.rules.naming", "from ..engine import Engine"),
        ("bot.text", "import requests"),
        ("bot.message", "import pydantic"),
        ("bot.engine.queue", "from bot.jobs import pull"),
        ("bot.webhooks.intake", "from bot.github.client import Client"),
        ("bot.webhooks.intake", "from gidgethub import sansio"),
        ("bot.jobs.pull", "from dbos import DBOS"),
        ("bot.jobs.pull", "from bot.compose import build"),
        ("bot.jobs.pull", "from service.web import health"),
        ("bot.localhub.hub", "from bot.github import gather"),
        ("bot.settings", "import service.web"),
        ("bot.compose", "from dbos import DBOS"),
        ("bot.cli.db", "from alembic import command"),
        ("service.web.pages", "from bot.errors import TellUser"),
        ("service.web.pages", "import bot"),
    ],
)
def test_a_trespass_is_seen(module: str, line: str) -> None:
    assert trespasses(module, ast.parse(line))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("bot.rules.naming", "from datetime import datetime"),
        ("bot.rules.naming", "from . import facts"),
        ("bot.rules.naming", "from bot.message import say"),
        ("bot.rules.rulebook", "from ruamel.yaml import YAML"),
        ("bot.text.check", "from bot.rules.verdict import Verdict"),
        ("bot.engine.queue", "from dbos import DBOS"),
        ("bot.github.client", "from gidgethub.aiohttp import GitHubAPI"),
        ("bot.jobs.pull", "from bot.github import gather"),
        ("bot.compose", "from service.web import build"),
        ("bot.cli.serve", "from bot import compose"),
        ("service.web.pages", "from service.ledger import store"),
    ],
)
def test_what_the_design_allows_passes(module: str, line: str) -> None:
    assert trespasses(module, ast.parse(line)) == []


@pytest.mark.parametrize(
    "sample",
    [
        "import os",
        "import urllib.request",
        "from time import monotonic",
        "datetime.now(UTC)",
        "date.today()",
        "open('rulebook.yml')",
        "print('decided')",
        """
        async def decide():
            pass
        """,
    ],
)
def test_an_impurity_is_seen(sample: str) -> None:
    assert impurities("bot.rules.sample", ast.parse(dedent(sample)))
