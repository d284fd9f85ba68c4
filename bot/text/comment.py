"""The one comment on a pull request: what a person must do and no check can say, kept up to date."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.message import Mention, Message, say
from bot.rules.agreement import Disagreement
from bot.rules.commands import MARK, Answer, line_of
from bot.rules.decision import Decision
from bot.rules.facts import ReviewState
from bot.rules.levels import meaning
from bot.rules.models import Language
from bot.rules.verdict import Action
from bot.text.check import LABELS, fitted
from bot.text.finding import section
from bot.text.render import Markup, render

# GitHub takes no longer comment.
LONGEST_COMMENT: Final = 65_536
FIRST: Final = "<!-- signalbox -->"
_PRESSED: Final = re.compile(r"^- .*<!-- pressed (\S+) (\S+) -->$", re.MULTILINE)
_REFUSED: Final = re.compile(r"^- .*<!-- refused (\S+) -->$", re.MULTILINE)
_STATES: Final = {
    ReviewState.APPROVED: say("approves"),
    ReviewState.CHANGES_REQUESTED: say("requests changes"),
}
_EXPECTED: Final = {
    "approve": say("one that approves"),
    "comment": say("one that only comments"),
    "request_changes": say("one that requests changes"),
}


@dataclass(frozen=True, slots=True)
class Press:
    """A button that somebody pressed in vain, on the check of a head (an oid), and why."""

    login: str
    action: Action
    head: str
    reason: Message


def comment(decision: Decision, previous: str | None, language: Language, head: str = "") -> str | None:
    """Return the text of the comment; None where none is there and none is needed.

    `previous` is the text that stands; from it come the refusals that are still worth reading: those of
    buttons as long as the `head` (an oid) is the same.
    """

    def said(message: Message) -> str:
        return render(message, language, Markup.MARKDOWN)

    points = [*map(said, map(_disagreement, decision.disagreements))]
    lines = [f"- {point}" for point in points]
    lines += _refusals(decision, previous or "", language)
    lines += {line[1]: line[0] for line in _PRESSED.finditer(previous or "") if line[2] == head}.values()
    blocks = ["\n".join(lines)] if lines else []
    if decision.explained:
        blocks += _explanation(decision, language)
    if not blocks:
        if previous is None:
            return None
        blocks = [said(say("Nothing is left to be done here."))]

    def closing(left_out: int) -> str:
        return said(say("Left out here for length: {count}.", count=left_out))

    return fitted([FIRST, *blocks], LONGEST_COMMENT, closing)


def press_refused(previous: str | None, press: Press, language: Language) -> str:
    """Return the text that stands with a line more, for `comment` to keep: of each person, the last."""
    told = say(
        "{login}: the button {button} was not carried out. {reason}",
        login=Mention(press.login),
        button=LABELS[press.action],
        reason=press.reason,
    )
    line = f"- {render(told, language, Markup.MARKDOWN)} <!-- pressed {press.login} {press.head} -->"
    return f"{previous or FIRST}\n{line}"


def is_ours(body: str) -> bool:
    """Say whether a comment that this App wrote is the one that is kept up to date."""
    return body.startswith(FIRST)


def _disagreement(one: Disagreement) -> Message:
    return say(
        "{login}: thank you for the review. It {state}, and {level} ({meaning}) belongs to {expected}. "
        "Please review once more with the state that you mean, or edit the level.",
        login=Mention(one.review.author.login),
        state=_STATES[one.review.state],
        level=one.name,
        meaning=meaning(one.level),
        expected=_EXPECTED[one.level.state],
    )


def _refusals(decision: Decision, previous: str, language: Language) -> Iterator[str]:
    """The lines of what was refused: the last word of each person, of now or of earlier."""
    for line in _REFUSED.finditer(previous):
        if line[1] in decision.refused:
            yield line[0]
    last = {answer.order.author: answer for answer in decision.answers}
    for answer in last.values():
        if answer.refusal is not None:
            message = _refused(answer, answer.refusal)
            yield f"- {render(message, language, Markup.MARKDOWN)} <!-- refused {answer.order.id} -->"


def _refused(answer: Answer, refusal: Message) -> Message:
    return say(
        "{login}: {command} was not done. {reason}",
        login=Mention(answer.order.author.login),
        command=line_of(answer.order.body) or MARK,
        reason=refusal,
    )


def _explanation(decision: Decision, language: Language) -> Iterator[str]:
    """Every rule with its outcome, the facts it stood on, and how to mend it."""
    for verdict in decision.verdicts:
        nothing = render(say("No rule applies here."), language, Markup.MARKDOWN)
        yield f"## {verdict.title}"
        yield "\n\n".join(section(judged, language) for judged in verdict.judged) or nothing
