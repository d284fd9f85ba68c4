"""What lies in `deploy`: read as YAML, and put together by kustomize."""

import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from support.machine import binary

DEPLOY = Path(__file__).parents[2] / "deploy"

Resource = dict[str, Any]


def read(path: Path) -> Any:
    """The one document of a YAML file."""
    return parsed(path.read_text("utf-8"))


def parsed(text: str) -> Any:
    """The one document of a YAML text, in the YAML 1.2 that both Go's parsers and ours agree on."""
    return YAML(typ="safe").load(text)


def kubectl(*arguments: str, given: str = "") -> str:
    """What kubectl answers, which asks no cluster here."""
    done = subprocess.run(
        [_kubectl(), *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def built(environment: str) -> Sequence[Resource]:
    """All resources of an overlay, as kustomize puts them together."""
    return tuple(YAML(typ="safe").load_all(kubectl("kustomize", str(DEPLOY / "overlays" / environment))))


def of_kind(resources: Sequence[Resource], *kinds: str) -> list[Resource]:
    """The resources of some kinds."""
    return [one for one in resources if one["kind"] in kinds]


def pods(resources: Sequence[Resource]) -> Iterator[tuple[str, Resource]]:
    """Each pod template, with the name of what makes pods of it."""
    for one in of_kind(resources, "Deployment", "Job"):
        yield one["metadata"]["name"], one["spec"]["template"]


@cache
def _kubectl() -> Path:
    """A kubectl that knows today's kustomize: Debian's own is of 2021, and no package registry has another.

    The workflows run on a machine that has it.
    """
    program = binary("kubectl", "local/bin/kubectl")
    version = [program or "true", "version", "--client", "--output=json"]
    told = subprocess.run(version, capture_output=True, text=True, check=False).stdout
    if program is None or "kustomizeVersion" not in told:
        pytest.skip("the overlays are put together by kubectl 1.22 or later, which is not installed")
    return program
