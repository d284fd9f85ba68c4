"""The command line: every command, its arguments, and the module that runs it."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from bot.cli.language import told
from bot.message import Message, say


class _Commands:
    """The commands of `signalbox`, added one by one."""

    def __init__(self, root: ArgumentParser) -> None:
        self._commands = root.add_subparsers(metavar="COMMAND", required=True)

    def add(self, name: str, module: str, purpose: Message) -> ArgumentParser:
        """Add a command that `bot.cli.<module>` runs."""
        command = self._commands.add_parser(name, help=told(purpose), description=told(purpose))
        command.set_defaults(module=f"bot.cli.{module}")
        return command


def parser() -> ArgumentParser:
    """Return the parser of `signalbox`; a command sets `module`, whose `run` takes the parsed arguments."""
    purpose = say("Keeps a repository's branches to the rules that its team wrote down.")
    root = ArgumentParser(prog="signalbox", description=told(purpose))
    commands = _Commands(root)
    _add_running(commands)
    _add_judging(commands)
    _add_reading(commands)
    _add_delivering(commands)
    _add_operating(commands)
    return root


def _add_running(commands: _Commands) -> None:
    serve = commands.add("serve", "serve", say("Run the webhooks, the jobs and the service"))
    serve.add_argument("--role", choices=["all", "bot", "service"], default="all")
    demo = commands.add("demo", "demo", say("Play the life of some pull requests against a local GitHub"))
    demo.add_argument("--once", action="store_true", help=told(say("exit when the play is over")))
    port = told(say("the port of the control room; 0 for any that is free"))
    demo.add_argument("--port", type=int, default=8080, help=port)


def _add_judging(commands: _Commands) -> None:
    branch = commands.add("check-branch", "check_branch", say("Judge a branch of this git checkout, offline"))
    branch.add_argument("--branch", metavar="NAME", help=told(say("the branch; by default the current one")))
    base = told(say("where it shall go; by default where its kind goes"))
    branch.add_argument("--base", metavar="NAME", help=base)
    rulebook = commands.add("check-rulebook", "check_rulebook", say("Check a rulebook file"))
    rulebook.add_argument("path", type=Path, metavar="PATH")
    commands.add("schema", "schema", say("Print the JSON Schema of the rulebook, for editors"))
    explain = commands.add(
        "explain", "explain", say("Say what the checks of a pull request say, and why; nothing is written")
    )
    explain.add_argument("pull", metavar="OWNER/REPO#N")


def _add_reading(commands: _Commands) -> None:
    audit = commands.add("audit", "audit", say("Say how a git history stands against a rulebook"))
    audit.add_argument("--json", action="store_true", help=told(say("print JSON, in English")))
    since = told(say("tell only what was committed on that day or later"))
    audit.add_argument("--since", metavar="DATE", help=since)
    audit.add_argument("--strict", action="store_true", help=told(say("exit 1 where anything is found")))
    upcoming = commands.add("next-version", "next_version", say("Say which version comes next, and why"))
    where = told(say("the repository; by default the current directory"))
    anywhere = told(say("the repository, here or by its name on GitHub; by default the current directory"))
    for command, metavar, place in ((audit, "PATH|OWNER/REPO", anywhere), (upcoming, "PATH", where)):
        command.add_argument("path", type=Path, nargs="?", default=Path(), metavar=metavar, help=place)
        rulebook = told(say("judge by this rulebook; by default by the one of the repository"))
        command.add_argument("--rulebook", type=Path, metavar="FILE", help=rulebook)


def _add_delivering(commands: _Commands) -> None:
    deliver = commands.add("deliver", "deliver", say("Try on a clone what is written to a GitOps repository"))
    acts = deliver.add_subparsers(metavar="ACTION", required=True)
    purpose = told(
        say("Say which commits a list of registry events would make; nothing is written, and nobody is asked")
    )
    replay = acts.add_parser("replay", help=purpose, description=purpose)
    events = told(say("the events: a JSON array, or one JSON document a line; - for standard input"))
    replay.add_argument("events", metavar="EVENTS", help=events)
    clone = told(say("a clone of the GitOps repository; it is only read"))
    replay.add_argument("--repo", type=Path, metavar="PATH", required=True, help=clone)
    start = told(say("the commit or branch to begin with; by default HEAD"))
    replay.add_argument("--branch", metavar="NAME", default="HEAD", help=start)
    rulebook = told(say("go by this rulebook; by default by that of the current directory's repository"))
    replay.add_argument("--rulebook", type=Path, metavar="FILE", help=rulebook)
    batch = told(say("how many events wait for one commit; by default 1"))
    replay.add_argument("--batch", type=_count, metavar="N", default=1, help=batch)
    replay.add_argument("--json", action="store_true", help=told(say("print JSON, in English")))
    replay.add_argument("--strict", action="store_true", help=told(say("exit 1 where anything is refused")))


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(told(say("expected a number from 1; found {found}", found=text)))
    return int(text)


def _add_operating(commands: _Commands) -> None:
    replay = commands.add("replay", "replay", say("Send a recorded webhook to a running Signalbox, signed"))
    replay.add_argument("file", type=Path, metavar="FILE")
    to = told(say("where to; by default this machine's HOST and PORT"))
    replay.add_argument("--to", metavar="URL", help=to)
    replay.add_argument("--event", help=told(say("the event's name, when FILE is a bare payload")))
    jobs = commands.add("jobs", "jobs", say("List the questions that wait for a person"))
    jobs.set_defaults(retry=[])
    again = told(say("Ask parked questions again"))
    retry = jobs.add_subparsers(metavar="retry").add_parser("retry", help=again, description=again)
    retry.add_argument("retry", metavar="KEY", nargs="+")
    _add_database(commands)
    commands.add("settings", "settings", say("List every setting and the value in force"))


def _add_database(commands: _Commands) -> None:
    database = commands.add("db", "db", say("Look after the schema of the ledger's database"))
    acts = database.add_subparsers(metavar="ACTION", dest="action", required=True)

    def add(name: str, purpose: Message) -> ArgumentParser:
        return acts.add_parser(name, help=told(purpose), description=told(purpose))

    to = told(say("a revision, or how many steps (+1); by default the newest"))
    upgrade = add("upgrade", say("Bring the database up to a revision"))
    upgrade.add_argument("revision", metavar="REVISION", nargs="?", default="head", help=to)
    back = told(say("a revision, how many steps (-1), or base for nothing at all"))
    downgrade = add(
        "downgrade", say("Take the database back to a revision, and lose what only newer ones keep")
    )
    downgrade.add_argument("revision", metavar="REVISION", help=back)
    add("current", say("Say which revision the database is at, and which one is expected"))
    revision = add("revision", say("Write the next revision, from what changed in the models"))
    revision.add_argument("message", metavar="MESSAGE", help=told(say("what it changes, in a few words")))
