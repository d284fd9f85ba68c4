"""Addresses as the settings give them, and those that follow from them."""

from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from yarl import URL

GITHUB: Final = "https://github.com"


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address like https://example.com")
    return text.rstrip("/")


def _origin(address: str) -> str:
    url = URL(address)
    if url.path != "/" or url.user is not None:
        raise ValueError("expected an address without a path, like https://signalbox.example.com")
    return str(url.origin())


WebAddress: TypeAlias = Annotated[str, AfterValidator(_web_address)]
# As browsers name it (RFC 6454, 6.2), which they send with every form.
Origin: TypeAlias = Annotated[WebAddress, AfterValidator(_origin)]


def database(*schemes: str) -> AfterValidator:
    """Take the address of a database that one of these schemes has."""

    def check(secret: SecretStr) -> SecretStr:
        try:
            backend = make_url(secret.get_secret_value()).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in schemes:
            raise ValueError(f"expected a database address that starts with {' or '.join(schemes)}://")
        return secret

    return AfterValidator(check)


def graphql_address(api: str) -> str:
    """GitHub's GraphQL address for a REST address: `…/api/v3` → `…/api/graphql`, else `<api>/graphql`."""
    return f"{api.removesuffix('/v3')}/graphql" if api.endswith("/api/v3") else f"{api}/graphql"


def registry_address(github: str) -> str:
    """GitHub's container registry for the address of its pages: `https://containers.HOST`, but `ghcr.io`."""
    if github == GITHUB:
        return "https://ghcr.io"
    scheme, _, host = github.partition("://")
    return f"{scheme}://containers.{host}"
