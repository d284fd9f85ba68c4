"""Releases: drafted, published, edited and deleted, and which of them is the latest."""

from dataclasses import replace
from datetime import datetime
from typing import Literal, TypeAlias, TypedDict, Unpack

import semver

from bot.localhub.model import Account, Release, Repository
from bot.localhub.payloads.releases import release_json
from bot.localhub.protection import CREATION_RESTRICTED
from bot.localhub.refs import HEADS, TAGS, Refs
from bot.localhub.refusals import Unprocessable
from bot.localhub.world import Json, World, as_now

MakeLatest: TypeAlias = Literal["true", "false", "legacy"]


class ReleaseFields(TypedDict, total=False):
    """What may be said of a release; what is left out stays as it is."""

    tag_name: str
    target_commitish: str
    name: str | None
    description: str | None
    is_draft: bool
    is_prerelease: bool


class Releases:
    """What people and the App do with releases; each act tells the App of it."""

    def __init__(self, world: World, refs: Refs) -> None:
        self._world = world
        self._refs = refs

    async def create(
        self,
        repository: Repository,
        tag_name: str,
        /,
        *,
        by: Account,
        make_latest: MakeLatest = "true",
        **fields: Unpack[ReleaseFields],
    ) -> Release:
        """A new release, published unless it is a draft. Publishing makes a tag that is missing."""
        world, now = self._world, self._world.now()
        repository = world.repositories[repository.database_id]
        release = Release(
            database_id=world.number(),
            repository=repository.database_id,
            tag_name=tag_name,
            target_commitish=repository.default_branch,
            name=None,
            description=None,
            author=by,
            created_at=now,
            updated_at=now,
        )
        release = replace(release, **fields)
        if release.is_draft:
            await self._must_be_a_tag(release)
            world.releases[release.database_id] = release
        else:
            release = await self._publish(release, by)
        self._choose_latest(release, make_latest)
        self._tell(release, "created", by)
        if not release.is_draft:
            self._tell_published(release, by)
        return release

    async def edit(
        self,
        release: Release,
        *,
        by: Account,
        make_latest: MakeLatest | None = None,
        **fields: Unpack[ReleaseFields],
    ) -> Release:
        """Say something else of a release, publish a draft, or draft it again."""
        world = self._world
        was = as_now(world.releases, release)
        release = replace(was, **fields, updated_at=world.now())
        if was.immutable and (release.is_draft or release.tag_name != was.tag_name):
            raise _invalid("tag_name", "Cannot change the tag of an immutable release")
        published = was.is_draft and not release.is_draft
        if release.is_draft:
            await self._must_be_a_tag(release)
            release = replace(release, published_at=None)
        elif published or release.tag_name != was.tag_name:
            release = await self._publish(release, by)
        world.releases[release.database_id] = release
        self._choose_latest(release, make_latest or ("true" if published else None))
        self._tell_edited(was, release, by)
        return release

    async def delete(self, release: Release, *, by: Account) -> None:
        """Take a release away. Its tag stays; the name of an immutable one is used up for ever."""
        release = as_now(self._world.releases, release)
        del self._world.releases[release.database_id]
        self._choose_latest(release, None)
        self._tell(release, "deleted", by)

    async def _publish(self, release: Release, by: Account) -> Release:
        """The release with its tag and its date, written down."""
        world = self._world
        repository = world.repositories[release.repository]
        await self._must_be_a_tag(release)
        published = world.release(repository, release.tag_name)
        if published and published.database_id != release.database_id:
            raise _invalid("tag_name", code="already_exists")
        commit = await self._tagged(repository, release, by)
        immutable = repository.immutable_releases or release.immutable
        if immutable:
            world.burnt_tags.add((repository.database_id, release.tag_name))
        (found,) = await world.git(repository).log(commit, most=1)
        release = replace(
            release,
            created_at=found.committer.at,
            published_at=release.published_at or world.now(),
            immutable=immutable,
        )
        world.releases[release.database_id] = release
        return release

    async def _tagged(self, repository: Repository, release: Release, by: Account) -> str:
        """The commit of the release's tag, which is made, lightweight, where there is none."""
        world = self._world
        refs, ref = await world.git(repository).refs(), TAGS + release.tag_name
        own = release.immutable or (repository.database_id, release.tag_name) not in world.burnt_tags
        if not own:
            used = _error("tag_name", "tag_name was used by an immutable release")
            restricted = _error("pre_receive", f"pre_receive {CREATION_RESTRICTED}")
            raise Unprocessable("Validation Failed", errors=[used] if ref in refs else [restricted, used])
        if ref in refs:
            return refs[ref]
        target = refs.get(HEADS + release.target_commitish, release.target_commitish)
        if await world.git(repository).kind(target) != "commit":
            raise _invalid("target_commitish")
        return (await self._refs.create(repository, ref, target, by=by)).commit

    async def _must_be_a_tag(self, release: Release) -> None:
        repository = self._world.repositories[release.repository]
        if not await self._refs.is_name(repository, TAGS + release.tag_name):
            raise _invalid("tag_name", "tag_name is not well-formed")

    def _choose_latest(self, release: Release, make_latest: MakeLatest | None) -> None:
        """Which release the repository shows first from now on; None changes nothing by itself."""
        world, home = self._world, release.repository
        full = [one for one in world.releases_of(world.repositories[home]) if one.is_full]
        if make_latest == "true" and release in full:
            world.latest[home] = release.database_id
        elif make_latest == "legacy" and release in full:
            world.latest[home] = max(full, key=_age).database_id
        elif make_latest == "false" and world.latest.get(home) == release.database_id:
            _choose(world, home, [one for one in full if one != release])
        elif world.latest.get(home) not in {None, *(one.database_id for one in full)}:
            _choose(world, home, full)

    def _tell_edited(self, was: Release, release: Release, by: Account) -> None:
        """Tell what became of a release, in the words of GitHub's events."""
        changes: Json = {
            told: {"from": before or ""}
            for told, before, now in (
                ("name", was.name, release.name),
                ("body", was.description, release.description),
                ("tag_name", was.tag_name, release.tag_name),
            )
            if before != now
        }
        if was.is_draft and not release.is_draft:
            self._tell_published(release, by)
        elif release.is_draft and not was.is_draft:
            self._tell(release, "unpublished", by)
        elif was.is_prerelease != release.is_prerelease:
            self._tell(release, "prereleased" if release.is_prerelease else "released", by)
        if changes:
            self._tell(release, "edited", by, changes=changes)

    def _tell_published(self, release: Release, by: Account) -> None:
        self._tell(release, "published", by)
        self._tell(release, "prereleased" if release.is_prerelease else "released", by)

    def _tell(self, release: Release, action: str, by: Account, **more: object) -> None:
        world = self._world
        body = {"release": release_json(world, release), **more, "sender": by}
        world.announce("release", action, world.repositories[release.repository], body)


def _choose(world: World, home: int, full: list[Release]) -> None:
    """Show the newest of these first, or none."""
    if full:
        world.latest[home] = max(full, key=_age).database_id
    else:
        world.latest.pop(home, None)


def _age(release: Release) -> tuple[datetime, semver.Version]:
    """What GitHub goes by where nobody chose: the date of the commit, then the semantic version."""
    text = release.tag_name.removeprefix("v")
    version = semver.Version.parse(text) if semver.Version.is_valid(text) else semver.Version(0)
    return release.created_at, version


def _error(field: str, message: str = "", code: str = "custom") -> dict[str, str]:
    told = {"resource": "Release", "code": code, "field": field}
    return {**told, "message": message} if message else told


def _invalid(field: str, message: str = "", code: str = "") -> Unprocessable:
    """GitHub's refusal of one field."""
    code = code or ("custom" if message else "invalid")
    return Unprocessable("Validation Failed", errors=[_error(field, message, code)])
