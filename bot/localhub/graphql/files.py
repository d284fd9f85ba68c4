"""Folders: what a commit has at a path."""

from typing import Any

from bot.localhub.git import Blob
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.fields import Info, TreeAt, answers, context_of
from bot.localhub.model import Repository


async def content_at(context: Context, home: Repository, commit: str, path: str) -> Blob | TreeAt | None:
    """The file or the folder at a path of a commit that is there; None where there is neither."""
    git = context.git(home)
    if (found := await git.blob(commit, path)) is not None:
        return found
    asked = f"{commit}:{path}\n".encode()
    words = (await git.run("cat-file", "--batch-check", stdin=asked)).decode(errors="replace").split()
    return TreeAt(home, commit, path, words[0]) if "\n" not in path and words[1:2] == ["tree"] else None


@answers("entries", "Tree")
async def entries(at: TreeAt, info: Info) -> list[dict[str, Any]]:
    """What a folder holds, by name."""
    listed = await context_of(info).git(at.repository).run("ls-tree", "-z", at.oid)
    fields = (line.partition("\t") for line in listed.decode(errors="replace").split("\0")[:-1])
    folder = f"{at.path}/" if at.path else ""
    return [entry(at.repository, at.commit, f"{folder}{name}", about.split()[1]) for about, _, name in fields]


@answers("object", "TreeEntry")
async def object_(entry: dict[str, Any], info: Info) -> Blob | TreeAt | None:
    """The file or the folder; null for a submodule."""
    return await content_at(context_of(info), entry["home"], entry["commit"], entry["path"])


def entry(home: Repository, commit: str, path: str, kind: str) -> dict[str, Any]:
    """What a folder of a commit holds, by its path from the root."""
    return {"home": home, "commit": commit, "name": path.rpartition("/")[2], "path": path, "type": kind}
