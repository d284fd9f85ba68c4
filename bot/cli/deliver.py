"""`signalbox deliver replay EVENTS --repo PATH`: what registry events would make of a GitOps repository."""

import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track

from bot.cli.checkout import read_file, rulebook_of
from bot.cli.git import Checkout, GitError, files, git
from bot.cli.language import language, told
from bot.cli.past import valid
from bot.delivery import events as registries
from bot.delivery.replay import Event, Fate, Replay, targets
from bot.delivery.shipment import Target
from bot.errors import TellUser
from bot.message import say
from bot.rules import RULEBOOK_PATH
from bot.rules.models import Rulebook
from bot.rules.rulebook import DEFAULT
from bot.text.replay import replay_data, replay_text

_STDIN: Final = "-"
# The last two parts of an address that git clones from.
_NAME: Final = re.compile(r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?\s*\Z", re.ASCII)


def run(arguments: Namespace) -> int:
    """Print what would be committed; with `--strict`, 1 where anything was refused. Raises `TellUser`."""
    rulebook, repository = _rulebook(arguments.rulebook)
    events = list(read(_content(arguments.events)))
    found = _files(arguments.repo, arguments.branch, targets(rulebook, repository))
    replay = Replay(rulebook, repository, found, [image for event in events for image in event.images])
    for batch in _tracked(events, arguments.batch):
        replay.play(batch)
    replay.finish()
    if arguments.json:
        print(json.dumps(replay_data(replay, events), indent=2, ensure_ascii=False))
    else:
        print(replay_text(replay, events, str(arguments.repo), language()))
    return int(arguments.strict and any(each.fate is Fate.REFUSED for each in replay.outcomes))


def read(text: str) -> Iterator[Event]:
    """Yield the events of a JSON array, or of one JSON document a line. Raises `TellUser`, with the place."""
    for position, event in enumerate(_documents(text), 1):
        try:
            yield Event(position, registries.told(event))
        except TellUser as trouble:
            problem = trouble.messages[0]
            raise TellUser(say("event {position}: {problem}", position=position, problem=problem)) from None


def _documents(text: str) -> Sequence[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("["):
            raise TellUser(say("expected JSON: {reason}", reason=str(error))) from None
        return list(_lines(text))
    return whole if isinstance(whole, list) else [whole]


def _lines(text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TellUser(
                say("line {line}: expected JSON: {reason}", line=number, reason=str(error))
            ) from None


def _content(name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise TellUser(say("cannot read {path}: {reason}", path=name, reason=str(error.strerror))) from None
    except UnicodeDecodeError:
        raise TellUser(say("{path} is not UTF-8 text", path=name)) from None


def _rulebook(file: Path | None) -> tuple[Rulebook, str]:
    """The rulebook to go by, and what the repository that has it is called ("owner/name")."""
    if file is not None:
        rulebook = valid(read_file(file))
        return rulebook, _called(file.resolve().parent, rulebook)
    try:
        root = Checkout(Path.cwd()).root
    except GitError:
        root = None
    reading = DEFAULT if root is None else rulebook_of(root)
    if root is None or reading is DEFAULT:
        raise TellUser(
            say(
                "expected a rulebook at {path} of the repository around the current directory; found none. "
                "Go there, or name one with {option}.",
                path=RULEBOOK_PATH,
                option="--rulebook FILE",
            )
        )
    rulebook = valid(reading)
    return rulebook, _called(root, rulebook)


def _called(directory: Path, rulebook: Rulebook) -> str:
    """What the repository around a folder is called at its origin; without one, after its own folder."""
    try:
        root = Path(git(directory, "rev-parse", "--show-toplevel").rstrip("\n"))
    except GitError:
        if rulebook.delivery.project is None:
            raise TellUser(
                say(
                    "nothing says what the project is called: write {key} into the rulebook, or name the one "
                    "in its repository",
                    key="delivery.project",
                )
            ) from None
        return f"local/{rulebook.delivery.project}"
    try:
        found = _NAME.search(git(root, "config", "--get", "remote.origin.url"))
    except GitError:
        found = None
    return found["name"] if found else f"local/{root.name}"


def _files(directory: Path, branch: str, places: Mapping[str, Target]) -> Mapping[str, str | None]:
    """The manifests of all environments at a commit of the clone."""
    if not directory.is_dir():
        raise TellUser(say("expected a folder with a git repository; {path} is none", path=str(directory)))
    try:
        git(directory, "rev-parse", "--git-dir")
        try:
            commit = git(directory, "rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}").strip()
        except GitError:
            raise TellUser(
                say(
                    "expected a branch or a commit of {path}; {name} is none",
                    path=str(directory),
                    name=branch,
                )
            ) from None
        return files(directory, commit, sorted({target.manifests for target in places.values()}))
    except GitError as error:
        raise TellUser(say("git cannot tell: {reason}", reason=str(error))) from None


def _tracked(events: Sequence[Event], size: int) -> Iterable[Sequence[Event]]:
    """The events, as many at a time as wait for one commit; a person at a terminal sees how far it is."""
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    console = Console(stderr=True)
    if not console.is_terminal:
        return batches
    return track(batches, told(say("Replaying events")), console=console, transient=True)
