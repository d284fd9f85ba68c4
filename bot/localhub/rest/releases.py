"""Releases."""

from typing import Literal, cast

import msgspec
from msgspec import UNSET, UnsetType

from bot.localhub.gate import Call, Reply, Who
from bot.localhub.model import Release, Repository
from bot.localhub.payloads.releases import release_json
from bot.localhub.refusals import NotFound
from bot.localhub.releases import ReleaseFields, Releases
from bot.localhub.rest.parts import Body, Route, body_of, page, readable, writable
from bot.localhub.world import World

_CREATED = 201

# What REST calls a field, by our name for it.
_FIELDS = {
    "tag_name": "tag_name",
    "target_commitish": "target_commitish",
    "name": "name",
    "body": "description",
    "draft": "is_draft",
    "prerelease": "is_prerelease",
}


class ReleaseBody(Body):
    """What may be said of a release."""

    target_commitish: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    body: str | UnsetType | None = UNSET
    draft: bool | UnsetType = UNSET
    prerelease: bool | UnsetType = UNSET
    make_latest: Literal["true", "false", "legacy"] | UnsetType = UNSET


class NewRelease(ReleaseBody, kw_only=True):
    """The body of `POST /repos/{owner}/{repo}/releases`."""

    tag_name: str


class EditedRelease(ReleaseBody, kw_only=True):
    """The body of `PATCH /repos/{owner}/{repo}/releases/{release_id}`."""

    tag_name: str | UnsetType = UNSET


class ReleaseRoutes:
    """Answer what the App asks about releases."""

    def __init__(self, world: World, releases: Releases) -> None:
        self._world = world
        self._releases = releases

    def routes(self) -> list[Route]:
        """The routes of this part."""
        home, who = "/repos/{owner}/{repo}/releases", Who.INSTALLATION
        return [
            ("GET", home, self.releases, who),
            ("POST", home, self.create, who),
            ("GET", f"{home}/latest", self.latest, who),
            ("GET", f"{home}/tags/{{tag}}", self.by_tag, who),
            ("GET", f"{home}/{{release_id}}", self.release, who),
            ("PATCH", f"{home}/{{release_id}}", self.edit, who),
        ]

    async def releases(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/releases`, newest first; drafts for who may write."""
        found = reversed(self._world.releases_of(readable(self._world, call)))
        return page(call, [release_json(self._world, one) for one in found if self._may_see(call, one)])

    async def create(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/releases`."""
        repository, body = writable(self._world, call), await body_of(call, NewRelease)
        made = await self._releases.create(
            repository,
            body.tag_name,
            by=self._world.app.bot,
            make_latest="true" if body.make_latest is UNSET else body.make_latest,
            **_fields(body),
        )
        return Reply(release_json(self._world, made), _CREATED)

    async def latest(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/releases/latest`."""
        number = self._world.latest.get(readable(self._world, call).database_id)
        return self._found(None if number is None else self._world.releases[number])

    async def by_tag(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/releases/tags/{tag}`: published ones alone."""
        repository = readable(self._world, call)
        return self._found(self._world.release(repository, call.request.match_info["tag"]))

    async def release(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/releases/{release_id}`."""
        found = self._named(call, readable(self._world, call))
        return self._found(found if self._may_see(call, found) else None)

    async def edit(self, call: Call) -> Reply:
        """`PATCH /repos/{owner}/{repo}/releases/{release_id}`."""
        release = self._named(call, writable(self._world, call))
        body = await body_of(call, EditedRelease)
        latest = None if body.make_latest is UNSET else body.make_latest
        bot = self._world.app.bot
        edited = await self._releases.edit(release, by=bot, make_latest=latest, **_fields(body))
        return Reply(release_json(self._world, edited))

    def _found(self, release: Release | None) -> Reply:
        if release is None:
            raise NotFound("Not Found")
        return Reply(release_json(self._world, release))

    def _named(self, call: Call, repository: Repository) -> Release:
        digits = call.request.match_info["release_id"]
        found = self._world.releases.get(int(digits) if digits.isdecimal() else 0)
        if found is None or found.repository != repository.database_id:
            raise NotFound("Not Found")
        return found

    def _may_see(self, call: Call, release: Release) -> bool:
        home = self._world.repositories[release.repository]
        return not release.is_draft or call.visitor.covers(home)


def _fields(body: NewRelease | EditedRelease) -> ReleaseFields:
    """What a body says of a release, in the words of the model."""
    said = msgspec.structs.asdict(body)
    fields = {ours: said[theirs] for theirs, ours in _FIELDS.items() if said[theirs] is not UNSET}
    return cast(ReleaseFields, fields)
