"""Container images: references as people write them, and what a tag says of an image.

The grammar of references is that of the Distribution project (distribution/reference), with the short names
of Docker Hub: `nginx` is `docker.io/library/nginx`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semver import Version

from bot.errors import TellUser
from bot.message import say
from bot.rules.patterns import strict_version

_HUB: Final = "docker.io"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_PART: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DIGEST: Final = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,128}"
_REFERENCE: Final = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>[A-Za-z0-9_][\w.-]{{0,127}}))?"
    rf"(?:@(?P<digest>{_DIGEST}))?",
    re.ASCII,
)
_LONGEST: Final = 600  # characters: a name of 255, a tag of 128, a digest

# A commit at the end of a tag, also as `git describe` writes it (`-g3f2c1ab`).
_COMMIT: Final = re.compile(r"(?:(?P<before>.*)[-_.])?g?(?P<commit>[0-9a-f]{7,40})", re.ASCII)
_FULL: Final = 40
_STAMP: Final = re.compile(r"(?:.*[-_.])?[0-9]{6,}", re.ASCII)


class InvalidReference(TellUser):
    """A text that names no image."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What names an image: its repository with the registry (`docker.io/library/nginx`), tag and digest."""

    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        return spelled(self.repository, self.tag, self.digest)


@dataclass(frozen=True, slots=True)
class Image:
    """An image as its registry told of it.

    `repository` is as in `Reference`. `tag` is None for what was pushed by digest alone, `commit` (7 to 64
    hexadecimal digits) for what does not say what it was built from; `pushed_at` is aware. `version` is what
    the rulebook reads in its tag, None where it reads none or nobody has asked it.
    """

    repository: str
    tag: str | None = None
    digest: str | None = None
    commit: str | None = None
    pushed_at: datetime | None = None
    version: Version | None = None

    @property
    def numbered(self) -> Version | None:
        """The version that its tag is, by the rulebook's spelling or as most spell it; None for none."""
        return self.version or version_of(self.tag)

    @property
    def moves(self) -> bool:
        """Whether its tag is meant to name another image later: see `moves`."""
        return self.version is None and moves(self.tag)

    @property
    def reference(self) -> Reference:
        """What names it."""
        return Reference(self.repository, self.tag, self.digest)


def parse(text: str) -> Reference:
    """Read `repository:tag@digest`; raises InvalidReference where the text is none."""
    name, tag, digest = split(text)
    return Reference(normalised(name), tag, digest)


def split(text: str) -> tuple[str, str | None, str | None]:
    """Take a reference apart: the name as it is spelt, the tag, the digest. Raises InvalidReference."""
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        expected = "registry.example.com/team/app:1.2.3"
        raise InvalidReference(
            say("Expected an image, such as {expected}; found {found}.", expected=expected, found=text)
        )
    return found["name"], found["tag"], found["digest"]


def normalised(name: str) -> str:
    """Spell the name of a repository in full, with its registry."""
    host, slash, rest = name.partition("/")
    # What has neither a dot nor a port is no registry, unless it is this machine or cannot be a path.
    if not slash or not (re.search("[.:]", host) or host == "localhost" or host != host.lower()):
        host, rest = _HUB, name
    host = _HUB if host == "index.docker.io" else host
    return f"{host}/library/{rest}" if host == _HUB and "/" not in rest else f"{host}/{rest}"


def spelled(name: str, tag: str | None, digest: str | None) -> str:
    """Put a reference together."""
    return f"{name}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"


def version_of(tag: str | None) -> Version | None:
    """Read the semantic version that a tag is, with or without a `v`.

    A tag that ends in a commit is none: `1.2.3-3f2c1ab` comes after 1.2.3, which semver would deny.
    """
    if tag is None or commit_of(tag):
        return None
    return strict_version(tag.removeprefix("v"))


def commit_of(tag: str | None) -> str | None:
    """Read the commit that a tag ends in: `main-3f2c1ab`, `sha-3f2c1ab`, or nothing else.

    Digits alone are more likely a date or a build's number, unless there are 40 of them.
    """
    found = _ending_in_commit(tag)
    return found and found["commit"]


def before_commit(tag: str | None) -> str | None:
    """Read what a tag that ends in a commit says before it: `main` of `main-3f2c1ab`; None for nothing."""
    found = _ending_in_commit(tag)
    return found and found["before"]


def _ending_in_commit(tag: str | None) -> re.Match[str] | None:
    found = _COMMIT.fullmatch(tag or "")
    is_number = found and found["commit"].isdecimal() and len(found["commit"]) < _FULL
    return None if is_number else found


def digits_of(tag: str | None) -> str | None:
    """Read what a tag ends in that may be a commit, if somebody knows one of that name: digits alone, too."""
    found = _COMMIT.fullmatch(tag or "")
    return found["commit"] if found else None


def moves(tag: str | None) -> bool:
    """Say whether a tag is meant to name another image later (D5): `latest`, `main`, `1.2`, or none at all.

    What stays is a version, or ends in a commit, a date or a build's number of six digits or more. Anything
    else might be a branch, and moves.
    """
    return tag is None or not (version_of(tag) or commit_of(tag) or _STAMP.fullmatch(tag))
