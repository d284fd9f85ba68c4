"""Read the history of a pull request's head: its own commits, what it carries, where it was cut.

The first parents of a branch are the way that it went itself; what was merged into it hangs off to the side.
Everything here is proved from commits and their parents, or not said: windows may be too short to tell.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.rules.facts import Commit, Line


def first_parents(commits: Mapping[str, Commit], start: str) -> Iterator[Commit]:
    """Walk from `start` along first parents, as far as `commits` reach."""
    here = commits.get(start)
    while here is not None:
        yield here
        here = commits.get(here.parents[0]) if here.parents else None


def spine(line: Line) -> list[Commit]:
    """The first parents of a permanent branch from its tip, as far back as its window shows."""
    return list(first_parents(_by_oid(line.recent), line.tip))


def _by_oid(commits: Iterable[Commit]) -> dict[str, Commit]:
    return {commit.oid: commit for commit in commits}


@dataclass(frozen=True, slots=True)
class Ahead:
    """The head, seen from the line that it should have been cut from.

    `commits` are those of the head that are not on the line; `chain` are those of them along first parents,
    newest first; `fork` is where that chain meets the line, None for unrelated histories.
    """

    commits: Mapping[str, Commit]
    chain: tuple[Commit, ...]
    fork: str | None

    @classmethod
    def of(cls, head: str, ahead: Iterable[Commit]) -> "Ahead":
        """Order what the head (an oid) has ahead of a line."""
        commits = _by_oid(ahead)
        chain = tuple(first_parents(commits, head))
        parents = chain[-1].parents if chain else (head,)
        return cls(commits, chain, parents[0] if parents else None)


@dataclass(frozen=True, slots=True)
class Carried:
    """The commits of another line that a head brings along, newest first, and whether that is proved."""

    commits: tuple[Commit, ...]
    proved: bool = True


def carried(ahead: Ahead, source: Line, other: Line, ahead_of_other: Iterable[Commit]) -> Carried:
    """Find what the head has of `other` that `source` has not.

    A branch that was merged into `other` before it comes here shares its own commits with it, and they are no
    leak. They are told apart by how `other` came to have them: by its own first parents, or only
    by merging this branch.
    """
    shared = ahead.commits.keys() - {commit.oid for commit in ahead_of_other}
    own = shared & {commit.oid for commit in ahead.chain}
    on_spine = {commit.oid for commit in spine(other)}
    if not own or own & on_spine:
        return _carried(ahead, shared)
    window = _by_oid(other.recent)
    reached, missing = _reach(window, other.tip, own)
    if leaked := shared & reached:
        return _carried(ahead, leaked)
    on_source = {commit.oid for commit in source.recent} | {source.tip, str(ahead.fork)}
    # Below a commit that the source has, nothing can be of `other` alone; above it, all was seen.
    whole = missing <= on_source or (shared == own and _meets(spine(other), on_source))
    return Carried(()) if whole else _carried(ahead, shared, proved=False)


def _carried(ahead: Ahead, oids: Iterable[str], *, proved: bool = True) -> Carried:
    commits = [ahead.commits[oid] for oid in oids]
    return Carried(tuple(sorted(commits, key=lambda c: (c.committed, c.oid), reverse=True)), proved)


def _reach(window: Mapping[str, Commit], tip: str, avoided: set[str]) -> tuple[set[str], set[str]]:
    """Walk all parents from `tip` but those to avoid: what was seen, and what lies outside the window."""
    reached: set[str] = set()
    missing: set[str] = set()
    waiting = [tip]
    while waiting:
        oid = waiting.pop()
        if oid in reached or oid in avoided:
            continue
        if oid in window:
            reached.add(oid)
            waiting += window[oid].parents
        else:
            missing.add(oid)
    return reached, missing


def _meets(line: list[Commit], oids: set[str]) -> bool:
    """Say whether a spine is shown down to one of `oids`, or to its very beginning."""
    return any(oids.intersection((commit.oid, *commit.parents[:1])) or not commit.parents for commit in line)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a branch was cut from the wrong line.

    `behind` is by how many first parents the expected line had moved on from there; None where not known.
    """

    oid: str
    behind: int | None = None


def cut_from(ahead: Ahead, expected: Line, other: Line) -> Cut | None:
    """Prove that the head was cut from `other` rather than from `expected`; None without proof.

    A branch without a commit of its own says nothing, nor does one that has since merged the expected line.
    """
    line = spine(other)
    on_other = {commit.oid for commit in line}
    own = []
    for commit in ahead.chain:
        if commit.oid in on_other:
            break
        own.append(commit)
    if not own or _merged_elsewhere(own, ahead, on_other):
        return None
    if len(own) < len(ahead.chain):
        return Cut(ahead.chain[len(own)].oid)
    if ahead.fork not in on_other:
        return None
    return _cut_at_fork(ahead, str(ahead.fork), spine(expected), line)


def _merged_elsewhere(own: list[Commit], ahead: Ahead, on_other: set[str]) -> bool:
    """Say whether one of the branch's own commits merged the expected line."""
    merged = {parent for commit in own for parent in commit.parents[1:]}
    return bool(merged - ahead.commits.keys() - on_other)


def _cut_at_fork(ahead: Ahead, fork: str, expected: list[Commit], other: list[Commit]) -> Cut | None:
    """Tell the two lines apart at a commit that both have."""
    oids = [commit.oid for commit in expected]
    if fork not in oids:
        # Where the expected line is seen passing below the fork, it never stood there: it merged it.
        below = [commit.oid for commit in other]
        passed = set(oids).intersection(below[below.index(fork) + 1 :])
        return Cut(fork) if passed else None
    began = ahead.chain[-1].authored
    if _had_left(expected, fork, began) and not _had_left(other, fork, began):
        return Cut(fork, oids.index(fork))
    return None


def _had_left(line: list[Commit], oid: str, moment: datetime) -> bool:
    """Say whether a spine had moved on from `oid` by `moment`, as its next commit tells."""
    place = [commit.oid for commit in line].index(oid)
    return place > 0 and line[place - 1].committed <= moment
