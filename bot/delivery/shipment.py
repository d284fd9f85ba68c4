"""What is to be deployed, as it travels in the payload of a GitHub Deployment (REST: Deployments, `payload`).

Whoever carries it out needs nothing else: what to write, and where. The bot makes it from the rulebook; of
somebody else's deployment nothing but the wish is taken.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from semver import Version

from bot.delivery.image import Image, normalised, parse
from bot.rules.environments import onward
from bot.rules.models import Language, Rulebook
from bot.rules.shipping import DatabaseClass, Databases, ValuePlace, value_place

KEY: Final = "signalbox"

_YAML: Final = (".yaml", ".yml")
_CHART: Final = "Chart.yaml"


class Target(BaseModel):
    """Where the manifests of an environment are, in which GitOps repository and how they are changed.

    `repository` is "owner/name", `branch` None for its default branch; `manifests` a folder or a file, of
    which Argo CD makes the `application`; `values` places of Helm values in it, `FILE:PATH` or
    `IMAGE=FILE:PATH`. `database` is the class of the databases that they may name; `databases` None where
    nothing tells the classes apart.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    repository: str
    branch: str | None
    manifests: str
    application: str
    values: tuple[str, ...] = ()
    digest: bool = False
    write: Literal["commit", "pull_request"] = "commit"
    database: DatabaseClass = "dummy"
    databases: Databases | None = None

    def among(self, paths: Collection[str]) -> list[str]:
        """Its manifests among some files: not the templates of a Helm chart, which are no YAML yet."""
        templates = tuple(
            f"{path.removesuffix(_CHART)}templates/" for path in paths if f"/{path}".endswith(f"/{_CHART}")
        )
        return [
            path
            for path in paths
            if path.endswith(_YAML)
            and (path == self.manifests or path.startswith(f"{self.manifests}/"))
            and not path.startswith(templates)
        ]

    def values_of(self, repository: str) -> dict[str, list[ValuePlace]]:
        """The places of Helm values that are an image's or may be, by the path of their file."""
        is_file = self.manifests.endswith(_YAML)
        folder = self.manifests.rpartition("/")[0] if is_file else self.manifests
        found: dict[str, list[ValuePlace]] = {}
        for place in map(value_place, self.values):
            if place.image is None or normalised(place.image) == repository:
                found.setdefault(f"{folder}/{place.file}".lstrip("/"), []).append(place)
        return found


class Shipment(BaseModel):
    """An image and where it goes.

    `image` is `repository:tag@digest`, of a `commit` (40 hexadecimal digits) and, where it is one, a
    `version`; it is ordered by that where `numbered`, because its own tag says it. `target` is None where
    somebody else writes the manifests. `by` is who ordered it, "" where an image came by itself; `order`
    tells their order from every other one, `origin` says where it came from, in the words of the audit, and
    `holds` that it holds the environment. `dwell` (seconds), `patience` (minutes) and `degraded` are those of
    its environment; `onward` is where a person may promote it to.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    image: str
    commit: str | None = None
    version: str | None = None
    numbered: bool = False
    pushed_at: datetime | None = None
    target: Target | None = None
    by: str = ""
    order: str = ""
    origin: str = ""
    holds: bool = False
    dwell: int = 0
    patience: int = 15
    degraded: Literal["tell", "button", "rollback"] = "tell"
    onward: str | None = None
    language: Language = Language.EN

    @property
    def shipped(self) -> Image:
        """The image."""
        found = parse(self.image)
        version = Version.parse(self.version) if self.numbered and self.version else None
        return Image(found.repository, found.tag, found.digest, self.commit, self.pushed_at, version)

    def payload(self) -> dict[str, Any]:
        """The payload that carries it."""
        return {KEY: self.model_dump(mode="json")}

    @classmethod
    def of(cls, payload: Mapping[str, Any] | str | None) -> Self | None:
        """The shipment in a payload; None where there is none, or none that can be read."""
        said = payload.get(KEY) if isinstance(payload, Mapping) else None
        try:
            return cls.model_validate(said)
        except ValidationError:
            return None


def shipment(
    rulebook: Rulebook, environment: str, repository: str, image: Image, *, version: str | None, by: str = ""
) -> Shipment:
    """Say how an image gets to an environment (a key of the rulebook's); `repository` is "owner/name"."""
    place = rulebook.environments[environment]
    return Shipment(
        image=str(image.reference),
        commit=image.commit,
        version=version,
        numbered=image.version is not None,
        pushed_at=image.pushed_at,
        target=target_of(rulebook, environment, repository),
        by=by,
        dwell=place.dwell,
        patience=place.patience,
        degraded=place.degraded,
        onward=onward(rulebook, environment),
        language=rulebook.language,
    )


def target_of(rulebook: Rulebook, environment: str, repository: str) -> Target | None:
    """Say where the manifests of an environment (a key of the rulebook's) are; None where others write them.

    `repository` ("owner/name") is the one that has the rulebook.
    """
    place, delivery = rulebook.environments[environment], rulebook.delivery
    fields = {"project": delivery.project or repository.partition("/")[2], "environment": environment}
    if delivery.repository is None:
        return None
    return Target(
        repository=delivery.repository,
        branch=delivery.branch,
        manifests=place.manifests.format_map(fields),
        application=place.application.format_map(fields),
        values=tuple(_of_one(value, delivery.images) for value in place.values),
        digest=place.digest,
        write=place.write,
        database=place.database,
        databases=rulebook.databases if rulebook.databases.told_apart else None,
    )


def _of_one(value: str, images: Sequence[str]) -> str:
    """A place of a value that says of which image it is, where there is but one."""
    is_plain = value_place(value).image is None
    return f"{images[0]}={value}" if is_plain and len(images) == 1 else value
