"""Tags that are not where or what they should be, and versions that do not follow one another."""

from collections.abc import Iterator

from semver import Version

from bot.message import Value, say
from bot.releases.audit.report import Fault, Found
from bot.releases.past import Past, VersionTag
from bot.rules.branches import kind_of
from bot.rules.claim import is_release
from bot.rules.content import described, exceeding
from bot.rules.conventional import asked
from bot.rules.succession import Others, follows, step_between, successors
from bot.rules.verdict import MOST_ITEMS, Enforcement


def lightweight(past: Past) -> Iterator[Found]:
    """Find versions whose tags say neither who made them nor when (V2)."""
    for tag in past.versions:
        if not tag.annotated:
            message = say("The tag {tag} is lightweight: expected an annotated one.", tag=tag.name)
            yield Found(Fault.LIGHTWEIGHT, tag.name, tag.target, message)


def off_main(past: Past) -> Iterator[Found]:
    """Find versions that main does not have (V1); on a trunk, releases may have them instead.

    Pre-releases are tagged wherever they are tried out.
    """
    allowed = past.line("main")
    if past.rulebook.branches.develop is None:
        allowed |= past.ancestors(past.branches[name] for name in past.branches if _is_release(past, name))
    for tag in past.versions:
        if tag.target not in allowed and not tag.version.prerelease:
            where = _where(past, tag)
            message = say("The tag {tag} is not on main, but on {where}.", tag=tag.name, where=where)
            yield Found(Fault.OFF_MAIN, tag.name, tag.target, message)


def _is_release(past: Past, name: str) -> bool:
    kind = kind_of(past.rulebook, name)
    return kind is not None and is_release(past.rulebook, kind)


def _where(past: Past, tag: VersionTag) -> Value:
    """The branches that have a tag, or that none has it."""
    names = tuple(name for name, oid in past.branches.items() if past.has(oid, tag))
    return names or say("no branch")


def disordered(past: Past) -> Iterator[Found]:
    """Find versions that are lower than what they contain, tagged twice, or that leave a gap (V7)."""
    taken = frozenset(tag.version for tag in past.versions)
    first: dict[Version, VersionTag] = {}
    for tag in past.versions:
        twin = first.setdefault(tag.version, tag)
        if twin.target != tag.target:
            message = say("{tag} is the version of {other} on another commit.", tag=tag.name, other=twin.name)
            yield Found(Fault.ORDER, tag.name, tag.target, message)
        elif twin is tag:
            yield from _misplaced(past, tag, taken)


def _misplaced(past: Past, tag: VersionTag, taken: frozenset[Version]) -> Iterator[Found]:
    """Compare a version with the greatest that it contains, and the greatest final one."""
    before = past.before(tag)
    greatest, final = past.greatest(before), past.greatest(before & past.finals)
    line = [each.version for each in (greatest, final) if each]
    if greatest and tag.version <= greatest.version:
        message = say("{tag} contains {greater}, which is no lower.", tag=tag.name, greater=greatest.name)
        yield Found(Fault.ORDER, tag.name, tag.target, message)
    elif greatest and not follows(tag.version, line, taken):
        expected = successors(line, Others(taken, tag.version))
        message = say(
            "{tag} follows {previous}: expected one of {expected}.",
            tag=tag.name,
            previous=greatest.name,
            expected=tuple(map(str, expected)),
        )
        yield Found(Fault.MISSING, tag.name, tag.target, message)


def small(past: Past) -> Iterator[Found]:
    """Find versions that bring more than they say (V14)."""
    if past.rulebook.versions.content is Enforcement.OFF:
        return
    for tag in past.versions:
        before = past.before(tag) & past.finals
        previous = past.greatest(before)
        if tag.version.prerelease or previous is None or tag.version <= previous.version:
            continue
        step = step_between(previous.version, tag.version)
        commits = exceeding(asked(past.since(tag.target, before)), previous.version, step)
        if commits:
            message = say(
                "{tag} is only a {step} version, and {count} of its commits ask for more.",
                tag=tag.name,
                step=step.word,
                count=len(commits),
            )
            items = tuple(described(commit) for commit in commits[:MOST_ITEMS])
            yield Found(Fault.CONTENT, tag.name, tag.target, message, items)
