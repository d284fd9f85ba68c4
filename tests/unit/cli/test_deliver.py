"""`signalbox deliver replay`: registry events, on a real clone of a GitOps repository."""

import io
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from support import gitops
from unit.rules.git_repository import Repository

from bot.cli import main
from bot.text.replay import changed

RULEBOOK = """\
delivery: {repository: acme/gitops, project: shop}
environments: {local: null, test: null}
"""
NAMES = [f"app{number:02}" for number in range(50)]


@pytest.fixture
def rulebook(tmp_path: Path) -> Path:
    path = tmp_path / "signalbox.yml"
    path.write_text(RULEBOOK, "utf-8")
    return path


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    """A GitOps repository: the chart of applications, and the manifests of a project."""
    made = Repository(tmp_path / "gitops")
    written = {
        "apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 0.1.0\n",
        "apps/templates/shop-dev.yaml": "kind: Application\nmetadata: {name: {{ .Values.name }}}\n",
        gitops.path("web", "prod"): gitops.manifest("web", "v1.0.0"),
        **{gitops.path(name, "dev"): gitops.manifest(name, "develop-0000aaa") for name in ("web", *NAMES)},
    }
    for path, text in written.items():
        (made.root / path).parent.mkdir(parents=True, exist_ok=True)
        (made.root / path).write_text(text, "utf-8")
    (made.root / "apps/shop-dev/logo.png").write_bytes(b"\x89PNG\xff")
    (made.root / "apps/shop-dev/latest.yaml").symlink_to("web/web.yaml")
    made.commit("manifests")
    return made


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[str, str, int]:
    code = main(["deliver", "replay", *map(str, arguments)])
    output = capsys.readouterr()
    return output.out, output.err, code


def written(path: Path, *events: Any) -> Path:
    path.write_text("\n".join(map(json.dumps, events)), "utf-8")
    return path


def test_the_commits_that_would_be_made_are_shown_and_nothing_is_written(
    clone: Repository, rulebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = clone.git("rev-parse", "HEAD"), clone.git("status", "--porcelain"), clone.git("count-objects")
    events = written(
        tmp_path / "events.jsonl",
        gitops.ecr("web", "develop-2222aaa", 2),
        gitops.ecr("web", "develop-1111aaa", 1),
        gitops.ecr("web", "develop-1111aaa", 1, **{"action-type": "DELETE"}),
        gitops.ecr("gone", "v1.0.0", 3),
        gitops.ecr("web", "v1.1.0", 4),
    )
    out, err, code = told(capsys, events, "--repo", clone.root, "--rulebook", rulebook)
    assert (err, code) == ("", 0)
    assert "Commit 1, by the events 1\n    Deploy shop develop-2222aaa to dev\n\n    - dev: " in out
    image = f"          image: {gitops.REGISTRY}/team/web"
    assert (
        f"  apps/shop-dev/web/web.yaml\n  -{image}:develop-0000aaa  # whoever pushes writes here\n"
        f"  +{image}:develop-2222aaa  # whoever pushes writes here\n"
    ) in out
    lines = out.splitlines()
    assert any("event 2: " in line and "→ dev: overtaken — " in line for line in lines)
    assert "event 3: it tells of no image that was pushed" in lines
    assert any("event 4: " in line and "→ prod: refused — Expected the image" in line for line in lines)
    assert "5 events, 4 images, 2 commits" in lines
    assert "written: 2, stands already: 0, overtaken: 1, waits: 0, refused: 1, not placed: 0" in lines
    assert f"Nothing was written to {clone.root}." in lines
    after = clone.git("rev-parse", "HEAD"), clone.git("status", "--porcelain"), clone.git("count-objects")
    assert after == before


def test_200_events_for_50_images_make_at_most_5_commits_and_the_right_final_state(
    clone: Repository, rulebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    burst = [
        gitops.ecr(name, f"develop-{round_}{number:02}aaaa", 4 * number + round_)
        for number, name in enumerate(NAMES)
        for round_ in range(4)
    ]
    random.Random(7).shuffle(burst)
    path = tmp_path / "events.json"
    path.write_text(json.dumps(burst), "utf-8")
    out, _, code = told(
        capsys, path, "--repo", clone.root, "--rulebook", rulebook, "--batch", "40", "--json", "--strict"
    )
    data = json.loads(out)
    assert (code, data["counts"]["events"], data["counts"]["refused"]) == (0, 200, 0)
    assert len(data["commits"]) <= 5
    last = {file["path"]: file["diff"] for commit in data["commits"] for file in commit["files"]}
    assert {path: diff[-1].split()[2].rpartition(":")[2] for path, diff in last.items()} == {
        gitops.path(name, "dev"): f"develop-3{number:02}aaaa" for number, name in enumerate(NAMES)
    }
    assert sum(len(each["outcomes"]) for each in data["events"]) == 200


def test_strict_fails_where_something_was_refused(
    clone: Repository, rulebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = written(tmp_path / "events", gitops.ecr("gone", "v1.0.0", 1))
    arguments = (events, "--repo", clone.root, "--rulebook", rulebook)
    assert told(capsys, *arguments)[2] == 0
    out, _, code = told(capsys, *arguments, "--strict")
    assert code == 1
    assert "  1 × Expected the image" in out


def test_every_registry_may_be_in_one_list_and_come_by_standard_input(
    clone: Repository,
    rulebook: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digest = gitops.digest("web", "x")
    distribution = {
        "events": [
            {
                "action": "push",
                "timestamp": "2026-01-02T00:00:00Z",
                "target": {
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": digest,
                    "repository": "team/web",
                    "tag": "v1.2.0",
                },
                "request": {"host": gitops.REGISTRY},
            }
        ]
    }
    package = {
        "action": "published",
        "registry_package": {
            "package_version": {
                "package_url": "ghcr.io/acme/shop:v1.3.0",
                "container_metadata": {"tag": {"name": "v1.3.0", "digest": digest}},
            }
        },
    }
    cloud = {
        "specversion": "1.0",
        "type": "com.amazon.ecr.image.push",
        "source": "urn:aws:ecr:ap-northeast-2:123456789012:repository/team/web",
        "data": {
            "registryId": "123456789012",
            "repositoryName": "team/web",
            "imageDigest": digest,
            "imageTag": "v1.1.0",
        },
    }
    content = json.dumps([distribution, package, cloud]).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    out, _, _ = told(capsys, "-", "--repo", clone.root, "--rulebook", rulebook, "--json")
    data = json.loads(out)
    assert [[each["fate"] for each in event["outcomes"]] for event in data["events"]] == [
        ["written"],
        ["refused"],
        ["standing"],
    ]


def test_the_rulebook_of_the_current_directory_and_an_earlier_commit(
    clone: Repository,
    repository: Repository,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (repository.root / ".github").mkdir()
    own = "delivery: {repository: acme/gitops}\nenvironments: {prod: {write: pull_request}}\n"
    (repository.root / ".github/signalbox.yml").write_text(own, "utf-8")
    repository.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    clone.git("tag", "begun")
    (clone.root / gitops.path("web", "prod")).write_text(gitops.manifest("web", "v1.9.0"), "utf-8")
    clone.commit("later")
    monkeypatch.chdir(repository.root)
    events = written(tmp_path / "events", gitops.ecr("web", "v1.1.0", 1))
    assert "→ prod: overtaken" in told(capsys, events, "--repo", clone.root)[0]
    out, _, _ = told(capsys, events, "--repo", clone.root, "--branch", "begun")
    assert out.startswith("Pull request 1, by the events 1\n")
    assert "Deployment: acme/shop#1" in out


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[{}", "expected JSON: "),
        ('{"events": []}\n\nnothing', "line 3: expected JSON: "),
        ("[3]", "event 1: "),
        ('{"events": []}\n{"detail-type": "ECR Image Action"}', "event 2: This event is not as documented: "),
        ("{}", "event 1: Expected an event with detail-type or type."),
        (b"\xff", "is not UTF-8 text"),
        (None, "cannot read "),
    ],
)
def test_what_is_no_event_is_told_with_its_place(
    content: str | bytes | None,
    expected: str,
    clone: Repository,
    rulebook: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "events"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    out, err, code = told(capsys, path, "--repo", clone.root, "--rulebook", rulebook)
    assert (out, code) == ("", 2)
    assert expected in err


def test_no_events_make_no_commits(
    clone: Repository, rulebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "events").write_text("", "utf-8")
    out, _, code = told(capsys, tmp_path / "events", "--repo", clone.root, "--rulebook", rulebook)
    assert ("0 events, 0 images, 0 commits" in out, code) == (True, 0)


def test_what_there_is_not_is_told(
    clone: Repository,
    rulebook: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = written(tmp_path / "events", gitops.ecr("web", "v1.1.0", 1))
    monkeypatch.chdir(clone.root)

    def complaint(*more: str | Path, repo: Path = clone.root) -> str:
        out, err, code = told(capsys, events, "--repo", repo, *more)
        assert (out, code) == ("", 2)
        return err

    assert "or name one with --rulebook FILE" in complaint()
    monkeypatch.chdir(tmp_path)
    assert "or name one with --rulebook FILE" in complaint()
    assert "gone is none" in complaint("--rulebook", rulebook, "--branch", "gone")
    assert "git cannot tell" in complaint("--rulebook", rulebook, repo=tmp_path)
    assert "expected a folder" in complaint("--rulebook", rulebook, repo=tmp_path / "gone")
    rulebook.write_text("delivery: {repository: acme/gitops}\n", "utf-8")
    assert "delivery.project" in complaint("--rulebook", rulebook)
    rulebook.write_text("delivery: {project: shop}\n", "utf-8")
    assert "delivery.repository" in complaint("--rulebook", rulebook)


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_batch_has_at_least_one_event(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["deliver", "replay", "-", "--repo", ".", "--batch", number])
    assert "expected a number from 1" in capsys.readouterr().err


def test_only_lines_that_differ_are_shown_whatever_ends_them() -> None:
    assert list(changed("a\r\nb\r\nc", "a\r\nd\r\nc\r\ne")) == ["-b", "+d", "+e"]
    assert list(changed("a\x1b[31m", "b")) == ["-a\N{REPLACEMENT CHARACTER}[31m", "+b"]
