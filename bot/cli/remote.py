"""Read the whole history of a repository on GitHub, as the App, for an audit; nothing is written."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot import logs, settings
from bot.cli.checkout import read_file
from bot.cli.installed import installed
from bot.cli.language import told
from bot.cli.past import valid, with_main
from bot.github.connection import InstallationConnection
from bot.github.past import read_commits, read_refs, read_sources
from bot.github.rulebooks import Rulebooks
from bot.message import say
from bot.releases.past import Past
from bot.work import github_of


async def remote(owner: str, name: str, rulebook: Path | None = None) -> Past:
    """Read a repository by a rulebook (by default the one in force there). Raises `SignalboxError`."""
    found = settings.read()
    logs.configure("WARNING", found.log_format)
    async with github_of(found, settings.identity(found)) as github:
        connection, repository = await installed(github, owner, name)
        return await _past(connection, repository, rulebook)


async def _past(connection: InstallationConnection, repository: str, rulebook: Path | None) -> Past:
    refs = await read_refs(connection, Rulebooks(), repository)
    reading = refs.reading if rulebook is None else read_file(rulebook)
    book = with_main(valid(reading), refs.branches, (refs.default, "master"))
    # Those that have the most behind them come first, so that little is read for all others.
    permanent = [*book.branches.main, *(book.branches.develop or ())]
    first = [refs.branches[each] for each in permanent if each in refs.branches]
    tips = dict.fromkeys([*first, *refs.branches.values(), *(tag.target for tag in refs.tags if tag.target)])
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(told(say("Reading commits")), total=None)
        commits = await read_commits(
            connection,
            repository,
            tips,
            lambda read, total: progress.update(task, completed=read, total=total),
        )
    return Past(book, commits, refs.branches, refs.tags, await read_sources(connection, repository))
