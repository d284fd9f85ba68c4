"""What a number of shipments changes in the files of a GitOps repository, as one commit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.delivery.databases import crossings
from bot.delivery.image import Image
from bot.delivery.manifest import ImageAbsent, images, repositories, set_image
from bot.delivery.order import Order, compare, stands
from bot.delivery.shipment import Shipment, Target
from bot.delivery.yaml_text import NotYaml
from bot.errors import TellUser
from bot.message import Message, say
from bot.rules.databases import told
from bot.rules.shipping import ValuePlace


@dataclass(frozen=True, slots=True)
class Item:
    """A deployment to be written: its number, of which repository ("owner/name"), to where.

    `standing` is what was written last for that environment and image, None for nothing known. An image that
    came by itself is `late` where that is newer; what a person ordered never is.
    """

    deployment: int
    repository: str
    environment: str
    shipment: Shipment
    standing: Image | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """Which image where: of several at once the last one counts."""
        return self.repository, self.environment, self.shipment.shipped.repository

    @property
    def late(self) -> bool:
        """Whether a newer image is there already (D1)."""
        if self.standing is None or self.shipment.by:
            return False
        return compare(self.standing, self.shipment.shipped).order is Order.OLDER


@dataclass(slots=True)
class Changes:
    """What becomes of each item, by its number.

    `files` are the new texts, by path, of the files that are to be written; `written` the items that those
    carry, `standing` those that nothing needs to be written for, `overtaken` those that a newer one made
    needless, `refused` those that cannot be written, and why.
    """

    files: dict[str, str] = field(default_factory=dict)
    written: list[Item] = field(default_factory=list)
    standing: list[Item] = field(default_factory=list)
    overtaken: list[Item] = field(default_factory=list)
    refused: list[tuple[Item, tuple[Message, ...]]] = field(default_factory=list)


def changes(files: Mapping[str, str | None], items: Sequence[Item]) -> Changes:
    """Write the images of some items, in their order, into the files of a branch."""
    found = Changes()
    lasting = _lasting(items)
    for item in items:
        if item not in lasting:
            found.overtaken.append(item)
            continue
        texts = {**files, **found.files}
        try:
            edited = _edited(texts, item.shipment)
        except TellUser as refusal:
            found.refused.append((item, refusal.messages))
            continue
        found.files.update(edited)
        (found.written if edited else found.standing).append(item)
    return found


def _lasting(items: Sequence[Item]) -> list[Item]:
    """Of the items that are of one image in one place, the one that stands in the end."""
    together: dict[tuple[str, str, str], list[Item]] = {}
    for item in items:
        if not item.late:
            together.setdefault(item.place, []).append(item)
    found = []
    for rivals in together.values():
        index = stands((each.shipment.shipped, bool(each.shipment.by)) for each in rivals)
        found += [] if index is None else [rivals[index]]
    return found


def _edited(files: Mapping[str, str | None], shipment: Shipment) -> dict[str, str]:
    """The files that an image changes, by path.

    Raises TellUser where none of them holds it (D3), and where one names a database of the other class. What
    is no YAML is passed over: it is told of only where nothing else holds the image.
    """
    target, image = shipment.target, shipment.shipped
    if target is None:
        raise TellUser(say("The rulebook names no GitOps repository ({key}).", key="delivery.repository"))
    before = dict(_below(files, target))
    if crossed := tuple(_crossed(before, target)):
        raise TellUser(*crossed)
    values = target.values_of(image.repository)
    for path in values:
        if path not in before:
            raise TellUser(say("Expected the file {path}; it is not there.", path=path))
    digest = image.digest if target.digest or image.tag is None else None
    after = _written(before, image, digest, values)
    if not after:
        raise TellUser(_absent(before, target, image))
    return {path: text for path, text in after.items() if text != before[path]}


def _written(
    files: Mapping[str, str], image: Image, digest: str | None, values: Mapping[str, Sequence[ValuePlace]]
) -> dict[str, str]:
    """The new texts of the files that hold an image, by path. Raises TellUser."""
    found: dict[str, str] = {}
    unread: list[TellUser] = []
    for path, text in files.items():
        try:
            written = _with_image(text, image, digest, values.get(path, ()))
        except TellUser as trouble:
            if path in values or not isinstance(trouble, NotYaml):
                raise _in_file(path, trouble) from None
            unread.append(_in_file(path, trouble))
        else:
            found |= {} if written is None else {path: written}
    if unread and not found:
        raise unread[0]
    return found


def _with_image(text: str, image: Image, digest: str | None, values: Sequence[ValuePlace]) -> str | None:
    """The text of a file with the image in it; None where the file has no such image."""
    if not values and image.repository not in repositories(text):
        return None
    try:
        return set_image(text, image.repository, image.tag, digest, values)
    except ImageAbsent:
        return None  # what stands at the paths is of another image


def _crossed(files: Mapping[str, str], target: Target) -> Iterator[Message]:
    if target.databases is None:
        return
    for path, text in files.items():
        try:
            found = crossings(text, target.databases, target.database)
        except TellUser as trouble:
            raise _in_file(path, trouble) from None
        yield from (told(path, crossing) for crossing in found)


def _in_file(path: str, trouble: TellUser) -> TellUser:
    return TellUser(say("{path}: {problem}", path=path, problem=trouble.messages[0]))


def _absent(files: Mapping[str, str], target: Target, image: Image) -> Message:
    place = f"{target.repository}:{target.manifests}"
    if not files:
        return say("Expected manifests at {place}; found none.", place=place)
    found = sorted({use.reference.repository for text in files.values() for use in images(text)})
    return say(
        "Expected the image {image} at {place}; found {found}.",
        image=image.repository, place=place, found=tuple(found) or say("no image"),
    )  # fmt: skip


def _below(files: Mapping[str, str | None], target: Target) -> Iterator[tuple[str, str]]:
    """The manifests of an environment. Raises TellUser for one that is no text."""
    for path in target.among(files):
        text = files[path]
        if text is None:
            raise TellUser(say("{path} is no text in UTF-8, so it cannot be written.", path=path))
        yield path, text


def message(items: Iterable[Item]) -> tuple[str, str]:
    """The first line and the rest of the commit that carries some items: what, from where, why.

    Its last paragraph are trailers (git-interpret-trailers(1)), one a deployment.
    """
    listed = list(items)
    first = listed[0]
    name = first.repository.partition("/")[2]
    headline = f"Deploy {name} {_called(first.shipment)} to {first.environment}"
    if rest := listed[1:]:
        headline = f"{headline}, and {len(rest)} more"
    lines = [_line(item) for item in listed]
    trailers = [f"Deployment: {item.repository}#{item.deployment}" for item in listed]
    return headline, "\n".join([*lines, "", *trailers])


def _line(item: Item) -> str:
    shipment = item.shipment
    image = shipment.shipped
    why = f"ordered by {shipment.by}" if shipment.by else "a new image"
    source = (
        f" from {item.repository}@{shipment.commit[:12]}" if shipment.commit else f" from {item.repository}"
    )
    warning = "; this tag moves" if image.moves and image.tag else ""
    return f"- {item.environment}: {image.reference}{source}, {why}{warning}"


def _called(shipment: Shipment) -> str:
    image = shipment.shipped
    return shipment.version or image.tag or str(image.digest)[:19]
