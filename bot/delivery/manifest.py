"""The images that a manifest names: found by parsed position, written by place, byte by byte (D3, D4)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

from yaml import Node

from bot.delivery.image import InvalidReference, parse, spelled, split
from bot.delivery.places import Path, Place, Use, names, places
from bot.delivery.sharing import refuse_shared
from bot.delivery.values import valued
from bot.delivery.yaml_text import BOM, documents, spliced
from bot.errors import TellUser
from bot.message import say
from bot.rules.shipping import ValuePlace


class ImageAbsent(TellUser):
    """A file that holds no such image: never a silence (D3)."""


def images(text: str) -> tuple[Use, ...]:
    """Return every image that a file names, once each place, from top to bottom. Raises `Unreadable`.

    What is spelt as no image can be (a placeholder, say) is left out.
    """
    return tuple(sorted((place.use for place in places(documents(text))), key=lambda use: use.line))


@lru_cache(maxsize=1024)
def repositories(text: str) -> frozenset[str]:
    """Return all repositories that `set_image` would find in a file. Raises `Unreadable`.

    Who looks for many images in many files, again and again, parses each text once.
    """
    return frozenset(chain.from_iterable(place.repositories for place in places(documents(text))))


def set_image(
    text: str, image: str, tag: str | None, digest: str | None, values: Iterable[ValuePlace] = ()
) -> str:
    """Return a file's text with another tag and digest for an image, wherever it names that image.

    `image` is a repository with its registry; at least one of `tag` and `digest` is given, and together they
    are all that names the image afterwards. `values` are the places in this file that the rulebook names by
    their paths. Where all of that stands already, the same text comes back.

    Raises `ImageAbsent` where the file names no such image, `ValueAbsent` where nothing stands at a path,
    `Unreadable` where it is no YAML, `Unwritable` where more than a few characters or anything but the image
    would have to change, `InvalidReference` for what is no image.
    """
    spelt = spelled(image, tag, digest)
    wanted = parse(spelt)
    if split(spelt) != (image, tag, digest) or not (tag or digest):
        raise InvalidReference(
            say("Expected a repository and a tag or a digest; found {found}.", found=spelt)
        )
    roots, body = documents(text), text.removeprefix(BOM)
    named = tuple(places(roots))
    pointed = [each for value in values for each in valued(roots, value, wanted.repository)]
    ours = _ours(named, [place for _, place in pointed], wanted.repository)
    if not ours:
        raise _absent(wanted.repository, sorted({each.use.reference.repository for each in named}))
    changes = [change for place in ours for change in place.changes(body, tag, digest)]
    paths = {(*path, key) for path, place in pointed for key in place.keys if key}

    def is_ours(root: Node, path: Path) -> bool:
        return path in paths or names(root, path, wanted.repository)

    refuse_shared(roots, (change.node for change in changes), is_ours)
    return spliced(text, dict.fromkeys(change.edit for change in changes))


def _ours(named: Iterable[Place], pointed: Sequence[Place], repository: str) -> list[Place]:
    """The places of an image; of a mapping of which the rulebook says which key it means, that counts."""
    known = {id(place.node) for place in pointed}
    found = [place for place in named if repository in place.repositories and id(place.node) not in known]
    return [*found, *pointed]


def _absent(wanted: str, found: list[str]) -> ImageAbsent:
    if not found:
        return ImageAbsent(
            say(
                "Expected the image {image} in the file; found no image. Write it there once, or name "
                "another file.",
                image=wanted,
            )
        )
    return ImageAbsent(
        say(
            "Expected the image {image} in the file; found {found}. Write it there once, or name "
            "another file.",
            image=wanted,
            found=tuple(found),
        )
    )
