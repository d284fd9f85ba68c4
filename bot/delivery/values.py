"""The place in the values of a Helm chart that the rulebook names by its path, such as `web.image.tag`.

What stands there says what it takes: a whole image, a tag or a digest. Of which image it is, it says itself,
or the repository beside it, or the rulebook.
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from yaml import Node, ScalarNode

from bot.delivery.image import InvalidReference, Reference, normalised, parse, split
from bot.delivery.places import Parts, Path, Place, Use, Whole
from bot.delivery.yaml_text import Unwritable, at, is_empty, line_of, text_at
from bot.errors import TellUser
from bot.message import say
from bot.rules.shipping import ValuePlace

_Shape: TypeAlias = Literal["image", "tag", "digest"]

_BESIDE: Final = ("repository", "image")


class ValueAbsent(TellUser):
    """A path that leads nowhere in a file: never a silence (D3)."""


def valued(roots: list[Node], value: ValuePlace, repository: str) -> Iterator[tuple[Path, Place]]:
    """Find the places of an image at a path, in every document; none where they are of another image.

    With each comes the path of what holds it.

    Raises ValueAbsent where nothing stands at the path. Raises Unwritable where the rulebook says that it is
    of this image and the file that it is of another, where neither says of which, and where it is no text
    that an image, a tag or a digest could take the place of.
    """
    path = tuple(value.path.split("."))
    found = [(root, node) for root in roots if (node := at(root, path)) is not None]
    if not found:
        raise ValueAbsent(
            say(
                "Expected a value at {path}; found none. Write one there once, or name another path.",
                path=value.path,
            )
        )
    for root, node in found:
        if not isinstance(node, ScalarNode):
            raise Unwritable(line_of(node), say("expected a text; found a list or a mapping"))
        holder = at(root, path[:-1]) or root
        if _is_of(holder, path[-1], node, value, repository):
            yield path[:-1], _place(holder, path[-1], node, repository)


def _is_of(holder: Node, key: str, node: ScalarNode, value: ValuePlace, repository: str) -> bool:
    """Whether a value is of an image, by itself or what stands beside it; by the rulebook otherwise."""
    if _shape(key, node) == "image":
        found = normalised(split(node.value.strip())[0])
        is_it = found == repository
    else:
        found = _beside(holder, key) or ""
        is_it = bool(found) and normalised(found) == repository
        # Charts that take the registry from elsewhere have only the end of the name there.
        if not is_it and (not found or repository.endswith(f"/{found}")):
            if value.image:
                return True
            problem = say(
                "nothing says of which image {path} is; write it as {shape} in the rulebook",
                path=value.path, shape=f"IMAGE={value.file}:{value.path}",
            )  # fmt: skip
            raise Unwritable(line_of(node), problem)
    if value.image and not is_it:
        problem = say(
            "expected the image {image} at {path}; found {found}",
            image=repository, path=value.path, found=found,
        )  # fmt: skip
        raise Unwritable(line_of(node), problem)
    return is_it


def _place(holder: Node, key: str, node: ScalarNode, repository: str) -> Place:
    shape = _shape(key, node)
    if shape == "image":
        reference = parse(node.value.strip())
        is_bare = not (reference.tag or reference.digest)
        if is_bare and (key == "repository" or at(holder, ("tag",))):
            problem = say("this is the repository; name the path of the {key} beside it", key="tag")
            raise Unwritable(line_of(node), problem)
        return Whole(node, Use(reference, line_of(node)), (key,))
    use = Use(Reference(repository), line_of(node))
    tag = "tag" if at(holder, ("tag",)) else None
    keys = (key, "digest") if shape == "tag" else (tag, key)
    return Parts(holder, use, frozenset({repository}), keys, open=False)


def _beside(holder: Node, key: str) -> str | None:
    """The repository beside a tag or a digest, as it is spelt; None where none is."""
    registry = text_at(holder, "registry")
    names = (text_at(holder, name) for name in _BESIDE if name != key)
    found = filter(None, (_taken_apart(f"{registry}/{name}" if registry else name) for name in names))
    return next((name for name, tag, digest in found if not (tag or digest)), None)


def _shape(key: str, node: ScalarNode) -> _Shape:
    """What stands in a scalar; where it is empty, what its key says. Raises Unwritable."""
    text = "" if is_empty(node) else node.value.strip()
    if _taken_apart(f"x:{text}") == ("x", text, None) or (not text and key.lower().endswith("tag")):
        return "tag"
    if _taken_apart(f"x@{text}") == ("x", None, text) or (not text and key.lower().endswith("digest")):
        return "digest"
    if _taken_apart(text):
        return "image"
    problem = say("expected an image, a tag or a digest; found {found}", found=text or say("nothing"))
    raise Unwritable(line_of(node), problem)


def _taken_apart(text: str) -> tuple[str, str | None, str | None] | None:
    try:
        return split(text)
    except InvalidReference:
        return None
