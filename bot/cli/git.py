"""Ask the git command about a local checkout; nothing is written and no network is used."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, cast

from bot.rules.facts import Commit

MOST_COMMITS = 10_000
_FORMAT = "--format=%H%x00%P%x00%at%x00%ct%x00%s"
# Nothing is written, nothing is fetched (not even a missing object of a partial clone), nothing is replaced.
_ALONE = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_FIELDS = 5
_COMMAND = ("git", "-c", "i18n.logOutputEncoding=UTF-8")
_CHUNK = 1 << 16  # bytes
_BLOB_FIELDS = 3
_FILES = frozenset({"100644", "100755"})


class GitError(Exception):
    """Git refused; the text is what it said."""


class Checkout:
    """A checkout on disk, at the root of its work tree."""

    def __init__(self, directory: Path) -> None:
        """Find the work tree around `directory`; raises GitError outside of one."""
        self.root = Path(git(directory, "rev-parse", "--show-toplevel").rstrip("\n"))

    @property
    def branch(self) -> str | None:
        """The current branch; None on a detached HEAD."""
        try:
            return self._ask("symbolic-ref", "--short", "HEAD").rstrip("\n")
        except GitError:
            return None

    @property
    def is_shallow(self) -> bool:
        """Say whether history was cut off when this was cloned."""
        return self._ask("rev-parse", "--is-shallow-repository").strip() == "true"

    def find(self, names: Iterable[str], places: Iterable[str]) -> tuple[str, str] | None:
        """Return the first of `names` that is a branch in one of `places`, with its oid.

        A place is a prefix of references, such as `refs/heads/`.
        """
        places = tuple(places)
        for name in names:
            for place in places:
                if oid := self.oid(f"{place}{name}"):
                    return name, oid
        return None

    def oid(self, revision: str) -> str | None:
        """Return the oid of the commit that a revision names; None where it names none."""
        try:
            return self._ask("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
        except GitError:
            return None

    def ahead(self, head: str, line: str) -> tuple[Commit, ...]:
        """Return the commits of `head` that are not on `line` (oids), one more than the cap at most."""
        return self._log(f"--max-count={MOST_COMMITS + 1}", head, f"^{line}")

    def recent(self, tip: str, count: int) -> tuple[Commit, ...]:
        """Return the newest `count` commits of a branch."""
        return self._log(f"--max-count={count}", tip)

    def _log(self, *arguments: str) -> tuple[Commit, ...]:
        fields = self._ask("log", "-z", "--no-show-signature", "--no-color", _FORMAT, *arguments, "--").split(
            "\0"
        )
        return tuple(
            Commit(oid, tuple(parents.split()), headline, moment(authored), moment(committed))
            for oid, parents, authored, committed, headline in zip(
                *(fields[start::_FIELDS] for start in range(_FIELDS)), strict=False
            )
        )

    def _ask(self, *arguments: str) -> str:
        return git(self.root, *arguments)


def git(directory: Path, *arguments: str) -> str:
    """Run git and return what it printed. Raises GitError when it fails or is not there."""
    return _run(directory, arguments).decode(errors="replace")


def _run(directory: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    environment, command = {**os.environ, **_ALONE}, [*_COMMAND, *arguments]
    try:
        done = subprocess.run(
            command, cwd=directory, env=environment, input=given, capture_output=True, check=True
        )
    except subprocess.CalledProcessError as error:
        raise GitError(error.stderr.decode(errors="replace").strip()) from error
    except OSError as error:
        raise GitError(f"{error.strerror}: {error.filename}") from error
    return done.stdout


def fields(directory: Path, given: str, *arguments: str) -> Iterator[str]:
    """Run git on `given` as its input, and yield what it prints, field by field (each ends in a NUL).

    Nothing is kept, however much it is. Raises GitError when it fails.
    """
    with Popen(
        [*_COMMAND, *arguments],
        cwd=directory,
        env={**os.environ, **_ALONE},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    ) as process:
        source, sink, errors = cast(
            tuple[IO[bytes], IO[bytes], IO[bytes]], (process.stdout, process.stdin, process.stderr)
        )
        sink.write(given.encode())
        sink.close()
        rest = b""
        while chunk := source.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from (field.decode(errors="replace") for field in whole)
        said = errors.read()
    if process.returncode:
        raise GitError(said.decode(errors="replace").strip())


def files(directory: Path, commit: str, places: Iterable[str]) -> dict[str, str | None]:
    """Read the files at and below some paths of a commit (an oid), by path; None for one that is no UTF-8.

    Links and submodules are left out. Raises GitError.
    """
    found: dict[str, str] = {}
    listing = git(directory, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *places)
    for line in filter(None, listing.split("\0")):
        about, _, path = line.partition("\t")
        mode, _, oid = about.split(" ")
        if mode in _FILES:
            found[path] = oid
    return dict(zip(found, map(_text, _blobs(directory, found.values())), strict=True))


def _blobs(directory: Path, oids: Iterable[str]) -> Iterator[bytes]:
    """The content of some blobs, in their order."""
    asked = "".join(f"{oid}\n" for oid in oids)
    answer = BytesIO(_run(directory, ("cat-file", "--batch"), asked.encode()))
    while header := answer.readline().split():
        if len(header) < _BLOB_FIELDS:  # of a partial clone
            raise GitError(b" ".join(header).decode())
        yield answer.read(int(header[2]))
        answer.readline()


def _text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def moment(seconds: str) -> datetime:
    """Read seconds since 1970; a date that no calendar has counts as the beginning."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
