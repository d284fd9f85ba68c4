"""Say the verdicts of a check as a check run: what was expected, what was found, how to mend it.

Limits are GitHub's (REST: Checks; R15), and a text that would exceed them ends by saying what it leaves out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.message import Message, say
from bot.rules.facts import Override
from bot.rules.models import Language
from bot.rules.verdict import Action, Button, Conclusion, Outcome, Verdict, strictest
from bot.text.escape import cell, shortened
from bot.text.finding import is_overridden, section, sign
from bot.text.overrides import remembered
from bot.text.render import Markup, render

LONGEST_TEXT = 65_535  # characters, of the summary and of the text each
LONGEST_LABEL = 20
LONGEST_DESCRIPTION = 40
MOST_ACTIONS = 3
_HEADING = 32  # at most: the number of a pull request above its sections, and the lines between

LABELS = {
    Action.RETARGET: say("Change the base"),
    Action.BUMP: say("Write the version"),
    Action.RECHECK: say("Look again"),
}
_SETTLED = frozenset({Conclusion.SUCCESS, Conclusion.NEUTRAL})


@dataclass(frozen=True, slots=True)
class CheckAction:
    """A button of a check run; `identifier` is `<action>:<number of the pull request>`."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True)
class CheckOutput:
    """A check run as GitHub takes it; `summary` and `text` are Markdown."""

    name: str
    conclusion: Conclusion
    title: str
    summary: str
    text: str
    actions: tuple[CheckAction, ...] = ()
    details_url: str | None = None


def check_run(verdicts: Sequence[Verdict], language: Language, room: str | None = None) -> CheckOutput:
    """Say one check for all pull requests that share a head: the strictest comes first and decides (R3).

    `verdicts` are of one check, at least one. The overrides that they stand under are written into it.
    `room` is the repository's page in the control room, where there is one.
    """
    order = list(Conclusion)
    ranked = sorted(verdicts, key=lambda verdict: (-order.index(verdict.conclusion), verdict.number))
    return CheckOutput(
        name=ranked[0].title,
        conclusion=strictest(verdict.conclusion for verdict in ranked),
        title=render(_title(ranked[0]), language),
        summary=_summary(ranked, language),
        text=_text(ranked, language),
        actions=tuple(_actions(ranked, language))[:MOST_ACTIONS],
        details_url=room and f"{room}/pull/{ranked[0].number}",
    )


def _title(verdict: Verdict) -> Message:
    wanting = [judged for judged in verdict.judged if judged.finding.outcome is not Outcome.PASS]
    if wanting and all(map(is_overridden, wanting)):
        return say("Overridden: {rules}", rules=tuple(judged.finding.rule for judged in wanting))
    brief = next((judged.finding.brief for judged in verdict.judged if judged.finding.brief), None)
    rules = tuple(judged.finding.rule for judged in wanting)
    if brief and (not wanting or len(verdict.judged) == 1):
        return brief
    if brief and verdict.conclusion is Conclusion.NEUTRAL:
        return say("{brief}; look at: {rules}", brief=brief, rules=rules)
    if wanting:
        return say("Look at: {rules}", rules=rules)
    return say("All rules are kept") if verdict.judged else say("Does not apply")


def _summary(ranked: Sequence[Verdict], language: Language) -> str:
    """A line on each rule, what follows the merge, which of several pull requests decides, the overrides."""
    header = render(say("Rule"), language), render(say("What was found"), language)
    rows = [f"| | {header[0]} | {header[1]} |", "|---|---|---|"]
    for judged in ranked[0].judged:
        reason = render(judged.finding.reason, language, Markup.MARKDOWN)
        rows.append(f"| {sign(judged)} | **{judged.finding.rule}** | {cell(reason)} |")
    blocks = ["\n".join(rows)] if ranked[0].judged else [render(say("No rule applies here."), language)]
    outlook = [line for judged in ranked[0].judged for line in judged.finding.outlook]
    if outlook:
        lines = (f"- {render(line, language, Markup.MARKDOWN)}" for line in outlook)
        blocks.append("\n".join([render(say("Once it is merged:"), language), "", *lines]))
    if len(ranked) > 1:
        numbers = tuple(say("#{number}", number=verdict.number) for verdict in ranked)
        shared = say(
            "This commit is the head of several pull requests ({numbers}); "
            "#{number} is judged strictest and decides.",
            numbers=numbers,
            number=ranked[0].number,
        )
        blocks.insert(0, render(shared, language))
    memory = remembered(_overrides(ranked))
    return _fitted(blocks, language, LONGEST_TEXT - len(memory)) + memory


def _overrides(ranked: Sequence[Verdict]) -> Iterator[Override]:
    for verdict in ranked:
        for judged in verdict.judged:
            if judged.override is not None:
                yield judged.override


def _text(ranked: Sequence[Verdict], language: Language) -> str:
    sections = sum(len(verdict.judged) for verdict in ranked)
    room = LONGEST_TEXT // max(1, sections) - _HEADING
    blocks = []
    for verdict in ranked:
        if len(ranked) > 1:
            blocks.append(f"## #{verdict.number}")
        blocks += [section(judged, language, room) for judged in verdict.judged]
    return _fitted(blocks, language, LONGEST_TEXT)


def _fitted(blocks: Sequence[str], language: Language, limit: int) -> str:
    """Join whole blocks up to a limit; the last one then says how many were left out."""

    def closing(left_out: int) -> str:
        return render(say("Left out here for length: {count}.", count=left_out), language)

    return fitted(blocks, limit, closing)


def fitted(blocks: Sequence[str], limit: int, closing: Callable[[int], str]) -> str:
    """Join as many of `blocks` as fit into `limit` characters, closing with what was left out if any."""
    whole = "\n\n".join(blocks)
    shown = len(blocks)
    while len(whole) > limit:
        shown -= 1
        whole = "\n\n".join([*blocks[:shown], closing(len(blocks) - shown)])
    return whole


def _actions(ranked: Sequence[Verdict], language: Language) -> Iterator[CheckAction]:
    """What a machine can mend, then the button that looks again."""
    for verdict in ranked:
        for judged in verdict.judged:
            if button := judged.finding.button:
                yield _action(button.action, verdict.number, _described(button, verdict.number), language)
    if ranked[0].conclusion not in _SETTLED:
        number = ranked[0].number
        yield _action(Action.RECHECK, number, say("Ask GitHub about #{number} anew", number=number), language)


def _described(button: Button, number: int) -> Message:
    if button.action is Action.BUMP:
        return say("{version} into the files of #{number}", number=number, version=button.target)
    return say("#{number} into {base}", number=number, base=button.target)


def _action(action: Action, number: int, description: Message, language: Language) -> CheckAction:
    return CheckAction(
        label=shortened(render(LABELS[action], language), LONGEST_LABEL),
        description=shortened(render(description, language), LONGEST_DESCRIPTION),
        identifier=f"{action}:{number}",
    )
