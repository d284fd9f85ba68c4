"""The steps of a release, as values: how each is recorded, and how it is told to people."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from bot.message import Message, say

# The ledger keeps so many characters of a name; a branch alone may have as many.
_LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class CreateTag:
    """Make an annotated tag (V2) at the merge commit (an oid)."""

    tag: str
    commit: str

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return "tag"

    @property
    def sentence(self) -> Message:
        """The step in words."""
        return say("Tag {commit} as {tag}.", commit=self.commit[:12], tag=self.tag)


@dataclass(frozen=True, slots=True)
class CreateRelease:
    """Make a GitHub release of a tag that is there, published at once; `latest` is its `make_latest` (V9)."""

    tag: str
    latest: bool
    prerelease: bool

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return "release"

    @property
    def sentence(self) -> Message:
        """The step in words."""
        return say("Publish the release {tag}.", tag=self.tag)


@dataclass(frozen=True, slots=True)
class PublishRelease:
    """Publish the draft that somebody prepared, with his own words (V11)."""

    tag: str
    latest: bool
    prerelease: bool

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return "publish"

    @property
    def sentence(self) -> Message:
        """The step in words."""
        return say("Publish the draft of the release {tag}.", tag=self.tag)


@dataclass(frozen=True, slots=True)
class BackMerge:
    """Merge `source` (a tag, V12) into a branch; whether that is clean, only the attempt can tell (V6)."""

    source: str
    target: str

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return _named("back-merge", self.target)

    @property
    def sentence(self) -> Message:
        """The step in words."""
        return say("Merge {source} back into {target}.", source=self.source, target=self.target)


@dataclass(frozen=True, slots=True)
class OpenBackMerge:
    """Open a pull request that brings `source` into a branch where a person must decide (V5).

    `head` is the branch to make at `source`. `conflicts` says that the two do not merge by themselves, and
    `files` why, as far as that is known; otherwise the branch takes no direct merge.
    """

    source: str
    target: str
    head: str
    files: tuple[str, ...] = ()
    conflicts: bool = False

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return _named("back-merge-pull", self.target)

    @property
    def sentence(self) -> Message:
        """The step in words."""
        if self.files:
            return say(
                "Open a pull request that brings {source} into {target}; these files conflict: {files}.",
                source=self.source,
                target=self.target,
                files=self.files,
            )
        return say(
            "Open a pull request that brings {source} into {target}.", source=self.source, target=self.target
        )


@dataclass(frozen=True, slots=True)
class DeleteBranch:
    """Delete a branch of which everything has arrived, while it is at `tip` (an oid)."""

    branch: str
    tip: str

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return "delete-branch"

    @property
    def sentence(self) -> Message:
        """The step in words."""
        return say("Delete the branch {branch}.", branch=self.branch)


@dataclass(frozen=True, slots=True)
class Stop:
    """Change nothing, and tell a person why."""

    reason: Message

    @property
    def name(self) -> str:
        """What the step is recorded as."""
        return "stop"

    @property
    def sentence(self) -> Message:
        """The step in words."""
        return self.reason


Step: TypeAlias = CreateTag | CreateRelease | PublishRelease | BackMerge | OpenBackMerge | DeleteBranch | Stop


def _named(kind: str, branch: str) -> str:
    """Name a step about a branch; where that is too long, a digest tells it from others that begin alike."""
    name = f"{kind} {branch}"
    if len(name) <= _LONGEST:
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name[: _LONGEST - len(digest) - 1]} {digest}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be done now, what is waited for, and what is worth a word but holds nothing."""

    steps: tuple[Step, ...] = ()
    waits: tuple[Message, ...] = ()
    remarks: tuple[Message, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all is done."""
        return not (self.steps or self.waits)
