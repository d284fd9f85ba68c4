"""What GitHub commits by itself: real merges, squashes, rebases, edits and tags, on no branch yet."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.localhub.clone import Clone
from bot.localhub.commits import (
    edited_commit,
    merge_commit,
    rebased_commits,
    signature_of,
    squash_commit,
    tag_object,
)
from bot.localhub.git import Git, GitFailed, Signature
from bot.localhub.model import Account, AccountType

NOON = datetime(2026, 5, 15, 12, tzinfo=UTC)
MINA = Signature("mina", "7+mina@users.noreply.localhub", NOON)


@pytest.fixture
async def git(tmp_path: Path) -> Git:
    git = Git(tmp_path / "shop.git")
    await git.init("main")
    return git


@pytest.fixture
async def clone(git: Git, tmp_path: Path) -> Clone:
    clone = await Clone.of(git.path, tmp_path / "mina", "mina")
    await clone.git("switch", "--quiet", "-c", "main")
    await clone.commit("begin", {"a": "1\n", "run.sh": "true\n"})
    return clone


async def forked(clone: Clone, ours: dict[str, str], *theirs: dict[str, str]) -> tuple[str, str]:
    """Two lines of work, pushed: one commit on main, and some on another branch."""
    await clone.branch("theirs", "main")
    heads = [
        await clone.commit(f"theirs {number}", files, at="2026-05-15T09:00:00+09:00")
        for number, files in enumerate(theirs, 1)
    ]
    await clone.git("switch", "--quiet", "main")
    base = await clone.commit("ours", ours)
    await clone.push("main", "theirs")
    return base, heads[-1]


async def files(git: Git, oid: str) -> dict[str, str]:
    listed = (await git.run("ls-tree", "-r", oid)).decode().splitlines()
    return {line.split("\t")[1]: line.split()[0] for line in listed}


async def test_a_merge_is_made_on_no_branch(git: Git, clone: Clone) -> None:
    base, head = await forked(clone, {"c": "1"}, {"b": "1"})
    before = await git.refs()
    merge = await merge_commit(git, base, head, "Merge theirs\n\nwell", MINA)
    assert await git.refs() == before
    (made,) = await git.log(merge, most=1)
    assert (made.parents, made.message, made.author) == ((base, head), "Merge theirs\n\nwell", MINA)
    assert (made.committer.name, made.committer.at) == ("GitHub", NOON)
    assert set(await files(git, merge)) == {"a", "b", "c", "run.sh"}


async def test_a_squash_is_one_commit(git: Git, clone: Clone) -> None:
    base, head = await forked(clone, {"c": "1"}, {"b": "1"}, {"d": "1"})
    squash = await squash_commit(git, base, head, "theirs (#1)", MINA)
    (made,) = await git.log(squash, base)
    assert (made.parents, made.message) == ((base,), "theirs (#1)")
    assert set(await files(git, squash)) == {"a", "b", "c", "d", "run.sh"}


async def test_a_rebase_makes_every_commit_again_but_merges(git: Git, clone: Clone) -> None:
    await clone.branch("side", "main")
    await clone.commit("aside", {"side": "1"})
    await clone.branch("theirs", "main")
    await clone.commit("theirs 1", {"a": "1\n2\n"}, at="2026-05-15T09:00:00+09:00")
    await clone.merge("side")
    head = await clone.commit("theirs 2", {"a": "1\n2\n3\n"})
    await clone.git("switch", "--quiet", "main")
    base = await clone.commit("ours", {"c": "1"})
    await clone.push("main", "theirs")
    tip = await rebased_commits(git, base, head, NOON)
    made = await git.log(tip, base)
    assert {one.message for one in made} == {"theirs 1", "aside", "theirs 2"}
    assert all(len(one.parents) == 1 for one in made)
    first = next(one for one in made if one.message == "theirs 1")
    assert (first.author.name, first.author.at.hour, first.committer.name) == ("mina", 0, "GitHub")
    assert set(await files(git, tip)) == {"a", "c", "run.sh", "side"}
    text = await git.blob(tip, "a")
    assert text is not None
    assert text.text == "1\n2\n3\n"


async def test_a_conflict_is_no_commit(git: Git, clone: Clone) -> None:
    base, head = await forked(clone, {"a": "2\n"}, {"a": "3\n"})
    with pytest.raises(GitFailed):
        await merge_commit(git, base, head, "Merge theirs", MINA)
    with pytest.raises(GitFailed):
        await rebased_commits(git, base, head, NOON)


async def test_an_edit_changes_what_it_says_and_no_more(git: Git, clone: Clone) -> None:
    await clone.git("update-index", "--chmod=+x", "run.sh")
    await clone.git("commit", "--quiet", "-m", "run")
    parent = (await clone.git("rev-parse", "HEAD")).strip()
    await clone.push("main")
    additions = {"run.sh": b"false\n", "새/파일 1.txt": b"\x00\xff", "a/b": b"now a folder"}
    made = await edited_commit(git, parent, additions, ["a"], "edit", MINA)
    assert await files(git, made) == {
        "run.sh": "100755",
        "a/b": "100644",
        '"\\354\\203\\210/\\355\\214\\214\\354\\235\\274 1.txt"': "100644",
    }
    found = await git.blob(made, "새/파일 1.txt")
    assert found is not None
    assert found.data == b"\x00\xff"


@pytest.mark.parametrize("path", ["../out", "/root", ".git/config", "a//b", ""])
async def test_a_path_that_git_refuses_is_no_commit(git: Git, clone: Clone, path: str) -> None:
    await clone.push("main")
    tip = (await git.refs())["refs/heads/main"]
    with pytest.raises(GitFailed):
        await edited_commit(git, tip, {path: b"x"}, [], "edit", MINA)


async def test_a_tag_is_read_as_it_was_written(git: Git, clone: Clone) -> None:
    await clone.push("main")
    tip = (await git.refs())["refs/heads/main"]
    oid = await tag_object(git, "v1.0.0", tip, "commit", "One\n\nwell\n", MINA)
    tag = await git.tag(oid)
    assert (tag.name, tag.target, tag.kind, tag.message) == ("v1.0.0", tip, "commit", "One\n\nwell")
    assert tag.tagger == MINA
    assert "refs/tags/v1.0.0" not in await git.refs()


async def test_a_tag_from_before_git_had_taggers(git: Git, clone: Clone) -> None:
    await clone.push("main")
    tip = (await git.refs())["refs/heads/main"]
    text = f"object {tip}\ntype commit\ntag v0\n\nold\n"
    out = await git.run("hash-object", "-t", "tag", "-w", "--stdin", "--literally", stdin=text.encode())
    assert (await git.tag(out.decode().strip())).tagger is None


def test_a_bot_signs_as_a_bot() -> None:
    assert signature_of(Account(2, "signalbox", AccountType.BOT), NOON) == Signature(
        "signalbox[bot]", "2+signalbox[bot]@users.noreply.localhub", NOON
    )
    assert signature_of(Account(7, "mina"), NOON) == MINA
