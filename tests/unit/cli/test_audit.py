import json
import os
import sys
from pathlib import Path

import pytest
from unit.rules.git_repository import Repository

from bot.cli import main
from bot.cli.past import local
from bot.errors import TellUser


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str, int]:
    code = main(arguments)
    output = capsys.readouterr()
    return output.out, output.err, code


@pytest.fixture
def faulty(repository: Repository) -> Repository:
    """A history with a lightweight tag and a misnamed branch."""
    repository.git("tag", "v1.0.0", "main")
    repository.git("tag", "nightly", "main")
    repository.git("branch", "feature/cart", "main")
    return repository


def test_the_audit_of_the_current_directory(
    faulty: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(faulty.root)
    out, _, code = told(capsys, "audit")
    assert code == 0
    assert "1 commits, of which 0 are merges; 3 branches; 1 versions" in out
    assert "Lightweight tags (lightweight-tag): 1" in out
    assert "The branch feature/cart is of no kind." in out
    assert "Not read as versions: nightly" in out


def test_strict_fails_where_anything_was_found(
    faulty: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, "audit", "--strict", str(faulty.root))[2] == 1
    assert told(capsys, "audit", "--strict", "--since", "2030-01-01", str(faulty.root))[2] == 0
    assert told(capsys, "audit", "--strict", "--since", "2030-01-01T00:00:00+09:00", str(faulty.root))[2] == 0


def test_json_has_every_count_and_commit(faulty: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    out, _, _ = told(capsys, "audit", "--json", str(faulty.root))
    data = json.loads(out)
    assert data["counts"]["lightweight-tag"] == data["counts"]["misnamed-branch"] == 1
    assert data["counts"]["content"] == 0
    (light,) = [each for each in data["found"] if each["fault"] == "lightweight-tag"]
    assert (light["subject"], light["commit"]) == ("v1.0.0", faulty.git("rev-parse", "main"))
    assert data["unread"] == ["nightly"]


def test_many_faults_are_cut_on_a_terminal_and_whole_in_json(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(25):
        repository.git("branch", f"topic-{number}", "main")
    assert "and 5 more" in told(capsys, "audit", str(repository.root))[0]
    data = json.loads(told(capsys, "audit", "--json", str(repository.root))[0])
    assert len(data["found"]) == 25


def test_a_history_by_the_book_says_so(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Everything is as the rulebook has it." in told(capsys, "audit", str(repository.root))[0]


def test_commits_that_bring_too_much_are_listed(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("tag", "v1.0.0", "main")
    oid = repository.commit("feat: a cart", "main")
    repository.git("tag", "v1.0.1", "main")
    assert f"    {oid[:12]} asks for minor: feat: a cart" in told(capsys, "audit", str(repository.root))[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "expected a date such as 2026-01-31; found yesterday"),
        (["--rulebook", "missing.yml"], "missing.yml cannot be read"),
    ],
)
def test_what_was_called_wrongly_is_told(
    repository: Repository, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    _, err, code = told(capsys, "audit", *arguments, str(repository.root))
    assert code == 2
    assert said in err


@pytest.mark.parametrize(
    ("name", "said"), [("nowhere", "expected a folder with a git repository"), (".", "git cannot tell")]
)
def test_where_there_is_no_repository_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    _, err, code = told(capsys, "audit", str(tmp_path / name))
    assert code == 2
    assert said in err


def test_a_shallow_clone_proves_nothing(
    repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit("second", "main")
    repository.git("clone", "--quiet", "--depth", "1", repository.root.as_uri(), str(tmp_path / "clone"))
    _, err, code = told(capsys, "audit", str(tmp_path / "clone"))
    assert code == 2
    assert "git fetch --unshallow" in err


def test_a_clone_knows_the_branches_of_its_origin(repository: Repository, tmp_path: Path) -> None:
    repository.git("branch", "feature/cart", "main")
    tip = repository.commit("second", "main")
    repository.git("clone", "--quiet", str(repository.root), str(tmp_path / "clone"))
    past = local(tmp_path / "clone").past
    assert set(past.branches) == {"main", "develop", "feature/cart"}
    assert past.branches["main"] == tip


@pytest.mark.parametrize("bare", [False, True])
def test_the_repositorys_own_rulebook_is_in_force(repository: Repository, tmp_path: Path, bare: bool) -> None:
    rulebook = repository.root / ".github" / "signalbox.yml"
    rulebook.parent.mkdir()
    rulebook.write_text("preset: trunk")
    repository.commit("rulebook", "main")
    where = repository.root
    if bare:
        where = tmp_path / "bare.git"
        repository.git("clone", "--quiet", "--bare", str(repository.root), str(where))
    assert local(where).past.rulebook.preset == "trunk"


def test_a_bare_repository_without_a_rulebook_is_held_to_the_default(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("clone", "--quiet", "--bare", str(repository.root), str(tmp_path / "bare.git"))
    assert local(tmp_path / "bare.git").past.rulebook.preset == "git-flow"


def test_a_rulebook_that_is_wrong_is_told_line_by_line(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository.root / "rulebook.yml"
    path.write_text("kindz: 1\nlanguag: ko\n")
    _, err, code = told(capsys, "audit", "--rulebook", str(path), str(repository.root))
    assert code == 2
    assert err.count("signalbox: line ") == 2


@pytest.mark.parametrize("main", ["master", "trunk"])
def test_without_a_rulebook_main_is_what_the_repository_calls_it(repository: Repository, main: str) -> None:
    repository.git("branch", "--move", "main", main)
    assert local(repository.root).past.permanent("main") == main


def test_the_head_of_the_origin_is_main(repository: Repository, tmp_path: Path) -> None:
    repository.git("branch", "--move", "main", "stable")
    repository.git("clone", "--quiet", str(repository.root), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    clone.git("switch", "--quiet", "-c", "feat/x")
    assert local(clone.root).past.permanent("main") == "stable"


def test_a_rulebook_whose_main_is_not_there_is_told(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository.root / "rulebook.yml"
    path.write_text("branches: {main: production}")
    _, err, code = told(capsys, "audit", "--rulebook", str(path), str(repository.root))
    assert code == 2
    assert "expected a branch production" in err


def test_a_repository_without_a_commit_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = Repository(tmp_path / "empty")
    assert told(capsys, "audit", str(empty.root))[0].startswith("0 commits")
    _, err, code = told(capsys, "next-version", str(empty.root))
    assert (code, "nothing has been committed yet" in err) == (2, True)


def test_odd_messages_and_names_are_read(repository: Repository) -> None:
    repository.switch("main")
    (repository.root / "odd").write_text("odd")
    repository.git("add", "odd")
    repository.git("commit", "--quiet", "-m", "feat: ünïcode 한글\n\nline\n\nBREAKING CHANGE: x")
    repository.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", "")
    past = local(repository.root).past
    head, odd, _ = past.spine("main")
    assert (head.headline, head.body) == ("", "")
    assert odd.headline == "feat: ünïcode 한글"
    assert "BREAKING CHANGE: x" in odd.body.splitlines()


def test_a_damaged_repository_is_told(repository: Repository) -> None:
    oid = repository.commit("second", "main")
    path = repository.root / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o600)
    path.write_bytes(b"")
    with pytest.raises(TellUser):
        local(repository.root)


def test_whoever_waits_at_a_terminal_sees_how_far_it_is(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert len(local(repository.root).past.commits) == 1
        assert b"Reading commits" in os.read(ours, 10_000)
    os.close(ours)


# next-version


@pytest.mark.parametrize(
    ("headlines", "version"),
    [
        (["fix: a"], "1.0.1"),
        (["fix: a", "feat: b", "docs: c"], "1.1.0"),
        (["feat!: a", "fix: b"], "2.0.0"),
        (["Tidy up"], "1.0.1"),
    ],
)
def test_the_next_version_is_said_by_the_commits(
    repository: Repository, capsys: pytest.CaptureFixture[str], headlines: list[str], version: str
) -> None:
    repository.git("tag", "v1.0.0", "main")
    for headline in headlines:
        repository.commit(headline, "main")
    out, _, code = told(capsys, "next-version", str(repository.root))
    first, second = out.splitlines()
    assert (first, code) == (version, 0)
    assert f"After v1.0.0, of which {len(headlines)} commits are new." in second


def test_before_1_0_0_a_breaking_change_is_a_minor(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("tag", "v0.4.0", "main")
    repository.commit("feat!: a", "main")
    assert told(capsys, "next-version", str(repository.root))[0].startswith("0.5.0\n")


def test_a_number_that_another_line_has_is_skipped(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("tag", "v1.0.0", "main")
    repository.commit("other", "develop")
    repository.git("tag", "v1.0.1", "develop")
    repository.commit("fix: a", "main")
    assert told(capsys, "next-version", str(repository.root))[0].startswith("1.0.2\n")


def test_a_release_branch_says_its_version_itself(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.branch("release-v1.4.0", "develop")
    assert told(capsys, "next-version", str(repository.root))[0].startswith("1.4.0\n")


def test_a_repository_without_versions_begins(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("switch", "--quiet", "--detach", "main")
    assert told(capsys, "next-version", str(repository.root))[0].startswith("0.1.0\n")


def test_where_nothing_is_new_there_is_no_next_version(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("tag", "v1.0.0", "main")
    out, _, code = told(capsys, "next-version", str(repository.root))
    assert (out, code) == ("Nothing has been committed since v1.0.0.\n", 1)
