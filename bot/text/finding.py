"""Say what a rule found, in Markdown: the sign, the reason, the facts, and how to mend it."""

from bisect import bisect_right
from itertools import accumulate

from bot.message import Message, Value, say
from bot.rules.models import Language
from bot.rules.verdict import Enforcement, Judged, Outcome, Table
from bot.text.escape import cell, code_block
from bot.text.render import Markup, render, value

SIGNS = {
    Outcome.PASS: "✅",
    Outcome.ADVICE: "💡",
    Outcome.WAIT: "⏳",
    Outcome.FAIL: "❌",
    Outcome.UNKNOWN: "❔",
}
_ADVISED = "⚠️"  # a failure that does not block
_OVERRIDDEN = "🔓"
_ROOM = 50_000  # characters for a section where others stand beside it


def sign(judged: Judged) -> str:
    """The sign of a finding; its shape tells it apart as well as its colour."""
    outcome = judged.finding.outcome
    if is_overridden(judged):
        return _OVERRIDDEN
    return _ADVISED if outcome is Outcome.FAIL and _is_advice(judged) else SIGNS[outcome]


def word(judged: Judged) -> Message:
    """The word that goes with the sign."""
    if is_overridden(judged):
        return say("overridden")
    match judged.finding.outcome:
        case Outcome.PASS:
            return say("kept")
        case Outcome.ADVICE:
            return say("advice")
        case Outcome.WAIT:
            return say("waiting")
        case Outcome.UNKNOWN:
            return say("not known")
        case _:  # fail
            return say("to be mended, blocks nothing") if _is_advice(judged) else say("to be mended")


def is_overridden(judged: Judged) -> bool:
    """Whether a maintainer's override is what lets it pass."""
    return judged.override is not None and judged.finding.outcome not in {Outcome.PASS, Outcome.ADVICE}


def override(judged: Judged) -> Message | None:
    """Say who overrode it and why."""
    if judged.override is None or not is_overridden(judged):
        return None
    return say("{login} lets it pass: {reason}", login=judged.override.by, reason=judged.override.reason)


def more(left_out: int) -> Message:
    """Say how many things of a list are not shown."""
    return say("and {count} more", count=left_out)


def section(judged: Judged, language: Language, room: int = _ROOM) -> str:
    """Everything about one finding; a table gives way to keep it within `room` characters."""

    def said(message: Message) -> str:
        return render(message, language, Markup.MARKDOWN)

    finding = judged.finding
    blocks = [f"### {sign(judged)} {finding.rule}: {said(word(judged))}", said(finding.reason)]
    if overridden := override(judged):
        blocks.append(said(overridden))
    if finding.items:
        lines = [f"- {said(item)}" for item in finding.items]
        if finding.found > len(finding.items):
            lines.append(f"- {said(more(finding.found - len(finding.items)))}")
        blocks.append("\n".join(lines))
    place = len(blocks)
    if finding.mend:
        heading = say("How to mend it")  # not inside the f-string, where Babel would not find it
        blocks.append(f"**{said(heading)}** — {said(finding.mend)}")
    if finding.commands:
        blocks.append(code_block(finding.commands, "sh"))
    if finding.table:
        rest = room - sum(len(block) + 2 for block in blocks)
        blocks.insert(place, _table(finding.table, language, rest))
    return "\n\n".join(blocks)


def _table(table: Table, language: Language, room: int) -> str:
    """As many rows as there is room for; the last line then says how many were left out."""

    def row(cells: tuple[Value, ...]) -> str:
        return f"| {' | '.join(cell(value(each, language, Markup.MARKDOWN)) for each in cells)} |"

    head = "\n".join([row(table.header), f"|{'---|' * len(table.header)}"])
    rows = [row(cells) for cells in table.rows]
    ends = list(accumulate((len(line) + 1 for line in rows), initial=len(head)))
    if ends[-1] <= room:
        return "\n".join([head, *rows])
    tail = render(more(len(rows)), language, Markup.MARKDOWN)  # the longest that it can be
    shown = max(0, bisect_right(ends, room - len(tail) - 2) - 1)
    return "\n".join([head, *rows[:shown], "", render(more(len(rows) - shown), language, Markup.MARKDOWN)])


def _is_advice(judged: Judged) -> bool:
    return judged.enforcement is not Enforcement.REQUIRED
