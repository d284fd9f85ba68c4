"""Images of the ledger, on each of its databases."""

from dataclasses import replace

from support.clock import Clock

from service.ledger.images import KnownImage
from service.ledger.repositories import KnownRepository
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")
NAME = "r.example.com:5000/shop"


def image(clock: Clock, tag: str | None, *sources: str, version: str | None = None) -> KnownImage:
    """An image that was pushed an hour after the one before it."""
    return KnownImage(NAME, tag, None, "a" * 40, clock.advance(hours=1), SHOP.id, version, sources)


async def newest(ledger: Ledger, *sources: str, most: int = 2) -> list[str | None]:
    return [each.tag for each in await ledger.images.newest(SHOP.id, sources, most)]


async def test_images_of_one_source_are_not_hidden_by_those_of_another(ledger: Ledger, clock: Clock) -> None:
    # A kind may be called anything; `_` and `%` mean something to LIKE, and MySQL spells JSON its own way.
    kinds = ("기능", 'a "b"', "a_c", "abc", "50%", "back\\slash")
    for each in (
        *(image(clock, f"of-{number}", kind) for number, kind in enumerate(kinds)),
        image(clock, "both", "feature", "develop"),
        image(clock, "f-1", "feature"),
        *(image(clock, f"d-{number}", "develop") for number in range(3)),
        image(clock, None),
        replace(image(clock, "elsewhere", "feature"), home=8),
        replace(image(clock, "fresh"), sources=None),
    ):
        await ledger.images.record(each)
    assert await newest(ledger, "feature") == ["f-1", "both"]
    assert await newest(ledger, "develop", "feature") == ["d-2", "d-1", "f-1", "both"]
    assert await newest(ledger, "develop", "feature", most=9) == ["d-2", "d-1", "d-0", "f-1", "both"]
    for number, kind in enumerate(kinds):
        assert await newest(ledger, kind) == [f"of-{number}"]
    assert await newest(ledger, "feat") == []
    assert await newest(ledger) == []


async def test_an_image_is_known_by_its_tag_or_its_version(ledger: Ledger, clock: Clock) -> None:
    for each in (
        image(clock, "shop-1.2.0", "tag", version="1.2.0"),
        image(clock, "f-1", "feature"),
        image(clock, "f-2", "feature"),
    ):
        await ledger.images.record(each)

    async def called(source: str, name: str) -> str | None:
        found = await ledger.images.called(SHOP.id, source, name)
        return found.tag if found else None

    assert await called("feature", "f-1") == "f-1"
    assert [await called("tag", name) for name in ("1.2.0", "v1.2.0", "shop-1.2.0")] == ["shop-1.2.0"] * 3
    assert [await called("tag", name) for name in ("f-1", "1.2", "")] == [None] * 3


async def test_an_image_that_is_pushed_again_was_seen_again(ledger: Ledger, clock: Clock) -> None:
    pushed = image(clock, "f-1", "feature")
    await ledger.images.record(pushed)
    again = clock.advance(hours=5)
    await ledger.images.record(replace(pushed, sources=None, commit=None))
    assert await ledger.images.newest(SHOP.id, ["feature"]) == (replace(pushed, seen_at=again),)


async def test_an_image_is_of_the_repositories_that_name_it(ledger: Ledger) -> None:
    for number, images in {7: (NAME, "other"), 8: (), 9: (NAME,)}.items():
        place = Repository(number, f"acme/{number}")
        known = KnownRepository(place, False, 1, "main", "own", "trunk", "main", None, images=images)
        await ledger.repositories.record(known)

    async def building(name: str, home: int = 0) -> list[int]:
        return [each.repository.id for each in await ledger.repositories.building(name, home)]

    assert await building(NAME) == [7, 9]
    assert [await building(name) for name in (f"{NAME}x", NAME.removeprefix("r."))] == [[], []]
    # One that names no images has those of GitHub's registry that are linked with it.
    assert (await building("ghcr.io/acme/till", 8), await building("ghcr.io/acme/till", 9)) == ([8], [])
