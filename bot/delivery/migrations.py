"""Changes of a database that lie between two commits: going back across them is asked twice (D7)."""

from collections.abc import Iterable, Sequence

from bot.rules.patterns import compiled


def migrations(files: Iterable[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Return those of some files that change a database, by the rulebook's patterns of paths."""
    return tuple(path for path in files if any(_fits(pattern, path) for pattern in patterns))


def _fits(pattern: str, path: str) -> bool:
    # `**/alembic/**` means a folder at the root, too.
    return compiled(pattern).fits(path) or compiled(pattern).fits(f"./{path}")
