"""What the hub keeps of deployments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.localhub.model import Account


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of a commit (`oid`), which `ref` stood for. `payload` is its maker's own."""

    database_id: int
    repository: int
    ref: str
    oid: str
    environment: str
    original_environment: str
    creator: Account | None
    created_at: datetime
    updated_at: datetime
    task: str = "deploy"
    description: str | None = None
    payload: Mapping[str, Any] | str = field(default_factory=dict)
    is_transient: bool = False
    is_production: bool = False

    @property
    def id(self) -> str:
        """The node id."""
        return f"DE_{self.database_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStatus:
    """What was said of a deployment, in REST's words."""

    database_id: int
    deployment: int
    state: str
    creator: Account | None
    created_at: datetime
    description: str = ""
    environment_url: str = ""
    log_url: str = ""

    @property
    def id(self) -> str:
        """The node id."""
        return f"DES_{self.database_id}"
