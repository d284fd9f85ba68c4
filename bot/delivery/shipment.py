"""What is to be deployed, as it travels in the payload of a GitHub Deployment (REST: Deployments, `payload`).

Whoever carries it out needs nothing else: what to write, and where. The bot makes it from the rulebook; of
somebody else's deployment nothing but the wish is taken.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.delivery.image import Image, parse
from bot.rules.environments import onward
from bot.rules.models import Language, Rulebook
from bot.rules.shipping import DatabaseClass, Databases

KEY: Final = "signalbox"


class Target(BaseModel):
    """Where the manifests of an environment are, in which GitOps repository and how they are changed.

    `repository` is "owner/name", `branch` None for its default branch; `manifests` a folder or a file, of
    which Argo CD makes the `application`; `values` places of Helm values in it, `FILE:PATH`. `database` is
    the class of the databases that they may name; `databases` None where nothing tells the classes apart.
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

    def holds(self, path: str) -> bool:
        """Whether a file is one of its manifests."""
        below = path == self.manifests or path.startswith(f"{self.manifests}/")
        return below and path.endswith((".yaml", ".yml"))


class Shipment(BaseModel):
    """An image and where it goes.

    `image` is `repository:tag@digest`, of a `commit` (40 hexadecimal digits) and, where it is one, a
    `version`; `target` None where somebody else writes the manifests. `by` is who ordered it, "" where an
    image came by itself; `order` tells their order from every other one, `origin` says where it came from, in
    the words of the audit, and `holds` that it holds the environment. `dwell` (seconds), `patience` (minutes)
    and `degraded` are those of its environment; `onward` is where a person may promote it to.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    image: str
    commit: str | None = None
    version: str | None = None
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
        return Image(found.repository, found.tag, found.digest, self.commit, self.pushed_at)

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
        values=place.values,
        digest=place.digest,
        write=place.write,
        database=place.database,
        databases=rulebook.databases if rulebook.databases.told_apart else None,
    )
