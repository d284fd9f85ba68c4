"""Say an audit: for people on a terminal, and as data for programs."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.message import Message, say
from bot.releases.audit import Audit, Fault
from bot.rules.models import Language
from bot.text.escape import plain
from bot.text.finding import more
from bot.text.render import Markup, render

_SHOWN = 20  # of each kind; the JSON has all
_SHORT = 12
_TITLES: Mapping[Fault, Message] = {
    Fault.MISNAMED: say("Branches of no kind"),
    Fault.OFF_MAIN: say("Versions that are not on main"),
    Fault.LIGHTWEIGHT: say("Lightweight tags"),
    Fault.ORDER: say("Versions out of order"),
    Fault.MISSING: say("Gaps between versions"),
    Fault.NOT_BACK: say("Releases that were not merged back"),
    Fault.SQUASHED: say("Releases that were squashed"),
    Fault.CONTENT: say("Versions that bring more than they say"),
}


def audit_text(audit: Audit, language: Language) -> str:
    """Return the audit as lines of text: the counts, each kind of fault, and the tags not read."""
    return "\n\n".join(_blocks(audit, language))


def _blocks(audit: Audit, language: Language) -> Iterator[str]:
    def said(message: Message) -> str:
        return render(message, language)

    yield said(
        say(
            "{commits} commits, of which {merges} are merges; {branches} branches; {versions} versions",
            commits=audit.commits,
            merges=audit.merges,
            branches=audit.branches,
            versions=audit.versions,
        )
    )
    for fault, title in _TITLES.items():
        found = [each for each in audit.found if each.fault is fault]
        if not found:
            continue
        lines = [f"{said(title)} ({fault}): {len(found)}"]
        for each in found[:_SHOWN]:
            lines.append(f"  {each.commit[:_SHORT]} {said(each.message)}")
            lines += [f"    {said(item)}" for item in each.items]
        if len(found) > _SHOWN:
            lines.append(f"  {said(more(len(found) - _SHOWN))}")
        yield "\n".join(lines)
    if not audit.found:
        yield said(say("Everything is as the rulebook has it."))
    if audit.unread:
        yield said(say("Not read as versions: {tags}", tags=audit.unread))


def audit_data(audit: Audit) -> dict[str, Any]:
    """Return the audit as JSON has it; messages are English."""
    return {
        "commits": audit.commits,
        "merges": audit.merges,
        "branches": audit.branches,
        "versions": audit.versions,
        "counts": {fault: sum(each.fault is fault for each in audit.found) for fault in Fault},
        "found": [
            {
                "fault": each.fault,
                "subject": plain(each.subject),
                "commit": each.commit,
                "message": render(each.message, Language.EN, Markup.PLAIN),
                "items": [render(item, Language.EN, Markup.PLAIN) for item in each.items],
            }
            for each in audit.found
        ],
        "unread": list(audit.unread),
    }
