"""What is said of a fix that was merged into a release and is to reach main too."""

from dataclasses import dataclass
from shlex import join, quote

from bot.message import Message, say
from bot.releases.steps import OpenBackMerge, Plan
from bot.rules.models import Language
from bot.rules.shell import chained
from bot.text.escape import code_block
from bot.text.release import plan_comment, solving
from bot.text.render import Markup, render


@dataclass(frozen=True, slots=True)
class Forward:
    """What brings the fix of pull request `number`, which was merged into the branch `release`, to main.

    `head` was the fix's own branch; `picks` are the arguments of the `git cherry-pick` that brings it alone.
    """

    number: int
    release: str
    step: OpenBackMerge
    head: str
    picks: tuple[str, ...] = ()


def forward_comment(
    number: int, main: str, plan: Plan, previous: str | None, language: Language
) -> str | None:
    """Return the text of the one comment; None where none is there and nobody has to act."""
    waiting = say("#{number} has not reached {main} yet: somebody has to act.", number=number, main=main)
    done = say("#{number} has reached {main}.", number=number, main=main)
    return plan_comment(plan, previous, language, waiting, done)


def forward_title(forward: Forward) -> Message:
    """Say what the pull request is called."""
    return say(
        "Bring #{number}, merged into {release}, to {main}",
        number=forward.number,
        release=forward.release,
        main=forward.step.target,
    )


def forward_body(forward: Forward, language: Language) -> str:
    """Return the text of the pull request: why it is there, what may conflict, and how to solve that."""

    def said(message: Message) -> str:
        return render(message, language, Markup.MARKDOWN)

    release, main, step = forward.release, forward.step.target, forward.step
    why = say(
        "#{number} was merged into {release}. Without it in {main}, the next release would not have it. This "
        "brings all that {release} had by then.",
        number=forward.number,
        release=release,
        main=main,
    )
    blocks = [said(why)]
    if step.files:
        blocks.append(said(say("Both have changed these files, so some of them may conflict.")))
        blocks += solving(step, language)
    alone = say(
        "To bring that fix alone, close this, pick its commits on a branch from {main} ({command}), and "
        "merge that: commits that keep their author's date and their first line are recognised.",
        main=main,
        command="git cherry-pick",
    )
    blocks.append(said(alone))
    if forward.picks:
        blocks.append(code_block(_picking(forward, language), "sh"))
    return "\n\n".join(blocks)


def _picking(forward: Forward, language: Language) -> tuple[str, ...]:
    main = forward.step.target
    branch = quote(f"{forward.head}-in-{main.replace('/', '-')}")
    solved = say("solve what conflicts ({command}), then:", command="git cherry-pick --continue")
    return (
        *chained(
            "git fetch origin",
            f"git switch --create {branch} {quote(f'origin/{main}')}",
            f"git cherry-pick {join(forward.picks)}",
        ),
        f"# {render(solved, language)}",
        f"git push --set-upstream origin {branch}",
    )
