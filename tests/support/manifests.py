"""What lies in `deploy`: read as YAML, and put together by kustomize."""

import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from support.machine import binary, lacking

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
    program = binary("kubectl", "local/bin/kubectl") or _no_kubectl()
    done = subprocess.run(
        [program, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
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


def _no_kubectl() -> NoReturn:
    lacking("the overlays are put together by kubectl, and kubectl is not installed")
