"""Releases, as `release` events and REST say it."""

from bot.localhub.model import Release
from bot.localhub.payloads.common import api_of, maybe, moment, person_json
from bot.localhub.world import Json, World


def release_page(world: World, release: Release) -> str:
    """Where a person reads it; a draft has no tag to be found by."""
    name = f"untagged-{release.database_id}" if release.is_draft else release.tag_name
    repository = world.repositories[release.repository]
    return f"{world.url}/{repository.name_with_owner}/releases/tag/{name}"


def release_json(world: World, release: Release) -> Json:
    """A release; nobody attaches files to it here."""
    home = api_of(world, world.repositories[release.repository])
    api = f"{home}/releases/{release.database_id}"
    archives = ("tarball", "zipball")
    return {
        "url": api,
        "assets_url": f"{api}/assets",
        "upload_url": f"{api}/assets{{?name,label}}",
        "html_url": release_page(world, release),
        "id": release.database_id,
        "node_id": release.id,
        "tag_name": release.tag_name,
        "target_commitish": release.target_commitish,
        "name": release.name,
        "draft": release.is_draft,
        "author": person_json(world, release.author),
        "prerelease": release.is_prerelease,
        "immutable": release.immutable,
        "created_at": moment(release.created_at),
        "updated_at": moment(release.updated_at),
        "published_at": maybe(release.published_at),
        "assets": [],
        **{
            f"{kind}_url": None if release.is_draft else f"{home}/{kind}/{release.tag_name}"
            for kind in archives
        },
        "body": release.description,
    }
