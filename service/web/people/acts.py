"""What people do in the control room, each time as GitHub lets them at that moment.

What concerns a pull request is said there, as a comment of the person, and what is to be ordered of an
environment becomes a GitHub Deployment of theirs: the bot authorises and carries out both as it does every
other, and notes what it did.
"""

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from service.ledger.repositories import KnownRepository
from service.ledger.store import Ledger
from service.web.addresses import local
from service.web.people.access import unanswered
from service.web.people.buckets import Buckets
from service.web.people.github import GitHub, GitHubError, GitHubRefused, Order, Repository
from service.web.people.origin import Origin
from service.web.people.session import SESSION, Cookies, Notice, Session
from service.web.refusals import Refused
from service.web.rendering import words_of

# Ten acts at once, then one every six seconds.
_MOST_ACTS, _ACT_SECONDS = 10, 6.0
# The bot keeps no more of the reason of an override.
_LONGEST_OVERRIDE: Final = 500
_RULE: Final = re.compile(r"[a-z][a-z-]{0,49}")
_LONGEST_DESCRIPTION: Final = 140  # of a deployment (REST: Deployments)
# As the bot knows what is on its way by: a version, or a tag of an image.
_VERSION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")
# What each order needs, in GitHub's words for a person's permissions; the bot has the last word.
_ORDERS: Final[Mapping[str, str]] = {"recheck": "pull", "retry": "push", "override": "maintain"}
_DEPLOYS: Final = frozenset({"promote", "rollback"})


@dataclass(frozen=True, slots=True)
class _Act:
    """An act that may be done: who, where, and what they filled in."""

    session: Session
    repository: Repository
    fields: Mapping[str, str]


class Acts:
    """The acts of people who signed in; the guard of pages stands before them."""

    def __init__(self, ledger: Ledger, github: GitHub, cookies: Cookies, origin: Origin) -> None:
        self._ledger, self._github = ledger, github
        self._cookies, self._origin = cookies, origin
        self._buckets = Buckets(_MOST_ACTS, _ACT_SECONDS)

    async def order(self, request: web.Request) -> web.Response:
        """`POST /{owner}/{repo}/pull/{number}/recheck`, `…/override` (`rule`, `reason`), `…/retry`."""
        verb, number = request.match_info["verb"], int(request.match_info["number"])
        act = await self._act(request, _ORDERS[verb])
        said = f"/signalbox {verb}"
        if verb == "override":
            why = _reason(request, act.fields, _LONGEST_OVERRIDE)
            said = f'{said} {_rule(request, act.fields)} "{why}"'
        name = act.repository.full_name
        await _done(request, self._github.comment(act.session.token, name, number, said))
        done = words_of(request).gettext("Said on the pull request, as you. Signalbox answers there.")
        return self._back(act, f"/{name}/pull/{number}", done)

    async def deploy(self, request: web.Request) -> web.Response:
        """`POST /{owner}/{repo}/environments/{name}/promote`, `…/rollback`, with a `reason` or without.

        And `…/hold`, `…/release-hold`, `…/freeze`, `…/thaw`, each with a reason. A rollback may name the
        `version` to go back to, and say in `confirmed` that the older code can run on the database as it is;
        the page says in `held` and `frozen` since when what it showed is so.
        """
        verb, name = request.match_info["verb"], request.match_info["name"]
        act = await self._act(request, "push")
        known = await self._known(act.repository)
        if known is None or name not in {each.name for each in known.environments}:
            raise web.HTTPNotFound
        if verb in _DEPLOYS and known.gitops is None:
            raise web.HTTPNotFound
        order = Order(
            ref=act.repository.default_branch,
            environment=name,
            task=verb,
            description=_reason(request, act.fields, _LONGEST_DESCRIPTION, needed=verb not in _DEPLOYS),
            payload={"signalbox": _asked(request, verb, act.fields)},
            production=name == known.environments[-1].name,
        )
        home = act.repository.full_name
        await _done(request, self._github.deploy(act.session.token, home, order))
        done = words_of(request).gettext("Ordered on GitHub, as you. The board shows what comes of it.")
        return self._back(act, f"/{home}", done)

    async def _act(self, request: web.Request, right: str) -> _Act:
        """Prove that a form is the person's own, that they do not hurry, and that GitHub lets them now."""
        session = request[SESSION]
        fields = await self._origin.form(request, session.csrf)
        if wait := self._buckets.take(session.person.id):
            raise _hurried(request, wait)
        names = request.match_info
        try:
            found = await self._github.repository(session.token, f"{names['owner']}/{names['repo']}")
        except GitHubError as error:
            raise unanswered(request, error) from None
        if found is None:
            raise web.HTTPNotFound
        if not found.permissions.get(right):
            raise _forbidden(request, right)
        return _Act(session, found, fields)

    async def _known(self, repository: Repository) -> KnownRepository | None:
        """The repository as Signalbox knows it; None where it does not."""
        known = await self._ledger.repositories.locate(repository.full_name)
        return known if known is not None and known.repository.id == repository.id else None

    def _back(self, act: _Act, usual: str, done: str) -> web.Response:
        """Back to the page that the form was on, which says once what came of it."""
        answer = web.Response(status=303, headers={"Location": local(act.fields.get("next", usual))})
        self._cookies.notice.write(answer, Notice(done))
        return answer


async def _done(request: web.Request, act: Awaitable[None]) -> None:
    """Have GitHub do something. Raises `Refused` where it does not."""
    try:
        await act
    except GitHubRefused as error:
        raise _refused(request, error) from None
    except GitHubError as error:
        raise unanswered(request, error) from None


def _reason(request: web.Request, fields: Mapping[str, str], most: int, *, needed: bool = True) -> str:
    """The reason that somebody gave, one line; "" for none, where none is needed."""
    reason = fields.get("reason", "").strip()
    if (needed and not reason) or len(reason) > most or not reason.isprintable():
        words = words_of(request)
        raise Refused(
            422,
            words.gettext("Expected a reason"),
            words.gettext("Say why, in one line of at most %(most)s characters.") % {"most": most},
        )
    return reason


def _rule(request: web.Request, fields: Mapping[str, str]) -> str:
    rule = fields.get("rule", "")
    if not _RULE.fullmatch(rule):
        words = words_of(request)
        raise Refused(422, words.gettext("Expected a rule"), words.gettext("Name the rule to override."))
    return rule


def _asked(request: web.Request, verb: str, fields: Mapping[str, str]) -> Mapping[str, str | bool | None]:
    """What the bot has to know of an order besides its task and its reason."""
    shown = {"release-hold": "held", "thaw": "frozen"}.get(verb, "")
    return {
        "version": _version(request, fields),
        "confirmed": fields.get("confirmed") == "yes",
        "seen": fields.get(shown) or None,
    }


def _version(request: web.Request, fields: Mapping[str, str]) -> str | None:
    version = fields.get("version", "")
    if version and not _VERSION.fullmatch(version):
        words = words_of(request)
        raise Refused(
            422, words.gettext("Expected a version"), words.gettext("Name one that ran there before.")
        )
    return version or None


def _forbidden(request: web.Request, right: str) -> Refused:
    words = words_of(request)
    line = words.gettext("GitHub does not give you the permission %(right)s in this repository.")
    return Refused(403, words.gettext("You may not do this"), line % {"right": right})


def _hurried(request: web.Request, wait: int) -> Refused:
    words = words_of(request)
    return Refused(
        429,
        words.gettext("You act too quickly"),
        words.gettext("Try again in %(seconds)s seconds.") % {"seconds": wait},
        headers={"Retry-After": str(wait)},
    )


def _refused(request: web.Request, error: GitHubRefused) -> Refused:
    words = words_of(request)
    line = words.gettext("GitHub refused it: %(reason)s") % {"reason": str(error)}
    return Refused(409, words.gettext("Nothing was done"), line)
