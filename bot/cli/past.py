"""Read the whole history of a local git repository: one stream of commits, one list of references."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track

from bot.cli.checkout import read_file, rulebook_of
from bot.cli.git import GitError, fields, git, moment
from bot.cli.language import told
from bot.errors import TellUser
from bot.message import say
from bot.releases.past import Past, PastCommit, TagRef
from bot.rules import RULEBOOK_PATH
from bot.rules.models import Rulebook
from bot.rules.proposal import described
from bot.rules.rulebook import DEFAULT, Invalid, Reading, Unreadable, read

_HEADS: Final = "refs/heads/"
_REMOTE: Final = "refs/remotes/origin/"
_TAGS: Final = "refs/tags/"
_REFERENCES: Final = "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
_LOG: Final = (
    "log",
    "-z",
    "--no-show-signature",
    "--no-color",
    "--format=%H%x00%P%x00%at%x00%ct%x00%s%x00%b",
)
_LOG_FIELDS: Final = 6


@dataclass(frozen=True)
class Local:
    """A repository on disk: its history, and where its HEAD stands (`head` None before the first commit)."""

    past: Past
    head: str | None
    branch: str | None


def local(directory: Path, rulebook: Path | None = None) -> Local:
    """Read the repository around a directory, bare ones too, by a rulebook (by default its own).

    A clone's branches are those of its `origin`, then its own. Raises TellUser where there is no repository
    or no rulebook to go by, and for a shallow clone, of which nothing is known.
    """
    if not directory.is_dir():
        raise TellUser(say("expected a folder with a git repository; {path} is none", path=str(directory)))
    try:
        if git(directory, "rev-parse", "--is-shallow-repository").strip() == "true":
            raise TellUser(
                say(
                    "{path} is a shallow clone; {command} completes it",
                    path=str(directory),
                    command="git fetch --unshallow",
                )
            )
        return _local(directory, valid(_reading(directory, rulebook)))
    except GitError as error:
        raise TellUser(say("git cannot tell: {reason}", reason=str(error))) from None


def _local(directory: Path, rulebook: Rulebook) -> Local:
    references = list(_references(directory))
    branches: dict[str, str] = {}
    for place in (_HEADS, _REMOTE):
        names = ((name.removeprefix(place), oid) for name, oid, _ in references if name.startswith(place))
        branches.update((name, oid) for name, oid in names if name != "HEAD")
    tags = tuple(
        TagRef(name.removeprefix(_TAGS), oid, annotated)
        for name, oid, annotated in references
        if name.startswith(_TAGS)
    )
    head = _peeled(directory, "HEAD")
    branch = _said(directory, "symbolic-ref", "--quiet", "--short", "HEAD")
    tips = dict.fromkeys(filter(None, [*branches.values(), *(tag.target for tag in tags), head]))
    remote = _said(directory, "symbolic-ref", "--quiet", f"{_REMOTE}HEAD") or ""
    book = with_main(rulebook, branches, (remote.removeprefix(_REMOTE), "master", branch))
    return Local(Past(book, _commits(directory, list(tips)), branches, tags), head, branch)


def _references(directory: Path) -> Iterator[tuple[str, str, bool]]:
    """Every reference: its name, its commit ("" where it leads to none), and whether by an annotated tag."""
    listing = git(directory, "for-each-ref", _REFERENCES, _HEADS, _REMOTE, _TAGS)
    for line in listing.splitlines():
        name, kind, oid, inner_kind, inner = line.split("\0")
        if kind == "commit":
            yield name, oid, False
        elif inner_kind == "commit":
            yield name, inner, True
        else:
            yield name, (_peeled(directory, name) if inner_kind == "tag" else None) or "", kind == "tag"


def _peeled(directory: Path, revision: str) -> str | None:
    return _said(directory, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")


def _commits(directory: Path, tips: list[str]) -> Mapping[str, PastCommit]:
    """Read every commit behind the tips; a person who waits at a terminal sees how far it is."""
    if not tips:
        return {}
    stream = fields(directory, "".join(f"{oid}\n" for oid in tips), *_LOG, "--stdin", "--")
    found: Iterable[PastCommit] = map(_commit, *[stream] * _LOG_FIELDS)
    console = Console(stderr=True)
    if console.is_terminal:
        total = int(git(directory, "rev-list", "--count", "--branches", "--tags", "--remotes=origin"))
        found = track(found, told(say("Reading commits")), total, console=console, transient=True)
    return {commit.oid: commit for commit in found}


def _commit(oid: str, parents: str, authored: str, committed: str, headline: str, body: str) -> PastCommit:
    return PastCommit(oid, tuple(parents.split()), headline, moment(authored), moment(committed), body)


def _said(directory: Path, *arguments: str) -> str | None:
    """What git answers; None where it has no answer."""
    try:
        return git(directory, *arguments).strip()
    except GitError:
        return None


def _reading(directory: Path, rulebook: Path | None) -> Reading:
    """The rulebook that is named, else that of the work tree, else (of a bare repository) that of HEAD."""
    if rulebook is not None:
        return read_file(rulebook)
    if git(directory, "rev-parse", "--is-bare-repository").strip() == "false":
        return rulebook_of(Path(git(directory, "rev-parse", "--show-toplevel").rstrip("\n")))
    text = _said(directory, "cat-file", "blob", f"HEAD:{RULEBOOK_PATH}")
    return DEFAULT if text is None else read(text)


def valid(reading: Reading) -> Rulebook:
    """Return a rulebook to go by. Raises TellUser for one that is wrong."""
    if isinstance(reading, Invalid):
        raise TellUser(*map(described, reading.problems))
    if isinstance(reading, Unreadable):
        raise TellUser(reading.reason)
    return reading


def with_main(rulebook: Rulebook, branches: Mapping[str, str], usual: Iterable[str | None]) -> Rulebook:
    """Return the rulebook; where none was written, with what this repository calls main.

    That is the first of `usual` that is there. Raises TellUser where a written one names no such branch.
    """
    lines = rulebook.branches
    if not branches or any(name in branches for name in lines.main):
        return rulebook
    found = [name for name in usual if name in branches and name not in (lines.develop or ())]
    if rulebook is not DEFAULT or not found:
        names = ", ".join(lines.main)
        raise TellUser(
            say(
                "expected a branch {names}; name it in {key}, or name a rulebook that does",
                names=names,
                key="branches.main",
            )
        )
    return rulebook.model_copy(update={"branches": lines.model_copy(update={"main": (found[0],)})})
