"""What the routes share: bodies, repositories, and pages of lists."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import msgspec

from bot.localhub.gate import Call, Reply, Who
from bot.localhub.installations import must_be_active
from bot.localhub.model import Repository
from bot.localhub.refusals import Forbidden, NotFound, Refused, Unprocessable
from bot.localhub.world import Json, World

Answers: TypeAlias = Callable[[Call], Awaitable[Reply]]
# The verb, the path as GitHub describes it, what answers, and who may ask.
Route: TypeAlias = tuple[str, str, Answers, Who]

B = TypeVar("B", bound="Body")

_MOST_PER_PAGE = 100


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """A body that the hub honours in whole: a field that it does not know is refused, not passed over."""


async def body_of(call: Call, kind: type[B]) -> B:
    """The JSON body of a request; 400 where it is no JSON, 422 where it is not what was described."""
    try:
        return msgspec.json.decode(await call.request.read(), type=kind)
    except msgspec.ValidationError as error:
        raise Unprocessable(f"Invalid request.\n\n{error}") from error
    except msgspec.DecodeError as error:
        raise Refused("Problems parsing JSON") from error


def repository_of(world: World, call: Call) -> Repository:
    """The repository that the path names."""
    names = call.request.match_info
    repository = world.repository(f"{names['owner']}/{names['repo']}")
    if repository is None:
        raise NotFound("Not Found")
    return repository


def readable(world: World, call: Call) -> Repository:
    """The same, where the installation may read it: it was given to it, or is public."""
    repository = repository_of(world, call)
    if repository.is_private and not call.visitor.covers(repository):
        raise NotFound("Not Found")
    return repository


def writable(world: World, call: Call, what: str = "contents") -> Repository:
    """The same, where the installation was given it, and the App may write what it wants to."""
    repository = readable(world, call)
    if not call.visitor.covers(repository) or dict(world.app.permissions).get(what) != "write":
        raise Forbidden("Resource not accessible by integration")
    return repository


def visible(world: World, call: Call) -> Repository:
    """The same, where the person who signed in may see it, and the App too."""
    repository = repository_of(world, call)
    installed = world.installation_on(repository) is not None
    seen = world.permission(repository, call.person.login) != "none"
    if repository.is_private and not (installed and seen):
        raise NotFound("Not Found")
    return repository


def writable_by_app(world: World, call: Call, what: str) -> Repository:
    """The same, where the App may write what the person wants to write by way of it."""
    repository = visible(world, call)
    installation = world.installation_on(repository)
    if installation is None or dict(world.app.permissions).get(what) != "write":
        raise Forbidden("Resource not accessible by integration")
    must_be_active(installation)
    return repository


def page(call: Call, items: Sequence[Json]) -> Reply:
    """The page that was asked for, of at most a hundred, with links to its neighbours."""
    size, at = per_page(call), number(call.request.query.get("page", "1"), "page")
    last = max(1, -(-len(items) // size))
    links: dict[str, int] = {}
    if at > 1:
        links |= {"prev": at - 1, "first": 1}
    if at < last:
        links |= {"next": at + 1, "last": last}
    shown = list(items[(at - 1) * size : at * size])
    return Reply(shown, headers=link(call, {name: {"page": str(to)} for name, to in links.items()}))


def per_page(call: Call) -> int:
    """How many items a page is to have."""
    return min(number(call.request.query.get("per_page", "30"), "per_page"), _MOST_PER_PAGE)


def number(text: str, name: str) -> int:
    """A number from 1 that the query gives under this name."""
    if not text.isdecimal() or int(text) < 1:
        raise Unprocessable(f"{name} must be a number from 1")
    return int(text)


def link(call: Call, pages: dict[str, dict[str, str]]) -> dict[str, str]:
    """The Link header: the same address with another page or cursor."""
    links: list[str] = []
    for name, query in pages.items():
        url: Any = call.request.url.update_query(query)
        links.append(f'<{url}>; rel="{name}"')
    return {"Link": ", ".join(links)} if links else {}
