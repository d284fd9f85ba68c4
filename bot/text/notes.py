"""Say the notes of a release in Markdown: whoever did something is mentioned, and nobody else (R17)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bot.message import Mention, Message, say
from bot.releases.notes import Group, Merged, Notes
from bot.rules.facts import Actor
from bot.rules.models import Language
from bot.text.finding import more
from bot.text.render import Markup, render

# GitHub takes no longer body of a release.
LONGEST_NOTES: Final = 125_000
# There are four groups, and what stands between them.
LONGEST_LIST: Final = 24_000

_HEADINGS: Final = {
    Group.BREAKING: say("Breaking changes"),
    Group.FEATURE: say("Features"),
    Group.FIX: say("Fixes"),
    Group.OTHER: say("Other changes"),
}


def notes_text(notes: Notes, language: Language) -> str:
    """Return the text of a release; a group that would grow too long ends by saying what it leaves out."""
    return "\n\n".join(_blocks(notes, language))


def _blocks(notes: Notes, language: Language) -> Iterator[str]:
    def said(message: Message) -> str:
        return render(message, language, Markup.MARKDOWN)

    for group, pulls in notes.groups:
        yield f"## {said(_HEADINGS[group])}"
        yield _list(pulls, said)
    if not notes.groups:
        yield said(say("This brings no merged pull request."))
    if notes.most is not None:
        words = say("Only {count} commits were read: what the others bring is not listed.", count=notes.most)
        yield said(words)
    if notes.compare:
        yield said(say("All changes: {compare}", compare=notes.compare))


def _list(pulls: Sequence[Merged], said: Callable[[Message], str]) -> str:
    lines: list[str] = []
    room = LONGEST_LIST
    for pull in pulls:
        entry = f"- {said(_line(pull))}"
        room -= len(entry) + 1
        if room < 0:
            return "\n".join([*lines, f"- {said(more(len(pulls) - len(lines)))}"])
        lines.append(entry)
    return "\n".join(lines)


def _line(pull: Merged) -> Message:
    author = pull.author
    if author.actor is Actor.GHOST:
        return say("{title} (#{number})", title=pull.title, number=pull.number)
    # A bot's login may be a person's too (R8), and nobody is mentioned for what he has not done.
    login = Mention(author.login) if author.actor is Actor.PERSON else author.login
    return say("{title} by {login} (#{number})", title=pull.title, login=login, number=pull.number)
