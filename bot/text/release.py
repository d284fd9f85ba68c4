"""What a release says to people: in the one comment on its pull request, and in back-merges."""

from collections.abc import Sequence
from shlex import quote
from typing import Final

from bot.message import Message, say
from bot.releases.steps import OpenBackMerge, Plan, Stop
from bot.rules.models import Language
from bot.text.comment import FIRST
from bot.text.finding import more
from bot.text.render import Markup, render, value

_MOST_FILES: Final = 50


def release_comment(tag: str, plan: Plan, previous: str | None, language: Language) -> str | None:
    """Return the text of the one comment; None where none is there and nobody has to act.

    `previous` is the text that stands.
    """
    waiting = say("{tag} is not complete: somebody has to act.", tag=tag)
    done = say("{tag} is complete: tagged, published and merged back.", tag=tag)
    return plan_comment(plan, previous, language, waiting, done)


def plan_comment(
    plan: Plan, previous: str | None, language: Language, waiting: Message, done: Message
) -> str | None:
    """The same for any plan: `waiting` and `done` are what it says first."""

    def said(message: Message) -> str:
        return render(message, language, Markup.MARKDOWN)

    stops = [step.reason for step in plan.steps if isinstance(step, Stop)]
    points = [*stops, *plan.waits, *plan.remarks]
    if stops or plan.waits:
        mend = say("When that is done, or to try again: {command}", command="/signalbox retry")
        blocks = [said(waiting), "\n".join(f"- {said(point)}" for point in points), said(mend)]
    elif previous is not None:
        blocks = [said(done)]
    else:
        return None
    return "\n\n".join([FIRST, *blocks])


def back_merge_title(step: OpenBackMerge) -> Message:
    """Say what the pull request of a back-merge is called."""
    return say("Merge {source} back into {target}", source=step.source, target=step.target)


def back_merge_body(step: OpenBackMerge, language: Language) -> str:
    """Return the text of the pull request of a back-merge: what conflicts, and the commands that mend it."""
    reason = say("{target} takes no direct merge, so this is to be merged by hand.", target=step.target)
    if step.conflicts:
        reason = say(
            "{source} does not merge into {target} by itself.", source=step.source, target=step.target
        )
    if step.files:
        reason = say(
            "{source} does not merge into {target} by itself: both have changed these files.",
            source=step.source,
            target=step.target,
        )
    blocks = [render(reason, language, Markup.MARKDOWN)]
    if step.conflicts:
        blocks += solving(step, language)
    keep = say("Merge it with a merge commit, so that the history knows that it arrived.")
    return "\n\n".join([*blocks, render(keep, language, Markup.MARKDOWN)])


def solving(step: OpenBackMerge, language: Language) -> list[str]:
    """Return the files that conflict, and the commands that solve it."""
    how = say("Solve it on this branch, and push:")
    commands = "```sh\n" + "\n".join(_commands(step, language)) + "\n```"
    listed = ["\n".join(_files(step.files, language))] if step.files else []
    return [*listed, render(how, language, Markup.MARKDOWN), commands]


def _files(files: Sequence[str], language: Language) -> list[str]:
    shown = [value(path, language, Markup.MARKDOWN) for path in files[:_MOST_FILES]]
    left = len(files) - len(shown)
    return [f"- {line}" for line in [*shown, *([render(more(left), language)] if left else [])]]


def _commands(step: OpenBackMerge, language: Language) -> list[str]:
    then = render(say("solve the conflicts, then:"), language)
    return [
        "git fetch origin",
        f"git switch {quote(step.head)}",
        f"git merge {quote(f'origin/{step.target}')}",
        f"# {then}",
        "git commit --all --no-edit",
        "git push",
    ]
