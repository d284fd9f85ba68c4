"""Say the verdicts of a check as a check run: what was expected, what was found, how to mend it.

Limits are GitHub's (REST: Checks; R15), and a text that would exceed them ends by saying what it leaves out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.message import Message, say
from bot.rules.models import Language
from bot.rules.verdict import Action, Button, Conclusion, Enforcement, Judged, Outcome, Verdict, strictest
from bot.text.escape import cell, code_block, shortened
from bot.text.render import Markup, render

LONGEST_TEXT = 65_535  # characters, of the summary and of the text each
LONGEST_LABEL = 20
LONGEST_DESCRIPTION = 40
MOST_ACTIONS = 3

SIGNS = {Outcome.PASS: "✅", Outcome.ADVICE: "💡", Outcome.FAIL: "❌", Outcome.UNKNOWN: "❔"}
_ADVISED = "⚠️"  # a failure that does not block
_LABELS = {Action.RETARGET: say("Change the base")}


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


def check_run(verdicts: Sequence[Verdict], language: Language, details_url: str | None = None) -> CheckOutput:
    """Say one check for all pull requests that share a head: the strictest comes first and decides (R3).

    `verdicts` are of one check, at least one.
    """
    order = list(Conclusion)
    ranked = sorted(verdicts, key=lambda verdict: (-order.index(verdict.conclusion), verdict.number))
    return CheckOutput(
        name=f"signalbox / {ranked[0].check}",
        conclusion=strictest(verdict.conclusion for verdict in ranked),
        title=render(_title(ranked[0]), language),
        summary=_summary(ranked, language),
        text=_text(ranked, language),
        actions=_actions(ranked, language),
        details_url=details_url,
    )


def sign(judged: Judged) -> str:
    """The sign of a finding; its shape tells it apart as well as its colour."""
    outcome = judged.finding.outcome
    return _ADVISED if outcome is Outcome.FAIL and _is_advice(judged) else SIGNS[outcome]


def word(judged: Judged) -> Message:
    """The word that goes with the sign."""
    match judged.finding.outcome:
        case Outcome.PASS:
            return say("kept")
        case Outcome.ADVICE:
            return say("advice")
        case Outcome.UNKNOWN:
            return say("not known")
        case _:  # fail
            return say("to be mended, blocks nothing") if _is_advice(judged) else say("to be mended")


def more(left_out: int) -> Message:
    """Say how many things of a list are not shown."""
    return say("and {count} more", count=left_out)


def _is_advice(judged: Judged) -> bool:
    return judged.enforcement is not Enforcement.REQUIRED


def _title(verdict: Verdict) -> Message:
    wanting = [judged.finding.rule for judged in verdict.judged if judged.finding.outcome is not Outcome.PASS]
    if wanting:
        return say("Look at: {rules}", rules=tuple(wanting))
    return say("All rules are kept") if verdict.judged else say("Does not apply")


def _summary(ranked: Sequence[Verdict], language: Language) -> str:
    """A line on each rule, and which pull request decides where several share the head."""
    header = render(say("Rule"), language), render(say("What was found"), language)
    rows = [f"| | {header[0]} | {header[1]} |", "|---|---|---|"]
    for judged in ranked[0].judged:
        reason = render(judged.finding.reason, language, Markup.MARKDOWN)
        rows.append(f"| {sign(judged)} | **{judged.finding.rule}** | {cell(reason)} |")
    blocks = ["\n".join(rows)] if ranked[0].judged else [render(say("No rule applies here."), language)]
    if len(ranked) > 1:
        numbers = tuple(say("#{number}", number=verdict.number) for verdict in ranked)
        shared = say(
            "This commit is the head of several pull requests ({numbers}); "
            "#{number} is judged strictest and decides.",
            numbers=numbers,
            number=ranked[0].number,
        )
        blocks.insert(0, render(shared, language))
    return _fitted(blocks, language)


def _text(ranked: Sequence[Verdict], language: Language) -> str:
    blocks = []
    for verdict in ranked:
        if len(ranked) > 1:
            blocks.append(f"## #{verdict.number}")
        blocks += [_section(judged, language) for judged in verdict.judged]
    return _fitted(blocks, language)


def _section(judged: Judged, language: Language) -> str:
    """Everything about one finding, in Markdown."""

    def said(message: Message) -> str:
        return render(message, language, Markup.MARKDOWN)

    finding = judged.finding
    blocks = [f"### {sign(judged)} {finding.rule}: {said(word(judged))}", said(finding.reason)]
    if finding.items:
        lines = [f"- {said(item)}" for item in finding.items]
        if finding.found > len(finding.items):
            lines.append(f"- {said(more(finding.found - len(finding.items)))}")
        blocks.append("\n".join(lines))
    if finding.mend:
        heading = say("How to mend it")  # not inside the f-string, where Babel would not find it
        blocks.append(f"**{said(heading)}** — {said(finding.mend)}")
    if finding.commands:
        blocks.append(code_block(finding.commands, "sh"))
    return "\n\n".join(blocks)


def _fitted(blocks: Sequence[str], language: Language) -> str:
    """Join whole blocks up to GitHub's limit; the last one then says how many were left out."""

    def closing(left_out: int) -> str:
        return render(say("Left out here for length: {count}.", count=left_out), language)

    return fitted(blocks, LONGEST_TEXT, closing)


def fitted(blocks: Sequence[str], limit: int, closing: Callable[[int], str]) -> str:
    """Join as many of `blocks` as fit into `limit` characters, closing with what was left out if any."""
    whole = "\n\n".join(blocks)
    shown = len(blocks)
    while len(whole) > limit:
        shown -= 1
        whole = "\n\n".join([*blocks[:shown], closing(len(blocks) - shown)])
    return whole


def _actions(ranked: Sequence[Verdict], language: Language) -> tuple[CheckAction, ...]:
    pressed = [
        (judged.finding.button, verdict.number)
        for verdict in ranked
        for judged in verdict.judged
        if judged.finding.button
    ]
    return tuple(_action(button, number, language) for button, number in pressed[:MOST_ACTIONS])


def _action(button: Button, number: int, language: Language) -> CheckAction:
    label = _LABELS[button.action]
    description = say("#{number} into {base}", number=number, base=button.target)
    return CheckAction(
        label=shortened(render(label, language), LONGEST_LABEL),
        description=shortened(render(description, language), LONGEST_DESCRIPTION),
        identifier=f"{button.action}:{number}",
    )
