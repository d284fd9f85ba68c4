"""A bare repository on disk, read by the git command.

What git names by its content never changes, so it is read once and remembered; refs are read every time.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from bot.errors import SignalboxError

T = TypeVar("T")

# The files that a commit touched: paths under "added", "removed" and "modified".
Touched: TypeAlias = dict[str, list[str]]

NO_COMMIT = "0" * 40

_LETTERS = {"A": "added", "D": "removed", "M": "modified", "T": "modified"}

# One record a commit, NUL between records (`-z`), a line a field; the message comes last, for it has lines.
_COMMIT = "%H%n%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B"

# The head of a hunk: a count that is left out is 1.
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@", re.MULTILINE)

# Who tagged: a name, an address, and seconds since 1970 with the zone in which they were counted.
_TAGGER = re.compile(r"(.*) <(.*)> (\d+) [+-]\d{4}")

# GitHub's GraphQL gives the first 512,000 bytes of a blob and says that it did.
_MOST_TEXT = 512_000


class GitFailed(SignalboxError):
    """The git command refused; the message carries what it said."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote or committed, and when (UTC)."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git stores it; `parents` in git's order."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag as git stores it; `kind` is the type of its target. Old tags have no tagger."""

    oid: str
    name: str
    target: str
    kind: str
    tagger: Signature | None
    message: str


class Pointer(NamedTuple):
    """What a ref points at: an object, its type, and the commit that it comes to in the end."""

    oid: str
    kind: str
    commit: str


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of a file."""

    oid: str
    data: bytes

    @property
    def byte_size(self) -> int:
        """The size in bytes."""
        return len(self.data)

    @property
    def is_binary(self) -> bool:
        """Whether it is anything but UTF-8 text."""
        return self.text is None

    @property
    def is_truncated(self) -> bool:
        """Whether `text` is not the whole."""
        return not self.is_binary and len(self.data) > _MOST_TEXT

    @property
    def text(self) -> str | None:
        """The text as GitHub shows it: None when binary, cut at 512,000 bytes."""
        if b"\0" in self.data:
            return None
        try:
            self.data.decode()
        except UnicodeDecodeError:
            return None
        return self.data[:_MOST_TEXT].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Change:
    """A file that differs between a merge base and a head. Lines are 0 for binary files.

    `previous` is what a renamed one was called.
    """

    path: str
    additions: int
    deletions: int
    previous: str | None = None


class _Hunk(NamedTuple):
    """Lines that were replaced, from `start` on; where none was removed, lines were added after it."""

    start: int
    removed: int
    added: int


class Git:
    """One bare repository. Every method raises `GitFailed` when git refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[tuple[str, ...], asyncio.Task[Any]] = {}

    async def init(self, default_branch: str) -> None:
        """Make the repository, empty."""
        await asyncio.to_thread(self.path.mkdir, parents=True)
        await self.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}")

    async def copy(self, source: "Git") -> None:
        """Make the repository as a fork of `source`: its branches and tags, not its pull requests."""
        await asyncio.to_thread(self.path.mkdir, parents=True)
        await self.run("clone", "--quiet", "--bare", "--no-hardlinks", str(source.path), ".")
        await self.run("remote", "remove", "origin")

    async def refs(self) -> dict[str, str]:
        """Every ref with the commit it stands for (an annotated tag is peeled)."""
        return {name: pointer.commit for name, pointer in (await self.pointers()).items()}

    async def pointers(self) -> dict[str, Pointer]:
        """Every ref with what it points at, by name."""
        fields = "%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)"
        out = await self.run("for-each-ref", f"--format={fields}")
        found: dict[str, Pointer] = {}
        for line in out.decode().splitlines():
            name, kind, oid, inner, peeled = line.split(" ")
            if inner == "tag":  # git follows no further by itself
                peeled = (await self.run("rev-parse", f"{oid}^{{}}")).decode().strip()
            found[name] = Pointer(oid, kind, peeled or oid)
        return found

    async def refs_containing(self, oid: str) -> set[str]:
        """The branches and pull-request heads whose history holds this commit."""
        namespaces = ("refs/heads", "refs/pull")
        out = await self.run("for-each-ref", f"--contains={oid}", "--format=%(refname)", *namespaces)
        return set(out.decode().split())

    async def set_default(self, branch: str) -> None:
        """Make HEAD stand for a branch: what a clone checks out."""
        await self.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    async def set_ref(self, name: str, oid: str | None, was: str | None = None) -> None:
        """Point a ref at an object, or remove it. Where it `was` told, it must be there still."""
        told = (was,) if was else ()
        await self.run("update-ref", *(("-d", name, *told) if oid is None else (name, oid, *told)))

    async def tag(self, oid: str) -> Tag:
        """An annotated tag, which must exist."""
        return await self._once(("tag", oid), lambda: self._tag(oid))

    async def merged_by(self, head: str, tip: str) -> str | None:
        """The oldest merge of the first-parent history of `tip` that brought `head`; None without one."""
        span = ("--first-parent", "--ancestry-path", "--merges", "--reverse", f"{head}..{tip}")
        return next(iter((await self.run("rev-list", *span)).decode().split()), None)

    async def fetch(self, source: "Git", branch: str, ref: str) -> None:
        """Bring a branch over from another repository (or this one) and name it `ref`."""
        await self.run("fetch", "--quiet", "--no-tags", str(source.path), f"+refs/heads/{branch}:{ref}")

    async def kind(self, oid: str) -> str | None:
        """What an object is: "commit", "tree", "blob", "tag"; None when there is none of that name."""
        found = await self._once(("kind", oid), lambda: self._kind(oid))
        if found is None:  # what is missing today may be pushed tomorrow
            self._known.pop(("kind", oid), None)
        return found

    async def blob(self, oid: str, path: str) -> Blob | None:
        """The file at `path` in a commit that exists; None when there is none."""
        return await self._once(("blob", oid, path), lambda: self._blob(oid, path))

    async def log(
        self,
        tip: str,
        without: str | None = None,
        *,
        skip: int = 0,
        most: int | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> tuple[Commit, ...]:
        """The commits of `tip`, newest first; less those of `without`; a window of them.

        `since` and `until` (ISO 8601) are about when they were committed.
        """
        window = [f"--skip={skip}"] if skip else []
        window += [] if most is None else [f"--max-count={most}"]
        span = _span(tip, without, since, until)
        return await self._once(("log", *span, *window), lambda: self._log([*window, *span]))

    async def commits(self, oids: Iterable[str]) -> dict[str, Commit]:
        """Commits by their names."""
        stdin = "".join(f"{oid}\n" for oid in oids).encode()
        options = ("--no-walk=unsorted", "--stdin", "-z", f"--format={_COMMIT}")
        out = await self.run("log", *options, stdin=stdin) if stdin else b""
        return {one.oid: one for one in _commits(out)}

    async def count(
        self, tip: str, without: str | None = None, *, since: str | None = None, until: str | None = None
    ) -> int:
        """How many commits `log` would give."""
        span = _span(tip, without, since, until)
        return await self._once(("count", *span), lambda: self._count(span))

    async def changes(self, base: str, head: str) -> tuple[Change, ...]:
        """The files that `head` changed since it left `base`; a rename counts as its new path."""
        return await self._once(("changes", base, head), lambda: self._changes(base, head))

    async def follow(self, path: str, line: int, old: str, new: str) -> int | None:
        """Where a line that a file has in `old` is in `new`; None when it was changed or removed."""
        shift = 0
        for hunk in await self._once(("hunks", old, new, path), lambda: self._hunks(old, new, path)):
            if hunk.start <= line < hunk.start + hunk.removed:
                return None
            if line >= hunk.start + max(hunk.removed, 1):
                shift += hunk.added - hunk.removed
        return line + shift

    async def touched(self, oids: Sequence[str]) -> dict[str, Touched]:
        """The files that each commit touched, seen from its first parent; a rename is two of them."""
        options = ("-r", "--root", "--diff-merges=first-parent", "--name-status", "--no-renames", "-z")
        out = await self.run(
            "diff-tree", "--stdin", *options, stdin="".join(f"{oid}\n" for oid in oids).encode()
        )
        found: dict[str, Touched] = {oid: {"added": [], "removed": [], "modified": []} for oid in oids}
        commit = ""
        words = iter(out.decode(errors="replace").split("\0"))
        for word in words:
            if word in _LETTERS:
                found[commit][_LETTERS[word]].append(next(words))
            else:
                commit = word
        return found

    async def run(self, *arguments: str, stdin: bytes = b"", given: Mapping[str, str] | None = None) -> bytes:
        """Run one git command in the repository and answer its output. `given` adds to its environment."""
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=self.path,
            env=environment() | dict(given or {}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, complaint = await process.communicate(stdin)
        if process.returncode:
            raise GitFailed(f"git {arguments[0]} in {self.path.name}: {complaint.decode().strip()}")
        return out

    async def _once(self, key: tuple[str, ...], read: Callable[[], Awaitable[T]]) -> T:
        """Read what cannot change once, also when several ask at the same time."""
        task: asyncio.Task[T] | None = self._known.get(key)
        if task is None:
            task = self._known[key] = asyncio.ensure_future(_settle(read()))
        try:
            return await asyncio.shield(task)
        except GitFailed:
            self._known.pop(key, None)
            raise

    async def _kind(self, oid: str) -> str | None:
        out = await self.run("cat-file", "--batch-check=%(objecttype)", stdin=f"{oid}\n".encode())
        word = out.decode().split()[-1]
        return None if word in {"missing", "ambiguous"} else word

    async def _tag(self, oid: str) -> Tag:
        out = (await self.run("cat-file", "tag", oid)).decode(errors="replace")
        head, _, message = out.partition("\n\n")
        fields = dict(line.split(" ", 1) for line in head.splitlines())
        tagger = _TAGGER.fullmatch(fields.get("tagger", ""))
        signed = tagger and Signature(tagger[1], tagger[2], datetime.fromtimestamp(int(tagger[3]), UTC))
        return Tag(oid, fields["tag"], fields["object"], fields["type"], signed, message.rstrip("\n"))

    async def _blob(self, oid: str, path: str) -> Blob | None:
        if not path or "\n" in path:
            return None
        out = await self.run("cat-file", "--batch", stdin=f"{oid}:{path}\n".encode())
        head, _, rest = out.partition(b"\n")
        match head.decode(errors="replace").split():
            case [oid, "blob", size]:
                return Blob(oid, rest[: int(size)])
        return None

    async def _hunks(self, old: str, new: str, path: str) -> tuple[_Hunk, ...]:
        out = await self.run("diff", "--unified=0", "--no-renames", old, new, "--", f":(literal){path}")
        found = _HUNK.findall(out.decode(errors="replace"))
        return tuple(_Hunk(int(start), int(removed or 1), int(added or 1)) for start, removed, added in found)

    async def _log(self, arguments: list[str]) -> tuple[Commit, ...]:
        out = await self.run("log", "-z", f"--format={_COMMIT}", *arguments, "--")
        return _commits(out)

    async def _count(self, span: list[str]) -> int:
        return int(await self.run("rev-list", "--count", *span, "--"))

    async def _changes(self, base: str, head: str) -> tuple[Change, ...]:
        options = ("--numstat", "-z", "--find-renames")
        try:
            out = await self.run("diff", *options, f"{base}...{head}", "--")
        except GitFailed:  # no common ancestor: all of it is a change
            out = await self.run("diff", *options, base, head, "--")
        return tuple(_changed(iter(out.decode(errors="replace").split("\0"))))


def _span(tip: str, without: str | None, since: str | None, until: str | None) -> list[str]:
    bounds = {"--since-as-filter": since, "--until": until}
    told = [f"{option}={at}" for option, at in bounds.items() if at]
    return [*told, tip] if without is None else [*told, tip, f"^{without}"]


async def _settle(answer: Awaitable[T]) -> T:
    return await answer


def _commits(out: bytes) -> tuple[Commit, ...]:
    return tuple(_commit(record) for record in out.decode(errors="replace").split("\0") if record)


def _commit(record: str) -> Commit:
    fields = record.split("\n", 9)
    oid, tree, parents = fields[:3]
    author, committer = (_signature(*fields[start : start + 3]) for start in (3, 6))
    return Commit(oid, tree, tuple(parents.split()), author, committer, fields[9].rstrip("\n"))


def _signature(name: str, email: str, at: str) -> Signature:
    return Signature(name, email, datetime.fromisoformat(at).astimezone(UTC))


def _changed(words: Iterator[str]) -> Iterator[Change]:
    """Read what `git diff --numstat -z` says: of a renamed file, both names come after the lines."""
    for word in filter(None, words):
        added, deleted, path = word.split("\t", 2)
        previous = None if path else next(words)
        yield Change(path or next(words), _lines(added), _lines(deleted), previous)


def _lines(count: str) -> int:
    return 0 if count == "-" else int(count)


def environment() -> dict[str, str]:
    """Git alone with the repository: nobody's configuration, and no GIT_DIR of a hook that runs us."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    return kept | alone | {"LC_ALL": "C"}
