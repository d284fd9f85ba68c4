"""The page of a repository's releases and tags."""

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from bot.localhub.markdown import html
from bot.localhub.model import Release, Repository
from bot.localhub.refs import TAGS
from bot.localhub.rendering import Rendering, language_of, named_repository
from bot.localhub.world import World
from bot.message import Message, say
from bot.text import Language, render

_SHORT = 7


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release as the page shows it: `states` are words, `body` is HTML."""

    tag: str
    title: str
    states: list[str]
    body: Markup


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag as the page shows it: what sort of tag it is, and the commit that it stands for."""

    name: str
    sort: str
    commit: str


class ReleasePages:
    """The pages of releases of one world."""

    def __init__(self, world: World, rendering: Rendering) -> None:
        self._world = world
        self._rendering = rendering

    def routes(self) -> list[web.RouteDef]:
        """The pages' routes."""
        return [
            web.get("/{owner}/{name}/releases", self.releases),
            web.get("/{owner}/{name}/releases/tag/{tag:.+}", self.release),
        ]

    async def releases(self, request: web.Request) -> web.Response:
        """Every release, drafts and all, and every tag; the newest first."""
        repository, language = named_repository(self._world, request), language_of(request)
        words = {
            "back": say("Repositories"),
            "title": say("Releases"),
            "tags": say("Tags"),
            "none": say("No releases yet."),
            "no_tags": say("No tags yet."),
        }
        releases = self._world.releases_of(repository)[::-1]
        return self._rendering.page(
            "releases.html",
            language,
            words,
            repository=repository,
            releases=[self._view(one, language) for one in releases],
            tags=await self._tags(repository, language),
        )

    async def release(self, request: web.Request) -> web.Response:
        """A release is shown among the others."""
        repository = named_repository(self._world, request)
        tag = quote(request.match_info["tag"])
        raise web.HTTPFound(f"/{repository.name_with_owner}/releases#{tag}")

    def _view(self, release: Release, language: Language) -> ReleaseView:
        states: list[Message] = []
        if release.is_draft:
            states.append(say("Draft"))
        if release.is_prerelease:
            states.append(say("Pre-release"))
        if self._world.latest.get(release.repository) == release.database_id:
            states.append(say("Latest"))
        return ReleaseView(
            tag=release.tag_name,
            title=release.name or release.tag_name,
            states=[render(state, language) for state in states],
            body=html(release.description or ""),
        )

    async def _tags(self, repository: Repository, language: Language) -> list[TagView]:
        git = self._world.git(repository)
        found = {name: one for name, one in (await git.pointers()).items() if name.startswith(TAGS)}
        dates = await git.commits(one.commit for one in found.values())
        newest = sorted(found, key=lambda name: (dates[found[name].commit].committer.at, name), reverse=True)
        sorts = {"tag": say("annotated"), "commit": say("lightweight")}
        return [
            TagView(
                name=name.removeprefix(TAGS),
                sort=render(sorts["tag" if found[name].kind == "tag" else "commit"], language),
                commit=found[name].commit[:_SHORT],
            )
            for name in newest
        ]
