"""The writes of a release. Each says what came of it, and one that lost a race has it read anew."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from bot.errors import GiveUp, Retry
from bot.github.connection import InstallationConnection, Missing, Refusal, query
from bot.github.nodes import present
from bot.github.publish import create_commit, create_pull, delete_ref, write
from bot.releases.plan import BranchState

# What GitHub says where it is no rule of a branch that stands in the way.
_UNABLE: Final = ("not accessible by integration", "archived")
# What GitHub says of branches that are not, or not yet, as they were read (R10).
_OTHERWISE: Final = ("already exists", "No commits between", "Head ref must be a branch")


class Taken(Retry):
    """A ref of that name is there already: another was faster, or a run that was cut off."""


class Merging(StrEnum):
    """What came of a merge (REST, "Merge a branch"; V6)."""

    DONE = "done"
    CONFLICT = "conflict"
    REFUSED = "refused"  # by a rule of the branch


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository to write to: its connection, its node id, its owner and its name."""

    connection: InstallationConnection
    id: str
    owner: str
    name: str

    @classmethod
    def of(cls, connection: InstallationConnection, id_: str, full_name: str) -> "Repository":
        """The repository of that node id and full name ("owner/name")."""
        owner, _, name = full_name.partition("/")
        return cls(connection, id_, owner, name)

    @classmethod
    async def named(cls, connection: InstallationConnection, full_name: str) -> "Repository":
        """The repository of that full name. Raises `GiveUp` where there is none."""
        owner, _, name = full_name.partition("/")
        data = await connection.ask(query("repository"), {"owner": owner, "name": name})
        return cls(connection, present(data["repository"], f"repository {full_name}")["id"], owner, name)

    @property
    def path(self) -> dict[str, str]:
        """The variables of every REST path of it."""
        return {"owner": self.owner, "repo": self.name}


async def create_tag(repository: Repository, tag: str, commit: str, message: str) -> None:
    """Make an annotated tag (V2). Its object comes first, and is harmless alone (V3).

    Raises `Taken` when another was faster: it has to be read whose tag that is (V1).
    """
    body = {"tag": tag, "message": message, "object": commit, "type": "commit"}
    made = await repository.connection.send("/repos/{owner}/{repo}/git/tags", body, **repository.path)
    await _create_ref(repository, f"refs/tags/{tag}", made["sha"])


async def create_release(
    repository: Repository, tag: str, body: str, *, latest: bool, prerelease: bool
) -> None:
    """Publish a release of a tag that is there. Raises `Retry` when another was faster."""
    content = {"tag_name": tag, "name": tag, "body": body, **_standing(latest, prerelease)}
    try:
        await repository.connection.send("/repos/{owner}/{repo}/releases", content, **repository.path)
    except Refusal as refusal:
        if "already_exists" in str(refusal):
            raise Retry(f"the release {tag} was made meanwhile") from refusal
        raise


async def publish_release(repository: Repository, release: int, *, latest: bool, prerelease: bool) -> None:
    """Publish a draft as it is worded (V11); `release` is its id."""
    path = "/repos/{owner}/{repo}/releases/{release}"
    content = {"draft": False, **_standing(latest, prerelease)}
    await repository.connection.change(path, content, **repository.path, release=str(release))


async def merge(repository: Repository, base: str, commit: str, message: str) -> Merging:
    """Merge a commit into a branch, cleanly or not at all (V5).

    Raises `Retry` when the branch moves, and `Refusal` where the App may not or cannot write at all.
    """
    body = {"base": base, "head": commit, "commit_message": message}
    try:
        await repository.connection.send("/repos/{owner}/{repo}/merges", body, **repository.path)
    except Refusal as refusal:
        if "was modified" in str(refusal):
            raise Retry(f"{base} moved while it was merged into") from refusal
        _must_be_able(refusal)
        conflict = refusal.status == HTTPStatus.CONFLICT and "merge conflict" in str(refusal).lower()
        return Merging.CONFLICT if conflict else Merging.REFUSED
    return Merging.DONE


async def conflicting(repository: Repository, base: str, commit: str) -> tuple[str, ...]:
    """Name the files that both sides have changed since they parted: the conflict is in some of these.

    What both have changed into the same is no conflict. GitHub lists at most 300 files of a comparison (REST,
    "Compare two commits").
    """
    ours = await _changed(repository, commit, base)
    theirs = await _changed(repository, base, commit)
    return tuple(path for path, blob in theirs.items() if path in ours and ours[path] != blob)


async def open_back_merge(
    repository: Repository, commit: str, head: str, base: str, title: str, body: str
) -> int:
    """Make the branch of a back-merge at a commit, where it is not there yet, and its pull request.

    Returns the number of the pull request.
    """
    with suppress(Taken):  # a run that was cut short may have left it, or somebody works on it
        await create_branch(repository, head, commit)
    return await open_pull(repository, head, base, title, body)


async def open_pull(
    repository: Repository, head: str, base: str, title: str, body: str, *, draft: bool = False
) -> int:
    """Open a pull request between two branches, and return its number.

    Where GitHub has no drafts (they are not in every plan) it is none. Raises `Retry` when another was
    faster, or GitHub does not see the branch as it is yet.
    """
    opening = create_pull(repository.id, head, base, title, body, draft=draft)
    try:
        made = await write(repository.connection, [opening])
    except GiveUp as refusal:
        if any(words in str(refusal) for words in _OTHERWISE):
            raise Retry(f"{head} is not as it was read: {refusal}") from refusal
        if not (draft and "raft pull requests are not supported" in str(refusal)):
            raise
        return await open_pull(repository, head, base, title, body)
    return int(made["m0"]["pullRequest"]["number"])


async def create_branch(repository: Repository, branch: str, commit: str) -> None:
    """Make a branch at a commit. Raises `Taken` when another was faster."""
    await _create_ref(repository, f"refs/heads/{branch}", commit)


def bump_headline(version: str) -> str:
    """Return the first line of the commit that writes a version into its files."""
    return f"Write the version {version}"


async def commit_files(
    repository: Repository, branch: str, head: str, headline: str, files: Mapping[str, str]
) -> None:
    """Write the texts of files, by path, in one commit on a branch that is still at `head` (an oid).

    Raises `Retry` where it is not: it has to be read again.
    """
    full_name = f"{repository.owner}/{repository.name}"
    await write(repository.connection, [create_commit(full_name, branch, head, (headline, ""), files)])


async def delete_branch(repository: Repository, branch: str, tip: str) -> BranchState:
    """Delete a branch that still is at `tip` (an oid), and return how it stands then.

    What somebody pushed since it was read is kept (R9), and a rule may hold it. Raises `GiveUp` where the App
    may not or cannot write at all.
    """
    try:
        await write(repository.connection, [delete_ref(repository.id, f"refs/heads/{branch}", tip)])
    except GiveUp as refusal:
        _must_be_able(refusal)
        path = "/repos/{owner}/{repo}/git/ref/{ref}"
        try:
            found = await repository.connection.read(path, **repository.path, ref=f"heads/{branch}")
        except Missing:
            return BranchState.GONE
        return BranchState.PROTECTED if found["object"]["sha"] == tip else BranchState.KEPT
    return BranchState.GONE


def _must_be_able(refusal: GiveUp) -> None:
    """Raise a refusal that no rule of a branch is the reason of: a missing permission, say."""
    if any(words in str(refusal) for words in _UNABLE):
        raise refusal


async def _create_ref(repository: Repository, ref: str, sha: str) -> None:
    body = {"ref": ref, "sha": sha}
    try:
        await repository.connection.send("/repos/{owner}/{repo}/git/refs", body, **repository.path)
    except Refusal as refusal:
        if "already exists" in str(refusal):
            raise Taken(f"{ref} was made meanwhile") from refusal
        raise


async def _changed(repository: Repository, base: str, head: str) -> dict[str, str | None]:
    """The files that `head` has changed, each with its blob (an oid); a renamed one by both of its names."""
    path = "/repos/{owner}/{repo}/compare/{basehead}?per_page=1"
    answer: Any = await repository.connection.read(path, **repository.path, basehead=f"{base}...{head}")
    return {
        name: file["sha"]
        for file in answer["files"]
        for name in (file.get("previous_filename"), file["filename"])
        if name
    }


def _standing(latest: bool, prerelease: bool) -> dict[str, object]:
    return {"prerelease": prerelease, "make_latest": "true" if latest else "false"}
