"""Facts of releases, made by hand: main stands at a version, and a pull request would make the next."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from semver import Version

from bot.rules.facts import Actor, Author, Change, Facts, Line, Pull, ReleaseFacts, Tag
from bot.rules.rulebook import Rulebook, read

NUMBER = 7
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def rulebook(text: str = "") -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


def tag(version: str, target: str = "", *, on_main: bool = True, name: str = "") -> Tag:
    """A tag of a version, by default on main."""
    target = target or version.encode().hex().ljust(40, "0")[:40]
    return Tag(name or f"v{version}", Version.parse(version), target, in_base=on_main)


def change(headline: str, body: str = "", oid: str = "c" * 40) -> Change:
    return Change(oid, headline, body)


def pull(head: str, base: str = "main", **changes: Any) -> Pull:
    return replace(Pull(NUMBER, head, "a" * 40, base, Author("mina", Actor.PERSON)), **changes)


def facts(
    head: str, *tags: str | Tag, base: str = "main", labels: tuple[str, ...] = (), **changes: Any
) -> Facts:
    """The facts of a pull request where these versions are tagged on main."""
    read_tags = tuple(tag(each) if isinstance(each, str) else each for each in tags)
    fork = changes.pop("from_fork", False)
    line = Line("main", "b" * 40, ())
    return Facts(
        "acme/shop",
        pull(head, base, from_fork=fork),
        main=line,
        develop=replace(line, name="develop"),
        labels=labels,
        release=ReleaseFacts(read_tags, **changes),
    )
