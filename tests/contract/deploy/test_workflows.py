"""The workflows, against GitHub's published schema of them; `make lint` looks for what is unsafe in them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from support.manifests import parsed, read

WORKFLOWS = Path(__file__).parents[3] / ".github" / "workflows"
SCHEMA = Draft7Validator(get_builtin_schema("vendor.github-workflows"))
FILES = sorted(WORKFLOWS.glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_github_accepts_it(path: Path) -> None:
    assert [error.message for error in SCHEMA.iter_errors(read(path))] == []


def test_what_github_refuses_is_found() -> None:
    text = (WORKFLOWS / "image.yml").read_text("utf-8")
    assert not SCHEMA.is_valid(parsed(text.replace("runs-on:", "runs-in:")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert used
    assert [one for one in used if not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_job_has_an_end(path: Path) -> None:
    assert [name for name, job in read(path)["jobs"].items() if "timeout-minutes" not in job] == []


def test_a_pull_request_is_tested_and_its_image_built_and_not_pushed() -> None:
    workflow = read(WORKFLOWS / "ci.yml")
    assert "pull_request" in workflow["on"]
    assert workflow["permissions"] == {"contents": "read"}
    assert ".ci/run" in [step.get("run") for step in steps(workflow)]
    (build,) = (step for step in steps(workflow) if "build-push-action" in step.get("uses", ""))
    assert "push" not in build["with"]


def test_an_image_is_pushed_by_a_role_from_main_releases_and_tags() -> None:
    workflow = read(WORKFLOWS / "image.yml")
    assert workflow["on"]["push"] == {"branches": ["main", "release/**"], "tags": ["v*"]}
    assert "pull_request" not in workflow["on"]
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read", "id-token": "write", "attestations": "write"}
    (credentials,) = (step for step in steps(workflow) if "configure-aws" in step.get("uses", ""))
    assert set(credentials["with"]) == {"role-to-assume", "aws-region"}


def test_another_repository_can_call_it() -> None:
    call = read(WORKFLOWS / "image.yml")["on"]["workflow_call"]
    assert {name for name, about in call["inputs"].items() if about.get("required")} == {
        "role",
        "region",
        "repository",
    }
    assert set(call["outputs"]) == {"image", "digest"}


@pytest.mark.parametrize(
    ("kind", "ref", "tag"),
    [
        ("tag", "v1.4.0", "v1.4.0"),
        ("tag", "v1.4.0+build.7", "v1.4.0-build.7"),
        ("branch", "main", "main-8f3c1d2e4b5a"),
        ("branch", "release/1.4", "release-1.4-8f3c1d2e4b5a"),
        ("branch", "feature/" + "x" * 200, "feature-" + "x" * 72 + "-8f3c1d2e4b5a"),
    ],
)
def test_an_image_is_named_so_that_no_tag_moves(kind: str, ref: str, tag: str, tmp_path: Path) -> None:
    (naming,) = (step for step in steps(read(WORKFLOWS / "image.yml")) if step.get("id") == "name")
    environment = {
        "GITHUB_REF_NAME": ref,
        "GITHUB_REF_TYPE": kind,
        "GITHUB_SHA": "8f3c1d2e4b5a69788796a5b4c3d2e1f001122334",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "REPOSITORY": "registry.example.com/shop",
    }
    subprocess.run(["bash", "-euo", "pipefail", "-c", naming["run"]], env=environment, check=True)
    assert (tmp_path / "output").read_text("utf-8").splitlines() == [
        "repository=registry.example.com/shop",
        f"image=registry.example.com/shop:{tag}",
    ]
