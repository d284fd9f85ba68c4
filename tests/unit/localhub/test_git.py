"""Reading a bare repository with the git command."""

import asyncio
from pathlib import Path

import pytest

from bot.localhub.clone import Clone
from bot.localhub.git import Git, GitFailed


@pytest.fixture
async def git(tmp_path: Path) -> Git:
    git = Git(tmp_path / "shop.git")
    await git.init("main")
    return git


@pytest.fixture
async def clone(git: Git, tmp_path: Path) -> Clone:
    clone = await Clone.of(git.path, tmp_path / "mina", "mina")
    await clone.git("switch", "--quiet", "-c", "main")
    return clone


async def test_an_empty_repository_has_nothing(git: Git) -> None:
    assert await git.refs() == {}
    assert await git.kind("0" * 40) is None
    with pytest.raises(GitFailed, match=r"shop\.git"):
        await git.log("0" * 40)


async def test_commits_are_read_whole(git: Git, clone: Clone) -> None:
    await clone.git("config", "user.signingkey", "none")
    first = await clone.commit("제목\n\nbody\n\nend", {"a": "1"}, at="2026-05-15T12:00:00+09:00")
    second = await clone.commit("again", {"a": "1\n2\n", "b": "3\n"})
    await clone.push("main")
    newest, oldest = await git.log("main")
    assert (newest.oid, newest.parents, oldest.parents) == (second, (first,), ())
    assert (oldest.message, oldest.author.name) == ("제목\n\nbody\n\nend", "mina")
    assert oldest.author.at.isoformat() == "2026-05-15T03:00:00+00:00"
    assert [one.oid for one in await git.log(second, first)] == [second]
    assert [one.oid for one in await git.log(second, skip=1, most=1)] == [first]
    assert (await git.count(second), await git.count(second, first)) == (2, 1)
    changes = await git.changes(first, second)
    assert [(one.path, one.additions, one.deletions) for one in changes] == [("a", 2, 1), ("b", 1, 0)]


async def test_what_was_missing_is_found_once_it_is_pushed(git: Git, clone: Clone) -> None:
    oid = await clone.commit("one", {"a": "1"})
    assert await git.kind(oid) is None
    with pytest.raises(GitFailed):
        await git.log(oid)
    await clone.push("main")
    assert await git.kind(oid) == "commit"
    assert [one.oid for one in await git.log(oid)] == [oid]


async def test_what_many_ask_is_read_once(git: Git, clone: Clone) -> None:
    oid = await clone.commit("one", {"a": "1"})
    await clone.push("main")
    first, *others = await asyncio.gather(*(git.log(oid) for _ in range(5)))
    assert all(other is first for other in others)


async def test_files_of_every_name_and_kind(git: Git, clone: Clone) -> None:
    (clone.path / "latin").write_bytes(b"caf\xe9")
    oid = await clone.commit("files", {"a b/가.txt": "text", "-": "dash"})
    await clone.push("main")
    blob = await git.blob(oid, "a b/가.txt")
    assert blob is not None
    assert (blob.text, blob.byte_size, blob.is_binary, blob.is_truncated) == ("text", 4, False, False)
    latin = await git.blob(oid, "latin")
    assert latin is not None
    assert (latin.text, latin.is_binary) == (None, True)
    for absent in ("", "a b", "nothing", "x\ny"):
        assert await git.blob(oid, absent) is None
    assert await git.blob(oid, "-") is not None


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("1\n2\n3\n", [1, 2, 3]),
        ("0\n1\n2\n3\n", [2, 3, 4]),
        ("1\n2\n2.5\n2.7\n3\n", [1, 2, 5]),
        ("2\n3\n", [None, 1, 2]),
        ("1\ntwo\n3\n", [1, None, 3]),
        ("1\ntwo\nmore\n3\n4\n", [1, None, 4]),
        ("1\n", [1, None, None]),
        ("one", [None, None, None]),
        ("", [None, None, None]),
        (None, [None, None, None]),
    ],
)
async def test_a_line_is_followed_through_a_change(
    git: Git, clone: Clone, text: str | None, places: list[int | None]
) -> None:
    old = await clone.commit("begin", {"a*": "1\n2\n3\n", "ab": "1\n"})
    if text is None:
        await clone.git("rm", "--quiet", ":(literal)a*")
    new = await clone.commit("change", {"ab": "2\n"} if text is None else {"a*": text, "ab": "2\n"})
    await clone.push("main")
    assert [await git.follow("a*", line, old, new) for line in (1, 2, 3)] == places
    assert await git.follow("a*", 2, old, old) == 2


async def test_the_default_branch_is_what_a_clone_stands_on(git: Git, clone: Clone, tmp_path: Path) -> None:
    await clone.commit("begin", {"a": "1"})
    await clone.push("main", "main:develop")
    await git.set_default("develop")
    other = await Clone.of(git.path, tmp_path / "noor", "noor")
    assert (await other.git("branch", "--show-current")).strip() == "develop"
