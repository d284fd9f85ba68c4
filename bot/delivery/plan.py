"""Whether an image that came goes to an environment by itself, and if not, why not."""

from dataclasses import dataclass
from datetime import datetime

from bot.delivery.image import Image
from bot.delivery.order import Order, compare
from bot.delivery.windows import frozen
from bot.message import Message, say
from bot.rules.shipping import Environment


@dataclass(frozen=True, slots=True)
class Standing:
    """How an environment stands: what it runs or is about to run, and what people said about it.

    `image` is None where it never ran anything that is known. `held` and `frozen` are by whom; None where
    nobody did.
    """

    image: Image | None = None
    held: str | None = None
    frozen: str | None = None
    frozen_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Whether an image goes, and why. `again` is when to ask anew, where time alone is in the way (aware)."""

    goes: bool
    reason: Message
    again: datetime | None = None


def comes(place: Environment, image: Image, standing: Standing, now: datetime) -> Step:
    """Decide about an image that a registry told of, for an environment that its source feeds.

    What is by hand waits for a person. A hold lets nothing come by itself (D6), a freeze nothing at all. An
    older one never comes, however late its event (D1).
    """
    if place.deploy == "manual":
        return Step(False, say("It is deployed by hand."))
    if stop := held_by(standing):
        return stop
    if stop := closed(place, standing, now):
        return stop
    if standing.image is None:
        return Step(True, say("It is the first image there that is known."))
    answer = compare(standing.image, image)
    return Step(answer.order is Order.NEWER, answer.reason)


def closed(place: Environment, standing: Standing, now: datetime) -> Step | None:
    """Say what lets nothing be deployed at a moment: a person's freeze, or a window; None for nothing."""
    if stop := frozen_by(standing, now):
        return stop
    if window := frozen(place.freezes, now):
        until = f"{window.until:%Y-%m-%d %H:%M} UTC"
        reason = say("It is frozen until {until}: {why}.", until=until, why=window.why)
        return Step(False, reason, window.until)
    return None


def held_by(standing: Standing) -> Step | None:
    """Say who lets nothing come by itself; None for nobody."""
    if standing.held is None:
        return None
    return Step(False, say("{login} holds it at what it runs.", login=standing.held))


def frozen_by(standing: Standing, now: datetime) -> Step | None:
    """Say who lets nothing be deployed at a moment; None for nobody."""
    until = standing.frozen_until
    if standing.frozen is None or (until is not None and now >= until):
        return None
    return Step(False, say("{login} has frozen it.", login=standing.frozen), until)
