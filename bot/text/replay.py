"""Say what a replay of registry events has come to: for people on a terminal, and as data for programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from bot.delivery.image import Image, spelled
from bot.delivery.replay import Commit, Event, Fate, Outcome, Replay
from bot.message import Message, say
from bot.rules.models import Language
from bot.text.escape import plain
from bot.text.render import Markup, render

_WORDS: Final[Mapping[Fate, Message]] = {
    Fate.WRITTEN: say("written"),
    Fate.STANDING: say("stands already"),
    Fate.OVERTAKEN: say("overtaken"),
    Fate.WAITING: say("waits"),
    Fate.REFUSED: say("refused"),
    Fate.UNPLACED: say("not placed"),
}


def replay_text(replay: Replay, events: Sequence[Event], clone: str, language: Language) -> str:
    """Return lines of text: each commit, what became of each event, and the counts.

    `clone` is the path of the repository that nothing was written to.
    """
    blocks = [
        *(_commit(number, commit, language) for number, commit in enumerate(replay.commits, 1)),
        "\n".join(_fates(replay, events, language)),
        "\n".join(_counts(replay, events, language)),
        render(say("Nothing was written to {path}.", path=clone), language),
    ]
    return "\n\n".join(filter(None, blocks))


def replay_data(replay: Replay, events: Sequence[Event]) -> dict[str, Any]:
    """Return it as JSON has it; messages are English."""
    return {
        "counts": {
            "events": len(events),
            "images": sum(len(event.images) for event in events),
            "commits": len(replay.commits),
            **{fate: sum(each.fate is fate for each in replay.outcomes) for fate in Fate},
        },
        "commits": [
            {
                "headline": commit.headline,
                "body": commit.body,
                "write": commit.write,
                "events": list(commit.events),
                "files": [
                    {"path": plain(path), "diff": list(changed(*texts))}
                    for path, texts in commit.files.items()
                ],
            }
            for commit in replay.commits
        ],
        "events": [
            {"event": event.position, "outcomes": [_outcome(each) for each in outcomes]}
            for event, outcomes in _by_event(replay, events)
        ],
    }


def changed(before: str, after: str) -> Iterator[str]:
    """Yield the lines that differ, those that go with a `-` before them, those that come with a `+`."""
    old, new = (text.replace("\r\n", "\n").split("\n") for text in (before, after))
    for tag, old_start, old_stop, new_start, new_stop in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield from (f"-{plain(line)}" for line in old[old_start:old_stop])
            yield from (f"+{plain(line)}" for line in new[new_start:new_stop])


def _commit(number: int, commit: Commit, language: Language) -> str:
    events = tuple(map(str, commit.events))
    if commit.write == "commit":
        title = say("Commit {number}, by the events {events}", number=number, events=events)
    else:
        title = say("Pull request {number}, by the events {events}", number=number, events=events)
    lines = [render(title, language)]
    lines += [f"    {plain(line)}".rstrip() for line in [commit.headline, "", *commit.body.split("\n")]]
    for path, texts in commit.files.items():
        lines += ["", f"  {plain(path)}", *(f"  {line}" for line in changed(*texts))]
    return "\n".join(lines)


def _by_event(replay: Replay, events: Sequence[Event]) -> Iterator[tuple[Event, Sequence[Outcome]]]:
    found: dict[int, list[Outcome]] = {event.position: [] for event in events}
    for outcome in replay.outcomes:
        found[outcome.event].append(outcome)
    return ((event, found[event.position]) for event in events)


def _fates(replay: Replay, events: Sequence[Event], language: Language) -> Iterator[str]:
    for event, outcomes in _by_event(replay, events):
        if not outcomes:
            message = say("event {position}: it tells of no image that was pushed", position=event.position)
            yield render(message, language)
        for outcome in outcomes:
            message = say(
                "event {position}: {image} → {environment}: {fate}",
                position=outcome.event,
                image=_short(outcome.image),
                environment=outcome.environment or "?",
                fate=_WORDS[outcome.fate],
            )
            reasons = (render(reason, language) for reason in outcome.reasons)
            yield " — ".join([render(message, language), *reasons])


def _counts(replay: Replay, events: Sequence[Event], language: Language) -> Iterator[str]:
    message = say(
        "{events} events, {images} images, {commits} commits",
        events=len(events),
        images=sum(len(event.images) for event in events),
        commits=len(replay.commits),
    )
    yield render(message, language)
    counted = Counter(each.fate for each in replay.outcomes)
    yield ", ".join(f"{render(word, language)}: {counted[fate]}" for fate, word in _WORDS.items())
    refused = (each for each in replay.outcomes if each.fate is Fate.REFUSED)
    reasons = Counter(render(reason, language) for each in refused for reason in each.reasons)
    yield from (f"  {count} × {reason}" for reason, count in reasons.most_common())


def _short(image: Image) -> str:
    return spelled(image.repository, image.tag, None if image.tag else image.digest)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "image": str(outcome.image.reference),
        "environment": outcome.environment,
        "fate": outcome.fate,
        "reasons": [render(reason, Language.EN, Markup.PLAIN) for reason in outcome.reasons],
    }
