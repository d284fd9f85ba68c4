"""What GitHub writes into a repository by itself: merges, squashes, rebases, edits of files, annotated tags.

All of it hangs on no ref until somebody points one there. What git refuses raises `GitFailed`; that is how a
conflict is told.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from tempfile import TemporaryDirectory

from bot.localhub.git import Git, Signature
from bot.localhub.model import Account, AccountType

# A file as `git update-index --index-info` wants it removed.
_NO_FILE = "0 " + "0" * 40
_MODE = "100644"


def signature_of(account: Account, at: datetime) -> Signature:
    """How an account signs what it does on the site."""
    login = f"{account.login}[bot]" if account.type is AccountType.BOT else account.login
    return Signature(login, f"{account.database_id}+{login}@users.noreply.localhub", at)


async def merge_commit(git: Git, base: str, head: str, message: str, author: Signature) -> str:
    """A merge commit of two commits."""
    return await _commit(git, await merged_tree(git, base, head), (base, head), message, author)


async def squash_commit(git: Git, base: str, head: str, message: str, author: Signature) -> str:
    """What `head` has that `base` has not, as one commit on top of `base`."""
    return await _commit(git, await merged_tree(git, base, head), (base,), message, author)


async def rebased_commits(git: Git, base: str, head: str, at: datetime) -> str:
    """The commits of `head` that `base` has not, less its merges, each made again on top of `base`."""
    tip = base
    for commit in reversed(await git.log(head, base)):
        if len(commit.parents) == 1:
            tree = await _picked_tree(git, tip, commit.oid, commit.parents[0])
            tip = await _commit(git, tree, (tip,), commit.message, commit.author, at)
    return tip


async def edited_commit(
    git: Git,
    parent: str,
    additions: Mapping[str, bytes],
    deletions: Iterable[str],
    message: str,
    author: Signature,
) -> str:
    """A commit on top of `parent` with other files; a file that is there already keeps its mode."""
    with TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        await git.run("read-tree", parent, given=index)
        modes = await _modes(git, index)
        gone = "".join(f"{_NO_FILE}\t{path}\0" for path in deletions).encode()
        await git.run("update-index", "-z", "--index-info", stdin=gone, given=index)
        edits: list[str] = []
        for path, data in additions.items():
            oid = (await git.run("hash-object", "-w", "--stdin", stdin=data)).decode().strip()
            edits += ["--cacheinfo", f"{modes.get(path, _MODE)},{oid},{path}"]
        await git.run("update-index", "--add", "--replace", *edits, given=index)
        tree = (await git.run("write-tree", given=index)).decode().strip()
    return await _commit(git, tree, (parent,), message, author)


async def tag_object(git: Git, name: str, target: str, kind: str, message: str, tagger: Signature) -> str:
    """An annotated tag of an object that exists; `kind` is the object's type."""
    signed = f"{tagger.name} <{tagger.email}> {int(tagger.at.timestamp())} +0000"
    text = f"object {target}\ntype {kind}\ntag {name}\ntagger {signed}\n\n{message.rstrip()}\n"
    return (await git.run("mktag", stdin=text.encode())).decode().strip()


async def merged_tree(git: Git, base: str, head: str) -> str:
    """The tree of a merge that is not made yet."""
    return (await git.run("merge-tree", "--write-tree", base, head)).decode().strip()


async def _picked_tree(git: Git, onto: str, picked: str, parent: str) -> str:
    """The tree of a commit on top of another than its parent.

    A commit of what is `onto`, as a child of that parent, makes the parent the base of the merge.
    """
    nobody = Signature("GitHub", "noreply@github.localhub", (await git.log(picked, most=1))[0].committer.at)
    beside = await _commit(git, f"{onto}^{{tree}}", (parent,), "base", nobody)
    return await merged_tree(git, beside, picked)


async def _commit(
    git: Git,
    tree: str,
    parents: tuple[str, ...],
    message: str,
    author: Signature,
    at: datetime | None = None,
) -> str:
    """Write a commit; GitHub commits it, at the time of its author where no other is given."""
    given = {
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_AUTHOR_DATE": author.at.isoformat(),
        "GIT_COMMITTER_NAME": "GitHub",
        "GIT_COMMITTER_EMAIL": "noreply@github.localhub",
        "GIT_COMMITTER_DATE": (at or author.at).isoformat(),
    }
    options = [word for parent in parents for word in ("-p", parent)]
    out = await git.run("commit-tree", *options, tree, stdin=message.encode(), given=given)
    return out.decode().strip()


async def _modes(git: Git, index: Mapping[str, str]) -> dict[str, str]:
    """The mode of every file of an index, by its path."""
    out = await git.run("ls-files", "--stage", "-z", given=index)
    rows = (row.partition("\t") for row in out.decode(errors="replace").split("\0") if row)
    return {path: about.split()[0] for about, _, path in rows}
