"""What a list of registry events would make of a GitOps repository, from its files and a rulebook alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from typing import Final, Literal, TypeAlias

from bot.delivery.changes import Item, changes, message
from bot.delivery.image import Image, Reference, before_commit, normalised
from bot.delivery.manifest import images
from bot.delivery.order import Order, compare
from bot.delivery.origin import fed, sources, tagged, version, versioned
from bot.delivery.plan import Standing, comes
from bot.delivery.shipment import Target, shipment, target_of
from bot.errors import TellUser
from bot.message import Message, say
from bot.rules.models import Rulebook

Write: TypeAlias = Literal["commit", "pull_request"]


@dataclass(frozen=True, slots=True)
class Event:
    """An event, by its place in the list (from 1), and the images that it tells of."""

    position: int
    images: tuple[Image, ...]


class Fate(StrEnum):
    """What became of an image, in one environment."""

    WRITTEN = "written"
    STANDING = "standing"  # nothing needed to be written
    OVERTAKEN = "overtaken"  # a newer one was there, or came with it (D1)
    WAITING = "waiting"  # for a person, or for the end of a freeze
    REFUSED = "refused"
    UNPLACED = "unplaced"  # nothing says where it would go


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an image of an event, and why. `environment` is None for one that is unplaced."""

    event: int
    image: Image
    environment: str | None
    fate: Fate
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that would be made; `files` are the old and the new text of each file, by path."""

    headline: str
    body: str
    write: Write
    events: tuple[int, ...]
    files: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Arrival:
    event: int
    image: Image
    environment: str

    @property
    def place(self) -> tuple[str, str]:
        return self.environment, self.image.repository


@dataclass(slots=True)
class _Batch:
    """What is written at once: the items that go, and what each place is to have then, by that place.

    `beside` are arrivals that were compared with what goes, which is no answer where that is `refused`.
    """

    items: list[Item] = field(default_factory=list)
    coming: dict[tuple[str, str], Image] = field(default_factory=dict)
    beside: list[tuple[_Arrival, Fate, Message]] = field(default_factory=list)
    refused: dict[tuple[str, str], tuple[Message, ...]] = field(default_factory=dict)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FATES: Final = {Order.SAME: Fate.STANDING, Order.OLDER: Fate.OVERTAKEN}


class Replay:
    """Plays events, in the order in which they arrived, onto the files of a GitOps repository.

    `files`, by path, are those that stand now; `commits` and `outcomes` what has come of it. The clock is
    that of the newest push seen so far.
    """

    def __init__(
        self, rulebook: Rulebook, repository: str, files: Mapping[str, str | None], known: Sequence[Image]
    ) -> None:
        """Begin with the files as they are; `repository` ("owner/name") is the one that has the rulebook.

        `known` are all images of the list: what a manifest names has no age, but the list may know it. Raises
        TellUser where somebody else writes the manifests.
        """
        self.files, self.commits, self.outcomes = dict(files), list[Commit](), list[Outcome]()
        self._rulebook, self._repository = rulebook, repository
        self._tags = _spelt_in_tags(rulebook)
        self._ours = frozenset(map(normalised, rulebook.delivery.images))
        self._targets = targets(rulebook, repository)
        self._stands = _standing(rulebook, files, self._targets, known)
        self._now = min((each.pushed_at for each in known if each.pushed_at), default=_EPOCH)
        self._waiting: list[tuple[datetime, _Arrival, Message]] = []
        self._sent: list[tuple[_Arrival, Message]] = []

    def play(self, events: Sequence[Event]) -> None:
        """Play events that are written at once: those that go become a commit, and pull requests."""
        batch = _Batch()
        for event in events:
            self._now = max([self._now, *(image.pushed_at for image in event.images if image.pushed_at)])
            due = [arrival for again, arrival, _ in self._waiting if again <= self._now]
            self._waiting = [each for each in self._waiting if each[0] > self._now]
            for arrival in chain(due, self._placed(event)):
                self._decide(arrival, batch)
        self._write("commit", [each for each in batch.items if not self._is_proposed(each)], batch)
        for item in filter(self._is_proposed, batch.items):  # each is somebody's to merge
            self._write("pull_request", [item], batch)
        for arrival, fate, reason in batch.beside:
            refusal = batch.refused.get(arrival.place, ())
            self._record(arrival, Fate.REFUSED if refusal else fate, *(refusal or (reason,)))
        self._stands.update(batch.coming)

    def finish(self) -> None:
        """Say of all that waits for the end of a freeze that it does, and put the outcomes in order."""
        for _, arrival, reason in self._waiting:
            self._record(arrival, Fate.WAITING, reason)
        self._waiting.clear()
        names = [None, *self._rulebook.environments]
        self.outcomes.sort(key=lambda each: (each.event, names.index(each.environment)))

    def _placed(self, event: Event) -> Iterator[_Arrival]:
        """Where the images of an event go, by what their tags say."""
        for image in (versioned(self._rulebook, each) for each in event.images):
            from_ = sources(self._tags, image, _branches(image))
            names = list(fed(self._rulebook, from_))
            if self._ours and image.repository not in self._ours:
                reason = say("The rulebook does not name it in {key}.", key="delivery.images")
            elif not from_ and (found := tagged(self._rulebook, image)):
                reason = say(
                    "{version} is a pre-release, and no kind has {key}.",
                    version=str(found),
                    key="prereleases",
                )
            elif not from_:
                reason = say(
                    "Expected a tag that is a version, or a known branch before a commit; found {tag}.",
                    tag=image.tag or say("no tag"),
                )
            elif not names:
                reason = say("No environment is fed by {sources}.", sources=tuple(sorted(from_)))
            else:
                yield from (_Arrival(event.position, image, name) for name in names)
                continue
            self.outcomes.append(Outcome(event.position, image, None, Fate.UNPLACED, (reason,)))

    def _decide(self, arrival: _Arrival, batch: _Batch) -> None:
        place = self._rulebook.environments[arrival.environment]
        standing = batch.coming.get(arrival.place, self._stands.get(arrival.place))
        step = comes(place, arrival.image, Standing(standing), self._now)
        if step.goes:
            batch.items.append(self._item(arrival, step.reason))
            batch.coming[arrival.place] = arrival.image
        elif step.again is not None:
            self._waiting.append((step.again, arrival, step.reason))
        elif place.deploy == "manual" or standing is None:
            self._record(arrival, Fate.WAITING, step.reason)
        else:
            order = compare(standing, arrival.image).order
            fate = _FATES.get(order, Fate.WAITING)
            if arrival.place in batch.coming:  # as long as that is written
                batch.beside.append((arrival, fate, step.reason))
            else:
                self._record(arrival, fate, step.reason)
            if order is Order.SAME:  # pushed again, so it is as new as that
                batch.coming[arrival.place] = max(standing, arrival.image, key=_age)

    def _item(self, arrival: _Arrival, reason: Message) -> Item:
        self._sent.append((arrival, reason))
        found = version(self._tags, arrival.image, _branches(arrival.image))
        ships = shipment(
            self._rulebook,
            arrival.environment,
            self._repository,
            arrival.image,
            version=str(found) if found else None,
        )
        return Item(len(self._sent), self._repository, arrival.environment, ships)

    def _is_proposed(self, item: Item) -> bool:
        return self._targets[item.environment].write == "pull_request"

    def _write(self, write: Write, items: Sequence[Item], batch: _Batch) -> None:
        """Write what goes by a commit, or by a pull request, and record what became of it."""
        found = changes(self.files, items)
        for item, reasons in found.refused:
            arrival, _ = self._sent[item.deployment - 1]
            batch.coming.pop(arrival.place, None)
            batch.refused[arrival.place] = reasons
            self._record(arrival, Fate.REFUSED, *reasons)
        for item in found.overtaken:
            arrival, _ = self._sent[item.deployment - 1]
            batch.beside.append((arrival, Fate.OVERTAKEN, say("A newer one came before it was written.")))
        for item in found.standing:
            arrival, _ = self._sent[item.deployment - 1]
            standing = say("{image} is what stands.", image=item.shipment.image)
            self._record(arrival, Fate.STANDING, standing)
        for item in found.written:
            arrival, reason = self._sent[item.deployment - 1]
            self._record(arrival, Fate.WRITTEN, reason)
        if found.written:
            headline, body = message(found.written)
            events = dict.fromkeys(self._sent[item.deployment - 1][0].event for item in found.written)
            files = {path: (self.files[path] or "", text) for path, text in found.files.items()}
            self.commits.append(Commit(headline, body, write, tuple(events), files))
            self.files.update(found.files)

    def _record(self, arrival: _Arrival, fate: Fate, *reasons: Message) -> None:
        self.outcomes.append(Outcome(arrival.event, arrival.image, arrival.environment, fate, reasons))


def targets(rulebook: Rulebook, repository: str) -> Mapping[str, Target]:
    """Say where the manifests of each environment are. Raises TellUser where others write them."""
    found = {name: target_of(rulebook, name, repository) for name in rulebook.environments}
    if any(target is None for target in found.values()):
        raise TellUser(say("The rulebook names no GitOps repository ({key}).", key="delivery.repository"))
    return {name: target for name, target in found.items() if target is not None}


def _branches(image: Image) -> list[str]:
    """The branch that a tag names before its commit, as tags spell it."""
    named = before_commit(image.tag)
    return [named] if named else []


def _spelt_in_tags(rulebook: Rulebook) -> Rulebook:
    """The same rulebook, whose branches may also be called as in a tag, where `/` cannot stand."""

    def both(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*names, *(name.replace("/", "-") for name in names)]))

    lines = rulebook.branches
    develop = lines.develop and both(lines.develop)
    kinds = {
        name: kind.model_copy(update={"names": both(kind.names)}) for name, kind in rulebook.kinds.items()
    }
    branches = lines.model_copy(update={"main": both(lines.main), "develop": develop})
    return rulebook.model_copy(update={"branches": branches, "kinds": kinds})


def _standing(
    rulebook: Rulebook, files: Mapping[str, str | None], targets: Mapping[str, Target], known: Iterable[Image]
) -> dict[tuple[str, str], Image]:
    """What stands in each environment, as far as its version or its age tells it from others."""
    aged = _aged(versioned(rulebook, each) for each in known)
    found: dict[tuple[str, str], Image] = {}
    for name, target in targets.items():
        named: dict[str, set[Reference]] = defaultdict(set)
        for path in target.among(files):
            with suppress(TellUser):  # whoever writes there is told
                for use in images(files[path] or ""):
                    named[use.reference.repository].add(use.reference)
        for repository, references in named.items():
            reference = next(iter(references))
            named_so = versioned(rulebook, Image(repository, reference.tag, reference.digest))
            image = aged.get(reference, named_so)
            if len(references) == 1 and (image.pushed_at or image.numbered):
                found[name, repository] = image
    return found


def _aged(known: Iterable[Image]) -> Mapping[Reference, Image]:
    """The images whose age is known, by all that may name them in a manifest."""
    found: dict[Reference, Image] = {}
    for image in sorted((each for each in known if each.pushed_at), key=_age):
        found.setdefault(image.reference, image)
        if not image.moves:
            found.setdefault(Reference(image.repository, image.tag), image)
    return found


def _age(image: Image) -> datetime:
    return image.pushed_at or _EPOCH
