"""What an environment has run, image by image, and what of it a promotion or a rollback is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from semver import Version

from bot.delivery.image import Image
from bot.errors import TellUser
from bot.message import say
from bot.rules.patterns import strict_version
from bot.rules.shipping import Environment


@dataclass(frozen=True, slots=True)
class Ran:
    """An image of a `commit`, and the version that it was, where it was one.

    `deployment` is the number of the one that brought it, 0 for none; `healthy` whether it was, there.
    """

    image: Image
    commit: str
    version: Version | None = None
    deployment: int = 0
    healthy: bool = True

    @property
    def name(self) -> str:
        """What people call it: by its version, or by its tag."""
        return str(self.version or self.image.tag or self.image.digest or self.commit)


@dataclass(frozen=True, slots=True)
class Back:
    """A step back of one image: what stands, and what is to take its place."""

    now: Ran
    to: Ran


def names_of(images: Iterable[Ran]) -> tuple[str, ...]:
    """What people call some images, each name once."""
    return tuple(dict.fromkeys(each.name for each in images))


def newest(history: Iterable[Ran]) -> tuple[Ran, ...]:
    """The first one of each image: of a past, newest first, what has come last."""
    return tuple(some[0] for some in _by_image(history).values())


def running(history: Iterable[Ran], about: int | None = None) -> tuple[Ran, ...]:
    """Say what runs in an environment: of each image the newest that was healthy there.

    `about` is a deployment that is to be among it; raises TellUser where it is not any more.
    """
    found = newest(each for each in history if each.healthy)
    if about is not None and about not in {each.deployment for each in found}:
        raise TellUser(_REPLACED)
    return found


def further(runs: Sequence[Ran], there: Iterable[Ran]) -> tuple[Ran, ...]:
    """Choose of what runs in an environment what is not `there`, in the next one, already."""
    has = {each.image.reference for each in there}
    return tuple(each for each in runs if each.image.reference not in has)


def same_commit(images: Sequence[Ran]) -> tuple[Ran, ...]:
    """Those of the commit of the first one; none of none."""
    return tuple(each for each in images if each.commit == images[0].commit)


def back(
    place: Environment,
    written: Sequence[Ran],
    version: str | None = None,
    *,
    about: int | None = None,
    alone: bool = False,
) -> tuple[Back, ...]:
    """Choose what a rollback goes back to; `written` is what was written into an environment, newest first.

    With a version that is every image that ran at it. Without one, what was deployed last is taken back: each
    image of its commit goes to the one before; where the rulebook says so, to that of the release before.
    `about` is the deployment to take back instead, `alone` without the others of its commit. Raises TellUser
    where that does not stand there any more, or nothing ran before.
    """
    if not written:
        raise TellUser(say("Nothing has run there yet, so there is nothing to go back to."))
    past = _by_image(written)
    taken = newest(written) if version is not None else _taken(newest(written), about, alone=alone)
    before = {now: _before(now, past[now.image.repository]) for now in taken}
    chosen = ((now, _chosen(place, now, some, version)) for now, some in before.items())
    if found := tuple(Back(now, to) for now, to in chosen if to is not None):
        return found
    if version is None:
        raise TellUser(say("Nothing else has run there, so there is nothing to go back to."))
    known = names_of(each for some in before.values() for each in some)
    raise TellUser(say("{version} has not run there; what has is {known}.", version=version, known=known))


def _taken(standing: Sequence[Ran], about: int | None, *, alone: bool) -> Sequence[Ran]:
    if about is None:
        return same_commit(standing)
    its = next((each for each in standing if each.deployment == about), None)
    if its is None:
        raise TellUser(_REPLACED)
    return [its] if alone else [each for each in standing if each.commit == its.commit]


def _before(now: Ran, past: Sequence[Ran]) -> list[Ran]:
    """What has run before an image that stands, of the same repository; its `past` begins with it."""
    return [each for each in past[1:] if each.healthy and each.image.reference != now.image.reference]


def _chosen(place: Environment, now: Ran, before: Sequence[Ran], said: str | None) -> Ran | None:
    if said is not None:
        version = strict_version(said.removeprefix("v"))
        found = (
            each
            for each in before
            if said in {each.image.tag, each.name} or (version and each.version == version)
        )
    elif place.rollback == "release" and now.version is not None:
        found = (each for each in before if each.version is not None and each.version < now.version)
    else:
        found = (each for each in before)
    return next(found, None)


def _by_image(history: Iterable[Ran]) -> Mapping[str, Sequence[Ran]]:
    found: dict[str, list[Ran]] = {}
    for each in history:
        found.setdefault(each.image.repository, []).append(each)
    return found


_REPLACED: Final = say("Something else has taken its place there, so nothing was done.")
