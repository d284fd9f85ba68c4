"""GitHub's container registry, as the local hub has it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.errors import Retry
from bot.github.connection import Refusal, TokenConnection
from bot.localhub import Hub
from bot.localhub.model import Account, Repository
from bot.registries.ghcr import Ghcr, Manifests
from bot.registries.registry import Declined

SCOPES = ("read:packages", "delete:packages")


@dataclass
class Shop:
    """A repository of somebody, at a hub with a registry."""

    hub: Hub
    session: aiohttp.ClientSession
    repository: Repository
    mina: Account

    @property
    def images(self) -> str:
        """The repository of its images."""
        return f"{self.hub.url.removeprefix('http://')}/{self.repository.owner.login}/team/shop"

    def ghcr(self, *scopes: str) -> Ghcr:
        token = self.hub.signins.personal(self.mina, *scopes)
        connection = TokenConnection(self.session, self.hub.api_url, self.hub.url, token)
        return Ghcr(self.hub.url, connection)


@pytest.fixture(params=["acme", "mina"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    async with Hub.start(tmp_path / "hub") as hub, aiohttp.ClientSession() as session:
        hub.organisation("acme")
        mina = hub.person("mina")
        repository = await hub.repositories.create(f"{request.param}/shop")
        hub.allow(repository, mina, "admin")
        yield Shop(hub, session, repository, mina)


async def test_a_listing_says_what_an_index_holds(shop: Shop) -> None:
    push, home = shop.hub.packages.push, shop.repository
    parts = [push(home, "team/shop") for _ in range(120)]
    revision = {"org.opencontainers.image.revision": "3f2c1ab"}
    index = push(home, "team/shop", "v1", "latest", children=parts, annotations=revision)
    signature = push(home, "team/shop", subject=index)
    ghcr = shop.ghcr(*SCOPES)
    assert ghcr.has(shop.images)
    versions = {each.digest: each for each in await ghcr.versions(shop.images)}
    assert len(versions) == 122
    found = versions[index.digest]
    assert (found.tags, found.revision) == (("v1", "latest"), "3f2c1ab")
    assert found.children == frozenset(part.digest for part in parts)
    assert versions[signature.digest].subject == index.digest
    assert versions[parts[0].digest].children == frozenset()
    # A manifest is read once.
    read = shop.hub.registry.pulls
    await ghcr.versions(shop.images)
    assert (read, shop.hub.registry.pulls) == (122, 122)


async def test_a_version_is_deleted_and_may_be_gone_already(shop: Shop) -> None:
    old, new = (shop.hub.packages.push(shop.repository, "team/shop", tag) for tag in ("v1", "v2"))
    ghcr = shop.ghcr(*SCOPES)
    listed = {each.digest: each for each in await ghcr.versions(shop.images)}
    for _ in range(2):
        await ghcr.delete(shop.images, listed[old.digest])
    assert [each.digest for each in await ghcr.versions(shop.images)] == [new.digest]
    with pytest.raises(Declined, match="last tagged version"):
        await ghcr.delete(shop.images, listed[new.digest])
    with pytest.raises(Declined, match="takes no tag away"):
        await ghcr.untag(shop.images, ["v2"])


async def test_d11_what_was_tagged_since_it_was_listed_stays(shop: Shop) -> None:
    packages = shop.hub.packages
    image = packages.push(shop.repository, "team/shop", "feat-login")
    packages.push(shop.repository, "team/shop", "main")
    ghcr = shop.ghcr(*SCOPES)
    listed = {each.digest: each for each in await ghcr.versions(shop.images)}
    packages.tag(image, "v1.0.0")
    with pytest.raises(Declined, match=r"tagged meanwhile: v1\.0\.0"):
        await ghcr.delete(shop.images, listed[image.digest])


async def test_a_token_that_may_only_read_deletes_nothing(shop: Shop) -> None:
    shop.hub.packages.push(shop.repository, "team/shop", "v1")
    with pytest.raises(Refusal):
        await shop.ghcr().versions(shop.images)
    reader = shop.ghcr("read:packages")
    (version,) = await reader.versions(shop.images)
    with pytest.raises(Declined, match="delete:packages"):
        await reader.delete(shop.images, version)


async def test_d11_what_a_closed_registry_holds_is_not_known(shop: Shop) -> None:
    image = shop.hub.packages.push(shop.repository, "team/shop", "v1")
    ghcr = shop.ghcr(*SCOPES)
    shop.hub.registry.closed = True
    assert [each.children for each in await ghcr.versions(shop.images)] == [None]
    shop.hub.registry.closed = False
    assert [(each.digest, each.children) for each in await ghcr.versions(shop.images)] == [
        (image.digest, frozenset())
    ]


async def test_what_a_repository_builds_says_so_itself(shop: Shop) -> None:
    other = await shop.hub.repositories.create(f"{shop.repository.owner.login}/other")
    shop.hub.packages.push(shop.repository, "team/shop", "v1")
    shop.hub.packages.push(other, "other", "v1")
    found = await shop.ghcr(*SCOPES).linked(shop.repository.name_with_owner, shop.repository.database_id)
    assert found == [shop.images]


@pytest.mark.parametrize(("path", "status"), [("/token", 503), ("/v2/acme/shop/manifests/d", 500)])
async def test_a_registry_in_trouble_is_asked_again(path: str, status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == path:
            return web.Response(status=status)
        return web.Response(text=json.dumps({"token": "t"}), content_type="application/json")

    application = web.Application()
    application.router.add_get("/{any:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        with pytest.raises(Retry, match=f"cannot read acme/shop.*{status}"):
            await Manifests(url, "token").read("acme/shop", ["d"])
    finally:
        await runner.cleanup()
    with pytest.raises(Retry, match="cannot read acme/shop"):
        await Manifests(url, "token").read("acme/shop", ["d"])
