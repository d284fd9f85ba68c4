"""The commands that a finding shows, for people to paste."""


def chained(*commands: str) -> tuple[str, ...]:
    """Return lines of which each runs only when the one before it succeeded.

    A shell goes on after a failed line, and what follows a failed rename may be a deletion.
    """
    return (*(f"{command} &&" for command in commands[:-1]), *commands[-1:])
