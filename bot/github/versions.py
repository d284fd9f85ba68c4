"""What the version of a release or a hotfix is judged by; read only where merging would make a version."""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Final

from bot.github import nodes
from bot.github.connection import InstallationConnection
from bot.github.lines import MOST_COMMITS
from bot.github.lists import pages
from bot.github.nodes import Node, Target
from bot.github.tags import Ends, read_tags
from bot.rules.facts import Change, MergeMethod, Pull, ReleaseFacts
from bot.rules.models import Rulebook

# In the order in which GitHub offers them.
_METHODS: Final = {
    MergeMethod.MERGE: "mergeCommitAllowed",
    MergeMethod.SQUASH: "squashMergeAllowed",
    MergeMethod.REBASE: "rebaseMergeAllowed",
}


async def read_release(
    connection: InstallationConnection, target: Target, repository: Node, rulebook: Rulebook, pull: Pull
) -> ReleaseFacts:
    """Read it for an open pull request; `repository` is the node that says how it may be merged."""
    changes, whole = await read_changes(connection, target, pull.base)
    return ReleaseFacts(
        tags=await read_tags(connection, target.repository, rulebook, Ends(pull.base, target.compare)),
        changes=changes,
        whole=whole,
        files=await read_files(connection, target.repository, target.head, rulebook),
        methods=tuple(method for method, field in _METHODS.items() if repository[field]),
    )


async def read_changes(
    connection: InstallationConnection, target: Target, line: str
) -> tuple[tuple[Change, ...], bool]:
    """Return the commits of a head that a branch has not, newest first, and whether they are all."""
    variables = {
        "repository": target.repository,
        "line": f"refs/heads/{line}",
        "compare": target.compare,
    }
    found: list[Change] = []
    async for _, page in pages(connection, "ahead", variables, ("line", "compare", "commits")):
        found += map(nodes.change, page["nodes"])
        if len(found) >= MOST_COMMITS and page["pageInfo"]["hasNextPage"]:
            return tuple(reversed(found)), False
    return tuple(reversed(found)), True


async def read_files(
    connection: InstallationConnection,
    repository: str,
    commit: str,
    rulebook: Rulebook,
    *,
    exact: bool = False,
) -> Mapping[str, str | None]:
    """Return the version files at a commit, by path; None for one that is not there, or no text.

    With `exact`, one whose text is not all there is to it (GitHub shows other encodings too) is no text.
    """
    paths = [file.path for file in rulebook.versions.files]
    blobs = await read_blobs(connection, repository, commit, paths) if paths else {}
    return {path: text_of(blob, exact=exact) for path, blob in blobs.items()}


async def read_blobs(
    connection: InstallationConnection, repository: str, commit: str, paths: Sequence[str]
) -> Mapping[str, Node | None]:
    """Return some files at a commit, by path, in one request; None for one that is not there."""
    names = {f"file{index}": f"{commit}:{path}" for index, path in enumerate(paths)}
    data = await connection.ask(reading(len(paths)), {"repository": repository, **names})
    node = nodes.present(data["repository"], f"repository {repository}")
    return {path: node[name] for path, name in zip(paths, names, strict=True)}


def reading(count: int) -> str:
    """Return the document that reads so many files, `$file0` and on, each as "commit:path"."""
    parameters = "".join(f", $file{index}: String!" for index in range(count))
    fields = "\n".join(
        f"      file{index}: object(expression: $file{index}) {{ ...Text }}" for index in range(count)
    )
    return (
        f"query Files($repository: ID!{parameters}) {{\n"
        f"  repository: node(id: $repository) {{\n    ... on Repository {{\n{fields}\n    }}\n  }}\n}}\n"
        "fragment Text on Blob { oid isBinary isTruncated text }\n"
    )


def text_of(blob: Node | None, *, exact: bool) -> str | None:
    """Return the text of a blob; None where there is none. See `read_files` for `exact`."""
    if not blob or blob["isBinary"] or blob["isTruncated"]:
        return None
    text: str = blob["text"]
    return text if not exact or _oid(text) == blob["oid"] else None


def _oid(text: str) -> str:
    """What git calls a file of this text, in UTF-8."""
    data = text.encode()
    return sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()
