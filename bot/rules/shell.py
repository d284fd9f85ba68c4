"""The commands that a finding shows, for people to paste."""

from shlex import quote

from bot.rules.facts import Pull


def chained(*commands: str) -> tuple[str, ...]:
    """Return lines of which each runs only when the one before it succeeded.

    A shell goes on after a failed line, and what follows a failed rename may be a deletion.
    """
    return (*(f"{command} &&" for command in commands[:-1]), *commands[-1:])


def renaming(pull: Pull, new: str) -> tuple[str, ...]:
    """Return the commands that rename the head here and on the remote.

    None for a name that reads as an option, nor in a fork, whose remote only its owner can name.
    """
    old = pull.head
    if old.startswith("-") or pull.from_fork:
        return ()
    return chained(
        f"git branch -m {quote(old)} {quote(new)}",
        f"git push origin -u {quote(new)}",
        f"git push origin --delete {quote(f'refs/heads/{old}')}",
    )
