"""Judge a branch of a local git checkout, offline: the rulebook from the work tree, the facts from git."""

from dataclasses import replace
from pathlib import Path

from bot.cli.git import MOST_COMMITS, Checkout, GitError
from bot.message import say
from bot.rules import RULEBOOK_PATH
from bot.rules.branches import kind_of, name_of, permanent
from bot.rules.checks import BRANCH, judge
from bot.rules.document import LARGEST
from bot.rules.facts import Actor, Author, Facts, Line, Pull
from bot.rules.models import PERMANENT, Language, Rulebook
from bot.rules.rulebook import DEFAULT, Reading, Unreadable, read
from bot.rules.verdict import Conclusion, strictest
from bot.text.render import render
from bot.text.report import report

WINDOW = 1_000  # commits of a permanent branch that are looked at
# GitHub judges against its own branches, which a clone knows as the remote's.
_PLACES = ("refs/remotes/origin/", "refs/heads/")
_SHALLOW = say(
    "This clone is shallow, so ancestry cannot be told; {command} completes it.",
    command="git fetch --unshallow",
)


def check_branch(
    directory: Path, branch: str | None, base: str | None, language: Language, revision: str | None = None
) -> tuple[str, int]:
    """Judge a branch (by default the current one), into a base (by default where its kind goes).

    `revision` is the commit that it stands at, as git spells commits; by default what the branch has.
    Return what to print, and 0 (right, or nothing to judge), 1 (GitHub would block it) or 2 (not in a
    checkout). What cannot be told blocks here as it does there, except in a shallow clone.
    """
    try:
        checkout = Checkout(directory)
        name = branch or checkout.branch
        if name is None:
            note = say("No branch is checked out (detached HEAD), so there is nothing to judge.")
            return render(note, language), 0
        return _judged(checkout, name, base, language, revision)
    except GitError as error:
        return render(say("git cannot tell: {reason}", reason=str(error)), language), 2


def _judged(
    checkout: Checkout, name: str, base: str | None, language: Language, revision: str | None
) -> tuple[str, int]:
    reading = rulebook_of(checkout.root)
    if isinstance(reading, Rulebook) and base is None and permanent(reading, name):
        note = say("{branch} is a permanent branch, so there is nothing to judge.", branch=name)
        return render(note, language), 0
    verdicts = judge(gather(checkout, reading, name, base, revision), reading, [BRANCH])
    blocks = [report(verdict, language) for verdict in verdicts]
    blocking = {Conclusion.FAILURE, Conclusion.ACTION_REQUIRED}
    if checkout.is_shallow:
        # What it cannot tell is not the branch's fault.
        blocking.remove(Conclusion.ACTION_REQUIRED)
        blocks.append(render(_SHALLOW, language))
    return "\n\n".join(blocks), int(strictest(verdict.conclusion for verdict in verdicts) in blocking)


def rulebook_of(root: Path) -> Reading:
    """Read the rulebook of a work tree; `DEFAULT` where there is none.

    A link is not followed: whoever committed it may point it at a file of whoever checks it out.
    """
    path = root / RULEBOOK_PATH
    if path.is_symlink() or path.parent.is_symlink() or (path.exists() and not path.is_file()):
        return Unreadable(say("{path} is not a file", path=RULEBOOK_PATH))
    return read_file(path, absent=DEFAULT)


def read_file(path: Path, absent: Reading | None = None) -> Reading:
    """Read a rulebook from disk; `absent` is the answer for a file that is not there."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST * 4 + 1)  # more bytes can only be more characters than are read
        return read(content.decode("utf-8-sig"))
    except FileNotFoundError as error:
        return absent or _unreadable(path, error)
    except (OSError, UnicodeDecodeError) as error:
        return _unreadable(path, error)


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> Unreadable:
    if isinstance(error, UnicodeDecodeError):
        return Unreadable(say("{path} is not UTF-8 text", path=str(path)))
    return Unreadable(say("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or ""))


def gather(
    checkout: Checkout, reading: Reading, name: str, base: str | None, revision: str | None = None
) -> Facts:
    """Gather what the rules may know about a branch as if it opened a pull request."""
    rulebook = reading if isinstance(reading, Rulebook) else DEFAULT
    places = [revision] if revision else [f"refs/heads/{name}", f"refs/remotes/origin/{name}"]
    head = next(filter(None, map(checkout.oid, places)), "")
    main = _line(checkout, rulebook.branches.main, head)
    develop = _line(checkout, rulebook.branches.develop or (), head)
    pull = Pull(0, name, head, base or "", Author("you", Actor.PERSON))
    facts = Facts(checkout.root.name, pull, main, develop)
    target = base or _usual_base(facts, rulebook)
    pull = replace(pull, base=target, base_line=_line(checkout, (target,), head))
    return replace(facts, pull=pull)


def _usual_base(facts: Facts, rulebook: Rulebook) -> str:
    """Where the branch goes when nobody says: the first permanent branch its kind may go into."""
    kind = kind_of(rulebook, facts.pull.head)
    words = rulebook.kinds[kind].into if kind else ()
    return name_of(facts, rulebook, next((word for word in words if word in PERMANENT), "main"))


def _line(checkout: Checkout, names: tuple[str, ...], head: str) -> Line | None:
    """See a permanent branch from the head; a shallow clone and an absent head leave the comparison open."""
    found = checkout.find(names, _PLACES)
    if found is None:
        return None
    name, tip = found
    if not head or checkout.is_shallow:
        return Line(name, tip, None)
    ahead = checkout.ahead(head, tip)
    return Line(name, tip, ahead[:MOST_COMMITS], len(ahead) <= MOST_COMMITS, checkout.recent(tip, WINDOW))
