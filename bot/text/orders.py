"""What is said of an order: the comment that answers it, and the pull request of a branch that it cut."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from semver import Version

from bot.message import Mention, Message, Value, say
from bot.releases.orders import Result
from bot.releases.targets import lives_on
from bot.rules.claim import LABELS
from bot.rules.commands import MARK, line_of
from bot.rules.facts import Order
from bot.rules.models import Language, Rulebook
from bot.rules.tags import tag_of
from bot.text.escape import code_block
from bot.text.render import Markup, render

# The comment itself says which order it answers: it may stand when the reaction to the order does not yet.
_MARK: Final = "<!-- signalbox order {} {} -->"
_ANSWER: Final = re.compile(_MARK.format(r"(\S+)", "(done|refused)"))


@dataclass(frozen=True, slots=True)
class Opening:
    """The pull request that is to bring a branch into main.

    `version` is None where only its check is going to say it, `develop` what it is merged back into, where
    there is such a branch. `draft` says that nothing is on it yet. `by` ordered it on `number`.
    """

    branch: str
    source: str
    base: str
    version: Version | None
    develop: str | None
    draft: bool
    by: str
    number: int


def answer_text(order: Order, result: Result, language: Language, *, done: bool) -> str:
    """Return the comment that says what came of an order."""
    told = say(
        "{login}: {command} was not done. {reason}",
        login=Mention(order.author.login),
        command=line_of(order.body) or MARK,
        reason=result.message,
    )
    if done:
        told = say(
            "{login}: {command} is done. {result}",
            login=Mention(order.author.login),
            command=line_of(order.body) or MARK,
            result=result.message,
        )
    blocks = [_MARK.format(order.id, "done" if done else "refused"), render(told, language, Markup.MARKDOWN)]
    return "\n\n".join([*blocks, *([code_block(result.commands, "sh")] if result.commands else [])])


def answered(body: str) -> tuple[str, bool] | None:
    """Return which order (its id) a comment of this App answers, and whether it was done; None for others."""
    found = _ANSWER.match(body)
    return (found[1], found[2] == "done") if found else None


def opening_title(opening: Opening) -> Message:
    """Say what the pull request is called."""
    if opening.version is not None:
        return say("Release {version}", version=str(opening.version))
    return say("Bring {branch} into {base}", branch=opening.branch, base=opening.base)


def opening_body(opening: Opening, rulebook: Rulebook) -> str:
    """Return the text of the pull request: what people have to do, and what merging it will do."""

    def said(message: Message) -> str:
        return render(message, rulebook.language, Markup.MARKDOWN)

    def listed(sign: str, messages: Iterable[Message]) -> str:
        return "\n".join(f"- {sign}{said(message)}" for message in messages)

    asked = say(
        "{login} asked for this in #{number}. The branch {branch} comes from {source}.",
        login=opening.by,
        number=opening.number,
        branch=opening.branch,
        source=opening.source,
    )
    people, machine = say("What people have to do"), say("What follows by itself when this is merged")
    return "\n\n".join(
        [
            said(asked),
            f"## {said(people)}",
            listed("[ ] ", _by_people(opening, rulebook)),
            f"## {said(machine)}",
            listed("", _by_itself(opening, rulebook)),
        ]
    )


def _by_people(opening: Opening, rulebook: Rulebook) -> Iterator[Message]:
    if opening.draft:
        yield say("Commit the fix to {branch}, and mark this as ready for review.", branch=opening.branch)
    if rulebook.versions.source == "labels":
        yield say("Give this one of the labels {labels}, which say the version.", labels=tuple(LABELS))
    yield say("Review it, and see that every check passes.")
    yield say("Merge it with a merge commit, so that the history knows that it arrived.")
    yield say("Merge the pull requests that are opened where it does not merge back by itself.")


def _by_itself(opening: Opening, rulebook: Rulebook) -> Iterator[Message]:
    tag: Value = say("the version that {check} shows", check="signalbox / release")
    if opening.version is not None:
        tag = tag_of(rulebook, opening.version)
    yield say("The merge commit is tagged: {tag}.", tag=tag)
    yield say("It is published as a release, with notes of what it brings.")
    if opening.develop is not None:
        yield say("It is merged back into {target}.", target=opening.develop)
    yield say("It is merged into every open release of its line, or of a newer one.")
    if lives_on(rulebook, opening.branch):
        yield say("The branch {branch} lives on.", branch=opening.branch)
    else:
        yield say("The branch {branch} is deleted when all of this is done.", branch=opening.branch)
