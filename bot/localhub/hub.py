"""The hub in one piece: a world, the acts of its people, and a server on a loopback port."""

import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.localhub.checks import Checks
from bot.localhub.comments import Comments
from bot.localhub.deployments import Deployments
from bot.localhub.faults import Faults
from bot.localhub.gate import Asked, Call, Gate, Reply, Who
from bot.localhub.graphql.context import Acts
from bot.localhub.graphql.endpoint import Endpoint
from bot.localhub.installations import Installations
from bot.localhub.issues import Issues
from bot.localhub.labels import Labels
from bot.localhub.limits import Limits
from bot.localhub.model import Account, AccountType, Repository, StatusCheckConfiguration
from bot.localhub.packages import Packages
from bot.localhub.pages import Pages
from bot.localhub.people import People
from bot.localhub.pulls import Pulls
from bot.localhub.queue import Queue
from bot.localhub.refs import Refs
from bot.localhub.refusals import NotFound
from bot.localhub.registration import Registrations, new_app
from bot.localhub.registration_pages import RegistrationPages
from bot.localhub.registry import Registry
from bot.localhub.release_pages import ReleasePages
from bot.localhub.releases import Releases
from bot.localhub.rendering import Rendering
from bot.localhub.repositories import Repositories
from bot.localhub.rest.applications import Applications
from bot.localhub.rest.apps import Apps
from bot.localhub.rest.deployments import DeploymentRoutes
from bot.localhub.rest.gitdata import GitData
from bot.localhub.rest.manifests import Manifests
from bot.localhub.rest.packages import PackageRoutes
from bot.localhub.rest.parts import Route
from bot.localhub.rest.releases import ReleaseRoutes
from bot.localhub.rest.users import Users
from bot.localhub.reviews import Reviews
from bot.localhub.signin_pages import SignInPages
from bot.localhub.signins import SignIns
from bot.localhub.statuses import Statuses
from bot.localhub.teams import Teams
from bot.localhub.webhooks import Webhooks
from bot.localhub.world import OwnApp, World, utc_now

_HOST = "127.0.0.1"
# GitHub Enterprise Server puts REST under /api/v3 and GraphQL at /api/graphql; github.com has neither prefix.
_REST_ROOTS = ("", "/api/v3")
_GRAPHQL = ("/graphql", "/api/v3/graphql", "/api/graphql")


class Hub:
    """A GitHub with one App, `hub.app`, in which people act through its parts.

    `repositories` (create, fork, delete, change_default, keep_releases, sync), `pulls` (open, edit, ready,
    merge, close, reopen), `issues` (open, close), `refs` (create, update, delete, tag, merge, commit),
    `releases` (create, edit, delete), `deployments` (create, say), `reviews` (submit, edit, dismiss, and
    comment, reply, edit_comment, delete_comment, resolve, unresolve in threads), `comments` (write, edit,
    delete, react; on pull requests and issues), `labels` (create, delete, add, remove), `queue` (enqueue,
    dequeue), `checks` (press, rerequest; report those of other Apps), `statuses` (set), `teams` (create,
    join, leave, remove_member), `installations` (install, suspend, delete, revoke_tokens), `signins`
    (personal, revoke), `packages` (push, tag, delete). Who may do what, and what a branch requires, say
    `allow` and `protect`. What the App asked is in `requests`, what it was told in `webhooks.deliveries`;
    `faults` makes the next answers fail, `limits` says how much may be asked.
    """

    def __init__(
        self,
        directory: Path,
        *,
        webhook_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        owner = Account(1, "signalbox-makers", AccountType.ORGANIZATION)
        bot = Account(2, "signalbox", AccountType.BOT)
        self.world = World(directory, new_app(owner, bot, now(), 3), now)
        self.world.accounts |= {one.login.lower(): one for one in (owner, bot)}
        self.webhooks = Webhooks(self.world, webhook_url)
        self.world.announce = self.webhooks.announce
        self.repositories = Repositories(self.world)
        self.pulls = Pulls(self.world, self.repositories)
        self.issues = Issues(self.world)
        self.refs = Refs(self.world, self.repositories)
        self.releases = Releases(self.world, self.refs)
        self.deployments = Deployments(self.world, self.refs)
        self.reviews = Reviews(self.world)
        self.comments = Comments(self.world)
        self.labels = Labels(self.world, self.pulls)
        self.queue = Queue(self.world, self.repositories)
        self.checks = Checks(self.world)
        self.statuses = Statuses(self.world)
        self.teams = Teams(self.world)
        self.installations = Installations(self.world)
        self.packages = Packages(self.world)
        self._people = People(self.world)
        self.signins = SignIns(self.world)
        self.registry = Registry(self.world, self.signins, self.packages)
        self._registrations = Registrations(self.world)
        self._gate = Gate(self.world, self.installations, self.signins)
        rendering = Rendering()
        self._pages = Pages(self.world, self.checks, self.pulls, rendering)
        self._release_pages = ReleasePages(self.world, rendering)
        self._signin_pages = SignInPages(self.world, self.signins, rendering)
        self._registration_pages = RegistrationPages(self.world, self._registrations, rendering)

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        directory: Path,
        *,
        webhook_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> AsyncIterator["Hub"]:
        """Serve a new hub on a free port of 127.0.0.1 until the block ends.

        `directory` takes the git repositories. `webhook_url` may be set later (`hub.webhooks.url`).
        Pushes are noticed by `repositories.sync`.
        """
        hub = cls(directory, webhook_url=webhook_url, now=now)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(hub.webhooks.close)
            runner = web.AppRunner(hub.application(), access_log=None, shutdown_timeout=1)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            site = web.TCPSite(runner, _HOST, 0)
            await site.start()
            hub.world.url = f"http://{_HOST}:{runner.addresses[0][1]}"
            yield hub

    @property
    def app(self) -> OwnApp:
        """The App that is registered here: its id, key and webhook secret are what a bot needs to be it."""
        return self.world.app

    @property
    def url(self) -> str:
        """Where people look: http://127.0.0.1:PORT."""
        return self.world.url

    @property
    def api_url(self) -> str:
        """The REST root (`GITHUB_API_URL`); GraphQL is found from it as on an Enterprise Server."""
        return self.world.api_url

    @property
    def requests(self) -> list[Asked]:
        """Every API request that arrived, oldest first."""
        return self._gate.asked

    @property
    def faults(self) -> Faults:
        """The failures to come."""
        return self._gate.faults

    @property
    def refusals(self) -> int:
        """How many requests the limits have refused so far."""
        return self._gate.meter.refusals

    @property
    def limits(self) -> Limits:
        """How much each installation may ask."""
        return self._gate.meter.limits

    def environment(self, data: Path) -> dict[str, str]:
        """The settings of a bot that is this hub's App and keeps its data in a folder."""
        return {
            "GITHUB_APP_ID": str(self.app.database_id),
            "GITHUB_PRIVATE_KEY": self.app.private_key,
            "GITHUB_WEBHOOK_SECRET": self.app.webhook_secret,
            "GITHUB_CLIENT_ID": self.app.client_id,
            "GITHUB_CLIENT_SECRET": self.app.client_secret,
            "GITHUB_API_URL": self.api_url,
            "GITHUB_URL": self.url,
            "GITHUB_REGISTRY_URL": self.url,
            "SIGNALBOX_DATA_DIR": str(data),
        }

    def call_back(self, *urls: str) -> None:
        """Register where people are sent back to once they have signed in; the first is the usual one."""
        self.world.app = replace(self.world.app, callback_urls=urls)

    def person(self, login: str) -> Account:
        """The person of this login, made when new."""
        return self.world.account(login)

    def bot(self, login: str) -> Account:
        """Another bot than the App's, such as "dependabot" (no "[bot]")."""
        return self.world.account(login, AccountType.BOT)

    def organisation(self, login: str) -> Account:
        """The organisation of this login, made when new."""
        return self.world.account(login, AccountType.ORGANIZATION)

    def allow(self, repository: Repository, person: Account, permission: str) -> None:
        """Give a person a permission: admin, maintain, write, triage, read or none."""
        self._people.allow(repository, person, permission)

    def delete_account(self, account: Account) -> None:
        """Delete a person: what they made stays, as a ghost's."""
        self._people.delete(account)

    def protect(
        self,
        repository: Repository,
        branch: str,
        *,
        checks: Iterable[str] = (),
        ruleset: bool = False,
        app: int | None = None,
        reviewed: bool = False,
        methods: Iterable[str] = (),
    ) -> None:
        """Require checks of a branch, by classic protection or by a ruleset.

        A ruleset may name the App, by its id, that must report them. Into a `reviewed` branch nothing leads
        but pull requests, which a ruleset may let be merged in some ways only ("merge", "squash", "rebase").
        """
        place = (repository.database_id, branch)
        (self.world.reviewed.add if reviewed else self.world.reviewed.discard)(place)
        self.world.merge_methods.pop(place, None)
        if chosen := tuple(methods):
            self.world.merge_methods[place] = chosen
        if ruleset:
            self.world.rulesets[place] = tuple(StatusCheckConfiguration(name, app) for name in checks)
        else:
            self.world.protections[place] = tuple(checks)

    def clone_path(self, repository: Repository) -> Path:
        """What people clone, fetch and push: a path that git takes for a URL."""
        return self.world.git(repository).path

    async def settled(self) -> None:
        """Return when every webhook has been answered."""
        await self.webhooks.settled()

    def routes(self) -> list[Route]:
        """Every route of REST."""
        return [
            *Apps(self.world, self.installations, self.webhooks, self._gate).routes(),
            *GitData(self.world, self.refs).routes(),
            *ReleaseRoutes(self.world, self.releases).routes(),
            *DeploymentRoutes(self.world, self.deployments).routes(),
            *PackageRoutes(self.world, self.packages).routes(),
            *Users(self.world, self.installations, self.comments).routes(),
            *Applications(self.world, self.signins).routes(),
            *Manifests(self.world, self._registrations, self.webhooks).routes(),
        ]

    def application(self) -> web.Application:
        """The routes: REST and GraphQL under both spellings, and the pages."""
        acts = Acts(self.pulls, self.checks, self.labels, self.comments, self.refs)
        graphql = Endpoint(self.world, acts, self._gate)
        application = web.Application(client_max_size=8 * 1024**2)
        router, guard = application.router, self._gate.guard
        for verb, path, answers, who in self.routes():
            for root in _REST_ROOTS:
                router.add_route(verb, root + _slashed(path), guard(answers, who))
        for path in _GRAPHQL:
            router.add_post(path, guard(graphql.answer, Who.INSTALLATION, graphql.price))
        pages = (
            self._pages, self._release_pages, self._signin_pages, self._registration_pages, self.registry
        )  # fmt: skip
        router.add_routes([route for each in pages for route in each.routes()])
        router.add_route("*", "/{anything:.*}", guard(_not_found, Who.ANYONE))
        return application


def _slashed(path: str) -> str:
    """The path for aiohttp: the names of refs and tags have slashes of their own."""
    return re.sub(r"\{(ref|tag)\}", r"{\1:.+}", path)


async def _not_found(_: Call) -> Reply:
    raise NotFound("Not Found")
