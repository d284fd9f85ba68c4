"""`signalbox check-branch` as a command and as pre-commit's hook."""

import subprocess
import sys
from pathlib import Path

import pytest
from unit.rules.git_repository import Repository

from bot.cli import main

LOCAL, REMOTE = "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_BRANCH"


@pytest.fixture
def team(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A checkout of a team that requires git-flow, on develop, outside of any hook."""
    for name in (
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        LOCAL,
        REMOTE,
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(repository.root)
    (repository.root / ".github").mkdir()
    (repository.root / ".github" / "signalbox.yml").write_text("preset: git-flow\n")
    repository.commit("rulebook", "develop")
    return repository


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, int]:
    code = main(["check-branch", *arguments])
    return capsys.readouterr().out, code


@pytest.mark.parametrize(
    ("local", "remote", "judged", "expected"),
    [
        ("refs/heads/feat/x", "refs/heads/feat/x", "feat/x is a name of the kind feature", 0),
        ("refs/heads/feature/x", "refs/heads/feature/x", "found feature/x", 1),
        ("refs/heads/feature/x", "refs/heads/feat/y", "feat/y is a name of the kind feature", 0),
        ("HEAD", "refs/heads/feat/y", "feat/y is a name of the kind feature", 0),
        ("refs/heads/feat/x", "refs/heads/hotfix/y", "carries commits of develop", 1),
        ("refs/heads/feature/x", None, "found feature/x", 1),
        ("refs/heads/develop", "refs/heads/develop", "develop is a permanent branch", 0),
        ("refs/tags/v1.0.0", "refs/tags/v1.0.0", "refs/tags/v1.0.0 is not a branch", 0),
    ],
)
def test_a_push_is_judged_by_what_is_pushed_and_not_by_what_is_checked_out(
    team: Repository,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    local: str,
    remote: str | None,
    judged: str,
    expected: int,
) -> None:
    for name in ("feat/x", "feature/x"):
        team.branch(name, "develop")
        team.commit(f"own {name}")
    team.switch("develop")
    monkeypatch.setenv(LOCAL, local)
    if remote:
        monkeypatch.setenv(REMOTE, remote)
    text, code = told(capsys)
    assert judged in text
    assert code == expected


def test_a_branch_that_is_named_comes_before_the_one_that_is_pushed(
    team: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    team.branch("feat/x", "develop")
    monkeypatch.setenv(LOCAL, "refs/heads/feature/x")
    monkeypatch.setenv(REMOTE, "refs/heads/feature/x")
    text, code = told(capsys, "--branch", "feat/x")
    assert "feat/x is a name of the kind feature" in text
    assert code == 0


CONFIGURATION = """
repos:
  - repo: local
    hooks:
      - id: signalbox-branch
        name: signalbox
        entry: {python} -c "import sys; from bot.cli import main; sys.exit(main(['check-branch']))"
        language: system
        stages: [pre-push]
        always_run: true
        pass_filenames: false
"""


def test_pre_commit_holds_back_a_push_of_another_branch(
    team: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    team.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    team.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    team.branch("feature/x", "develop")
    configuration = CONFIGURATION.format(python=sys.executable)
    (team.root / ".pre-commit-config.yaml").write_text(configuration)
    team.commit("hooks", "develop")
    install = [sys.executable, "-m", "pre_commit", "install", "--hook-type", "pre-push"]
    subprocess.run(install, check=True, cwd=team.root, capture_output=True)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        team.git("push", "origin", "feature/x")
    assert b"git branch -m feature/x feat/x" in refused.value.stderr + refused.value.output
    team.git("push", "origin", "feature/x:feat/x")
    assert team.git("ls-remote", "--heads", "origin").endswith("refs/heads/feat/x")
