"""Every setting, read once from the environment; `signalbox settings` and docs/operations.md list them."""

import os
import socket
import sys
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from bot import kept
from bot.addresses import GITHUB, Origin, WebAddress, database, graphql_address, registry_address
from bot.errors import TellUser
from bot.message import Message, say

MASK: Final = "********"
_SHORTEST_SECRET: Final = 32


class Role(StrEnum):
    """What one process does: the webhooks and their jobs, the control room, or both."""

    ALL = "all"
    BOT = "bot"
    SERVICE = "service"


def _several(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _long_enough(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(secret.get_secret_value()) < _SHORTEST_SECRET for secret in secrets):
        raise ValueError(f"expected at least {_SHORTEST_SECRET} characters")
    return secrets


Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_several), AfterValidator(_long_enough)]


class Settings(BaseModel):
    """The settings of one process. Secrets are `SecretStr`: no repr, log or error shows them."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    app_id: int | None = Field(
        None, alias="GITHUB_APP_ID", gt=0, description=say("The App's id, from its page on GitHub.").id
    )
    private_key: SecretStr | None = Field(
        None,
        alias="GITHUB_PRIVATE_KEY",
        description=say(r"The App's private key, as PEM text; `\n` may stand for line ends.").id,
    )
    private_key_path: Path | None = Field(
        None,
        alias="GITHUB_PRIVATE_KEY_PATH",
        description=say("A file with that key, instead of the key itself.").id,
    )
    webhook_secrets: Annotated[tuple[SecretStr, ...], BeforeValidator(_several)] = Field(
        (),
        alias="GITHUB_WEBHOOK_SECRET",
        description=say("The webhook secret; several, comma separated, while one replaces another.").id,
    )
    client_id: str | None = Field(
        None,
        alias="GITHUB_CLIENT_ID",
        description=say(
            "The App's client id, from its page on GitHub, with which people sign in to the control room."
        ).id,
    )
    client_secret: SecretStr | None = Field(
        None, alias="GITHUB_CLIENT_SECRET", description=say("A client secret of the App, for the same.").id
    )
    ecr_secrets: Annotated[tuple[SecretStr, ...], BeforeValidator(_several), AfterValidator(_long_enough)] = (
        Field(
            (),
            alias="SIGNALBOX_ECR_SECRET",
            description=say(
                "The token that EventBridge shows for Amazon ECR's events at `/webhooks/ecr`; several, comma "
                "separated, while one replaces another. Without it nobody can tell of images there."
            ).id,
        )
    )
    registry_secrets: Secrets = Field(
        (),
        alias="SIGNALBOX_REGISTRY_SECRET",
        description=say("The same for a Docker registry's notifications at `/webhooks/registry`.").id,
    )
    argocd_secrets: Secrets = Field(
        (),
        alias="SIGNALBOX_ARGOCD_SECRET",
        description=say("The same for Argo CD's notifications at `/webhooks/argocd`.").id,
    )
    session_secrets: Secrets = Field(
        (),
        alias="SIGNALBOX_SESSION_SECRET",
        description=say(
            "What the sessions of people are sealed with, the same for all replicas; several, comma "
            "separated, while one replaces another. By default made once, in `SIGNALBOX_DATA_DIR`."
        ).id,
    )
    api_url: WebAddress = Field(
        "https://api.github.com",
        alias="GITHUB_API_URL",
        description=say("GitHub's REST API; on GitHub Enterprise Server `https://HOST/api/v3`.").id,
    )
    graphql_url: WebAddress = Field(
        "",
        alias="GITHUB_GRAPHQL_URL",
        description=say("GitHub's GraphQL API; by default derived from `GITHUB_API_URL`.").id,
    )
    github_url: WebAddress = Field(
        GITHUB,
        alias="GITHUB_URL",
        description=say("GitHub's pages, for signing in and for links.").id,
    )
    registry_url: WebAddress = Field(
        "",
        alias="GITHUB_REGISTRY_URL",
        description=say(
            "GitHub's container registry; by default `https://ghcr.io`, elsewhere `https://containers.HOST` "
            "of `GITHUB_URL`."
        ).id,
    )
    packages_token: SecretStr | None = Field(
        None,
        alias="GITHUB_PACKAGES_TOKEN",
        description=say(
            "A personal access token (classic) with `read:packages`, and `delete:packages` to delete: GitHub "
            "lets no App clean up its container registry. Without it nothing there is looked at."
        ).id,
    )
    delete_images: bool = Field(
        False,
        alias="SIGNALBOX_DELETE_IMAGES",
        description=say(
            "Whether the images of merged branches are deleted (`true`); else the audit only says which "
            "would be."
        ).id,
    )
    data_dir: Path = Field(
        Path("var"),
        alias="SIGNALBOX_DATA_DIR",
        description=say("The folder of the SQLite files; made when missing.").id,
    )
    engine_url: Annotated[SecretStr, database("sqlite", "postgresql")] = Field(
        SecretStr(""),
        alias="SIGNALBOX_ENGINE_URL",
        description=say(
            "The queue's database: `sqlite:///FILE` for one process, `postgresql://…` for replicas. "
            "By default `engine.sqlite` in `SIGNALBOX_DATA_DIR`."
        ).id,
    )
    database_url: Annotated[SecretStr, database("sqlite", "mysql", "postgresql")] = Field(
        SecretStr(""),
        alias="SIGNALBOX_DATABASE_URL",
        description=say(
            "The ledger's database: `sqlite:///FILE`, `mysql://…` or `postgresql://…`. "
            "By default `ledger.sqlite` in `SIGNALBOX_DATA_DIR`."
        ).id,
    )
    retention_days: int = Field(
        400,
        alias="SIGNALBOX_RETENTION_DAYS",
        gt=0,
        le=36500,
        description=say(
            "For how many days the ledger keeps deliveries, decisions, cleared review levels, closed pull "
            "requests and superseded deployments; all else it keeps for good."
        ).id,
    )
    executor_id: str = Field(
        "",
        alias="SIGNALBOX_EXECUTOR_ID",
        max_length=100,
        description=say(
            "The name of this replica, the same after a restart (a StatefulSet's pod name). "
            "By default the host's name."
        ).id,
    )
    public_url: Origin | None = Field(
        None,
        alias="SIGNALBOX_PUBLIC_URL",
        description=say(
            "Where people reach Signalbox: links lead there, and GitHub returns whoever signs in. With "
            "HTTPS the cookies need it too."
        ).id,
    )
    host: str = Field("0.0.0.0", alias="HOST", description=say("The address to listen on.").id)  # noqa: S104 - a server
    port: int = Field(8080, alias="PORT", ge=0, le=65535, description=say("The port to listen on.").id)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="LOG_LEVEL", description=say("The least level that is logged.").id
    )
    log_format: Literal["text", "json"] = Field(
        "json",
        alias="LOG_FORMAT",
        description=say("`text` or `json`; by default `text` on a terminal, else `json`.").id,
    )

    @property
    def address(self) -> str:
        """Where people reach Signalbox: as is set, else on this machine."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def has_app(self) -> bool:
        """Whether anything of an App is set."""
        said = (self.app_id, self.private_key, self.private_key_path, self.client_id, self.client_secret)
        return bool(self.webhook_secrets) or any(each is not None for each in said)

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Fill what follows from other settings or from the machine."""
        values = {name: value for name, value in given.items() if value != ""}
        folder = Path(values.get("SIGNALBOX_DATA_DIR", "var"))
        values.setdefault("SIGNALBOX_ENGINE_URL", f"sqlite:///{folder / 'engine.sqlite'}")
        values.setdefault("SIGNALBOX_DATABASE_URL", f"sqlite:///{folder / 'ledger.sqlite'}")
        values.setdefault("SIGNALBOX_EXECUTOR_ID", socket.gethostname())
        values.setdefault("LOG_FORMAT", "text" if sys.stderr.isatty() else "json")
        api = str(values.get("GITHUB_API_URL", "https://api.github.com")).rstrip("/")
        values.setdefault("GITHUB_GRAPHQL_URL", graphql_address(api))
        values.setdefault(
            "GITHUB_REGISTRY_URL", registry_address(str(values.get("GITHUB_URL", GITHUB)).rstrip("/"))
        )
        if isinstance(level := values.get("LOG_LEVEL"), str):
            values["LOG_LEVEL"] = level.upper()
        return values


# What a value must look like; the rest of a setting's meaning is its description.
_EXPECTED: Final = {
    "GITHUB_APP_ID": say("a whole number above 0"),
    "GITHUB_API_URL": say("an address like https://api.github.com"),
    "GITHUB_GRAPHQL_URL": say("an address like https://api.github.com/graphql"),
    "GITHUB_URL": say("an address like https://github.com"),
    "GITHUB_REGISTRY_URL": say("an address like https://ghcr.io"),
    "SIGNALBOX_DELETE_IMAGES": say("true or false"),
    "SIGNALBOX_ENGINE_URL": say("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"),
    "SIGNALBOX_DATABASE_URL": say("sqlite:///FILE, mysql://… or postgresql://USER:PASSWORD@HOST/NAME"),
    "SIGNALBOX_RETENTION_DAYS": say("a whole number of days from 1 to 36500"),
    "SIGNALBOX_EXECUTOR_ID": say("a name of at most 100 characters"),
    **dict.fromkeys(
        (f"SIGNALBOX_{name}_SECRET" for name in ("ECR", "REGISTRY", "ARGOCD", "SESSION")),
        say("secrets of at least 32 characters"),
    ),
    "SIGNALBOX_PUBLIC_URL": say("an address without a path, like https://signalbox.example.com"),
    "PORT": say("a whole number from 0 to 65535"),
    "LOG_LEVEL": say("DEBUG, INFO, WARNING or ERROR"),
    "LOG_FORMAT": say("text or json"),
}


class SettingsError(TellUser):
    """Settings are missing or malformed: one clear line for each, and no secret in any."""


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of a process; where nothing is said of another App, of the one that `/setup` kept.

    Raises `SettingsError` with a line for each malformed one, `TellUser` where that App cannot be read.
    """
    try:
        return Settings.model_validate(_with_kept_app(environ))
    except ValidationError as error:
        # What was derived from a malformed setting is malformed too: only what was written is reported.
        written = [str(item["loc"][0]) for item in error.errors() if item["loc"][0] in environ]
        raise SettingsError(*(_malformed(name, environ[name]) for name in dict.fromkeys(written))) from None


def _with_kept_app(environ: Mapping[str, str]) -> dict[str, str]:
    """What is set, and what it does not say of the App that the data folder keeps: two Apps never mix."""
    said = {name: value for name, value in environ.items() if value}
    app = kept.app_in(Path(said.get("SIGNALBOX_DATA_DIR", "var")))
    if app and said.get("GITHUB_APP_ID", app["GITHUB_APP_ID"]) != app["GITHUB_APP_ID"]:
        return said
    if "GITHUB_PRIVATE_KEY_PATH" in said:
        app.pop("GITHUB_PRIVATE_KEY", None)
    return app | said


def _malformed(name: str, value: str) -> Message:
    secret = "SecretStr" in str(next(f.annotation for f in Settings.model_fields.values() if f.alias == name))
    found = MASK if secret else value
    return say("{name}: expected {expected}; found {found}", name=name, expected=_EXPECTED[name], found=found)


class Identity(BaseModel):
    """What proves that this process is the App: its id, its parsed private key, its webhook secrets."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    app_id: int
    private_key: RSAPrivateKey = Field(repr=False)
    webhook_secrets: tuple[bytes, ...] = Field(repr=False)


def identity(settings: Settings) -> Identity:
    """The App's identity, for the roles that speak to GitHub; the key is read and parsed here, once.

    Raises `SettingsError` with a line for each missing or unusable setting.
    """
    problems: list[Message] = []
    if settings.app_id is None:
        problems.append(_missing("GITHUB_APP_ID", say("the App's id, from its page on GitHub")))
    if not settings.webhook_secrets:
        problems.append(_missing("GITHUB_WEBHOOK_SECRET", say("the secret of the App's webhook")))
    key: RSAPrivateKey | None = None
    try:
        key = _private_key(settings)
    except SettingsError as error:
        problems += error.messages
    if problems or key is None or settings.app_id is None:
        raise SettingsError(*problems)
    secrets = tuple(secret.get_secret_value().encode() for secret in settings.webhook_secrets)
    return Identity(app_id=settings.app_id, private_key=key, webhook_secrets=secrets)


def client(settings: Settings) -> tuple[str, str] | None:
    """The App's client id and secret, with which people sign in; None where neither is set.

    Raises `SettingsError` where only one of them is.
    """
    client_id, secret = settings.client_id, settings.client_secret
    if client_id is not None and secret is not None:
        return client_id, secret.get_secret_value()
    if client_id is not None:
        raise SettingsError(_missing("GITHUB_CLIENT_SECRET", say("a client secret of the App")))
    if secret is not None:
        raise SettingsError(_missing("GITHUB_CLIENT_ID", say("the App's client id, from its page on GitHub")))
    return None


def _missing(name: str, what: Message) -> Message:
    return say("{name} is missing: set it to {what}", name=name, what=what)


def _private_key(settings: Settings) -> RSAPrivateKey:
    name = "GITHUB_PRIVATE_KEY"
    if settings.private_key is not None:
        pem = settings.private_key.get_secret_value().replace("\\n", "\n").encode()
    elif settings.private_key_path is not None:
        name = "GITHUB_PRIVATE_KEY_PATH"
        try:
            pem = settings.private_key_path.read_bytes()
        except OSError as error:
            path, reason = str(settings.private_key_path), str(error.strerror)
            raise SettingsError(
                say("{name}: cannot read {path}: {reason}", name=name, path=path, reason=reason)
            ) from None
    else:
        raise SettingsError(
            _missing(name, say("the App's private key, or GITHUB_PRIVATE_KEY_PATH to its file"))
        )
    key = _parsed(pem)
    if key is None:
        raise SettingsError(
            say("{name}: expected an RSA private key in PEM, as the App's page on GitHub gives it", name=name)
        )
    return key


@lru_cache(maxsize=1)
def _parsed(pem: bytes) -> RSAPrivateKey | None:
    """The key that a PEM holds; the last one is kept, for its numbers are checked, which takes a while."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        return None
    return key if isinstance(key, RSAPrivateKey) else None
