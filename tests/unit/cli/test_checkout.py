import subprocess
from pathlib import Path

import pytest
from unit.rules.git_repository import Repository

from bot.cli.checkout import check_branch, gather
from bot.cli.git import Checkout, GitError
from bot.rules.models import Language
from bot.rules.rulebook import DEFAULT

EN = Language.EN


@pytest.fixture(autouse=True)
def _no_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as outside of a hook, which would point git at another repository."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)


def write_rulebook(repository: Repository, content: bytes) -> None:
    (repository.root / ".github").mkdir(exist_ok=True)
    (repository.root / ".github" / "signalbox.yml").write_bytes(content)


def require(repository: Repository) -> None:
    write_rulebook(repository, b"preset: git-flow\n")


def test_a_right_branch_is_told_so(repository: Repository) -> None:
    require(repository)
    repository.branch("feat/x", "develop")
    repository.commit("idea")
    text, code = check_branch(repository.root, None, None, EN)
    assert code == 0
    assert "✅ naming: kept" in text
    assert "✅ base: kept" in text
    assert "✅ ancestry: kept" in text


def test_a_wrong_name_is_refused_with_the_way_out(repository: Repository) -> None:
    require(repository)
    repository.branch("feature/x", "develop")
    text, code = check_branch(repository.root, None, None, EN)
    assert code == 1
    assert "git branch -m feature/x feat/x" in text


def test_without_a_rulebook_it_only_advises(repository: Repository) -> None:
    repository.branch("feature/x", "develop")
    text, code = check_branch(repository.root, None, None, EN)
    assert code == 0
    assert "⚠️ naming: to be mended, blocks nothing" in text


def test_a_named_branch_and_base_from_a_folder_inside(repository: Repository) -> None:
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    repository.commit("fix")
    repository.switch("main")
    require(repository)
    inside = repository.root / "inside"
    inside.mkdir()
    text, code = check_branch(inside, "hotfix/x", None, EN)
    assert code == 1
    assert "❌ ancestry" in text
    text, code = check_branch(inside, "feat/never-made", "main", EN)
    assert code == 1
    assert "❌ base" in text
    assert "❔ ancestry" in text


@pytest.mark.parametrize("branch", ["main", "develop", "development"])
def test_a_permanent_branch_has_nothing_to_judge(repository: Repository, branch: str) -> None:
    text, code = check_branch(repository.root, branch, None, EN)
    assert (text, code) == (f"{branch} is a permanent branch, so there is nothing to judge.", 0)


def test_a_permanent_branch_with_a_base_is_judged(repository: Repository) -> None:
    require(repository)
    assert check_branch(repository.root, "main", "develop", EN)[1] == 0
    assert check_branch(repository.root, "develop", "main", EN)[1] == 1


def test_a_detached_head_has_nothing_to_judge(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--detach")
    text, code = check_branch(repository.root, None, None, EN)
    assert code == 0
    assert "detached HEAD" in text


def test_outside_of_git_is_an_error(tmp_path: Path) -> None:
    text, code = check_branch(tmp_path, None, None, EN)
    assert code == 2
    assert "not a git repository" in text
    text, code = check_branch(tmp_path / "nowhere", None, None, EN)
    assert code == 2


def test_a_repository_without_a_commit_judges_the_name(tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    require(empty)
    empty.git("symbolic-ref", "HEAD", "refs/heads/feature/x")
    text, code = check_branch(empty.root, None, None, EN)
    assert code == 1
    assert "❔ ancestry" not in text


def test_what_cannot_be_told_blocks_where_the_rule_is_required(repository: Repository) -> None:
    repository.git("branch", "--delete", "develop")
    repository.branch("feat/x", "main")
    assert check_branch(repository.root, None, None, EN)[1] == 0
    require(repository)
    text, code = check_branch(repository.root, None, None, EN)
    assert code == 1
    assert "❔ ancestry: not known" in text


def clone(repository: Repository, path: Path, *options: str) -> Path:
    command = ["git", "clone", "--quiet", *options, f"file://{repository.root}", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def test_a_clone_compares_with_the_remotes_branches(repository: Repository, tmp_path: Path) -> None:
    require(repository)
    repository.commit("work", "develop")
    repository.branch("hotfix/x", "develop")
    repository.commit("fix")
    text, code = check_branch(clone(repository, tmp_path / "clone"), None, None, EN)
    assert code == 1
    assert "carries commits of develop that are not on main" in text


def test_a_shallow_clone_cannot_tell_ancestry_and_says_so(repository: Repository, tmp_path: Path) -> None:
    require(repository)
    repository.branch("feat/x", "develop")
    repository.commit("one")
    repository.commit("two")
    shallow = clone(repository, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    text, code = check_branch(shallow, None, None, EN)
    assert code == 0
    assert "❔ ancestry: not known" in text
    assert "git fetch --unshallow" in text
    text, code = check_branch(shallow, None, "main", EN)
    assert code == 1
    assert "❌ base" in text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"kindz: 1\n", "line 1, column 1, kindz"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"#" * 300_000, "larger than"),
    ],
)
def test_a_rulebook_that_is_none_is_refused(repository: Repository, content: bytes, told: str) -> None:
    write_rulebook(repository, content)
    repository.branch("feat/x", "develop")
    text, code = check_branch(repository.root, None, None, EN)
    assert code == 1
    assert told in text


def test_it_speaks_korean(repository: Repository) -> None:
    require(repository)
    repository.branch("feature/x", "develop")
    text, code = check_branch(repository.root, None, None, Language.KO)
    assert code == 1
    assert "브랜치 이름은 다음 중 하나에 맞아야 합니다" in text


def test_odd_commits_are_read(repository: Repository) -> None:
    repository.branch("feat/x", "develop")
    (repository.root / "x").write_text("x")
    repository.git("add", "x")
    repository.git("commit", "--quiet", "-m", "a \x1f subject\twith 한글\n\nbody")
    tree = repository.git("write-tree")
    parent = repository.git("rev-parse", "HEAD")
    raw = f"tree {tree}\nparent {parent}\nauthor A <a> 99999999999999999999 +0000\n"
    path = repository.root / "raw"
    path.write_text(raw + "committer A <a> 1700000000 +0000\n\n")
    oid = repository.git("hash-object", "-t", "commit", "-w", "--literally", str(path))
    repository.git("update-ref", "refs/heads/feat/x", oid)
    facts = gather(Checkout(repository.root), DEFAULT, "feat/x", None)
    assert facts.develop
    assert facts.develop.ahead
    assert [commit.headline for commit in facts.develop.ahead] == ["", "a \x1f subject\twith 한글"]


def test_no_git_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError):
        Checkout(tmp_path)
