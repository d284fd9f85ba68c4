"""The entrance of the control room: who comes in, how, and what they may do there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp.typedefs import Handler, Middleware

from service.ledger.store import Ledger
from service.web.people.access import SignedInOnly, ThisMachineOnly
from service.web.people.acts import Acts
from service.web.people.cookies import Jar
from service.web.people.github import GitHub, OAuth
from service.web.people.origin import Origin
from service.web.people.session import Cookies
from service.web.people.setup import Setup
from service.web.people.signin import SignIn
from service.web.people.unregistered import Unregistered
from service.web.people.visibility import Visibility
from service.web.rendering import Rendering


@dataclass(frozen=True, slots=True)
class Access:
    """How people come in.

    `public_url` is where browsers find the control room, None for whichever name they use; `oauth` lets
    people sign in, None lets this machine alone look; `secrets` seal the cookies, the first one new ones;
    `unregistered` is there while there is no App.
    """

    api_url: str
    public_url: str | None
    oauth: OAuth | None
    secrets: Sequence[str] = field(repr=False)
    unregistered: Unregistered | None = None


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Entrance:
    """The `guard` of all pages, the `ways` in, which it does not guard, and the `acts` of who is in.

    Ways and acts are known by their names in `service.web.door.ADDRESSES`; `close` ends what they opened.
    """

    guard: Middleware
    ways: Mapping[str, Handler] = field(default_factory=dict)
    acts: Mapping[str, Handler] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] = _nothing


def entrance(ledger: Ledger, rendering: Rendering, access: Access) -> Entrance:
    """The entrance for those whom `access` lets in."""
    home = access.public_url
    github = GitHub(access.api_url, rendering.site.github_url, access.oauth)
    jar = Jar(access.secrets, secure=(home or "").startswith("https://"))
    setup = Setup(access.unregistered, github, jar, rendering)
    if access.oauth is None:
        guard = ThisMachineOnly(rendering.site.public_url).guard
        return Entrance(guard, {"setup": setup.get}, close=github.close)
    cookies = Cookies(jar)
    origin, visibility = Origin(home), Visibility(github)
    signin = SignIn(github, visibility, cookies, origin, f"{home}/signin/callback" if home else None)
    acts = Acts(ledger, github, cookies, origin)
    return Entrance(
        SignedInOnly(cookies, visibility, ledger.repositories).guard,
        {"setup": setup.get, "signin": signin.begin, "signed in": signin.end, "signout": signin.leave},
        {"order": acts.order, "deploy": acts.deploy},
        github.close,
    )
