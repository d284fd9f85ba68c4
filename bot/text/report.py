"""Say a verdict on a terminal: the same words as the check run, in plain text."""

from bot.message import Message, say
from bot.rules.models import Language
from bot.rules.verdict import Judged, Verdict
from bot.text.escape import plain
from bot.text.finding import more, override, sign, word
from bot.text.render import Markup, render, value


def report(verdict: Verdict, language: Language) -> str:
    """Return the verdict as lines of text, without a final line end."""
    name = plain(verdict.title)
    if not verdict.judged:
        nothing = say("No rule applies here.")
        return f"{name}\n{render(nothing, language)}"
    return "\n\n".join([name, *(_section(judged, language) for judged in verdict.judged)])


def _section(judged: Judged, language: Language) -> str:
    """Everything about one finding, indented under its sign."""

    def said(message: Message) -> str:
        return render(message, language)

    finding = judged.finding
    lines = [f"{sign(judged)} {finding.rule}: {said(word(judged))}", f"   {said(finding.reason)}"]
    if overridden := override(judged):
        lines.append(f"   {said(overridden)}")
    lines += [f"   - {said(item)}" for item in finding.items]
    if finding.found > len(finding.items):
        lines.append(f"   - {said(more(finding.found - len(finding.items)))}")
    if finding.table:
        rows = (finding.table.header, *finding.table.rows)
        lines += [f"   {' | '.join(value(each, language, Markup.PLAIN) for each in row)}" for row in rows]
    if finding.mend:
        lines.append(f"   {said(finding.mend)}")
    lines += [f"     {plain(command)}" for command in finding.commands]
    return "\n".join(lines)
